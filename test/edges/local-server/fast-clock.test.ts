// What a clock that goes fast made pass is past for good, also when kill -9 left no time to write down how far it was.

import { cp, type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, beginUpload, completionOf, outputOf, partOf, send, sha256, uploadWhole } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello');
/** An hour of the vaults' clock passes in a second. */
const SPEED = 3600;

let real = Date.parse('2026-03-01T00:00:00Z');
const now = () => real;
let here: Serving;
beforeEach(async () => {
  here = await serving({ now, speed: SPEED });
  await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
});
afterEach(() => here[Symbol.asyncDispose]());

const passHours = (hours: number): void => {
  real += hours * 1000;
};
const list = (what: string) => send(here.vault, { method: 'GET', path: `/-/vaults/V/${what}` });

async function kept(part: string): Promise<string[]> {
  const [vault = ''] = await readdir(join(here.directory, 'vaults'));
  return readdir(join(here.directory, 'vaults', vault, part));
}

/** What kill -9 leaves at this moment, checked and then served at the pace of real time. */
async function afterKill(): Promise<LocalVault> {
  const directory = join(here.directory, '..', 'killed');
  await cp(here.directory, directory, { recursive: true });
  await rm(join(directory, 'lock'));
  for await (const finding of checkFolder(directory, new AbortController().signal)) {
    expect(finding).toMatchObject({ is: 'leftover' });
  }
  return startLocalVault({ directory, now, uploadIdleMs: Number.POSITIVE_INFINITY });
}

/** No log can be written while this holds. */
async function fullDisk(): Promise<Disposable> {
  const file = await open(join(here.directory, 'account.json'));
  const flush = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'datasync');
  await file.close();
  flush.mockRejectedValue(new Error('ENOSPC: no space left on device'));
  return { [Symbol.dispose]: () => flush.mockRestore() };
}

describe('after kill -9 of a server with a fast clock', () => {
  test('an upload that was over, with its bytes, stays so', async () => {
    const id = await beginUpload(here.vault, 'V', MIB);
    await send(here.vault, partOf('V', id, 0, HELLO));
    passHours(30);
    expect((await list('multipart-uploads')).json['UploadsList']).toEqual([]);
    expect(await kept('archives')).toEqual([]);
    const time = here.vault.control.now();
    await using again = await afterKill();
    expect((await send(again, completionOf('V', id, 5, sha256(HELLO)))).status).toBe(404);
    expect(again.control.now()).toBeGreaterThanOrEqual(time);
  });

  test('a job whose output was over, with its bytes, stays so', async () => {
    const archive = await uploadWhole(here.vault, 'V', HELLO);
    const retrieval = await askForJob(here.vault, 'V', { Type: 'archive-retrieval', ArchiveId: archive });
    const inventory = await askForJob(here.vault, 'V', { Type: 'inventory-retrieval' });
    await send(here.vault, { method: 'DELETE', path: `/-/vaults/V/archives/${archive}` });
    expect(await kept('archives')).toEqual([archive]);
    passHours(30);
    expect((await list('jobs')).json['JobList']).toEqual([]);
    expect([...(await kept('archives')), ...(await kept('staged'))]).toEqual([]);
    await using again = await afterKill();
    for (const job of [retrieval, inventory]) expect((await send(again, outputOf('V', job))).status).toBe(404);
  });

  test('the clock is not before what was set for an account', async () => {
    passHours(500);
    await send(here.vault, { method: 'POST', path: '/-/provisioned-capacity' });
    const time = here.vault.control.now();
    await using again = await afterKill();
    expect(again.control.now()).toBeGreaterThanOrEqual(time);
  });
});

describe('bytes of what is over', () => {
  test('stay where it cannot be written down that it is: those of an upload', async () => {
    const id = await beginUpload(here.vault, 'V', MIB);
    await send(here.vault, partOf('V', id, 0, HELLO));
    passHours(30);
    using _full = await fullDisk();
    expect((await list('multipart-uploads')).status).toBe(500);
    expect(await kept('archives')).toHaveLength(1);
  });

  test('stay where it cannot be written down that it is: those of jobs', async () => {
    await uploadWhole(here.vault, 'V', HELLO);
    await askForJob(here.vault, 'V', { Type: 'inventory-retrieval' });
    passHours(30);
    using _full = await fullDisk();
    expect((await list('jobs')).status).toBe(500);
    expect(await kept('staged')).toHaveLength(1);
  });
});
