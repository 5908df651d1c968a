// Jobs that the vault has told of, in a file beside the journal: one listens and appends, any number follow.

import { promises as fs } from 'node:fs';
import { Instant } from '../model/clock.js';
import { JobId } from '../model/identifiers.js';
import { replaceFile } from './replace-file.js';
import { openIfThere } from './sidecar-lines.js';
import { writeFailure } from './write-failure.js';

/** A job of a vault, and when it was told of. */
export interface Completion {
  readonly at: Instant;
  /** ARN. */
  readonly vault: string;
  readonly jobId: JobId;
}

/** Bytes; a file that has grown beyond is cut to its last half. That is some thousand jobs. */
const LARGEST = 512 * 1024;

/**
 * Adds one at the end. Not flushed: what a power cut takes away the vault still knows.
 * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function appendCompletion(file: string, { at, vault, jobId }: Completion): Promise<void> {
  const line = `${JSON.stringify({ version: 'A', at, vault, jobId })}\n`;
  try {
    await fs.appendFile(file, line);
    const { size } = await fs.stat(file);
    if (size <= LARGEST) return;
  } catch (cause) {
    throw writeFailure(file, cause);
  }
  await cutToHalf(file);
}

/** By one writer at a time: what another adds meanwhile may be lost, which is no more than a word that was not told. */
async function cutToHalf(file: string): Promise<void> {
  const text = await fs.readFile(file, 'utf8').catch((cause: unknown) => {
    throw writeFailure(file, cause);
  });
  const half = text.slice(text.length / 2);
  await replaceFile(file, half.slice(half.indexOf('\n') + 1));
}

/** Where a follower stands. A file that was replaced is another one, and read from its beginning. */
interface Position {
  readonly inode: bigint;
  readonly at: number;
}

/** Reads what is added from now on. Must be opened before the vault is asked what is ready, or something may fall between. */
export class CompletionsFollower {
  readonly #file: string;
  #position: Position | null;

  private constructor(file: string, position: Position | null) {
    this.#file = file;
    this.#position = position;
  }

  /** The file may not be there yet. @throws Failure JOURNAL_UNWRITABLE when it cannot be read */
  static async open(file: string): Promise<CompletionsFollower> {
    await using handle = await openIfThere(file);
    if (handle === null) return new CompletionsFollower(file, null);
    const { ino, size } = await handle.stat({ bigint: true });
    return new CompletionsFollower(file, { inode: ino, at: Number(size) });
  }

  /** What was added since the last call; a line that is none is passed over. @throws Failure JOURNAL_UNWRITABLE */
  async added(): Promise<readonly Completion[]> {
    await using handle = await openIfThere(this.#file);
    if (handle === null) return [];
    try {
      return await this.#readFrom(handle);
    } catch (cause) {
      throw writeFailure(this.#file, cause);
    }
  }

  async #readFrom(handle: fs.FileHandle): Promise<Completion[]> {
    const stat = await handle.stat({ bigint: true });
    const [inode, size] = [stat.ino, Number(stat.size)];
    const known = this.#position?.inode === inode && this.#position.at <= size ? this.#position.at : 0;
    const from = Math.max(known, size - 2 * LARGEST);
    const bytes = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    // A line that is not whole yet is read when it is.
    const end = bytes.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    this.#position = { inode, at: from + end };
    return bytes.toString('utf8', 0, end).split('\n').flatMap(completionIn);
  }
}

function completionIn(line: string): Completion[] {
  try {
    const { version, at, vault, jobId } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (version !== 'A' || !Number.isInteger(at) || typeof vault !== 'string' || typeof jobId !== 'string') return [];
    return [{ at: Instant.ofSeconds(at as number), vault, jobId: JobId.parse(jobId) }];
  } catch {
    return [];
  }
}
