// What is set for a vault: what policies deny and for how long, and what becomes of settings.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { ABSENT, DENIED, MALFORMED } from './conformance/row.js';
import { type RawRequest, send, uploadWhole } from './raw-client.js';

const DAY_MS = 24 * 3_600_000;
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:jobs';

let directory: string;
let vault: LocalVault;
let clock = Date.parse('2026-03-01T12:00:00Z');

/** Ids of locks, by the vault's name. */
const locks: Record<string, string> = {};

const on =
  (method: string) =>
  (path: string, body?: object | string): RawRequest => ({
    method,
    path: `/-/vaults/${path}`,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const [get, put, post, remove] = [on('GET'), on('PUT'), on('POST'), on('DELETE')];
const arn = (name: string): string => `arn:aws:glacier:us-east-1:${vault.accountId}:vaults/${name}`;

const ALLOW = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'glacier:*', Resource: '*' },
});
const deny = (name: string, action: string | string[], condition?: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'no',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: action,
        Resource: arn(name),
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ],
  });
const setPolicy = (name: string, policy: unknown): RawRequest => put(`${name}/access-policy`, { Policy: policy });
const beginLock = (name: string, policy: unknown = ALLOW): RawRequest =>
  post(`${name}/lock-policy`, { Policy: policy });
const addTags = (name: string, tags: unknown): RawRequest => post(`${name}/tags?operation=add`, { Tags: tags });
const removeTags = (name: string, keys: unknown): RawRequest =>
  post(`${name}/tags?operation=remove`, { TagKeys: keys });

async function done(request: RawRequest): Promise<void> {
  const answer = await send(vault, request);
  if (answer.status >= 300) throw new Error(`${request.path} was refused: ${answer.body.toString()}`);
}

async function lock(name: string, policy?: string): Promise<void> {
  const answer = await send(vault, beginLock(name, policy));
  locks[name] = String(answer.headers['x-amz-lock-id']);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, now: () => clock });
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

const refusalOf = async (request: RawRequest): Promise<unknown[]> => {
  const { status, json } = await send(vault, request);
  return status < 300 ? [status] : [status, json['code']];
};

describe('local vault settings', () => {
  test('cases 125, 129: what was set is deleted, twice', async () => {
    await done(put('brief'));
    await done(put('brief/notification-configuration', { SNSTopic: TOPIC, Events: ['InventoryRetrievalCompleted'] }));
    await done(setPolicy('brief', ALLOW));
    for (const path of ['brief/notification-configuration', 'brief/access-policy']) {
      expect((await send(vault, get(path))).status).toBe(200);
      for (let i = 0; i < 2; i++) expect((await send(vault, remove(path))).status).toBe(204);
      expect((await send(vault, get(path))).status).toBe(404);
    }
  });

  test('cases 131, 136, 137: a lock in progress is aborted, or gone after 24 hours; its id has 24 characters', async () => {
    const begun = clock;
    await done(put('short'));
    await lock('short');
    expect(locks['short']).toMatch(/^[\w-]{24}$/);
    await done(remove('short/lock-policy'));
    expect((await send(vault, get('short/lock-policy'))).status).toBe(404);
    await lock('short');
    clock = begun + DAY_MS - 1;
    expect((await send(vault, get('short/lock-policy'))).status).toBe(200);
    clock = begun + DAY_MS;
    expect((await send(vault, get('short/lock-policy'))).status).toBe(404);
    expect(await refusalOf(post(`short/lock-policy/${locks['short']}`))).toEqual([404, ABSENT]);
    await lock('short', deny('short', 'glacier:DeleteVault'));
    expect((await send(vault, get('short/lock-policy'))).json['State']).toBe('InProgress');
    clock = begun;
  });

  test('cases 138, 141: tags are changed and removed one by one', async () => {
    await done(put('tagged'));
    await done(addTags('tagged', { a: '1', b: '2', __proto__x: '3', ['__proto__']: '4' }));
    await done(addTags('tagged', { a: 'other' }));
    await done(removeTags('tagged', ['b', 'zz']));
    const { body } = await send(vault, get('tagged/tags'));
    expect(body.toString()).toBe('{"Tags":{"a":"other","__proto__x":"3","__proto__":"4"}}');
  });

  test('case 46: a vault that is deleted takes its settings with it', async () => {
    await done(put('gone'));
    await done(put('gone/notification-configuration', { SNSTopic: TOPIC, Events: ['InventoryRetrievalCompleted'] }));
    await done(setPolicy('gone', ALLOW));
    await done(addTags('gone', { a: '1' }));
    await lock('gone');
    await done(remove('gone'));
    await done(put('gone'));
    for (const path of ['notification-configuration', 'access-policy', 'lock-policy']) {
      expect((await send(vault, get(`gone/${path}`))).status).toBe(404);
    }
    expect((await send(vault, get('gone/tags'))).json).toEqual({ Tags: {} });
  });

  test('a vault lock keeps archives for 365 days, in progress and locked', async () => {
    const stored = clock;
    await done(put('year'));
    const id = await uploadWhole(vault, 'year', Buffer.from('kept'));
    await lock(
      'year',
      deny('year', 'glacier:DeleteArchive', { NumericLessThan: { 'glacier:ArchiveAgeInDays': '365' } }),
    );
    const deletion = remove(`year/archives/${id}`);
    expect(await refusalOf(deletion)).toEqual([403, DENIED]);
    await done(post(`year/lock-policy/${locks['year']}`));
    clock = stored + 365 * DAY_MS - 1;
    const refused = await send(vault, deletion);
    expect(refused.json['message']).toBe(
      `User: arn:aws:iam::${vault.accountId}:root is not authorized to perform: glacier:DeleteArchive ` +
        `on resource: ${arn('year')} with an explicit deny in a resource-based policy`,
    );
    expect((await send(vault, get('year'))).json['NumberOfArchives']).toBe(1);
    clock = stored + 365 * DAY_MS;
    expect(await refusalOf(deletion)).toEqual([204]);
    clock = stored;
  });

  test('an empty vault is deleted with its lock, unless a policy denies that', async () => {
    await done(put('bound'));
    await lock('bound', ALLOW);
    await done(post(`bound/lock-policy/${locks['bound']}`));
    await done(setPolicy('bound', deny('bound', 'glacier:DeleteVault')));
    expect(await refusalOf(remove('bound'))).toEqual([403, DENIED]);
    await done(remove('bound/access-policy'));
    expect(await refusalOf(remove('bound'))).toEqual([204]);
    await done(put('bound'));
    expect(await refusalOf(get('bound/lock-policy'))).toEqual([404, ABSENT]);
    await lock('bound', deny('bound', 'glacier:DeleteVault'));
    await done(post(`bound/lock-policy/${locks['bound']}`));
    clock += 1000 * DAY_MS;
    expect(await refusalOf(remove('bound'))).toEqual([403, DENIED]);
    clock -= 1000 * DAY_MS;
  });

  test('a lock that ran out denies nothing any more', async () => {
    const begun = clock;
    await done(put('lapsed'));
    await lock('lapsed', deny('lapsed', 'glacier:DescribeVault'));
    expect(await refusalOf(get('lapsed'))).toEqual([403, DENIED]);
    clock = begun + DAY_MS;
    expect(await refusalOf(get('lapsed'))).toEqual([200]);
    clock = begun;
  });

  test('an access policy denies what it names, while a tag says so, and nothing else', async () => {
    await done(put('held'));
    const id = await uploadWhole(vault, 'held', Buffer.from('x'));
    await done(
      setPolicy(
        'held',
        deny('held', ['glacier:Delete*', 'glacier:upload*', 'glacier:InitiateJob'], {
          StringLike: { 'glacier:ResourceTag/LegalHold': ['true', 'tr?e'] },
        }),
      ),
    );
    const job = post('held/jobs', { Type: 'archive-retrieval', ArchiveId: id });
    expect(await refusalOf(job)).toEqual([202]);
    await done(addTags('held', { LegalHold: 'true' }));
    expect(await refusalOf(job)).toEqual([403, DENIED]);
    expect(await refusalOf(remove(`held/archives/${id}`))).toEqual([403, DENIED]);
    await expect(uploadWhole(vault, 'held', Buffer.from('y'))).rejects.toThrow(DENIED);
    expect(await refusalOf(get('held'))).toEqual([200]);
    await done(addTags('held', { LegalHold: 'false' }));
    await uploadWhole(vault, 'held', Buffer.from('y'));
    expect(await refusalOf(remove('held/access-policy'))).toEqual([204]);
  });

  test('the age of an archive counts where a job asks for it', async () => {
    const stored = clock;
    await done(put('aged'));
    const id = await uploadWhole(vault, 'aged', Buffer.from('x'));
    const policy = deny('aged', 'glacier:InitiateJob', { NumericLessThan: { 'glacier:ArchiveAgeInDays': '1' } });
    await done(setPolicy('aged', policy));
    const job = post('aged/jobs', { Type: 'archive-retrieval', ArchiveId: id });
    expect(await refusalOf(job)).toEqual([403, DENIED]);
    expect(await refusalOf(post('aged/jobs', { Type: 'inventory-retrieval' }))).toEqual([202]);
    expect(await refusalOf(post('aged/jobs', '{'))).toEqual([400, MALFORMED]);
    clock = stored + DAY_MS;
    expect(await refusalOf(job)).toEqual([202]);
    clock = stored;
  });
});
