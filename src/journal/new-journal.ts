// Writes a journal anew, archive by archive: it appears under its name only when it is complete.

import { promises as fs } from 'node:fs';

import type { Archive } from '../model/archive.js';
import type { RelPath } from '../model/rel-path.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { type AppendFile, openAppendFile, syncDirectoryOf, writeAll } from './append-file.js';
import { encodeRecordIn } from './codec.js';
import { type JournalLock, lockJournal } from './lock.js';
import { assertVacant } from './place.js';
import { type Sidecars, sidecarsOf } from './sidecars.js';
import { writeFailure } from './write-failure.js';

/** Lines that gather before they are written. Bytes. */
const GATHERED_MAX = 256 * 1024;

/** A journal to be. Unless it is finished nothing is left of it when it is disposed of. */
export interface NewJournal extends AsyncDisposable {
  readonly file: string;
  /** Whether the name has a form in the journal's encoding. */
  canHold(path: RelPath): boolean;
  /**
   * Adds the fact that the archive was created; no id may come twice. To be awaited before the next: it waits for the
   * disk now and then.
   * @throws Failure NAME_REFUSED, JOURNAL_UNWRITABLE, DISK_FULL, or JOURNAL_LOCKED when the lock was lost
   */
  add(archive: Archive): Promise<void>;
  /**
   * All that was added is on stable storage, under the journal's name, when this ends.
   * @throws Failure as `add`, and USAGE when something has come to stand there meanwhile
   */
  finish(): Promise<void>;
}

/**
 * Begins a journal, holding its lock, in a file of another name beside it. Memory: 256 KiB.
 * @param open makes that file; replaced where its failing is to be tried out
 * @throws Failure USAGE when a journal is there that is not empty, or when there is no directory for it;
 * JOURNAL_LOCKED, JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function writeNewJournal(
  file: string,
  { encoding }: { readonly encoding: TextEncoding },
  open: (file: string) => Promise<AppendFile> = openAppendFile,
): Promise<NewJournal> {
  const sidecars = await sidecarsOf(file);
  await assertVacant(file, sidecars);
  const lock = await lockJournal(sidecars);
  try {
    await assertVacant(file, sidecars);
    return new OpenNewJournal(file, sidecars, encoding, lock, await openEmpty(file, temporaryOf(sidecars), open));
  } catch (thrown) {
    await lock[Symbol.asyncDispose]();
    throw thrown;
  }
}

function temporaryOf({ journal }: Sidecars): string {
  return `${journal}.new`;
}

/** What a crash left under the name is nobody's: we hold the lock. */
async function openEmpty(
  file: string,
  temporary: string,
  open: (file: string) => Promise<AppendFile>,
): Promise<AppendFile> {
  try {
    await fs.rm(temporary, { force: true });
    return await open(temporary);
  } catch (cause) {
    throw writeFailure(file, cause);
  }
}

class OpenNewJournal implements NewJournal {
  readonly file: string;
  readonly #sidecars: Sidecars;
  readonly #encoding: TextEncoding;
  readonly #lock: JournalLock;
  readonly #written: AppendFile;
  #gathered: Uint8Array[] = [];
  #gatheredSize = 0;
  #state: 'open' | 'finished' | 'disposed' = 'open';
  /** After a write that failed nobody knows what is in the file. */
  #broken: { readonly by: unknown } | null = null;

  constructor(file: string, sidecars: Sidecars, encoding: TextEncoding, lock: JournalLock, written: AppendFile) {
    this.file = file;
    this.#sidecars = sidecars;
    this.#encoding = encoding;
    this.#lock = lock;
    this.#written = written;
  }

  canHold(path: RelPath): boolean {
    return this.#encoding.encode(path) !== null;
  }

  async add(archive: Archive): Promise<void> {
    const line = encodeRecordIn({ type: 'created', archive }, this.#encoding);
    this.#gathered.push(line);
    this.#gatheredSize += line.length;
    if (this.#gatheredSize >= GATHERED_MAX) await this.#write();
  }

  async finish(): Promise<void> {
    await this.#write();
    try {
      await this.#written.sync();
      await this.#written.close();
      await assertVacant(this.file, this.#sidecars);
      await fs.rename(temporaryOf(this.#sidecars), this.#sidecars.journal);
      this.#state = 'finished';
      await syncDirectoryOf(this.#sidecars.journal);
    } catch (cause) {
      throw writeFailure(this.file, cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'disposed') return;
    const before = this.#state;
    this.#state = 'disposed';
    if (before === 'open') await this.#remove();
    await this.#lock[Symbol.asyncDispose]();
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredSize = 0;
    if (this.#broken !== null) throw this.#broken.by;
    try {
      this.#lock.lost.throwIfAborted();
      await writeAll(this.#written, bytes);
    } catch (cause) {
      this.#broken = { by: writeFailure(this.file, cause) };
      throw this.#broken.by;
    }
  }

  /** What made us give up is the news; what stays is written over by the next that is begun. */
  async #remove(): Promise<void> {
    await this.#written.close().catch(() => undefined);
    if (!this.#lock.lost.aborted) await fs.rm(temporaryOf(this.#sidecars), { force: true }).catch(() => undefined);
  }
}
