// The journal's file: reading it whole, and adding facts to it.

import type { ArchiveId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import type { RelPath } from '../model/rel-path.js';
import type { TextEncoding } from '../model/text-encoding.js';
import type { Appender } from './appender.js';
import { encodeRecord, encodeRecordIn } from './codec.js';
import type { Journal } from './journal.js';
import { MemoryArchives } from './memory-archives.js';
import { scanRecords } from './records.js';
import type { LinedFile, Scanned } from './scan.js';

export interface ReadJournal {
  readonly live: MemoryArchives;
  readonly scanned: Scanned;
}

/** @throws Failure JOURNAL_DAMAGED */
export async function readJournal(file: LinedFile): Promise<ReadJournal> {
  const live = new MemoryArchives();
  const scanned = await scanRecords(file, (record) => live.apply(record));
  return { live, scanned };
}

/** Facts reach `live` when they are on stable storage, in the order in which they were given. */
export class JournalFile implements Journal {
  readonly file: string;
  readonly live: MemoryArchives;
  readonly #encoding: TextEncoding;
  readonly #appender: Appender;
  /** Archives whose next state is on its way to the disk. */
  readonly #underWay = new Map<ArchiveId, JournalRecord>();

  constructor(file: string, live: MemoryArchives, encoding: TextEncoding, appender: Appender) {
    this.file = file;
    this.live = live;
    this.#encoding = encoding;
    this.#appender = appender;
  }

  canHold(path: RelPath): boolean {
    return this.#encoding.encode(path) !== null;
  }

  /**
   * @throws Error for a fact that contradicts those before: no journal is ever made unreadable
   * @throws Failure NAME_REFUSED for a name that `canHold` denies
   */
  async append(record: JournalRecord): Promise<void> {
    const line = encodeRecordIn(record, this.#encoding);
    const id = record.type === 'created' ? record.archive.id : record.archiveId;
    if (record.type !== 'retrieve-job') {
      if (this.#willBeAlive(id) === (record.type === 'created'))
        throw new Error(`contradicts the journal: ${encodeRecord(record)}`);
      this.#underWay.set(id, record);
    }
    await this.#appender.append(line);
    this.live.apply(record);
    if (this.#underWay.get(id) === record) this.#underWay.delete(id);
  }

  #willBeAlive(id: ArchiveId): boolean {
    const next = this.#underWay.get(id);
    return next === undefined ? this.live.has(id) : next.type === 'created';
  }
}
