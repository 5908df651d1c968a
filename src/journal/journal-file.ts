// The journal's file: adding facts to it.

import type { ArchiveId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import type { RelPath } from '../model/rel-path.js';
import type { TextEncoding } from '../model/text-encoding.js';
import type { Appender } from './appender.js';
import { encodeRecord, encodeRecordIn } from './codec.js';
import type { FollowingArchives, Journal } from './journal.js';

/** Facts reach `live` when they are on stable storage, in the order in which they were given. */
export class JournalFile implements Journal {
  readonly file: string;
  readonly live: FollowingArchives;
  readonly #encoding: TextEncoding;
  readonly #appender: Appender;
  /** Where the next line begins. */
  #end: number;
  /** Archives whose next state is on its way to the disk. */
  readonly #underWay = new Map<ArchiveId, JournalRecord>();

  /** @param length where its last line ends */
  constructor(file: string, live: FollowingArchives, encoding: TextEncoding, appender: Appender, length: number) {
    this.file = file;
    this.live = live;
    this.#encoding = encoding;
    this.#appender = appender;
    this.#end = length;
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
    const place = this.#end;
    this.#end += line.length;
    await this.#appender.append(line);
    this.live.apply(record, { place, bytes: line });
    if (this.#underWay.get(id) === record) this.#underWay.delete(id);
  }

  #willBeAlive(id: ArchiveId): boolean {
    const next = this.#underWay.get(id);
    return next === undefined ? this.live.has(id) : next.type === 'created';
  }
}
