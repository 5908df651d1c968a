// Being told that something is ready, by the built program: set up, shown, listened to, taken away.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sns } from '../edges/local-server/notices/notice-client.js';
import { send } from '../edges/local-server/raw-client.js';
import { SELF_SIGNED } from '../vault/self-signed.js';
import { mtglacier, type Started, start } from './program.js';
import { objectsOf, openWorkplace, textOf, type Workplace } from './workplace.js';

let place: Workplace;
let online: readonly string[];
beforeAll(async () => {
  place = await openWorkplace('notify');
  online = ['--vault', 'photos', ...place.config];
  mkdirSync(place.at('kept'));
  writeFileSync(place.at('kept', 'a'), 'content');
  expect(await mtglacier('create-vault', 'photos', ...place.config)).toMatchObject({ exitCode: 0 });
  expect(await mtglacier('sync', '--dir', place.at('kept'), '--journal', place.at('j'), ...online)).toMatchObject({
    exitCode: 0,
  });
});
afterAll(() => place[Symbol.asyncDispose]());

async function states(action: string, ...more: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await mtglacier('notify', action, '--json', ...online, ...more);
  expect(exitCode, stderr).toBe(0);
  return objectsOf(stdout)
    .filter(({ event }) => event === 'notice-piece')
    .map(({ piece, state }) => `${String(piece)} ${String(state)}`);
}

/** Resolves with the object of `--json` that is the first of its kind. */
function event(
  started: Started,
  wanted: (object: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let seen = '';
    started.process.stdout?.on('data', (text: string) => {
      seen += text;
      const found = objectsOf(seen).find(wanted);
      if (found !== undefined) resolve(found);
    });
    void started.ended.then(({ stderr, stdout }) => reject(new Error(`it ended: ${stdout}${stderr}`)));
  });
}

describe('notify', () => {
  it('notify: setup, status, email and teardown, as JSON', async () => {
    const pieces = ['topic', 'queue', 'queue-policy', 'subscription', 'vault-notifications'];
    expect(await states('setup', '--dry-run')).toEqual(pieces.map((piece) => `${piece} to-be-made`));
    expect(await states('status')).toEqual(pieces.map((piece) => `${piece} absent`));
    expect(await states('setup')).toEqual(pieces.map((piece) => `${piece} made`));
    expect(await states('setup')).toEqual(pieces.map((piece) => `${piece} in-place`));
    const email = await mtglacier('notify', 'email', 'me@home.example', ...online);
    expect(email).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('me@home.example gets a letter') });
    const status = await mtglacier('notify', 'status', ...online);
    expect(status.stdout).toMatch(/^also subscribed +not confirmed yet +email me@home\.example$/m);
    expect(status.stdout + status.stderr).toContain('all is in place');
    const gone = ['vault-notifications', 'subscription', 'queue', 'topic'];
    expect(await states('teardown', '--dry-run')).toEqual(gone.map((piece) => `${piece} to-be-removed`));
    expect(await states('teardown')).toEqual(gone.map((piece) => `${piece} removed`));
    expect(await states('teardown')).toEqual(gone.map((piece) => `${piece} absent`));
  });

  it('notify: a vault that tells another topic is left alone, with exit code 6', async () => {
    const topic =
      /<TopicArn>([^<]+)/.exec(await sns(place.server, { Action: 'CreateTopic', Name: 'theirs' }))?.[1] ?? '';
    expect(await states('setup', '--sns-topic', topic)).toContain('vault-notifications made');
    const refused = await mtglacier('notify', 'setup', ...online);
    expect(refused).toMatchObject({ exitCode: 6, stderr: expect.stringContaining(`--sns-topic ${topic}`) });
    expect(await states('teardown', '--sns-topic', topic)).toEqual([
      'vault-notifications left',
      'subscription removed',
      'queue removed',
      'topic left',
    ]);
    await sns(place.server, { Action: 'DeleteTopic', TopicArn: topic });
    const untold = { method: 'DELETE', path: '/-/vaults/photos/notification-configuration' } as const;
    expect((await send(place.server, untold)).status).toBe(204);
  });

  it.each([
    [['dance'], 'notify does not know how to "dance"'],
    [['email'], 'notify email needs an address'],
    [['email', 'x'], '"x" is not an address of mail'],
    [['setup', 'x'], 'notify setup takes no "x"'],
    [['listen'], 'notify listen needs --journal'],
    [['listen', '--journal', 'j', '--bind', '0.0.0.0:0'], 'without TLS'],
    [['listen', '--journal', 'j', '--bind', '127.0.0.1:99999'], 'there is no such port'],
    [
      ['listen', '--journal', 'j', '--tls-cert', '/nothing', '--tls-key', '/nothing'],
      'cannot read "/nothing": there is no such file',
    ],
    [['listen', '--journal', 'j', '--tls-cert', 'x'], '--tls-cert needs --tls-key'],
    [
      ['setup', '--sns-topic', 'arn:aws:sns:eu-west-1:123456789012:x'],
      'is in eu-west-1, and the vault is in us-east-1',
    ],
    [['setup', '--queue', 'https://sqs.us-east-1.amazonaws.com/123456789012/x'], 'a queue is set up by its name'],
  ])('notify: %j is refused with exit code 2', async (words, why) => {
    const { exitCode, stderr } = await mtglacier('notify', ...words, ...online);
    expect(stderr).toContain(why);
    expect(exitCode).toBe(2);
  });

  it('notify: listen says of a port that is taken that it is', async () => {
    const { host } = new URL(place.server.endpoint);
    const { exitCode, stderr } = await mtglacier('notify', 'listen', '--journal', 'j', '--bind', host, ...online);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(`${host}: another program has the port\nhint: check --bind`),
    ]);
  });

  it('notify: nothing was made of what was refused', async () => {
    expect(new Set((await states('status')).map((one) => one.split(' ')[1]))).toEqual(new Set(['absent']));
  });

  it('notify: listen writes beside the journal which jobs have ended, and ends when it is told to', async () => {
    const listening = start([
      'notify',
      'listen',
      '--json',
      '--journal',
      place.at('j'),
      '--bind',
      '127.0.0.1:0',
      ...online,
    ]);
    const { address, topics } = await event(listening, (object) => object['event'] === 'listening');
    expect(topics).toHaveLength(1);
    await states('setup', '--queue', 'off');
    const confirmed = event(listening, (object) => object['topic'] === 'confirmed');
    const [TopicArn = ''] = topics as string[];
    await sns(place.server, { Action: 'Subscribe', TopicArn, Protocol: 'http', Endpoint: String(address) });
    await confirmed;
    const told = event(listening, (object) => object['topic'] === 'completion');
    const vault = await endedJob();
    await told;
    listening.process.kill('SIGINT');
    expect((await listening.ended).exitCode).toBe(0);
    const [line = ''] = textOf(place.at('j.completions')).split('\n');
    expect(JSON.parse(line)).toMatchObject({ version: 'A', vault });
    expect(existsSync(place.at('j.completions.new'))).toBe(false);
    await states('teardown');
  });

  it('notify: listen speaks https, subscribes the address that it is given, and serves its path alone', async () => {
    await states('setup', '--queue', 'off');
    writeFileSync(place.at('cert.pem'), SELF_SIGNED.cert);
    writeFileSync(place.at('key.pem'), SELF_SIGNED.key);
    const tls = ['--tls-cert', place.at('cert.pem'), '--tls-key', place.at('key.pem')];
    const address = ['--bind', '127.0.0.1:0', '--subscribe', 'https://home.invalid/glacier'];
    const listening = start(['notify', 'listen', '--json', '--journal', place.at('j'), ...tls, ...address, ...online]);
    const found = await event(listening, (object) => object['event'] === 'listening');
    expect(found['address']).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/glacier$/);
    await expect
      .poll(async () => (await mtglacier('notify', 'status', ...online)).stdout)
      .toContain('https://home.invalid/glacier');
    for (const [path, due] of [
      ['/glacier', 405],
      ['/', 404],
    ] as const) {
      expect(await statusAt(new URL(path, String(found['address'])))).toBe(due);
    }
    listening.process.kill('SIGTERM');
    expect((await listening.ended).exitCode).toBe(0);
    await states('teardown');
  });
});

/** Asks for an archive, and lets so much time go by that its job ends. Gives the ARN of the vault. */
async function endedJob(): Promise<string> {
  mkdirSync(place.at('new'));
  const asked = ['--journal', place.at('j'), '--dir', place.at('new'), ...online];
  expect(await mtglacier('get', 'a', ...asked)).toMatchObject({ exitCode: 75 });
  place.passHours(6);
  const { region, accountId } = place.server;
  return `arn:aws:glacier:${region}:${accountId}:vaults/photos`;
}

/** Of a GET, whoever vouches for the certificate. */
function statusAt(address: URL): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(address, { rejectUnauthorized: false }, (answer) => resolve(answer.resume().statusCode));
    request.on('error', reject);
  });
}
