// A log that is made shorter whenever most of its lines mean nothing any more, at the start and while it is served.

import type { FileHandle } from 'node:fs/promises';
import { type LogLines, type LogSource, linesOfLog } from './log-lines.js';
import type { LogPlace } from './log-writer.js';
import type { RecordLog } from './record-log.js';

/** A log with fewer lines than this is never made shorter. */
const SHORT_LOG_LINES = 1000;

/** What makes a log shorter: writes what its lines mean to `made`, and gives how many lines fewer that are. */
export type Shortener = (read: () => AsyncIterable<LogLines>, made: FileHandle, now: number) => Promise<number>;

/** A log, and what it takes to make it shorter. */
export interface ShortLogParts {
  readonly log: RecordLog;
  readonly place: LogPlace;
  readonly shortener: Shortener;
  /** How many lines would do at the moment. */
  readonly linesNeeded: number;
}

/** Appends like the log that it is made of, which only this may touch from then on. */
export class ShortLog {
  readonly #log: RecordLog;
  readonly #place: LogPlace;
  readonly #shortener: Shortener;
  /** Count of lines at which it is worth making the log shorter. */
  #longLines: number;
  #shortening: Promise<void> | null = null;

  constructor({ log, place, shortener, linesNeeded }: ShortLogParts) {
    this.#log = log;
    this.#place = place;
    this.#shortener = shortener;
    this.#longLines = longLinesFor(linesNeeded);
  }

  get lines(): number {
    return this.#log.lines;
  }

  /** @param directories in which files were made that this record speaks of; flushed before it is written */
  append(record: { readonly at: number }, directories: readonly string[] = []): void {
    this.#log.append(record, directories);
    void this.shorten(record.at);
  }

  /** Resolves when all that was appended so far is on stable storage. */
  settled(): Promise<void> {
    return this.#log.settled();
  }

  /** Makes the log shorter when it is long; whoever appends to it need not wait. */
  shorten(now: number): Promise<void> {
    if (this.#log.lines < this.#longLines) return Promise.resolve();
    this.#shortening ??= this.#shorten(now).finally(() => {
      this.#shortening = null;
    });
    return this.#shortening;
  }

  async close(): Promise<void> {
    await this.#shortening;
    await this.#log.close();
  }

  /** A log that cannot be made shorter is as good as before. */
  async #shorten(now: number): Promise<void> {
    await this.#log.rewrite(this.#place, shortenBy(this.#shortener, this.#place, now)).catch(() => undefined);
    this.#longLines = longLinesFor(this.#log.lines);
  }
}

/** As the log asks for it. */
export function shortenBy(shortener: Shortener, source: LogSource, now: number): Parameters<RecordLog['rewrite']>[1] {
  return (file, size, made) => shortener(() => linesOfLog(file, source, size), made, now);
}

/** Twice as many as are needed is not much: what is left out costs less than what it takes to leave it out. */
function longLinesFor(needed: number): number {
  return 2 * needed + SHORT_LOG_LINES;
}
