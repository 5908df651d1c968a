// Lands a download: a hidden file beside the place, and the name only when all is there and on the disk.

import type { FileHandle } from 'node:fs/promises';
import type { Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import type { ArchiveId } from '../model/identifiers.js';
import { SMALL_MAX } from '../model/parts.js';
import { printable, type RelPath } from '../model/rel-path.js';
import type { TreeHash } from '../model/tree-hash.js';
import { bytePath, lastNameOf, within } from './byte-path.js';
import { makeDirectoryWithin } from './directory-within.js';
import { writeFailure } from './disk-failure.js';
import { type EarlyFlush, EarlyFlushes } from './early-flush.js';
import { openKept } from './kept-landing.js';
import type { LandingFile } from './landing-file.js';
import { diskFiles, type LandingFiles } from './landing-files.js';
import { complete, giveName, isTaken, syncDirectory } from './landing-name.js';
import type { LandingMemory, LandingRecord } from './landing-record.js';
import { landingKeyOf, temporaryName } from './new-temporary-name.js';
import { type Place, unnameable } from './place.js';
import { PromisedRoom } from './promised-room.js';
import { removeLanding, StaleDownloads } from './stale-downloads.js';
import type { LandingKey } from './temporary-name.js';

/**
 * A file to be. If it is disposed of before it is finished nothing of it is left, unless something of it is remembered:
 * then its hidden file stays for the next landing of the same content.
 */
export interface Landing extends AsyncDisposable {
  /** For `writeToLanding`, in any thread of this process, as long as the landing has not ended. */
  readonly file: LandingFile;
  /** Null where nothing is kept. */
  readonly memory: LandingMemory | null;
  /** Pieces may come in any order and at once. @throws Failure FILE_UNWRITABLE, DISK_FULL */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /**
   * So many bytes more have been written: now and then that begins to put them on stable storage.
   * @throws Failure FILE_UNWRITABLE, DISK_FULL, when some that were written before could not be
   */
  landed(bytes: number): Promise<void>;
  /**
   * Gives the file its time (null leaves the present one) and its name, both on stable storage when this ends.
   * @throws Failure FILE_UNWRITABLE also when its size is not the expected one, or when something has appeared in
   * the place: nothing is ever written over
   */
  finish(mtime: Instant | null): Promise<void>;
  /** What has landed is worth nothing: none of it is kept, however this ends. */
  giveUp(): void;
}

/** What is to land, so that a later landing of it can go on where one has ended. */
export interface LandingContent {
  readonly archive: ArchiveId;
  readonly treeHash: TreeHash;
  /** Bytes a segment, where nothing of it has landed yet. */
  readonly segmentSize: number;
}

/** Only a memory of where it has looked last, so that the files of one directory do not each look again. */
const staleDownloads = new StaleDownloads();
/** Disks are shared by all that lands in this process. */
const promisedRoom = new PromisedRoom();
const earlyFlushes = new EarlyFlushes();

/**
 * Opens a landing of `size` bytes for `path`, and makes the directories that it needs.
 * @param content what lands where it is worth keeping when it does not come to its end; null: nothing is kept
 * @throws Failure NAME_REFUSED when no file can have this name here, or when a link leads it out of the place;
 * FILE_UNWRITABLE, also when something is in the place already, or when another process lands the same there;
 * NO_ROOM, DISK_FULL
 */
export async function openLanding(
  place: Place,
  path: RelPath,
  size: number,
  content: LandingContent | null = null,
  files: LandingFiles = diskFiles,
): Promise<Landing> {
  const location = place.locate(path);
  if (location === null) throw unnameable(place, path);
  try {
    const directory = await makeDirectoryWithin(place, path);
    const name = lastNameOf(bytePath(location));
    if (await isTaken(within(directory, name))) throw isThere(path);
    const wanted = { path, size, directory, name, files };
    const key = content === null ? null : landingKeyOf(name, content.archive, size, content.treeHash);
    await staleDownloads.removeFrom(directory, key, files);
    const file = content === null || key === null ? temporary(wanted) : kept(wanted, key, content.segmentSize);
    return await OpenLanding.of(wanted, await file);
  } catch (thrown) {
    throw asWriteFailure(path, thrown);
  }
}

function isThere(path: RelPath): Failure {
  return new Failure('FILE_UNWRITABLE', `${printable(path)} is there already`);
}

interface Wanted {
  readonly path: RelPath;
  readonly size: number;
  /** Its real path. */
  readonly directory: Buffer;
  /** What the file is to be called in it. */
  readonly name: Buffer;
  readonly files: LandingFiles;
}

/** One that ends with its process. */
async function temporary({ directory, files }: Wanted): Promise<OpenFile> {
  const hidden = within(directory, Buffer.from(temporaryName()));
  return { hidden, handle: await files.open(hidden, 'wx'), record: null };
}

interface OpenFile {
  readonly hidden: Buffer;
  readonly handle: FileHandle;
  readonly record: LandingRecord | null;
}

async function kept(wanted: Wanted, key: LandingKey, segmentSize: number): Promise<OpenFile> {
  const found = await openKept({ ...wanted, segmentSize }, key, wanted.files);
  if (found === 'unsupported') return temporary(wanted);
  if (found === 'taken') throw landsElsewhere(wanted.path);
  return found;
}

function landsElsewhere(path: RelPath): Failure {
  return new Failure('FILE_UNWRITABLE', `${printable(path)} is being fetched by another run`, {
    hint: 'wait until that has ended; if the file is missing then, run the same command again',
  });
}

function asWriteFailure(path: RelPath, thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : writeFailure(path, thrown);
}

class OpenLanding implements Landing {
  readonly #wanted: Wanted;
  readonly #open: OpenFile;
  readonly #flushes: EarlyFlush;
  #room: Disposable | null = null;
  #hasName = false;
  #isWorthless = false;
  #ended = false;

  private constructor(wanted: Wanted, open: OpenFile) {
    this.#wanted = wanted;
    this.#open = open;
    this.#flushes = earlyFlushes.of(open.handle);
  }

  /** @throws Failure NO_ROOM, or FILE_UNWRITABLE when another process has brought it to its end meanwhile */
  static async of(wanted: Wanted, open: OpenFile): Promise<Landing> {
    const landing = new OpenLanding(wanted, open);
    try {
      if (open.record !== null && (await isTaken(landing.#target))) throw isThere(wanted.path);
      await landing.#findRoom();
      return landing;
    } catch (thrown) {
      await landing[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  get file(): LandingFile {
    const { path, size } = this.#wanted;
    return { fd: this.#open.handle.fd, path, size };
  }

  get memory(): LandingMemory | null {
    return this.#open.record;
  }

  /** Through the handle, which is not closed before what is on its way has been written. */
  async write(bytes: Uint8Array, at: number): Promise<void> {
    const { path, size } = this.#wanted;
    assertWithin(size, bytes, at);
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.#open.handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
    } catch (thrown) {
      throw writeFailure(path, thrown);
    }
  }

  async landed(bytes: number): Promise<void> {
    await this.#durably(() => this.#flushes.landed(bytes));
  }

  async finish(mtime: Instant | null): Promise<void> {
    const { path, directory, files } = this.#wanted;
    try {
      await this.#durably(async () => {
        await this.#flushes.settled();
        await complete(this.#open.handle, this.#wanted, mtime);
      });
      this.#hasName = await giveName(this.#open.hidden, this.#target, files);
      if (!this.#hasName) throw this.#appeared();
      await syncDirectory(directory, files);
    } catch (thrown) {
      throw asWriteFailure(path, thrown);
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  giveUp(): void {
    this.#isWorthless = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#room?.[Symbol.dispose]();
    const { hidden, handle, record } = this.#open;
    const { files } = this.#wanted;
    await this.#flushes.settled().catch(() => this.giveUp());
    // What made us give up is the news. A file that cannot be removed now is removed as stale by a later run.
    await handle.close().catch(() => undefined);
    const isOfUse = record !== null && record.isOfUse && !this.#isWorthless && !this.#hasName;
    if (!isOfUse) await removeLanding(hidden, record?.file ?? null, files).catch(() => undefined);
    await record?.[Symbol.asyncDispose]();
  }

  get #target(): Buffer {
    return within(this.#wanted.directory, this.#wanted.name);
  }

  /** Small ones are not worth the look: they fit into what is left to others. */
  async #findRoom(): Promise<void> {
    const { path, size, directory, files } = this.#wanted;
    if (size <= SMALL_MAX) return;
    this.#room = await promisedRoom.promise({ path, size, directory, handle: this.#open.handle }, files);
  }

  /** What a disk could not flush it may go on showing and not have: that is fetched anew. */
  async #durably(work: () => Promise<void>): Promise<void> {
    await work().catch((thrown: unknown) => {
      this.giveUp();
      throw asWriteFailure(this.#wanted.path, thrown);
    });
  }

  #appeared(): Failure {
    this.giveUp();
    const message = `${printable(this.#wanted.path)} has appeared meanwhile and is left as it is`;
    return new Failure('FILE_UNWRITABLE', message);
  }
}

function assertWithin(size: number, bytes: Uint8Array, at: number): void {
  if (at < 0 || at + bytes.length > size) throw new RangeError(`bytes beyond the end of a landing: ${at}`);
}
