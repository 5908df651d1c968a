// Several accounts, several keys, temporary keys: who is let in, to what, and what a restart keeps.

import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credentials, TemporaryCredentials } from '../../../src/edges/local-server/control/control.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import {
  askForJob,
  outputOf,
  type RawAnswer,
  type RawRequest,
  send,
  sha256,
  type Target,
  uploadWhole,
} from './raw-client.js';
import { as, type Serving, serving } from './serving.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const UNRECOGNIZED = [400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'];

let here: Serving;
let other: Credentials;
let second: Credentials;
let temporary: TemporaryCredentials;

beforeAll(async () => {
  here = await serving();
  other = await here.vault.control.addAccount();
  second = await here.vault.control.addKey();
  temporary = await here.vault.control.addTemporaryKey(3600, other.accountId);
});
afterAll(() => here[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}): RawRequest => ({ method: 'GET', path, headers });
const put = (path: string): RawRequest => ({ method: 'PUT', path });
const token = (value: string) => ({ 'x-amz-security-token': value });
const refusal = ({ status, json }: RawAnswer) => [status, json['code'], json['message']];
const list = async (target: Target, headers = {}) => {
  const { json } = await send(target, get('/-/vaults', headers));
  return (json['VaultList'] as { VaultName: string; VaultARN: string }[]).map(({ VaultARN }) => VaultARN);
};
const arn = (account: string, name: string) => `arn:aws:glacier:us-east-1:${account}:vaults/${name}`;

describe('local vault accounts', () => {
  test('accounts: the same name in two accounts is two vaults, each in its own account', async () => {
    const { vault } = here;
    const theirs = as(vault, other);
    for (const target of [vault, theirs]) expect((await send(target, put('/-/vaults/same'))).status).toBe(201);
    await uploadWhole(theirs, 'same', Buffer.from('hello'));
    expect(await list(vault)).toEqual([arn(vault.accountId, 'same')]);
    expect(await list(theirs)).toEqual([arn(other.accountId, 'same')]);
    expect((await send(vault, get('/-/vaults/same'))).json['NumberOfArchives']).toBe(0);
    expect((await send(theirs, get('/-/vaults/same'))).json['NumberOfArchives']).toBe(1);
  });

  test('accounts: an answer names the account of the key, also where the request says only -', async () => {
    const { headers } = await send(as(here.vault, other), put('/-/vaults/named'));
    expect(headers.location).toBe(`/${other.accountId}/vaults/named`);
  });

  test('case 4: a path with the number of another account is denied, though that account is here', async () => {
    const { vault } = here;
    const foreign = await send(vault, get(`/${other.accountId}/vaults/same`));
    expect(refusal(foreign).slice(0, 2)).toEqual([403, 'AccessDeniedException']);
    expect((await send(as(vault, other), get(`/${other.accountId}/vaults/same`))).status).toBe(200);
  });

  test('keys: every key of an account opens the same vaults, and has the shape of an AWS key', async () => {
    expect(await list(as(here.vault, second))).toEqual(await list(here.vault));
    for (const key of [other, second]) {
      expect(key.accessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
      expect(key.secretAccessKey).toMatch(/^[A-Za-z0-9/+]{40}$/);
    }
    expect(temporary.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(temporary.sessionToken).toMatch(/^[A-Za-z0-9/+=]{300,500}$/);
  });

  test('keys: a key with the secret of another is refused', async () => {
    const { json } = await send(
      as(here.vault, { ...other, secretAccessKey: second.secretAccessKey }),
      get('/-/vaults'),
    );
    expect(json['code']).toBe('InvalidSignatureException');
  });

  test('temporary keys: with its token one opens the vaults of its account', async () => {
    const target = as(here.vault, temporary);
    expect(await list(target, token(temporary.sessionToken))).toEqual(await list(as(here.vault, other)));
  });

  test.each([
    ['a temporary key without its token', () => temporary, {}],
    ['a temporary key with another token', () => temporary, token('x'.repeat(360))],
    ['a lasting key with a token', () => second, token('x'.repeat(360))],
  ])('temporary keys: %s is refused', async (_, key, headers) => {
    expect(refusal(await send(as(here.vault, key()), get('/-/vaults', headers)))).toEqual(UNRECOGNIZED);
  });

  test('temporary keys: the token must be signed', async () => {
    const target = as(here.vault, temporary);
    const answer = await send(target, { ...get('/-/vaults'), unsignedHeaders: token(temporary.sessionToken) });
    expect(refusal(answer)).toEqual([
      403,
      'InvalidSignatureException',
      "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    ]);
  });

  test('case 22: a temporary key whose time is over is refused as expired', async () => {
    const over = await here.vault.control.addTemporaryKey(0);
    const answer = await send(as(here.vault, over), get('/-/vaults', token(over.sessionToken)));
    expect(refusal(answer)).toEqual([
      403,
      'ExpiredTokenException',
      'The security token included in the request is expired',
    ]);
  });

  test('keys and accounts made at once are all there', async () => {
    await using own = await serving();
    const { control } = own.vault;
    const made = await Promise.all([1, 2, 3].flatMap(() => [control.addKey(), control.addAccount()]));
    expect(new Set(made.map((one) => one.accountId)).size).toBe(4);
    for (const key of made) expect((await send(as(own.vault, key), get('/-/vaults'))).status).toBe(200);
  });
});

describe('local vault accounts on disk', () => {
  test('a restart keeps accounts, keys and vaults; --accounts makes only what is missing', async () => {
    await using own = await serving();
    const account = await own.vault.control.addAccount();
    const key = await own.vault.control.addKey(account.accountId);
    const brief = await own.vault.control.addTemporaryKey(60, account.accountId);
    await send(as(own.vault, key), put('/-/vaults/kept'));
    await own.vault.close();
    await using again = await startLocalVault({ directory: own.directory, accounts: 3 });
    expect(again.accountId).toBe(own.vault.accountId);
    expect(again.control.accounts.map((one) => one.accountId)).toContain(account.accountId);
    expect(again.control.accounts).toHaveLength(3);
    for (const held of [account, key]) expect(await list(as(again, held))).toEqual([arn(account.accountId, 'kept')]);
    expect(await list(as(again, brief), token(brief.sessionToken))).toHaveLength(1);
  });

  test('an account is a folder like the whole, and its keys are for their owner alone', async () => {
    await using own = await serving({ accounts: 2 });
    const [, account] = own.vault.control.accounts;
    await send(as(own.vault, account!), put('/-/vaults/V'));
    const folder = join(own.directory, 'accounts', account!.accountId);
    expect((await stat(join(folder, 'account.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'vaults'))).toEqual([expect.stringMatching(/^V~/)]);
    expect(await readdir(join(own.directory, 'vaults'))).toEqual([]);
  });

  test('a folder as the first version wrote it opens, with its one account and all that it stored', async () => {
    await using own = await serving();
    await own.vault.close();
    await rm(own.directory, { recursive: true });
    const written = {
      format: 1,
      accountId: '123456789012',
      keys: [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET }],
    };
    const archive = 'a'.repeat(138);
    const treeHash = sha256('hello');
    const folder = join(own.directory, 'vaults', 'photos~0123abcd');
    for (const part of ['archives', 'leaves', 'staged']) await mkdir(join(folder, part), { recursive: true });
    const file = join(own.directory, 'account.json');
    await writeFile(file, `${JSON.stringify(written, null, 2)}\n`);
    await writeFile(join(folder, 'archives', archive), 'hello');
    const facts = [
      { type: 'vault', format: 1, name: 'photos', at: 1_772_323_200_000 },
      { type: 'archive', id: archive, size: 5, treeHash, description: 'greeting', at: 1_772_323_201_000 },
    ];
    await writeFile(join(folder, 'log.ndjson'), facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''));

    await using again = await startLocalVault({ directory: own.directory, delaysMs: { Standard: 0 } });
    expect(again).toMatchObject({ accountId: '123456789012', ...written.keys[0] });
    expect(await list(again)).toEqual([arn('123456789012', 'photos')]);
    const job = await askForJob(again, 'photos', { Type: 'archive-retrieval', ArchiveId: archive });
    expect((await send(again, outputOf('photos', job))).body.toString()).toBe('hello');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...written, format: 2, sum: expect.any(String) });
    expect(Math.abs(again.control.now() - Date.now())).toBeLessThan(1000);
    expect(await readdir(own.directory)).not.toContain('clock.json');
  });

  test('what else lies among the accounts is let be, and an account without its file stops the start', async () => {
    await using own = await serving({ accounts: 2 });
    await own.vault.close();
    const accounts = join(own.directory, 'accounts');
    await writeFile(join(accounts, '.DS_Store'), '');
    await (await startLocalVault({ directory: own.directory })).close();
    await mkdir(join(accounts, '000000000000'));
    await expect(startLocalVault({ directory: own.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/accounts\/0{12} does not have the account\.json of account 0{12}$/),
    });
    expect(await readdir(join(accounts, '000000000000'))).toEqual([]);
  });

  test.each([
    ['of a newer format', { format: 3 }, /account\.json has format 3, this program knows formats 1 and 2$/],
    ['without its checksum', { format: 2, accountId: '1', keys: [] }, /account\.json is damaged$/],
    ['without a key', { format: 1, accountId: '1', keys: [] }, /account\.json has no key/],
    ['that is no JSON', '{', /account\.json is damaged/],
  ])('an account %s stops the start', async (_, account, message) => {
    await using own = await serving();
    await own.vault.close();
    await writeFile(
      join(own.directory, 'account.json'),
      typeof account === 'string' ? account : JSON.stringify(account),
    );
    await expect(startLocalVault({ directory: own.directory })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(message),
    });
  });
});
