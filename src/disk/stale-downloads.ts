// Hidden files of downloads that nobody goes on with.

import { lstat, open, readdir } from 'node:fs/promises';
import { kill } from 'node:process';
import { within } from './byte-path.js';
import { systemCode } from './disk-failure.js';
import type { LandingFiles } from './landing-files.js';
import { closeLanding } from './landing-lock.js';
import { lockRecord } from './landing-record.js';
import { HEADER_MAX, parseRecord } from './record-lines.js';
import { keptNames, keyOfKept, type LandingKey, ownerOfTemporary } from './temporary-name.js';

/** A landing that nobody has gone on with for so long is given up. Beginning anew costs a download, keeping it space. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** A record so new may not have been written yet. */
const BEGINNING_MS = 60_000;

/** Removes them, looking into a directory once as long as it is asked for the same one again. */
export class StaleDownloads {
  #last: Buffer | null = null;

  /**
   * What cannot be seen or removed is in nobody's way: it is hidden, and every walk reports it.
   * @param wanted a landing that is to be gone on with, however old it is
   */
  async removeFrom(directory: Buffer, wanted: LandingKey | null, files: LandingFiles): Promise<void> {
    if (this.#last?.equals(directory) === true) return;
    this.#last = directory;
    const kept = new Set<LandingKey>();
    for (const name of await readdir(directory).catch(() => [])) {
      const owner = ownerOfTemporary(name);
      const path = within(directory, Buffer.from(name));
      if (owner !== null && !isAlive(owner)) await files.unlink(path).catch(() => undefined);
      const key = keyOfKept(name);
      if (key !== null && key !== wanted) kept.add(key);
    }
    for (const key of kept) await removeKept(directory, key, files).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH';
  }
}

/** Unless it is of use, or in use. Looked at first, since the lock would be in the way of who wants it now. */
async function removeKept(directory: Buffer, key: LandingKey, files: LandingFiles): Promise<void> {
  const names = keptNames(key);
  const record = within(directory, Buffer.from(names.record));
  if (!(await isStale(directory, record))) return;
  const handle = await lockRecord(record, files);
  if (handle === 'taken' || handle === 'unsupported') return;
  try {
    await removeLanding(within(directory, Buffer.from(names.bytes)), record, files);
  } finally {
    await closeLanding(handle);
  }
}

/** The record last: bytes without a record are known to be nobody's, and a record without bytes claims nothing true. */
export async function removeLanding(bytes: Buffer, record: Buffer | null, files: LandingFiles): Promise<void> {
  for (const file of record === null ? [bytes] : [bytes, record]) {
    await files.unlink(file).catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
    });
  }
}

async function isStale(directory: Buffer, record: Buffer): Promise<boolean> {
  const stats = await lstat(record).catch(() => null);
  if (stats === null) return true;
  if (!stats.isFile()) return false;
  const age = Date.now() - stats.mtimeMs;
  if (age > KEPT_MS) return true;
  const name = await nameIn(record);
  return name === null ? age > BEGINNING_MS : isThere(within(directory, name));
}

/** What the file is to be called, as its record says; null where it says nothing. */
async function nameIn(record: Buffer): Promise<Buffer | null> {
  await using handle = await open(record);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_MAX), 0, HEADER_MAX, 0);
  return parseRecord(buffer.toString('latin1', 0, bytesRead))?.name ?? null;
}

/** Nothing is ever written over, so what was to go there cannot. */
async function isThere(path: Buffer): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
