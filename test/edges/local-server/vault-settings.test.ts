// The conformance cases of the Glacier reference that concern notifications, access policy, vault lock and tags.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { ABSENT, checkRow, DENIED, INVALID, LIMITED, MISSING, type Row } from './conformance-row.js';
import { type RawRequest, send, uploadWhole } from './raw-client.js';

const DAY_MS = 24 * 3_600_000;
const MALFORMED = 'SerializationException';
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
const sized = (bytes: number): string => ALLOW + ' '.repeat(bytes - ALLOW.length);
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
  for (const name of ['V', 'plain', 'pending', 'locked', 'full']) await done(put(name));
  await done(put('V/notification-configuration', { SNSTopic: TOPIC, Events: ['ArchiveRetrievalCompleted'] }));
  await done(setPolicy('V', ` ${ALLOW}`));
  await done(addTags('V', { 'owner name': 'Zoë+1@x' }));
  await lock('pending');
  await lock('locked');
  await done(post(`locked/lock-policy/${locks['locked']}`));
  await done(addTags('full', Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, '']))));
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

const row = (
  number: string,
  that: string,
  request: () => RawRequest,
  status: number,
  more: Partial<Row> = {},
): Row => ({
  row: number,
  that,
  request,
  status,
  ...more,
});
const notify = (fields: object | string) => () => put('plain/notification-configuration', fields);

const NOTIFICATIONS: Row[] = [
  row('125', 'notifications are read as they were set', () => get('V/notification-configuration'), 200, {
    json: () => ({ SNSTopic: TOPIC, Events: ['ArchiveRetrievalCompleted'] }),
  }),
  row('126', 'notifications that are not set are not found', () => get('plain/notification-configuration'), 404, {
    code: ABSENT,
  }),
  row('125', 'notifications that are not set are deleted', () => remove('plain/notification-configuration'), 204),
  row('127', 'an unknown event is refused', notify({ SNSTopic: TOPIC, Events: ['ArchiveDeleted'] }), 400, {
    code: INVALID,
    message: () => 'Invalid notification event: ArchiveDeleted',
  }),
  row('127', 'a topic is required', notify({ Events: ['ArchiveRetrievalCompleted'] }), 400, { code: MISSING }),
  row('127', 'a topic is an ARN', notify({ SNSTopic: 'jobs', Events: ['ArchiveRetrievalCompleted'] }), 400, {
    code: INVALID,
  }),
  row('127', 'events are required', notify({ SNSTopic: TOPIC }), 400, { code: MISSING }),
  row('127', 'no events are refused', notify({ SNSTopic: TOPIC, Events: [] }), 400, { code: INVALID }),
  row('127', 'events are a list', notify({ SNSTopic: TOPIC, Events: 'all' }), 400, { code: MALFORMED }),
  row('127', 'events are strings', notify({ SNSTopic: TOPIC, Events: [1] }), 400, { code: MALFORMED }),
  row('127', 'a body that is not JSON is refused', notify('{'), 400, { code: MALFORMED }),
  row('127', 'what was refused was not set', () => get('plain/notification-configuration'), 404, { code: ABSENT }),
  row('125', 'a missing vault has none', () => get('X/notification-configuration'), 404, {
    code: ABSENT,
    message: () => `Vault not found for ARN: ${arn('X')}`,
  }),
];

const POLICIES: Row[] = [
  row('129', 'a policy is read letter by letter', () => get('V/access-policy'), 200, {
    json: () => ({ Policy: ` ${ALLOW}` }),
  }),
  row('129', 'a policy that is not set is not found', () => get('plain/access-policy'), 404, { code: ABSENT }),
  row('129', 'a policy that is not set is deleted', () => remove('plain/access-policy'), 204),
  row('129', 'a policy of 20 KB is taken', () => setPolicy('full', sized(20_480)), 204),
  row('130', 'a longer one is refused', () => setPolicy('plain', sized(20_481)), 400, { code: INVALID }),
  row('130', 'a policy is JSON', () => setPolicy('plain', 'deny all'), 400, { code: INVALID }),
  row('130', 'a policy is a string', () => setPolicy('plain', { Statement: [] }), 400, { code: MALFORMED }),
  row('130', 'a policy is required', () => setPolicy('plain', null), 400, { code: MISSING }),
  row('130', 'a policy has statements', () => setPolicy('plain', '{"Statement":[]}'), 400, { code: INVALID }),
  row(
    '130',
    'a Deny that could not be enforced is refused',
    () => setPolicy('plain', deny('plain', 'glacier:*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })),
    400,
    { code: INVALID, message: () => /aws:SourceIp/ },
  ),
  row('130', 'what was refused was not set', () => get('plain/access-policy'), 404, { code: ABSENT }),
];

const LOCKS: Row[] = [
  row('131', 'a lock in progress has 24 hours', () => get('pending/lock-policy'), 200, {
    json: () => ({
      Policy: ALLOW,
      State: 'InProgress',
      CreationDate: '2026-03-01T12:00:00.000Z',
      ExpirationDate: '2026-03-02T12:00:00.000Z',
    }),
  }),
  row('131', 'a policy is required', () => post('plain/lock-policy', {}), 400, { code: MISSING }),
  row('131', 'a policy is checked', () => beginLock('plain', '{}'), 400, { code: INVALID }),
  row('131', 'what was refused is no lock', () => get('plain/lock-policy'), 404, { code: ABSENT }),
  row('132', 'a lock in progress is not begun again', () => beginLock('pending'), 403, { code: DENIED }),
  row('132', 'nor is one that is locked', () => beginLock('locked'), 403, { code: DENIED }),
  row('133', 'a lock in progress needs its id', () => post('pending/lock-policy/WRONG'), 400, { code: INVALID }),
  row('134', 'completing twice is completing once', () => post(`locked/lock-policy/${locks['locked']}`), 204),
  row('134', 'what is locked does not expire', () => get('locked/lock-policy'), 200, {
    json: () => ({ State: 'Locked', ExpirationDate: null }),
  }),
  row('135', 'a wrong id for what is locked is denied', () => post('locked/lock-policy/WRONG'), 403, { code: DENIED }),
  row('135', 'what is locked is not aborted', () => remove('locked/lock-policy'), 403, { code: DENIED }),
  row('136', 'no lock is aborted already', () => remove('plain/lock-policy'), 204),
  row('133', 'no lock cannot be completed', () => post('plain/lock-policy/WRONG'), 404, { code: ABSENT }),
];

const TAGS: Row[] = [
  row('138', 'tags are listed', () => get('V/tags'), 200, { json: () => ({ Tags: { 'owner name': 'Zoë+1@x' } }) }),
  row('138', 'no tags are an empty map', () => get('plain/tags'), 200, { json: () => ({ Tags: {} }) }),
  row('139', 'the 51st tag is refused', () => addTags('full', { one: '', key1: '' }), 400, {
    code: LIMITED,
    message: () => 'The quota for the number of tags that can be assigned to this resource has been reached.',
  }),
  row('139', 'one of the 50 gets another value', () => addTags('full', { key1: 'x' }), 204),
  ...['', 'x'.repeat(129), 'aws:x', 'AWS:x', 'a*b'].map((key) =>
    row('140', `key "${key.slice(0, 9)}" of ${key.length} is refused`, () => addTags('plain', { [key]: '' }), 400, {
      code: INVALID,
    }),
  ),
  row(
    '140',
    'a key of 128 and a value of 255 are taken',
    () => addTags('V', { ['k'.repeat(128)]: 'v'.repeat(255) }),
    204,
  ),
  row('140', 'a value of 256 is refused', () => addTags('plain', { a: 'v'.repeat(256) }), 400, { code: INVALID }),
  row('140', 'a value is a string', () => addTags('plain', { a: 1 }), 400, { code: MALFORMED }),
  row('140', 'no tags are refused', () => addTags('plain', {}), 400, { code: INVALID }),
  row('140', 'tags are required', () => addTags('plain', null), 400, { code: MISSING }),
  row('140', 'what was refused was not added', () => get('plain/tags'), 200, { json: () => ({ Tags: {} }) }),
  row('141', 'a tag that is not there is removed already', () => removeTags('plain', ['zz']), 204),
  row('141', 'no keys are refused', () => removeTags('plain', []), 400, { code: INVALID }),
  row('141', 'keys are required', () => removeTags('plain', null), 400, { code: MISSING }),
  row('142', 'tags are added or removed', () => post('V/tags?operation=foo', {}), 400, { code: INVALID }),
  row('142', 'one must be said', () => post('V/tags', {}), 400, { code: MISSING }),
];

describe.each([
  ['notifications', NOTIFICATIONS],
  ['access policies', POLICIES],
  ['vault locks', LOCKS],
  ['tags', TAGS],
])('local vault %s', (_, rows) => {
  test.each(rows.map((one) => [one.row, one.that, one] as const))('case %s: %s', (_row, _that, one) =>
    checkRow(vault, one),
  );
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
