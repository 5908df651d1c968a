// The record of a landing that is kept: which segments have landed, written down while one process holds its lock.

import { constants } from 'node:fs';
import { type FileHandle, lstat } from 'node:fs/promises';
import { geteuid } from 'node:process';
import type { TreeHash } from '../model/tree-hash.js';
import { systemCode } from './disk-failure.js';
import type { LandingFiles } from './landing-files.js';
import { closeLanding, tryLanding } from './landing-lock.js';
import { claimLine, headerLine, parseRecord, type Recorded } from './record-lines.js';

/** What has landed, in this run and before. */
export interface LandingMemory {
  /** Bytes of every segment but the last, which may be shorter. */
  readonly segmentSize: number;
  /**
   * What earlier runs say: by first byte, the tree hashes that segments had when they landed. Not to be believed before
   * the segment has been hashed again.
   */
  readonly claims: ReadonlyMap<number, TreeHash>;
  /** A segment is there and proven. Never fails: what cannot be noted is fetched again, if there is another time. */
  note(at: number, treeHash: TreeHash): Promise<void>;
}

/** A record whose lock is ours until it is closed. */
export class LandingRecord implements LandingMemory, AsyncDisposable {
  readonly segmentSize: number;
  readonly claims: ReadonlyMap<number, TreeHash>;
  readonly file: Buffer;
  readonly #handle: FileHandle;
  #notes = 0;

  private constructor(
    handle: FileHandle,
    file: Buffer,
    { segmentSize, claims }: Pick<Recorded, 'segmentSize' | 'claims'>,
  ) {
    this.#handle = handle;
    this.file = file;
    this.segmentSize = segmentSize;
    this.claims = claims;
  }

  /** Takes up what an earlier run wrote, with its segment size; begins anew where that is no record. */
  static async of(
    handle: FileHandle,
    file: Buffer,
    wanted: Pick<Recorded, 'segmentSize' | 'name'>,
  ): Promise<LandingRecord> {
    const text = await handle.readFile('latin1');
    const found = parseRecord(text);
    if (found === null) {
      await handle.truncate(0);
      await handle.writeFile(headerLine(wanted));
      return new LandingRecord(handle, file, { segmentSize: wanted.segmentSize, claims: new Map() });
    }
    if (found.length < text.length) await handle.truncate(found.length);
    return new LandingRecord(handle, file, found);
  }

  /** Whether there is anything that another run could go on with. */
  get isOfUse(): boolean {
    return this.claims.size + this.#notes > 0;
  }

  async note(at: number, treeHash: TreeHash): Promise<void> {
    // Each in one call, and at the end of the file: those that are noted at once do not mix.
    const line = Buffer.from(claimLine(at, treeHash));
    await this.#handle.write(line).then(
      () => this.#notes++,
      () => undefined,
    );
  }

  /** Lets go of the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    await closeLanding(this.#handle);
  }
}

/**
 * Opens the file of a record, or makes it, and takes its lock. 'taken': another process has it. 'unsupported': nothing
 * can be kept here, since nobody could tell whether it is in use.
 */
export async function lockRecord(file: Buffer, files: LandingFiles): Promise<FileHandle | 'taken' | 'unsupported'> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const handle = await files.open(file, RECORD_FLAGS);
    try {
      const lock = await tryLanding(handle);
      // One who has just ended may have removed it before its lock could be had.
      if (!(await isStillNamed(file, handle))) {
        await closeLanding(handle);
        continue;
      }
      if (lock === 'held' && (await isOwnFile(handle))) return handle;
      // Where nothing can be kept, nobody comes back to what was made just now.
      if (lock !== 'taken' && (await handle.stat()).size === 0) await files.unlink(file);
      await closeLanding(handle);
      return lock === 'taken' ? 'taken' : 'unsupported';
    } catch (thrown) {
      await closeLanding(handle);
      throw thrown;
    }
  }
  return 'unsupported';
}

/** On a file system where a file never is the one that its name leads to, there would be no end. */
const ATTEMPTS = 20;

const RECORD_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

async function isStillNamed(file: Buffer, handle: FileHandle): Promise<boolean> {
  const opened = await handle.stat();
  try {
    const named = await lstat(file);
    return named.ino === opened.ino && named.dev === opened.dev;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

/** A file under no other name, and of this user: what is written there is seen nowhere else. */
export async function isOwnFile(handle: FileHandle): Promise<boolean> {
  const stats = await handle.stat();
  return stats.isFile() && stats.nlink === 1 && stats.uid === geteuid?.();
}
