// Requests that are short to send and long to serve: they are refused, or cost no more than their length.

import { describe, expect, test } from 'vitest';
import { parseFaultRule } from '../../../src/edges/local-server/control/fault-rule.js';
import { Faults } from '../../../src/edges/local-server/control/faults.js';
import { isForNotices } from '../../../src/edges/local-server/http/notice-desk.js';
import { isPolicy } from '../../../src/edges/local-server/notices/queue-policy.js';
import { denies, parsePolicy } from '../../../src/edges/local-server/policies/policy-document.js';
import { entriesIn, queueOfTopic, sns, snsRequest, sqsForm, sqsRequest } from './notices/notice-client.js';
import { type RawAnswer, type RawRequest, send, signedHeaders } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const KIB = 1024;
const DEEP = 20_000;

/** Processor time, which other processes of a busy machine do not lengthen. */
function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function refusal({ status, body }: RawAnswer): [number, string] {
  return [status, body.toString().slice(0, 300)];
}

describe('costly requests: signatures', () => {
  test('an Authorization of a stranger is searched in time that grows with its length only', () => {
    const headers = (text: string): Record<string, string[]> => ({ authorization: [text] });
    for (const text of ['Credential=', 'Credential=a/20200101/', 'Credential=a/20200101/b/']) {
      const wire = { method: 'GET', url: '/', headers: headers(text.repeat(40_000)) };
      expect(cpuMsOf(() => void isForNotices(wire))).toBeLessThan(2000);
    }
  });

  test('a long header that is named a thousand times as signed is not written a thousand times', async () => {
    await using own = await serving();
    const list: RawRequest = { method: 'GET', path: '/-/vaults', headers: { a: 'x'.repeat(20 * KIB) } };
    const headers = signedHeaders(own.vault, list);
    const authorization = headers['authorization']!.replace('SignedHeaders=a;', `SignedHeaders=${'a;'.repeat(10_000)}`);
    const answer = await send(own.vault, { ...list, unsigned: true, headers: { ...headers, authorization } });
    expect([answer.status, answer.json['code']]).toEqual([403, 'InvalidSignatureException']);
    expect(answer.body.length).toBeLessThan(KIB);
  });
});

describe('costly requests: policies', () => {
  const deed = {
    accountId: '123456789012',
    action: 'glacier:DeleteArchive',
    resource: `arn:aws:glacier:us-east-1:123456789012:vaults/${'v'.repeat(255)}`,
    facts: { archiveAgeDays: 1, tags: new Map([['k', 'v'.repeat(255)]]) },
  };
  const statement = (more: object): string =>
    JSON.stringify({ Statement: { Effect: 'Deny', Principal: '*', Action: 'glacier:*', Resource: '*', ...more } });
  const almost = Array.from({ length: 140 }, () => `*${'v'.repeat(127)}z`);

  test.each<[string, object]>([
    ['one pattern of 20 KB of stars', { Resource: `${'*?'.repeat(9900)}z` }],
    ['many stars in each of many patterns', { Resource: Array.from({ length: 80 }, () => `${'*?'.repeat(110)}z`) }],
    ['many patterns that almost match everywhere', { Resource: almost }],
    ['the same in a condition', { Condition: { StringLike: { 'glacier:ResourceTag/k': almost } } }],
  ])('%s are decided in a moment', (_, more) => {
    const policy = parsePolicy(statement(more));
    expect(cpuMsOf(() => expect(denies(policy, deed)).toBe(false))).toBeLessThan(1000);
  });

  test('a policy that is nested without end is refused like any other that is none', () => {
    const text = `{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":${nested(9000)}}}`;
    expect(() => parsePolicy(text)).toThrow('Invalid policy document: it is nested too deeply.');
  });

  test('a policy of a queue is as short as SQS has them', () => {
    const policy = (size: number): string => JSON.stringify({ Statement: [], Id: 'x'.repeat(size - 24) });
    expect(policy(8192)).toHaveLength(8192);
    expect(isPolicy(policy(8192))).toBe(true);
    expect(isPolicy(policy(8193))).toBe(false);
  });
});

describe('costly requests: JSON and forms', () => {
  let own: Serving;
  const deep = nested(DEEP);

  test.each<[string, () => Promise<RawRequest>]>([
    [
      'a number of SQS',
      async () => sqsRequest('ReceiveMessage', `{"QueueUrl":"${await queue()}","WaitTimeSeconds":${deep}}`),
    ],
    ['a parameter of SQS that is passed over', async () => sqsRequest('ListQueues', `{"x":${deep}}`)],
    ['a job', async () => ({ method: 'POST', path: '/-/vaults/V/jobs', body: `{"Type":${deep}}` })],
    [
      'the tags of a vault',
      async () => ({ method: 'POST', path: '/-/vaults/V/tags?operation=add', body: `{"Tags":${deep}}` }),
    ],
  ])('JSON that is nested without end in %s is refused', async (_, request) => {
    await using here = await serving();
    own = here;
    await send(own.vault, { method: 'PUT', path: '/-/vaults/V' });
    expect(refusal(await send(own.vault, await request()))).toEqual([400, expect.stringContaining('levels deep')]);
    expect(own.lines.filter((line) => line.includes('"defect"'))).toEqual([]);
  });

  async function queue(): Promise<string> {
    return (await queueOfTopic(own.vault, 'q')).queueUrl;
  }

  test('a delivery policy with anything nested in it is not kept, so that its topic can be shown', async () => {
    await using here = await serving();
    const { topicArn: TopicArn } = await queueOfTopic(here.vault, 't');
    const set = { Action: 'SetTopicAttributes', TopicArn, AttributeName: 'DeliveryPolicy' };
    for (const levels of [100, 3000]) {
      const AttributeValue = `{"http":{"defaultHealthyRetryPolicy":{"x":${nested(levels)}}}}`;
      const answer = await send(here.vault, snsRequest({ ...set, AttributeValue }));
      expect(refusal(answer)).toEqual([400, expect.stringContaining('DeliveryPolicy')]);
    }
    const shown = entriesIn(await sns(here.vault, { Action: 'GetTopicAttributes', TopicArn }));
    expect(shown['EffectiveDeliveryPolicy']).not.toContain('"x"');
  });

  test('a form of a million parameters is refused before they are told apart', async () => {
    await using here = await serving();
    for (const service of ['sns', 'sqs']) {
      const body = `Action=ListTopics${'&a'.repeat(1_000_000)}`;
      const answer = await send(here.vault, { method: 'POST', path: '/', service, body });
      expect(refusal(answer)).toEqual([400, expect.stringContaining('more than 1000 parameters')]);
    }
    const most = Object.fromEntries(Array.from({ length: 990 }, (_, i) => [`a${i}`, 'b']));
    await sns(here.vault, { Action: 'ListTopics', ...most });
  });

  test('what is said in entities stays text, and comes back as it was', async () => {
    await using here = await serving();
    const DisplayName = '<!DOCTYPE x [<!ENTITY a "&b;&b;">]>&a;&#38;';
    const made = { 'Attributes.entry.1.key': 'DisplayName', 'Attributes.entry.1.value': DisplayName };
    await sns(here.vault, { Action: 'CreateTopic', Name: 't', ...made });
    const TopicArn = `arn:aws:sns:us-east-1:${here.vault.accountId}:t`;
    const xml = await sns(here.vault, { Action: 'GetTopicAttributes', TopicArn });
    expect(xml).not.toMatch(/<!/);
    expect(entriesIn(xml)['DisplayName']).toBe(DisplayName);
  });

  test('keys that every object has are names like any other', async () => {
    await using here = await serving();
    await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
    const tags = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as object;
    const body = `{"Tags":${JSON.stringify(tags)}}`;
    expect((await send(here.vault, { method: 'POST', path: '/-/vaults/V/tags?operation=add', body })).status).toBe(204);
    const { body: list } = await send(here.vault, { method: 'GET', path: '/-/vaults/V/tags' });
    expect(list.toString()).toBe(body);
    const remove = { method: 'POST', path: '/-/vaults/V/tags?operation=remove', body: '{"TagKeys":["__proto__"]}' };
    expect((await send(here.vault, remove)).status).toBe(204);
    const left = (await send(here.vault, { method: 'GET', path: '/-/vaults/V/tags' })).body.toString();
    expect(left).toBe('{"Tags":{"constructor":"b","toString":"c"}}');
  });
});

describe('costly requests: what is kept', () => {
  test('attributes and endpoints have a length, so that a few topics do not fill the memory', async () => {
    await using here = await serving();
    const { topicArn: TopicArn } = await queueOfTopic(here.vault, 't');
    const set = (AttributeName: string, AttributeValue: string): RawRequest =>
      snsRequest({ Action: 'SetTopicAttributes', TopicArn, AttributeName, AttributeValue });
    const subscribe = (size: number): RawRequest => {
      const Endpoint = `https://127.0.0.1:1/${'x'.repeat(size)}`;
      return snsRequest({ Action: 'Subscribe', TopicArn, Protocol: 'https', Endpoint });
    };
    const policy = (size: number): string => JSON.stringify({ Statement: [], Id: 'x'.repeat(size) });
    const statuses = async (...requests: RawRequest[]): Promise<number[]> =>
      Promise.all(requests.map(async (request) => (await send(here.vault, request)).status));
    expect(await statuses(set('Policy', policy(30 * KIB)), set('Policy', policy(40 * KIB)))).toEqual([200, 400]);
    const wide = (size: number): string => `{"http":{}${' '.repeat(size)}}`;
    expect(await statuses(set('DeliveryPolicy', wide(KIB)), set('DeliveryPolicy', wide(9 * KIB)))).toEqual([200, 400]);
    expect(await statuses(subscribe(1000), subscribe(3000))).toEqual([200, 400]);
  });

  test('an error that was ordered may have any name', async () => {
    await using here = await serving();
    here.vault.control.addFault({ operation: 'sns:ListTopics', fault: 'error', status: 418, code: 'constructor' });
    const answer = await send(here.vault, snsRequest({ Action: 'ListTopics' }));
    expect(refusal(answer)).toEqual([418, expect.stringContaining('<Code>constructor</Code>')]);
  });

  test('operations that there are not are counted as one', async () => {
    await using here = await serving();
    for (const name of ['Made', 'Up', '__proto__', 'x'.repeat(100 * KIB)]) {
      await send(here.vault, snsRequest({ Action: name }));
      await send(here.vault, sqsForm({ Action: name }));
    }
    for (const name of ['Made', 'Up', '__proto__']) await send(here.vault, sqsRequest(name, {}));
    const { counts, recent } = here.vault.control.requests();
    expect(counts).toEqual({ '-': { 400: 11 } });
    expect(recent.map(({ operation }) => operation)).toEqual(Array.from({ length: 11 }, () => null));
  });

  test('faults that are used up make room for others, and those that are not are a thousand at most', () => {
    const faults = new Faults();
    const once = parseFaultRule({ operation: 'ListVaults', fault: 'reset' });
    for (let i = 0; i < 1500; i++) {
      faults.add(once);
      expect(faults.strike('ListVaults')).not.toBeNull();
    }
    expect(faults.rules.length).toBeLessThanOrEqual(1000);
    faults.clear();
    const always = parseFaultRule({ operation: 'ListVaults', fault: 'reset', every: 2 });
    for (let i = 0; i < 1000; i++) faults.add(always);
    expect(() => faults.add(always)).toThrow('There are 1000 faults already');
  });
});
