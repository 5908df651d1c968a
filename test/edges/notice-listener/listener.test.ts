// The endpoint for letters of SNS: what it takes, what it refuses, and what it lives through.

import { generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../../src/edges/local-server/control/fault-rule.js';
import { selfSignedCertificate } from '../../../src/edges/local-server/notices/certificate.js';
import { Certificates } from '../../../src/edges/notice-listener/certificates.js';
import { letterIn } from '../../../src/edges/notice-listener/letter.js';
import { sns } from '../local-server/notices/notice-client.js';
import { genuineLetters, openListening, type Posted, post, postLetter, topicOf } from './listening.js';

const signal = new AbortController().signal;
const VAULT = 'arn:aws:glacier:us-east-1:123456789012:vaults/photos';
const word = (JobId: string): string => JSON.stringify({ Action: 'ArchiveRetrieval', JobId, VaultARN: VAULT });

describe('notice listener', () => {
  it.each(['1', '2'] as const)(
    'notice listener: with signatures of version %s it is subscribed, and hears what is published',
    async (version) => {
      await using here = await openListening();
      const attribute = { AttributeName: 'SignatureVersion', AttributeValue: version };
      await sns(here.served.vault, { Action: 'SetTopicAttributes', TopicArn: here.topic, ...attribute });
      await here.subscribe();
      await here.until(() => here.told.length > 0);
      expect(here.told).toEqual([`confirmed: subscribed to ${here.topic}`]);
      await here.publish(word('first'), { Subject: 'with a subject' });
      await here.publish(word('second'));
      await here.until(() => here.heard.length === 2);
      expect(new Set(here.heard)).toEqual(new Set(['first', 'second']));
      // Its certificate was fetched once for all of them.
      expect(here.downloads).toHaveLength(1);
    },
  );

  it.each<[string, FaultOrder, readonly string[]]>([
    ['doubled', { operation: 'sns:Deliver', fault: 'doubled' }, ['first', 'second']],
    ['lost', { operation: 'sns:Deliver', fault: 'lost' }, ['second']],
    ['forged', { operation: 'sns:Deliver', fault: 'forged', message: word('forged') }, ['second']],
    ['forged without another text', { operation: 'sns:Deliver', fault: 'forged' }, ['second']],
  ])('notice listener: of a letter that is %s it makes the right thing', async (_, fault, due) => {
    await using here = await openListening();
    await here.subscribe();
    await here.until(() => here.told.length > 0);
    here.served.vault.control.addFault(fault);
    await here.publish(word('first'));
    if (due.includes('first')) await here.until(() => here.heard.length === 1);
    if (fault.fault === 'forged') await here.until(() => here.told.length === 2);
    await here.publish(word('second'));
    await here.until(() => here.heard.includes('second'));
    expect(here.heard).toEqual(due);
    expect(here.told.slice(1)).toEqual(
      fault.fault === 'forged' ? ['refused: a letter is refused: its signature is wrong'] : [],
    );
  });

  it('notice listener: no field of a letter can be changed, left out or added to without notice', async () => {
    await using here = await openListening();
    const letters = await genuineLetters(here.served, here.topic, word('job'));
    const second = { AttributeName: 'SignatureVersion', AttributeValue: '2' };
    await sns(here.served.vault, { Action: 'SetTopicAttributes', TopicArn: here.topic, ...second });
    letters.push(...(await genuineLetters(here.served, here.topic, word('job'))));
    expect(letters.map(({ letter }) => letter['SignatureVersion'])).toEqual(['1', '1', '1', '2', '2', '2']);
    const accepted: string[] = [];
    for (const { kind, letter } of letters) {
      for (const name of [...Object.keys(letter), 'Subject', 'Token'])
        for (const change of [`${letter[name] ?? ''}x`, null, 7, ['x'], '']) {
          const changed = { ...letter, [name]: change } as unknown as Posted['letter'];
          const status = await postLetter(here.listener.address, { kind, letter: changed });
          if (status === 200 && JSON.stringify(changed[name]) !== JSON.stringify(letter[name]))
            accepted.push(`${kind} ${name} ${JSON.stringify(change)}`);
        }
    }
    // Not signed, and not looked at: where to unsubscribe; a token in a notice; no subject is none.
    const harmless = /^Notification (UnsubscribeURL|Token|Subject null)|^SubscriptionConfirmation Subject/;
    expect(accepted.filter((one) => !harmless.test(one))).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0);
    expect(new Set(here.heard)).toEqual(new Set(['job']));
  });

  it('notice listener: the same letter is acted on once', async () => {
    await using here = await openListening();
    const [, , notice] = await genuineLetters(here.served, here.topic, word('job'));
    for (let i = 0; i < 3; i++) expect(await postLetter(here.listener.address, notice as Posted)).toBe(200);
    expect(here.heard).toEqual(['job']);
  });

  it('notice listener: what could not be kept is answered so that it comes again', async () => {
    const fails = [true, false];
    const heard: string[] = [];
    await using here = await openListening({
      async hear({ jobId }) {
        if (fails.shift() === true) throw new Error('no space left');
        heard.push(jobId);
      },
    });
    const [, , notice] = await genuineLetters(here.served, here.topic, word('job'));
    expect(await postLetter(here.listener.address, notice as Posted)).toBe(503);
    expect(await postLetter(here.listener.address, notice as Posted)).toBe(200);
    expect(heard).toEqual(['job']);
    expect(here.told).toEqual(['undecided: a letter could not be taken: no space left']);
  });

  it('notice listener: a letter of another topic, too old, or of the future is refused, and nothing is fetched for it', async () => {
    await using here = await openListening();
    const others = await genuineLetters(here.served, await topicOf(here.served, 'other', '1'), word('job'));
    for (const letter of others) expect(await postLetter(here.listener.address, letter)).toBe(403);
    const [, , notice] = (await genuineLetters(here.served, here.topic, word('job'))) as [Posted, Posted, Posted];
    for (const ahead of [3_700_000, -400_000]) {
      here.time.ahead = ahead;
      expect(await postLetter(here.listener.address, notice)).toBe(403);
    }
    expect(here.downloads).toEqual([]);
    expect(here.heard).toEqual([]);
    here.time.ahead = 3_500_000;
    expect(await postLetter(here.listener.address, notice)).toBe(200);
    expect(here.heard).toEqual(['job']);
  });

  it('notice listener: raw delivery, which nobody can verify, is refused', async () => {
    await using here = await openListening();
    const headers = { 'x-amz-sns-message-type': 'Notification', 'x-amz-sns-rawdelivery': 'true' };
    expect(await post(here.listener.address, { headers, body: word('job') })).toBe(403);
    expect(here.heard).toEqual([]);
  });

  it('notice listener: what the topic says of other things is taken and means nothing', async () => {
    await using here = await openListening();
    await here.subscribe();
    await here.until(() => here.told.length > 0);
    await here.publish('Successfully validated SNS topic for Amazon Glacier event notification.');
    await here.publish(word('job'));
    await here.until(() => here.heard.length === 1);
    expect(here.told).toHaveLength(1);
  });

  it('notice listener: an end of the subscription is told of, and not answered', async () => {
    await using here = await openListening();
    await here.subscribe();
    await here.until(() => here.told.length > 0);
    const listed = await sns(here.served.vault, { Action: 'ListSubscriptions' });
    const SubscriptionArn = /<SubscriptionArn>([^<]+)</.exec(listed)?.[1] ?? '';
    await sns(here.served.vault, { Action: 'Unsubscribe', SubscriptionArn });
    await here.until(() => here.told.length > 1);
    expect(here.told[1]).toBe(`unsubscribed: somebody has ended the subscription to ${here.topic}`);
  });

  it.each([
    ['another path', { path: '/' }, 404],
    ['a path that goes on', { path: '/glacier/x' }, 404],
    ['a path with a question', { path: '/glacier?x=1' }, 404],
    ['another method', { method: 'GET' }, 405],
    ['nothing', {}, 400],
    ['nonsense', { body: 'x' }, 400],
    ['a list', { body: '[]' }, 400],
    ['nothing in JSON', { body: 'null' }, 400],
    [
      'another kind than its header says',
      { headers: { 'x-amz-sns-message-type': 'Notification' }, body: '{"Type":"SubscriptionConfirmation"}' },
      400,
    ],
    [
      'a kind that there is not',
      { headers: { 'x-amz-sns-message-type': 'toString' }, body: '{"Type":"toString"}' },
      400,
    ],
    ['a body that is too long', { body: 'x'.repeat(1024 * 1024 + 1) }, 413],
  ] as const)('notice listener: %s is refused', async (_, wish, status) => {
    await using here = await openListening();
    expect(await post(here.listener.address, wish)).toBe(status);
    expect(here.heard).toEqual([]);
  });

  it('notice listener: who sends without end, or without announcing how much, is cut off', async () => {
    await using here = await openListening();
    const body = 'x'.repeat(3 * 1024 * 1024);
    const headers = { 'transfer-encoding': 'chunked' };
    expect([0, 413]).toContain(await post(here.listener.address, { headers, body }));
    expect(await post(here.listener.address, { method: 'GET' })).toBe(405);
  });

  it('notice listener: what is no HTTP ends the connection, and nothing else', async () => {
    await using here = await openListening();
    const { port } = new URL(here.listener.address);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('\u0016\u0003\u0001 no http\r\n\r\n'));
      socket.on('error', () => {}).on('close', () => resolve());
    });
    expect(await post(here.listener.address, { method: 'GET' })).toBe(405);
  });
});

describe('certificates of SNS', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const DAY = 86_400_000;
  const pemOf = (
    keys: { publicKey: typeof publicKey; privateKey: typeof privateKey },
    from: number,
    to: number,
  ): string =>
    selfSignedCertificate({
      commonName: 'sns.amazonaws.com',
      ...keys,
      serial: Buffer.from([1]),
      notBefore: new Date(from),
      notAfter: new Date(to),
    });
  const GOOD = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem';

  function certificates(
    download: () => Promise<string>,
    terms: { domain?: string | null; origin?: string | null } = {},
  ) {
    const asked: string[] = [];
    const time = { now: Date.now() };
    const found = new Certificates({
      region: 'eu-west-1',
      domain: 'amazonaws.com',
      origin: null,
      now: () => time.now,
      download: async (address) => {
        asked.push(address.href);
        return download();
      },
      ...terms,
    });
    return { keyAt: (address: string) => found.keyAt(address, signal), asked, time };
  }

  it('certificates of SNS: one of SNS in the region is fetched once a day', async () => {
    const now = Date.now();
    const { keyAt, asked, time } = certificates(async () => pemOf({ publicKey, privateKey }, now - DAY, now + 9 * DAY));
    for (let i = 0; i < 3; i++) expect(await keyAt(GOOD)).toMatchObject({ is: 'good' });
    expect(await Promise.all([keyAt(GOOD), keyAt(GOOD)])).toMatchObject([{ is: 'good' }, { is: 'good' }]);
    expect(asked).toEqual([GOOD]);
    time.now += DAY + 1;
    await Promise.all([keyAt(GOOD), keyAt(GOOD)]);
    expect(asked).toEqual([GOOD, GOOD]);
    // One that expires while it is kept is good no more.
    time.now += 20 * DAY;
    expect(await keyAt(GOOD)).toMatchObject({ is: 'bad', why: 'its certificate has expired' });
  });

  it.each([
    'http://sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.us-east-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/x.pem',
    'https://evil.example/sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/x.pem',
    'https://user@sns.eu-west-1.amazonaws.com/x.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
    'https://sns.eu-west-1.amazonaws.com/x.pem?y',
    'https://sns.eu-west-1.amazonaws.com/x.pem#y',
    'https://sns.eu-west-1.amazonaws.com/x.txt',
    'https://sns.eu-west-1.amazonaws.com/?Action=Publish&x=.pem',
    'https://s3.eu-west-1.amazonaws.com/sns/x.pem',
    'file:///etc/x.pem',
    'x.pem',
    '',
  ])('certificates of SNS: %j is not one of its addresses, and not asked', async (address) => {
    const { keyAt, asked } = certificates(async () => '');
    expect(await keyAt(address)).toEqual({ is: 'bad', why: 'its certificate is not at an address of SNS' });
    expect(asked).toEqual([]);
  });

  it('certificates of SNS: of a server that is not AWS, its own address counts and that of AWS does not', async () => {
    const now = Date.now();
    const terms = { domain: null, origin: 'http://127.0.0.1:8118' };
    const { keyAt } = certificates(async () => pemOf({ publicKey, privateKey }, now - DAY, now + DAY), terms);
    expect(await keyAt('http://127.0.0.1:8118/key.pem')).toMatchObject({ is: 'good' });
    for (const other of [GOOD, 'http://127.0.0.1:8119/key.pem', 'https://127.0.0.1:8118/key.pem']) {
      expect(await keyAt(other)).toMatchObject({ is: 'bad' });
    }
  });

  it('certificates of SNS: one that is over, not begun, weak, of another kind or none is bad, and not kept', async () => {
    const now = Date.now();
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    for (const text of [
      pemOf({ publicKey, privateKey }, now - 2 * DAY, now - DAY),
      pemOf({ publicKey, privateKey }, now + DAY, now + 2 * DAY),
      pemOf(weak, now - DAY, now + DAY),
      'nonsense',
      '',
    ]) {
      const { keyAt, asked } = certificates(async () => text);
      for (let i = 0; i < 2; i++) expect(await keyAt(GOOD)).toMatchObject({ is: 'bad' });
      expect(asked).toHaveLength(2);
    }
  });

  it('certificates of SNS: one that cannot be had is unknown, and no more than ten are asked for in a minute', async () => {
    const { keyAt, asked, time } = certificates(async () => {
      throw new Error('the answer is 404');
    });
    for (let i = 0; i < 30; i++) {
      const address = `https://sns.eu-west-1.amazonaws.com/${i}.pem`;
      expect(await keyAt(address)).toMatchObject({ is: 'unknown' });
    }
    expect(asked).toHaveLength(10);
    time.now += 60_000;
    await keyAt(GOOD);
    expect(asked).toHaveLength(11);
  });
});

describe('letters', () => {
  it('letters: what is signed is in the order of the names, and a farewell is signed with its token', () => {
    const fields = {
      Type: 'UnsubscribeConfirmation',
      MessageId: 'id',
      Token: 'token',
      TopicArn: 'topic',
      Message: 'message',
      SubscribeURL: 'url',
      Timestamp: '2026-11-20T00:00:00.000Z',
      SignatureVersion: '1',
      Signature: sign(
        'sha1',
        Buffer.from('x'),
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      ).toString('base64'),
      SigningCertURL: 'https://x/y.pem',
    };
    const names =
      'Message\nmessage\nMessageId\nid\nSubscribeURL\nurl\nTimestamp\n2026-11-20T00:00:00.000Z\nToken\ntoken\n';
    expect(letterIn(JSON.stringify(fields))?.signed).toBe(`${names}TopicArn\ntopic\nType\nUnsubscribeConfirmation\n`);
  });
});
