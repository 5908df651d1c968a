// Remembers, beside a journal, which touched files were read and found to be what their archives hold. A mere saving:
// whatever is wrong with it, files are read once more, and no run fails.

import type { Report } from '../model/events.js';
import { asFailure } from '../model/failure.js';
import type { ArchiveId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';
import { openAppendFile } from './append-file.js';
import { Appender } from './appender.js';
import { type Comparison, decodeComparison, encodeComparison } from './comparison-codec.js';
import { damagedLine } from './damage.js';
import type { LiveArchives } from './journal.js';
import type { Scanned } from './scan.js';
import { replaceSidecar, scanSidecar } from './sidecar-lines.js';
import { sidecarsOf } from './sidecars.js';
import { errorCode, writeFailure } from './write-failure.js';

export interface ComparedFiles {
  /** Whether the file was, in this very state, found to be what the archive holds, when this was opened. */
  isSame(file: LocalFile, id: ArchiveId): boolean;
  /** Keeps that it is. Never fails; not to be told of a file that could change without its time telling. */
  note(file: LocalFile, id: ArchiveId): void;
}

export const NOTHING_COMPARED: ComparedFiles = { isSame: () => false, note: () => undefined };

/** What is remembered beside this journal, for a run that writes nothing. Never fails. */
export async function readCompared(journal: string, report: Report): Promise<ComparedFiles> {
  const { compared } = await sidecarsOf(journal);
  const known = await attempt(() => readAll(compared), report);
  return { ...NOTHING_COMPARED, isSame: (file, id) => isKnown(known?.entries, file, id) };
}

/**
 * The same for the holder of the journal's lock. Closing it writes what was noted.
 * @param live forgets what was found about archives that are gone
 */
export async function openCompared(
  file: string,
  live: Pick<LiveArchives, 'has'>,
  report: Report,
): Promise<ComparedFiles & AsyncDisposable> {
  const known = (await attempt(() => readAll(file), report)) ?? NOTHING_READ;
  const kept = new Map([...known.entries].filter(([, { archiveId }]) => live.has(archiveId)));
  const found = await attempt(() => tidied(file, known, kept), report);
  if (found === null) return { ...NOTHING_COMPARED, async [Symbol.asyncDispose]() {} };
  return new Notes(file, kept, found, report);
}

interface Known {
  /** The latest of each path. */
  readonly entries: ReadonlyMap<RelPath, Comparison>;
  readonly scanned: Pick<Scanned, 'lines' | 'length' | 'size'>;
}

/** Also stands for a damaged file: that it is not worth keeping shows in that most of its lines are worthless. */
const NOTHING_READ: Known = { entries: new Map(), scanned: { lines: 1, length: 0, size: 0 } };

/** @throws Failure JOURNAL_DAMAGED, or as the system does */
async function readAll(file: string): Promise<Known> {
  const entries = new Map<RelPath, Comparison>();
  const scanned = await scanSidecar(file, (text, number) => {
    const comparison = decodeComparison(text);
    if (comparison === null) throw damagedLine(file, { number, text }, 'is no comparison that this program knows');
    entries.set(comparison.path, comparison);
  });
  return { entries, scanned: scanned ?? { lines: 0, length: 0, size: 0 } };
}

/** Writes the file anew when most of its lines are of no use any more. Gives what it then holds, in bytes. */
async function tidied(file: string, { scanned }: Known, kept: ReadonlyMap<RelPath, Comparison>) {
  if (scanned.lines <= 2 * kept.size) return scanned;
  const text = [...kept.values()].map(encodeComparison).join('');
  await replaceSidecar(file, text);
  const size = Buffer.byteLength(text);
  return { length: size, size };
}

function isKnown(entries: ReadonlyMap<RelPath, Comparison> | undefined, file: LocalFile, id: ArchiveId): boolean {
  const known = entries?.get(file.path);
  if (known === undefined || known.archiveId !== id) return false;
  // Programs that keep a file's time while they change it cannot keep the time of the change.
  const { size, mtime, mtimeNs, ctimeUs } = file;
  return known.size === size && known.mtime === mtime && known.mtimeNs === mtimeNs && known.ctimeUs === ctimeUs;
}

class Notes implements ComparedFiles, AsyncDisposable {
  readonly #entries: ReadonlyMap<RelPath, Comparison>;
  readonly #appender: Appender;
  readonly #report: Report;
  #given: Promise<unknown> = Promise.resolve();
  #failed = false;

  constructor(
    file: string,
    entries: ReadonlyMap<RelPath, Comparison>,
    found: Pick<Scanned, 'length' | 'size'>,
    report: Report,
  ) {
    this.#entries = entries;
    this.#report = report;
    this.#appender = new Appender({
      name: file,
      found,
      open: () => openAppendFile(file),
      lost: new AbortController().signal,
      beforeCut: async () => undefined,
    });
  }

  isSame(file: LocalFile, id: ArchiveId): boolean {
    return isKnown(this.#entries, file, id);
  }

  note({ path, size, mtime, mtimeNs, ctimeUs }: LocalFile, archiveId: ArchiveId): void {
    if (mtimeNs === undefined || ctimeUs === undefined || this.#failed) return;
    const line = Buffer.from(encodeComparison({ path, size, mtime, mtimeNs, ctimeUs, archiveId }), 'utf8');
    this.#given = attempt(() => this.#append(line), this.#report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#given;
    await attempt(() => this.#appender[Symbol.asyncDispose](), this.#report);
  }

  /** Only the first failure is worth telling. */
  async #append(line: Uint8Array): Promise<void> {
    try {
      await this.#appender.append(line);
    } catch (thrown) {
      if (this.#failed) return;
      this.#failed = true;
      throw thrown;
    }
  }
}

/** Null, and a notice, where the world does not let it be. */
async function attempt<T>(work: () => Promise<T>, report: Report): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    const failure = errorCode(thrown) === null ? asFailure(thrown) : writeFailure('what was compared', thrown);
    report({
      event: 'notice',
      topic: 'comparisons-lost',
      message: failure.message,
      hint: 'nothing is lost but time: files that were touched and not changed are read once more',
    });
    return null;
  }
}
