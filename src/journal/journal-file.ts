// The journal's file: reading it whole, and adding facts to it.

import type { promises } from 'node:fs';

import type { ArchiveId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import type { Appender } from './appender.js';
import { decodeRecord, encodeRecord } from './codec.js';
import { damagedLine } from './damage.js';
import type { Journal } from './journal.js';
import { MemoryArchives } from './memory-archives.js';
import { type Scanned, scanLines } from './scan.js';

export interface ReadJournal {
  readonly live: MemoryArchives;
  readonly scanned: Scanned;
}

/** @param name stands in messages. @throws Failure JOURNAL_DAMAGED */
export async function readJournal(name: string, handle: promises.FileHandle): Promise<ReadJournal> {
  const live = new MemoryArchives();
  const scanned = await scanLines(name, handle, (text, number) => {
    const record = decodeRecord(text);
    if (record.type === 'unreadable') throw damagedLine(name, { number, text }, record.why, record.hint);
    const why = live.apply(record);
    if (why !== null) throw damagedLine(name, { number, text }, why);
  });
  if (scanned.lines === 0) assertBeginsLikeJournal(name, scanned.torn);
  return { live, scanned };
}

/** Where not one line is whole, a torn one may be cut only if this is a journal at all. NULs are what crashes leave. */
function assertBeginsLikeJournal(name: string, torn: Buffer): void {
  const text = torn.toString('latin1');
  if (/^(?:\0*|[0-9]+|[0-9]+[ \t].*|[A-C]|[A-C]\t.*)$/s.test(text)) return;
  throw damagedLine(
    name,
    { number: 1, text },
    'is in no known format',
    'this is hardly a journal: check the name of the file',
  );
}

/** Facts reach `live` when they are on stable storage, in the order in which they were given. */
export class JournalFile implements Journal {
  readonly file: string;
  readonly live: MemoryArchives;
  readonly #appender: Appender;
  /** Archives whose next state is on its way to the disk. */
  readonly #underWay = new Map<ArchiveId, JournalRecord>();

  constructor(file: string, live: MemoryArchives, appender: Appender) {
    this.file = file;
    this.live = live;
    this.#appender = appender;
  }

  /** @throws Error for a fact that contradicts those before: no journal is ever made unreadable */
  async append(record: JournalRecord): Promise<void> {
    const line = encodeRecord(record);
    const id = record.type === 'created' ? record.archive.id : record.archiveId;
    if (record.type !== 'retrieve-job') {
      if (this.#willBeAlive(id) === (record.type === 'created')) throw new Error(`contradicts the journal: ${line}`);
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
