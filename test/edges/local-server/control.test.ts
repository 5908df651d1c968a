// The control endpoint and its functions: the clock, jobs, inventories, conditions, what was seen, and who may ask.

import { readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/edges/local-server/control/control.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, bothHashes, outputOf, send, uploadWhole } from './raw-client.js';
import { as, type Serving, serving } from './serving.js';

const DAY_S = 86_400;

let here: Serving;
beforeAll(async () => {
  here = await serving({ controlPort: 0, realistic: true });
  await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
});
afterAll(() => here[Symbol.asyncDispose]());

const get = (path: string) => ({ method: 'GET', path: `/-/vaults${path}` });

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${here.vault.controlEndpoint}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> };
}

describe('local vault control: the clock', () => {
  test('moving it forward ends jobs, and is told by GET', async () => {
    const archive = await uploadWhole(here.vault, 'V', Buffer.from('hello'));
    const job = await askForJob(here.vault, 'V', { Type: 'archive-retrieval', ArchiveId: archive });
    expect((await send(here.vault, outputOf('V', job))).status).toBe(400);
    const before = Date.parse(String((await ask('GET', '/clock')).json['now']));
    const moved = await ask('POST', '/clock', { advanceSeconds: 4 * 3600 });
    expect(moved.status).toBe(200);
    expect(Date.parse(String(moved.json['now'])) - before).toBeGreaterThanOrEqual(4 * 3_600_000);
    expect((await send(here.vault, outputOf('V', job))).body.toString()).toBe('hello');
  });

  test.each([
    [{}],
    [{ advanceSeconds: -1 }],
    [{ advanceSeconds: '5' }],
    [{ advanceSeconds: 1, vault: 'V' }],
    ['no JSON'],
    ['[]'],
  ])('nonsense is refused and moves nothing: %j', async (body) => {
    const ahead = here.vault.control.now() - Date.now();
    expect((await ask('POST', '/clock', body)).status).toBe(400);
    expect(Math.abs(here.vault.control.now() - Date.now() - ahead)).toBeLessThan(1000);
  });

  test.each([['5'], [Number.NaN], [Number.POSITIVE_INFINITY], [undefined], [-1]])(
    'a program without types moves nothing by %s either',
    async (ms) => {
      await using own = await serving({ now: () => 1_800_000_000_000 });
      await expect(own.vault.control.advanceClock(ms as number)).rejects.toThrow('The clock goes forward');
      expect(own.vault.control.now()).toBe(1_800_000_000_000);
    },
  );

  test('where it was moved to, it is after a restart', async () => {
    await using own = await serving();
    await send(own.vault, { method: 'PUT', path: '/-/vaults/V' });
    await own.vault.control.advanceClock(30 * DAY_S * 1000);
    const shown = own.vault.control.now();
    await own.vault.close();
    await using again = await startLocalVault({ directory: own.directory });
    expect(again.control.now()).toBeGreaterThanOrEqual(shown);
    expect(again.control.now() - shown).toBeLessThan(60_000);
    expect((await send(again, get('/V'))).status).toBe(200);
  });

  test('that it was moved is on disk before it is answered', async () => {
    await using own = await serving();
    await own.vault.control.advanceClock(1000);
    expect(JSON.parse(await readFile(join(own.directory, 'clock.json'), 'utf8'))).toMatchObject({ aheadMs: 1000 });
  });

  test('many who move it at once move it by all of it', async () => {
    let real = 1_800_000_000_000;
    await using own = await serving({ now: () => real });
    await Promise.all(Array.from({ length: 20 }, () => own.vault.control.advanceClock(1000)));
    expect(own.vault.control.now()).toBe(1_800_000_020_000);
    expect(JSON.parse(await readFile(join(own.directory, 'clock.json'), 'utf8'))).toMatchObject({ aheadMs: 20_000 });
    real += 1;
    expect(own.vault.control.now()).toBe(1_800_000_020_001);
  });

  test('a fast clock that nobody needed is after a restart where it was at the end', async () => {
    let real = Date.parse('2026-03-01T00:00:00Z');
    await using fast = await serving({ speed: 3600, now: () => real });
    real += 10_000;
    const shown = fast.vault.control.now();
    expect(shown).toBe(Date.parse('2026-03-01T10:00:00Z'));
    await fast.vault.close();
    real += 5_000;
    await using again = await startLocalVault({ directory: fast.directory, now: () => real });
    expect(again.control.now()).toBe(shown + 5_000);
  });

  test('with a speed of 3600, an hour is a second, and clients are told how long they really wait', async () => {
    let real = Date.parse('2026-03-01T00:00:00Z');
    await using fast = await serving({ speed: 3600, realistic: true, now: () => real });
    await send(fast.vault, { method: 'PUT', path: '/-/vaults/V' });
    const archive = await uploadWhole(fast.vault, 'V', Buffer.from('hello'));
    const job = await askForJob(fast.vault, 'V', { Type: 'archive-retrieval', ArchiveId: archive });
    const answer = await send(fast.vault, get(`/V/jobs/${job}`));
    expect(answer.headers['x-mtglacier-retrieval-delays']).toBe('Expedited=50;Standard=4000;Bulk=8000;Inventory=4000');
    real += 3999;
    expect((await send(fast.vault, outputOf('V', job))).status).toBe(400);
    real += 1;
    expect((await send(fast.vault, outputOf('V', job))).body.toString()).toBe('hello');
    expect((await send(fast.vault, get(`/V/jobs/${job}`))).json['CompletionDate']).toBe('2026-03-01T04:00:00.000Z');
  });

  test('a fast clock does not fall behind what was stored, even when nothing could be written at the end', async () => {
    let real = Date.parse('2026-03-01T00:00:00Z');
    await using fast = await serving({ speed: 3600, now: () => real });
    real += 10_000;
    await send(fast.vault, { method: 'PUT', path: '/-/vaults/V' });
    const made = fast.vault.control.now();
    await fast.vault.close();
    // What is left by kill -9: the file as it was written at the start.
    await writeFile(`${fast.directory}/clock.json`, '{"format":1,"aheadMs":0}\n');
    await using again = await startLocalVault({ directory: fast.directory, now: () => real });
    expect(again.control.now()).toBeGreaterThanOrEqual(made);
  });

  test('a clock slower than real time is refused', async () => {
    await expect(serving({ speed: 0.5 })).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('local vault control: jobs and inventories', () => {
  test('case 124: an inventory is taken at once when asked for', async () => {
    await send(here.vault, { method: 'PUT', path: '/-/vaults/counted' });
    await uploadWhole(here.vault, 'counted', Buffer.from('hello'));
    expect((await send(here.vault, get('/counted'))).json['NumberOfArchives']).toBe(0);
    expect((await ask('POST', '/inventories', { vault: 'counted' })).status).toBe(204);
    expect((await send(here.vault, get('/counted'))).json['NumberOfArchives']).toBe(1);
  });

  test('a job is ended early, well or badly, and stays so', async () => {
    const archive = await uploadWhole(here.vault, 'V', Buffer.from('hello'));
    const request = { Type: 'archive-retrieval', ArchiveId: archive, Tier: 'Bulk' };
    const [good, bad] = [await askForJob(here.vault, 'V', request), await askForJob(here.vault, 'V', request)];
    expect((await ask('POST', '/jobs', { vault: 'V', job: good })).status).toBe(204);
    expect((await ask('POST', '/jobs', { vault: 'V', job: bad, failure: 'Lost.' })).status).toBe(204);
    expect((await send(here.vault, outputOf('V', good))).body.toString()).toBe('hello');
    expect((await send(here.vault, outputOf('V', bad))).status).toBe(400);
    expect((await send(here.vault, get(`/V/jobs/${bad}`))).json).toMatchObject({
      Completed: true,
      StatusCode: 'Failed',
      StatusMessage: 'Lost.',
    });
    expect((await ask('POST', '/jobs', { vault: 'V', job: bad })).status).toBe(400);
  });

  test.each([
    ['/jobs', { vault: 'V', job: 'none' }, 404],
    ['/jobs', { vault: 'V' }, 400],
    ['/jobs', { vault: 'X', job: 'none' }, 404],
    ['/inventories', { vault: 'X' }, 404],
    ['/inventories', { vault: 'V', account: '000000000000' }, 404],
  ])('what is not there is not found: %s %j', async (path, body, status) => {
    expect((await ask('POST', path, body)).status).toBe(status);
  });
});

describe('local vault control: conditions', () => {
  const codeOf = async (path = '/V') => (await send(here.vault, get(path))).json['code'];

  test('case 148: beyond the rate that was set, requests are throttled', async () => {
    expect((await ask('PUT', '/conditions', { requestsPerSecond: 0.01 })).json['requestsPerSecond']).toBe(0.01);
    expect(await codeOf()).toBeUndefined();
    const { status, json } = await send(here.vault, get('/V'));
    expect([status, json]).toEqual([400, { code: 'ThrottlingException', message: 'Rate exceeded', type: 'Client' }]);
    await ask('PUT', '/conditions', { requestsPerSecond: null });
    expect(await codeOf()).toBeUndefined();
  });

  test('throttling does not count requests that nobody signed', async () => {
    await ask('PUT', '/conditions', { requestsPerSecond: 0.01 });
    for (let i = 0; i < 3; i++) await send(here.vault, { ...get('/V'), secretAccessKey: 'x'.repeat(40) });
    expect(await codeOf()).toBeUndefined();
    await ask('PUT', '/conditions', { requestsPerSecond: null });
  });

  test('case 148: a closed service refuses everything as AWS does', async () => {
    await ask('PUT', '/conditions', { serviceClosed: true });
    expect(await codeOf()).toBe('NoLongerSupportedException');
    await ask('PUT', '/conditions', { serviceClosed: false });
    expect(await codeOf()).toBeUndefined();
  });

  test('case 93: without capacity, Expedited retrievals are refused and others are not', async () => {
    const archive = await uploadWhole(here.vault, 'V', Buffer.from('hello'));
    const wanted = (Tier: string) => ({
      method: 'POST',
      path: '/-/vaults/V/jobs',
      body: JSON.stringify({ Type: 'archive-retrieval', ArchiveId: archive, Tier }),
    });
    await ask('PUT', '/conditions', { expeditedCapacity: false });
    const { status, json } = await send(here.vault, wanted('Expedited'));
    expect([status, json['code'], json['type']]).toEqual([503, 'InsufficientCapacityException', 'Server']);
    expect((await send(here.vault, wanted('Standard'))).status).toBe(202);
    await ask('PUT', '/conditions', { expeditedCapacity: true });
    expect((await send(here.vault, wanted('Expedited'))).status).toBe(202);
  });
});

describe('local vault control: what was seen', () => {
  test('requests are counted by operation and status, until they are forgotten', async () => {
    expect((await ask('DELETE', '/requests')).status).toBe(204);
    await send(here.vault, get('/V'));
    await send(here.vault, get('/V'));
    await send(here.vault, get('/X'));
    await send(here.vault, { ...get('/V'), unsigned: true });
    const { counts, recent } = (await ask('GET', '/requests')).json;
    expect(counts).toEqual({ '-': { 400: 1 }, DescribeVault: { 200: 2, 404: 1 } });
    expect(recent).toMatchObject([
      { vault: 'V' },
      { vault: 'V' },
      { vault: 'X', error: 'ResourceNotFoundException' },
      {},
    ]);
  });

  test('a line of the log says who asked for what, how much went over the wire, and no secret', async () => {
    const body = Buffer.alloc(100_000, 'x');
    await uploadWhole(here.vault, 'V', body, 'a description');
    const { vault, accessKeyId, ...seen } = { ...here.seen(), key: here.vault.accessKeyId };
    expect(seen).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestId: expect.stringMatching(/^[\w-]{47}$/),
      method: 'POST',
      path: '/-/vaults/V/archives',
      operation: 'UploadArchive',
      account: here.vault.accountId,
      status: 201,
      error: null,
      fault: null,
      complete: true,
      bytesIn: body.length,
      ms: expect.any(Number),
    });
    expect([vault, accessKeyId]).toEqual(['V', here.vault.accessKeyId]);
    expect(seen.bytesOut).toBeGreaterThan(100);
    await send(here.vault, get('?limit=1&X-Amz-Signature=1234'));
    const log = here.lines.join('\n');
    expect(log).not.toContain(here.vault.secretAccessKey);
    expect(log).not.toContain('X-Amz');
  });

  test('a request that is not signed is logged with what it claims', async () => {
    await send(here.vault, { ...get('/V'), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
    expect(here.seen()).toMatchObject({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      account: null,
      operation: null,
      status: 400,
      error: 'UnrecognizedClientException',
    });
  });
});

describe('local vault control: what broke', () => {
  test('a body that stood still is logged with how much of it came', async () => {
    await using own = await serving({ bodyIdleMs: 100 });
    await send(own.vault, { method: 'PUT', path: '/-/vaults/V' });
    const body = Buffer.from('hello');
    const request = { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(body), body };
    expect((await send(own.vault, { ...request, bodySent: body.subarray(0, 2) })).status).toBe(408);
    await own.vault.close();
    expect(own.seen()).toMatchObject({ status: 408, error: 'RequestTimeoutException', bytesIn: 2 });
  });
});

describe('local vault control: accounts and keys', () => {
  test('accounts, keys and temporary keys are made', async () => {
    const account = (await ask('POST', '/accounts', {})).json as { accountId: string } & Record<string, string>;
    const key = (await ask('POST', '/keys', { account: account.accountId })).json;
    const brief = (await ask('POST', '/temporary-keys', { account: account.accountId, seconds: 60 })).json;
    expect((await ask('GET', '/accounts')).json).toEqual({ accounts: [here.vault.accountId, account.accountId] });
    expect(brief['expiration']).toMatch(/Z$/);
    for (const [one, headers] of [
      [account, {}],
      [key, {}],
      [brief, { 'x-amz-security-token': String(brief['sessionToken']) }],
    ] as const) {
      const target = as(here.vault, one as { accessKeyId: string; secretAccessKey: string });
      expect((await send(target, { ...get(''), headers })).json['VaultList']).toEqual([]);
    }
  });
});

describe('local vault control: who may ask', () => {
  test('there is none unless it is asked for', async () => {
    await using own = await serving();
    expect(own.vault.controlEndpoint).toBeNull();
  });

  test('it listens on loopback, whatever the address of the API', async () => {
    await using own = await serving({ host: '::1', controlPort: 0 }).catch(() => serving({ controlPort: 0 }));
    expect(own.vault.controlEndpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('the API does not have its paths, nor it those of the API', async () => {
    expect((await send(here.vault, { method: 'GET', path: '/clock' })).status).toBe(404);
    expect((await ask('GET', '/-/vaults')).status).toBe(404);
  });

  test('a page in a browser is refused: by its host, its origin, and its kind of body', async () => {
    expect(await statusWithHost('evil.example')).toBe(403);
    expect(await statusWithHost('localhost:1')).toBe(200);
    expect((await ask('POST', '/clock', { advanceSeconds: 1 }, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('POST', '/clock', { advanceSeconds: 1 }, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('an unknown path or method is told what there is', async () => {
    expect((await ask('DELETE', '/clock')).json['message']).toBe('/clock takes GET, POST, not DELETE.');
    expect((await ask('GET', '/')).json['paths']).toContain('POST /faults');
    expect((await ask('GET', '/constructor')).status).toBe(404);
  });

  test('a port that is in use stops the start, and lets go of the folder', async () => {
    const port = Number(new URL(here.vault.controlEndpoint ?? '').port);
    await using own = await serving();
    await own.vault.close();
    const options = { directory: own.directory };
    await expect(startLocalVault({ ...options, controlPort: port })).rejects.toMatchObject({ code: 'CONFIG' });
    await using again = await startLocalVault(options);
    expect((await send(again, get(''))).status).toBe(200);
  });
});

describe('local vault control: conditions of one account', () => {
  const codeOf = async () => (await send(here.vault, get('/V'))).json['code'];

  test('one account may have another rate, which a rate for all takes back', async () => {
    const added = (await ask('POST', '/accounts', {})).json as unknown as Credentials;
    const { accountId } = added;
    const codeThere = async () =>
      (await send(as(here.vault, added), { method: 'GET', path: '/-/vaults' })).json['code'];
    const told = await ask('PUT', '/conditions', { requestsPerSecond: 0.01, account: accountId });
    const standard = { requestsPerSecond: null, expeditedCapacity: true, serviceClosed: false };
    const accounts = { [accountId]: { requestsPerSecond: 0.01 } };
    expect([told.status, told.json]).toEqual([200, { ...standard, accounts }]);
    expect([await codeThere(), await codeThere()]).toEqual([undefined, 'ThrottlingException']);
    expect([await codeOf(), await codeOf()]).toEqual([undefined, undefined]);
    await ask('PUT', '/conditions', { serviceClosed: true, account: accountId });
    expect([await codeThere(), await codeOf()]).toEqual(['NoLongerSupportedException', undefined]);
    await ask('PUT', '/conditions', { serviceClosed: false });
    expect([await codeThere(), await codeThere()]).toEqual([undefined, 'ThrottlingException']);
    await ask('PUT', '/conditions', { requestsPerSecond: null });
    expect([await codeThere(), await codeThere()]).toEqual([undefined, undefined]);
    expect((await ask('GET', '/conditions')).json).toEqual({ ...standard, accounts: {} });
  });

  test.each([
    ['PUT', '/conditions', { requestPerSecond: 5 }, 'There is no "requestPerSecond" here'],
    ['PUT', '/conditions', { serviceClosed: 'yes' }, 'serviceClosed is not true or false'],
    ['POST', '/jobs', { vault: 'V', job: 'J', failed: 'lost' }, 'There is no "failed" here'],
    ['POST', '/inventories', { vault: 'V', at: 0 }, 'There is no "at" here'],
    ['POST', '/accounts', { account: '1' }, 'There is no "account" here; there is nothing.'],
    ['POST', '/keys', { acount: '1' }, 'There is no "acount" here'],
    ['POST', '/temporary-keys', { second: 5 }, 'There is no "second" here'],
  ])('what is misspelt is refused and changes nothing: %s %s %j', async (method, path, body, message) => {
    const { conditions, accounts } = here.vault.control;
    const { status, json } = await ask(method, path, body);
    expect([status, json['message']]).toEqual([400, expect.stringContaining(message)]);
    expect(here.vault.control).toMatchObject({ conditions, accounts });
  });

  test('within the process too: conditions that are none, and keys that last for no time that can be told', async () => {
    const { control } = here.vault;
    const before = control.conditions;
    expect(() => control.changeConditions({ requestPerSecond: 5 } as object)).toThrow('There is no "requestPerSecond"');
    expect(() => control.changeConditions({ requestsPerSecond: -1 })).toThrow('Invalid requestsPerSecond');
    expect(control.conditions).toEqual(before);
    await expect(control.addTemporaryKey(Number.NaN)).rejects.toThrow('A key cannot last NaN s.');
  });

  test('after close() nothing is written any more: the folder may be served by another then', async () => {
    await using own = await serving();
    const { vault, directory } = own;
    await send(vault, { method: 'PUT', path: '/-/vaults/V' });
    await vault.close();
    await using next = await startLocalVault({ directory });
    await next.control.advanceClock(1000);
    const { control } = vault;
    for (const late of [
      () => control.advanceClock(1),
      () => control.addAccount(),
      () => control.addKey(),
      () => control.addTemporaryKey(60),
      () => control.takeInventory({ vault: 'V' }),
      () => control.endJob({ vault: 'V', job: 'J' }),
    ]) {
      await expect(late()).rejects.toThrow('The local vault is closed.');
    }
    expect(JSON.parse(await readFile(join(directory, 'clock.json'), 'utf8'))).toMatchObject({ aheadMs: 1000 });
  });

  test('conditions of an account that is not there are refused', async () => {
    const { status, json } = await ask('PUT', '/conditions', { serviceClosed: true, account: '000000000000' });
    expect([status, json['message']]).toEqual([404, 'There is no account 000000000000']);
  });
});

function statusWithHost(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(here.vault.controlEndpoint ?? '');
    const outgoing = httpRequest({ host: '127.0.0.1', port, path: '/clock', headers: { host } }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
