// What SNS and SQS refuse, and what goes wrong on the way to them, in the program's own words.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../../src/edges/local-server/control/fault-rule.js';
import { type Failure, type FailureCode, reachOf } from '../../../src/model/failure.js';
import { TopicArn } from '../../../src/model/identifiers.js';
import type { QueueName } from '../../../src/model/queue-reference.js';
import type { Queue } from '../../../src/vault/notices/notices-port.js';
import { noticesOf } from '../../../src/vault/notices/open-notices.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { serving } from '../../edges/local-server/serving.js';

const signal = new AbortController().signal;
const KEYS = { key: 'AKIDEXAMPLEAKIDEXAMP', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

function opened(endpoint: string, keys: { key: string; secret: string } = KEYS, environment = {}) {
  const settings = { endpoint, region: 'us-east-1', ...keys, timeoutMs: 2000, concurrency: 2 };
  const patience = { ...ordinaryPatience(() => undefined), totalMs: 0, firstContactMs: 0, sleep: async () => {} };
  return noticesOf(settings, { region: 'us-east-1', endpoint }, { patience, environment });
}

async function failureOf(deed: Promise<unknown>): Promise<Failure> {
  return deed.then(
    () => {
      throw new Error('it went well');
    },
    (thrown: unknown) => thrown as Failure,
  );
}

describe('errors of SNS and SQS', () => {
  it.each<[string, FaultOrder, FailureCode]>([
    ['throttled', { fault: 'error', status: 400, code: 'ThrottlingException', every: 1 }, 'THROTTLED'],
    ['down', { fault: 'error', status: 503, every: 1 }, 'VAULT_UNAVAILABLE'],
    ['denied', { fault: 'error', status: 403, code: 'AccessDenied', every: 1 }, 'ACCESS_DENIED'],
    ['not authorized', { fault: 'error', status: 403, code: 'AuthorizationError', every: 1 }, 'ACCESS_DENIED'],
    [
      'over its limit of topics',
      { fault: 'error', status: 403, code: 'TopicLimitExceeded', every: 1 },
      'LIMIT_EXCEEDED',
    ],
    ['of another opinion', { fault: 'error', status: 400, code: 'InvalidParameter', every: 1 }, 'VAULT_REFUSED'],
    ['cut off', { fault: 'reset', every: 1 }, 'CONNECTION_BROKEN'],
  ])('errors of SNS and SQS: one that is %s', async (_, fault, code) => {
    await using served = await serving();
    const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
    await using notices = opened(endpoint, { key, secret });
    for (const operation of ['sns:CreateTopic', 'sqs:CreateQueue'] as const)
      served.vault.control.addFault({ ...fault, operation } as FaultOrder);
    const queue = 'jobs' as QueueName;
    for (const failure of [
      await failureOf(notices.createTopic('jobs', signal)),
      await failureOf(notices.createQueue(queue, '', signal)),
    ]) {
      expect(failure.code, failure.message).toBe(code);
      expect(failure.message).toMatch(/^cannot make (topic|queue) jobs: /);
    }
  });

  it('errors of SNS and SQS: a queue that was deleted a moment ago is asked for again', async () => {
    await using served = await serving();
    const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
    await using notices = opened(endpoint, { key, secret });
    const order = { operation: 'sqs:CreateQueue', fault: 'error', status: 400, code: 'QueueDeletedRecently' } as const;
    served.vault.control.addFault(order);
    const failure = await failureOf(notices.createQueue('jobs' as QueueName, '', signal));
    expect(reachOf(failure.code)).toBe('retry');
  });

  it('errors of SNS and SQS: a wrong secret is told of as such, and what a key may not do with the right that it lacks', async () => {
    await using served = await serving();
    const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
    await using strangers = opened(endpoint, { key, secret: KEYS.secret });
    expect(
      await failureOf(strangers.topicExists(TopicArn.parse('arn:aws:sns:us-east-1:123456789012:x'), signal)),
    ).toMatchObject({
      code: 'ACCESS_DENIED',
      hint: 'check that secret belongs to key',
    });
    await using notices = opened(endpoint, { key, secret });
    served.vault.control.addFault({
      operation: 'sqs:GetQueueUrl',
      fault: 'error',
      status: 403,
      code: 'AccessDeniedException',
    });
    expect(await failureOf(notices.findQueue('jobs' as QueueName, signal))).toMatchObject({
      code: 'ACCESS_DENIED',
      hint: 'the key must be allowed sqs:GetQueueUrl: docs/notifications.md has the whole policy',
    });
  });

  it('errors of SNS and SQS: nobody there, and somebody there who speaks neither', async () => {
    await using nobody = opened('http://127.0.0.1:1');
    expect(await failureOf(nobody.findQueue('jobs' as QueueName, signal))).toMatchObject({ code: 'UNREACHABLE' });
    const server = createServer(
      (_, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>no</h1>'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await using stranger = opened(`http://127.0.0.1:${port}`);
    const deeds = [
      () => stranger.findQueue('jobs' as QueueName, signal),
      () => stranger.topicExists(TopicArn.parse('arn:aws:sns:us-east-1:123456789012:x'), signal),
      () => stranger.receive('http://x/123456789012/q' as Queue, 0, signal),
    ];
    for (const deed of deeds) {
      const failure = await failureOf(deed());
      // A stray web server's 404 does not pass for a queue or a topic that is gone.
      expect(['QUEUE_NOT_FOUND', 'TOPIC_NOT_FOUND']).not.toContain(failure.code);
      expect(failure.message).toMatch(/^cannot (look for|receive from)/);
    }
    server.close();
  });

  it('errors of SNS and SQS: told to stop, they are interruptions', async () => {
    await using served = await serving();
    const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
    await using notices = opened(endpoint, { key, secret });
    const queue = await notices.createQueue('jobs' as QueueName, '', signal);
    const stop = new AbortController();
    const receiving = failureOf(notices.receive(queue, 20, stop.signal));
    setImmediate(() => stop.abort());
    expect(await receiving).toMatchObject({ code: 'INTERRUPTED' });
    expect(await failureOf(notices.receive(queue, 20, stop.signal))).toMatchObject({ code: 'INTERRUPTED' });
  });

  it('errors of SNS and SQS: a proxy that the environment names is gone through', async () => {
    const asked: string[] = [];
    const proxy = createServer((_, response) => void response.end()).on('connect', ({ url }, socket) => {
      asked.push(url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    await using notices = opened('https://glacier.us-east-1.amazonaws.com', KEYS, environment);
    expect(await failureOf(notices.findQueue('jobs' as QueueName, signal))).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(await failureOf(notices.createTopic('jobs', signal))).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(asked).toEqual(['sqs.us-east-1.amazonaws.com:443', 'sns.us-east-1.amazonaws.com:443']);
    proxy.close();
  });
});
