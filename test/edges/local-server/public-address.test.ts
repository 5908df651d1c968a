// Where clients are told to go: the address that the server listens on, or the name that it was given.

import { mkdtemp, readdir } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publicUrlOf, reachableUrlOf } from '../../../src/edges/local-server/http/public-address.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { openEndpoint } from './notices/endpoint.js';
import { queueOfTopic, receive, sns, sqs, sqsRequest, textsIn } from './notices/notice-client.js';
import { send } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const NAME = 'https://vault.example';

/** The server as its clients reach it, under whatever name. */
const nearby = ({ vault }: Serving) => ({ ...vault, endpoint: vault.listensOn });

async function queueUrlFor(own: Serving, host: string): Promise<string> {
  const request = sqsRequest('CreateQueue', { QueueName: 'Q' });
  const { body } = await send(nearby(own), { ...request, headers: { ...request.headers, host } });
  return (JSON.parse(body.toString()) as { QueueUrl: string }).QueueUrl;
}

describe('local vault addresses', () => {
  test.each([
    ['127.0.0.1', 'http://127.0.0.1:8118'],
    ['0.0.0.0', 'http://127.0.0.1:8118'],
    ['::', 'http://[::1]:8118'],
    ['::1', 'http://[::1]:8118'],
    ['192.0.2.7', 'http://192.0.2.7:8118'],
  ])('who listens on %s is reached from this machine at %s', (address, url) => {
    expect(reachableUrlOf(address, 8118)).toBe(url);
  });

  test('on all addresses, clients are told one that leads there', async () => {
    await using own = await serving({ host: '0.0.0.0' });
    const { endpoint, listensOn } = own.vault;
    const { port } = new URL(listensOn);
    expect([endpoint, listensOn]).toEqual([`http://127.0.0.1:${port}`, `http://0.0.0.0:${port}`]);
    expect((await send(own.vault, { method: 'GET', path: '/-/vaults' })).status).toBe(200);
  });

  test('the same for IPv6', async ({ skip }) => {
    if (!Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))) skip();
    await using own = await serving({ host: '::' });
    const { port } = new URL(own.vault.listensOn);
    expect([own.vault.endpoint, own.vault.listensOn]).toEqual([`http://[::1]:${port}`, `http://[::]:${port}`]);
    expect((await fetch(`${own.vault.endpoint}/-/vaults`)).status).toBe(400);
  });

  test.each([
    ['http://vault.example:8118', 'http://vault.example:8118'],
    ['HTTPS://Vault.Example/', 'https://vault.example'],
    ['https://vault.example:443', 'https://vault.example'],
    ['http://[2001:db8::1]:8118', 'http://[2001:db8::1]:8118'],
  ])('a public URL may be %s', (given, url) => expect(publicUrlOf(given)).toBe(url));

  test.each([
    '',
    'vault.example:8118',
    'ftp://vault.example',
    'http://vault.example/glacier',
    'http://user:secret@vault.example',
    'http://vault.example?a',
    'http://0.0.0.0:8118',
    'http://[::]:8118',
  ])('a public URL cannot be %j, and nothing is made for it', async (publicUrl) => {
    const home = await mkdtemp(join(tmpdir(), 'local-vault-'));
    const starting = startLocalVault({ directory: join(home, 'data'), publicUrl });
    await expect(starting).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining('public URL') });
    expect(await readdir(home)).toEqual([]);
  });
});

describe('local vault under a public URL', () => {
  test('clients are told that name, and the server listens where it did', async () => {
    await using own = await serving({ publicUrl: NAME });
    expect(own.vault.endpoint).toBe(NAME);
    expect(own.vault.listensOn).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('all links in letters begin with it', async () => {
    await using own = await serving({ publicUrl: NAME });
    await using endpoint = await openEndpoint(200);
    const queue = await queueOfTopic(nearby(own), 'T');
    const wanted = { TopicArn: queue.topicArn, Protocol: 'http', Endpoint: endpoint.url };
    await sns(nearby(own), { Action: 'Subscribe', ...wanted });
    await sns(nearby(own), { Action: 'Publish', TopicArn: queue.topicArn, Message: 'm' });
    await endpoint.received(1);
    const [question] = endpoint.posts;
    const [message] = await receive(nearby(own), queue.queueUrl);
    const letter = JSON.parse(message!.Body) as Record<string, string>;
    expect(question!.letter['SubscribeURL']).toMatch(`${NAME}/?Action=ConfirmSubscription&`);
    expect(question!.letter['SigningCertURL']).toMatch(`${NAME}/SimpleNotificationService-`);
    expect(letter['UnsubscribeURL']).toMatch(`${NAME}/?Action=Unsubscribe&`);
    expect(letter['SigningCertURL']).toMatch(`${NAME}/SimpleNotificationService-`);
    const path = new URL(question!.letter['SubscribeURL']!);
    const confirmed = await (await fetch(`${own.vault.listensOn}${path.pathname}${path.search}`)).text();
    expect(textsIn(confirmed, 'SubscriptionArn')).toHaveLength(1);
  });

  test('the URL of a queue begins as the client reached the server, by the scheme of the public one', async () => {
    await using own = await serving({ publicUrl: NAME });
    const path = `/${own.vault.accountId}/Q`;
    expect(await queueUrlFor(own, 'vault.example')).toBe(`${NAME}${path}`);
    expect(await queueUrlFor(own, 'Vault.Example:443')).toBe(`${NAME}${path}`);
    expect(await queueUrlFor(own, 'vault.example:8118')).toBe(`http://vault.example:8118${path}`);
    expect(await queueUrlFor(own, '127.0.0.1:9')).toBe(`http://127.0.0.1:9${path}`);
    for (const QueueUrl of [`${NAME}${path}`, `http://127.0.0.1:9${path}`]) {
      await sqs(nearby(own), 'SendMessage', { QueueUrl, MessageBody: 'm' });
    }
  });
});
