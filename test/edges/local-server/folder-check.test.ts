// What the check of a folder finds, and that it finds nothing where there is nothing.

import { appendFile, cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkFolder, type FolderChecked } from '../../../src/edges/local-server/check/folder-check.js';
import { lineOf } from '../../../src/edges/local-server/durable/log-lines.js';
import { startLocalVault } from '../../../src/edges/local-server/start.js';
import { queueOfTopic, sns } from './notices/notice-client.js';
import { askForJob, beginUpload, outputOf, partOf, send, treeHash, uploadInParts, uploadWhole } from './raw-client.js';

const MIB = 1024 * 1024;
const BODY = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(MIB, byte)));
const HELLO = Buffer.from('hello');

let made: string;
let names: { vault: string; whole: string; parts: string; open: string; deleted: string; list: string };
let home: string;
let directory: string;

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'folder-check-'));
  const folder = join(made, 'data');
  await using vault = await startLocalVault({ directory: folder, accounts: 2 });
  await send(vault, { method: 'PUT', path: '/-/vaults/V' });
  const whole = await uploadWhole(vault, 'V', BODY);
  const parts = await uploadInParts(vault, 'V', BODY.subarray(0, 2 * MIB + 7), MIB);
  const deleted = await uploadWhole(vault, 'V', HELLO);
  await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: deleted });
  await send(vault, { method: 'DELETE', path: `/-/vaults/V/archives/${deleted}` });
  const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
  const before = await readdir(join(folder, 'vaults', (await readdir(join(folder, 'vaults')))[0] ?? '', 'archives'));
  const upload = await beginUpload(vault, 'V', 2 * MIB);
  await send(vault, partOf('V', upload, 0, BODY.subarray(0, 2 * MIB)));
  const [name = ''] = await readdir(join(folder, 'vaults'));
  const after = await readdir(join(folder, 'vaults', name, 'archives'));
  const open = after.find((one) => !before.includes(one)) ?? '';
  const { topicArn } = await queueOfTopic(vault, 'jobs');
  await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: 'm' });
  await send(vault, { method: 'POST', path: '/-/provisioned-capacity' });
  await vault.control.advanceClock(1);
  names = { vault: join('vaults', name), whole, parts, open, deleted, list };
});
afterAll(() => rm(made, { recursive: true }));
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'folder-check-'));
  directory = join(home, 'copied elsewhere');
  await cp(join(made, 'data'), directory, { recursive: true });
});
afterEach(() => rm(home, { recursive: true }));

const here = (...path: readonly string[]) => join(directory, names.vault, ...path);
const firstIn = async (...path: readonly string[]) => here(...path, (await readdir(here(...path)))[0] ?? '');

async function checked(): Promise<{ found: string[]; counts: FolderChecked }> {
  const findings = checkFolder(directory, new AbortController().signal);
  const found: string[] = [];
  for (;;) {
    const { done, value } = await findings.next();
    if (done === true) return { found, counts: value };
    found.push(`${value.is}: ${relative(directory, value.path)} ${value.what}`);
  }
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] = 255 - (bytes[at] ?? 0);
  await writeFile(file, bytes);
}

describe('the check of a folder', () => {
  test('finds nothing in a copy of one that was served, and changes nothing', async () => {
    const before = await readdir(directory, { recursive: true });
    expect(await checked()).toEqual({
      found: [],
      counts: { accounts: 2, vaults: 1, archives: 3, discarded: 0, uploads: 1, bytes: 7 * MIB + 7 + 5 },
    });
    expect((await readdir(directory, { recursive: true })).sort()).toEqual(before.sort());
  });

  test('and a server goes on from that copy', async () => {
    await using vault = await startLocalVault({ directory, delaysMs: { Standard: 0 } });
    const job = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: names.parts });
    expect(treeHash((await send(vault, outputOf('V', job))).body)).toBe(treeHash(BODY.subarray(0, 2 * MIB + 7)));
  });

  const damages: readonly [string, () => Promise<unknown>, RegExp][] = [
    ['a bit of an archive', () => flip(here('archives', names.whole), 2 * MIB), /archives\/\S+ has other bytes/],
    ['a bit of a part', async () => flip(await firstIn('archives', names.parts), 5), /archives\/\S+ has other bytes/],
    ['a bit of a part under way', async () => flip(await firstIn('archives', names.open), 5), /has other bytes/],
    ['a bit of a leaf', () => flip(here('leaves', names.whole), 40), /leaves\/\S+ has other hashes than the bytes/],
    ['an archive cut short', () => truncate(here('archives', names.whole), 9), /has 9 bytes and should have 3145728/],
    ['an archive that is gone', () => rm(here('archives', names.whole)), /archives\/\S+ is missing/],
    ['one that only a job reads', () => rm(here('archives', names.deleted)), /archives\/\S+ is missing/],
    ['a part that is gone', async () => rm(await firstIn('archives', names.open)), /archives\/\S+ is missing/],
    ['a list cut short', () => truncate(here('staged', names.list), 2), /staged\/\S+ has 2 bytes and should have/],
    ['a list that is gone', () => rm(here('staged', names.list)), /staged\/\S+ is missing/],
    ['a bit of a list', () => flip(here('staged', names.list), 2), /staged\/\S+ has other bytes than were stored/],
    ['a line of a log', () => flip(here('log.ndjson'), 0), /log\.ndjson is damaged at line 1/],
    ['a log that is gone', () => rm(here('log.ndjson')), /log\.ndjson is missing/],
    ['a log without a line', () => truncate(here('log.ndjson')), /log\.ndjson is empty/],
    ['a log of half a line', () => truncate(here('log.ndjson'), 9), /log\.ndjson is damaged at line 1/],
    ['a line of settings', () => flip(join(directory, 'settings.ndjson'), 90), /settings\.ndjson is damaged at line 2/],
    ['a line of notices', () => flip(join(directory, 'notices', 'log.ndjson'), 90), /log\.ndjson is damaged at line 2/],
    ['a key that signs', () => flip(join(directory, 'notices', 'signing-key.pem'), 300), /signing-key\.pem is damaged/],
    ['a clock', () => flip(join(directory, 'clock.json'), 20), /clock\.json is damaged/],
    ['a secret key', () => flip(join(directory, 'account.json'), 150), /account\.json is damaged/],
    ['no room for archives', () => rm(here('archives'), { recursive: true }), /archives\/\S+ is missing/],
    ['keys that cannot be read', () => writeFile(join(directory, 'account.json'), '{'), /account\.json is damaged/],
    ['a stray file', () => writeFile(join(directory, 'thesis.txt'), ''), /thesis\.txt is no file of a local vault/],
    ['a stray file of a vault', () => writeFile(here('x'), ''), /x is no file of a vault/],
    [
      'a record of nothing',
      () => appendFile(here('log.ndjson'), lineOf({ type: 'part', upload: 'x' })),
      /before it was begun/,
    ],
  ];
  test.each(damages)('finds %s', async (_name, damage, message) => {
    await damage();
    const { found } = await checked();
    expect(found.join('\n')).toMatch(message);
    expect(found.every((line) => line.startsWith('fault: '))).toBe(true);
  });

  test('finds any bit that flipped, in whatever file that is not made anew at each start', async () => {
    const all = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = all
      .filter((one) => one.isFile() && one.name !== 'README.txt')
      .map((one) => join(one.parentPath, one.name));
    const rooms = [
      'clock.json',
      'account.json',
      'settings.ndjson',
      'signing-key.pem',
      'log.ndjson',
      'staged',
      'leaves',
    ];
    for (const room of rooms) expect(files.some((file) => file.includes(room))).toBe(true);
    const property = fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (file, where) => {
      await using handle = await open(file, 'r+');
      const { size } = await handle.stat();
      // The settings of an account of which nothing was set.
      fc.pre(size > 0);
      const [at, bit] = [Math.floor(where / 8) % size, where % 8];
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
      await handle.write(Buffer.of(buffer.readUInt8() ^ (1 << bit)), 0, 1, at);
      const { found } = await checked();
      await handle.write(buffer, 0, 1, at);
      const damaged = found.map((line) => /^fault: (\S+) /.exec(line)?.[1] ?? line);
      // Of an archive in parts the whole is named, and its kept leaves differ too.
      expect(damaged.some((one) => relative(directory, file).startsWith(one))).toBe(true);
      expect(damaged.filter((one) => !one.startsWith('vaults/') && one !== relative(directory, file))).toEqual([]);
    });
    await fc.assert(property, { numRuns: 120 });
    expect((await checked()).found).toEqual([]);
  });

  const guarded = ['V/log.ndjson', 'settings.ndjson', 'notices/log.ndjson', 'account.json', 'clock.json'];
  test.each([...guarded, 'notices/signing-key.pem'])(
    'has no need to: no server starts on a damaged %s',
    async (name) => {
      const file = name.startsWith('V/') ? here('log.ndjson') : join(directory, name);
      await flip(file, 25);
      const before = await readFile(file);
      await expect(startLocalVault({ directory })).rejects.toMatchObject({
        code: 'CONFIG',
        message: expect.stringMatching(/(json|pem) is damaged( at line 1)?$/),
      });
      expect(await readFile(file)).toEqual(before);
      expect((await checked()).found.join()).toContain('is damaged');
    },
  );

  test('tells what a crash left from what is damaged', async () => {
    await writeFile(here('archives', 'x'), HELLO);
    await writeFile(here('archives', names.parts, '00009~00000000'), HELLO);
    await writeFile(here('leaves', 'x'), '');
    await writeFile(here('staged', 'x'), '');
    await writeFile(join(directory, 'tmp', 'body.1'), HELLO);
    await writeFile(join(directory, 'account.json.new'), '{');
    await appendFile(here('log.ndjson'), '{"type":"archive-deleted","id":"');
    const { found } = await checked();
    expect(
      found.map((line) => line.split(' ', 2).join(' ').replace(names.vault, 'V').replace(names.parts, 'P')).sort(),
    ).toEqual([
      'leftover: V/archives/P/00009~00000000',
      'leftover: V/archives/x',
      'leftover: V/leaves/x',
      'leftover: V/log.ndjson',
      'leftover: V/staged/x',
      'leftover: account.json.new',
      'leftover: tmp/body.1',
    ]);
    await (await startLocalVault({ directory })).close();
    await rm(join(directory, 'account.json.new'));
    expect((await checked()).found).toEqual([]);
  });

  test('leaves that are missing are no damage: they are made again', async () => {
    await rm(here('leaves', names.whole));
    await truncate(await firstIn('leaves', names.open), 5);
    expect((await checked()).found).toEqual([]);
  });

  test('is refused while a server has the folder, and refuses one meanwhile', async () => {
    const vault = await startLocalVault({ directory });
    await expect(checked()).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining('is served by') });
    await vault.close();
    const findings = checkFolder(directory, new AbortController().signal);
    await writeFile(join(directory, 'x'), '');
    await findings.next();
    await expect(startLocalVault({ directory })).rejects.toMatchObject({ code: 'CONFIG' });
    await findings.return({} as FolderChecked);
    await (await startLocalVault({ directory })).close();
  });

  test('is refused for a folder that is none of a local vault', async () => {
    await expect(checkFolder(home, new AbortController().signal).next()).rejects.toMatchObject({ code: 'CONFIG' });
    const missing = checkFolder(join(home, 'nowhere'), new AbortController().signal).next();
    await expect(missing).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('counts archives that were never kept, and finds nothing wrong with them', async () => {
    const vault = await startLocalVault({ directory, discard: true });
    await uploadWhole(vault, 'V', BODY);
    await uploadInParts(vault, 'V', BODY, MIB);
    await vault.close();
    expect(await checked()).toMatchObject({ found: [], counts: { archives: 5, discarded: 2, bytes: 7 * MIB + 12 } });
  });
});
