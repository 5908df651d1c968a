// The intents of a writer, kept in the pending file beside the journal.

import { promises as fs } from 'node:fs';

import type { Instant } from '../model/clock.js';
import type { ArchiveId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import { openAppendFile } from './append-file.js';
import { Appender } from './appender.js';
import { damagedLine } from './damage.js';
import type { Intent, Intents, PossibleOrphan, UploadProgress } from './intents.js';
import type { LiveArchives } from './journal.js';
import { decodePending, encodePending, type PendingLine } from './pending-codec.js';
import { PendingBook, pendingText, reconciled } from './pending-state.js';
import { replaceSidecar, scanSidecar } from './sidecar-lines.js';
import { sidecarsOf } from './sidecars.js';

export interface OpenIntents extends Intents, AsyncDisposable {}

/** What a run may add before the file is written anew. Bytes. */
const RENEW_AFTER = 64 * 1024 * 1024;

export interface IntentsOptions {
  readonly renewAfter?: number;
  /** Ends when facts can be written: nothing is announced, and so nothing sent, before. */
  readonly factsCanBeWritten?: () => Promise<void>;
}

/**
 * Reads what earlier runs left, settles what the journal answers, and writes the file anew without what is settled.
 * @param lost the journal's lock: once it is lost, nothing more is written
 * @throws Failure JOURNAL_DAMAGED, JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function openIntents(
  file: string,
  live: LiveArchives,
  lost: AbortSignal,
  options: IntentsOptions = {},
): Promise<OpenIntents> {
  const found = await readPending(file);
  const book = new PendingBook();
  const state = reconciled(found ?? book, live);
  for (const [key, intent] of state.open) book.open.set(key, intent);
  book.possibleOrphans.push(...state.possibleOrphans);
  const text = pendingText(book);
  if (found !== null) await replaceSidecar(file, text);
  return new PendingIntents(file, book, lost, options);
}

/** What the pending file beside a journal holds open, for readers: nothing is written, a writer at work is no hindrance. */
export async function readIntents(journal: string, live: LiveArchives): Promise<readonly Intent[]> {
  return (await readLeft(journal, live)).intents;
}

/** The same, and the archives that may exist unrecorded. */
export async function readLeft(
  journal: string,
  live: LiveArchives,
): Promise<{ readonly intents: readonly Intent[]; readonly possibleOrphans: readonly PossibleOrphan[] }> {
  const book = (await readPending((await sidecarsOf(journal)).pending)) ?? new PendingBook();
  const { open, possibleOrphans } = reconciled(book, live);
  return { intents: [...open.values()], possibleOrphans };
}

/** Null when there is no such file. */
async function readPending(file: string): Promise<PendingBook | null> {
  const book = new PendingBook();
  const scanned = await scanSidecar(file, (text, number) => {
    const line = decodePending(text);
    const why = typeof line === 'string' ? line : book.apply(line);
    if (why !== null) throw damagedLine(file, { number, text }, why);
  });
  return scanned === null ? null : book;
}

class PendingIntents implements OpenIntents {
  readonly left: readonly Intent[];
  readonly #file: string;
  readonly #book: PendingBook;
  readonly #lost: AbortSignal;
  readonly #renewAfter: number;
  #appender: Appender;
  /** Bytes added since the file was last written anew. */
  #added = 0;
  #lastKey: number;

  constructor(file: string, book: PendingBook, lost: AbortSignal, options: IntentsOptions) {
    const { renewAfter = RENEW_AFTER, factsCanBeWritten = async () => undefined } = options;
    this.left = [...book.open.values()];
    this.#file = file;
    this.#book = book;
    this.#lost = lost;
    this.#renewAfter = renewAfter;
    this.#lastKey = Math.max(0, ...book.open.keys());
    this.#appender = this.#appenderAfter(pendingText(book), factsCanBeWritten);
  }

  get possibleOrphans(): readonly PossibleOrphan[] {
    return this.#book.possibleOrphans;
  }

  async begin(at: Instant, file: LocalFile, supersedes: ArchiveId | null, progress: UploadProgress): Promise<Intent> {
    this.#lastKey += 1;
    const intent: Intent = { key: this.#lastKey, at, file, supersedes, progress };
    await this.#write({ type: 'intent', key: this.#lastKey, at, file, supersedes, progress });
    return intent;
  }

  async advance(intent: Intent, progress: UploadProgress): Promise<Intent> {
    await this.#write({ type: 'progress', key: intent.key, progress });
    return { ...intent, progress };
  }

  async suspect({ file, at }: Intent, possibleOrphans: number): Promise<void> {
    for (let i = 0; i < possibleOrphans; i++) await this.#write({ type: 'possible-orphan', file, at });
  }

  async settle(intent: Intent, possibleOrphans: number): Promise<void> {
    await this.#write({ type: 'settled', key: intent.key, possibleOrphans });
  }

  settleByFact(intent: Intent): void {
    this.#appender.leave(this.#noted({ type: 'settled', key: intent.key, possibleOrphans: 0 }));
  }

  /** By writing the file anew without them. */
  async dismiss(orphans: readonly PossibleOrphan[]): Promise<void> {
    this.#book.dismiss(orphans);
    this.#renew();
    await this.#appender.flush();
  }

  /** The file vanishes when it has nothing more to say. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#appender[Symbol.asyncDispose]();
    const { open, possibleOrphans } = this.#book;
    if (open.size > 0 || possibleOrphans.length > 0 || this.#lost.aborted) return;
    // Where it cannot be removed, the next run reads it and finds nothing to do.
    await fs.rm(this.#file, { force: true }).catch(() => undefined);
  }

  #write(line: PendingLine): Promise<void> {
    if (this.#added > this.#renewAfter) this.#renew();
    return this.#appender.append(this.#noted(line));
  }

  /** The book runs ahead of the file by what is under way; a contradiction is a defect of the caller. */
  #noted(line: PendingLine): Uint8Array {
    const why = this.#book.apply(line);
    if (why !== null) throw new Error(`${why}: ${JSON.stringify(line)}`);
    const bytes = Buffer.from(encodePending(line));
    this.#added += bytes.length;
    return bytes;
  }

  /** Later lines go to a file written anew from the book as it is now, once the lines before are on their place. */
  #renew(): void {
    const [text, before] = [pendingText(this.#book), this.#appender];
    this.#added = 0;
    this.#appender = this.#appenderAfter(text, async () => {
      await before.flush();
      await before[Symbol.asyncDispose]();
      await replaceSidecar(this.#file, text);
    });
  }

  #appenderAfter(text: string, prepared: () => Promise<void>): Appender {
    const size = Buffer.byteLength(text);
    return new Appender({
      name: this.#file,
      found: { length: size, size },
      open: async () => {
        await prepared();
        return openAppendFile(this.#file);
      },
      lost: this.#lost,
      beforeCut: async () => undefined,
    });
  }
}
