// The live archives of a journal of any size: recent facts in memory, all others in runs on disk.

import { crc32 } from 'node:zlib';

import { type Archive, compareVersions } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { JournalRecord } from '../../model/journal-record.js';
import type { RelPath } from '../../model/rel-path.js';
import type { FollowingArchives, KnownRetrieval, WrittenLine } from '../journal.js';
import { RETRIEVAL_COUNTS } from '../memory-archives.js';
import type { Covered } from './contents.js';
import { archiveAt, isEndedAt, placeAt } from './entry.js';
import type { FileMark } from './file-mark.js';
import { hashOfBytes } from './hash-of-bytes.js';
import type { JournalLines } from './journal-lines.js';
import { isEnded, placeIn } from './pairs.js';
import type { PlainLine } from './plain-line.js';
import { RecentFacts } from './recent-facts.js';
import { Run } from './run.js';
import { bytesInMemory } from './run-bytes.js';
import { BLOCK, type RunShape } from './run-shape.js';
import type { About, RunShelf } from './run-shelf.js';
import { versionsIn } from './versions-in.js';

const ALREADY_ALIVE = 'creates an archive that is already alive';
const NOT_ALIVE = 'deletes an archive that is not alive';

/** An archive that a run holds alive. */
interface HeldArchive {
  readonly place: number;
  readonly path: Buffer;
}

export interface IndexedSetup {
  readonly shelf: RunShelf;
  readonly lines: JournalLines;
  /** What the runs hold. */
  readonly about: About;
  /** What was seen of UTF-8 so far. */
  readonly seen: () => About['seen'];
  /** Recent facts that gather while the journal is written, before they become a run. Bytes. */
  readonly recentMax: number;
}

/** Follows a journal from where its runs end. Memory: the recent facts, as long as they can be put into runs. */
export class IndexedArchives implements FollowingArchives {
  readonly #shelf: RunShelf;
  readonly #lines: JournalLines;
  readonly #seen: () => About['seen'];
  readonly #recentMax: number;
  /** What the runs hold, and what was followed so far. */
  #shelved: About;
  #covered: Covered;
  #alive: number;
  readonly #recent = new RecentFacts();
  #scratch = Buffer.alloc(1024);
  /** The recent facts as a run to read through, until they change. */
  #snapshot: Run | null = null;

  constructor({ shelf, lines, about, seen, recentMax }: IndexedSetup) {
    this.#shelf = shelf;
    this.#lines = lines;
    this.#seen = seen;
    this.#recentMax = recentMax;
    this.#shelved = about;
    this.#covered = about.covered;
    this.#alive = about.alive;
  }

  get count(): number {
    return this.#alive;
  }

  /** Of the journal, what was followed. */
  get covered(): Covered {
    return this.#covered;
  }

  /** Bytes of the journal that no run holds. */
  get behind(): number {
    return this.#covered.length - this.#shelved.covered.length;
  }

  get recentSize(): number {
    return this.#recent.size;
  }

  has(id: ArchiveId): boolean {
    const end = this.#written(id);
    return this.#isAlive(this.#scratch, 0, end, hashOfBytes(this.#scratch, 0, end));
  }

  versionsOf(path: RelPath): readonly Archive[] {
    const bytes = Buffer.from(path);
    const found = new Map<number, Archive>();
    const gone = new Set<number>();
    for (const run of this.#shelf.runs) {
      run.entriesOf(bytes, (block, at) => {
        if (isEndedAt(block, at)) gone.add(placeAt(block, at));
        else found.set(placeAt(block, at), archiveAt(block, at));
      });
    }
    for (const { place, archive } of this.#recent.versionsOf(bytes)) found.set(place, archive);
    const places = [...found.keys()].filter((place) => !gone.has(place) && !this.#recent.hasEnded(place));
    return places
      .sort((a, b) => a - b)
      .map((place) => found.get(place) as Archive)
      .sort(compareVersions);
  }

  async *latest(): AsyncGenerator<Archive> {
    for await (const batch of this.latestInBatches()) yield* batch;
  }

  async *latestInBatches(): AsyncGenerator<readonly Archive[]> {
    for await (const batch of this.#versions()) yield batch.map((versions) => versions.at(-1) as Archive);
  }

  async *all(): AsyncGenerator<Archive> {
    for await (const batch of this.#versions()) yield* batch.flat();
  }

  activeRetrieval(id: ArchiveId, now: Instant): KnownRetrieval | null {
    const hash = hashOfBytes(this.#scratch, 0, this.#written(id));
    const found: number[] = [];
    for (const run of this.#shelf.runs) run.retrievals(hash, found);
    const places = [...found.map(placeIn), ...this.#recent.retrievals(hash)].sort((a, b) => a - b);
    const known = places.map((place) => this.#lines.retrievalAt(place)).filter(({ archiveId }) => archiveId === id);
    const newest = known.reduce<(typeof known)[number] | null>((a, b) => (a === null || b.at >= a.at ? b : a), null);
    return newest !== null && now - newest.at < RETRIEVAL_COUNTS ? { jobId: newest.jobId, at: newest.at } : null;
  }

  /** Takes a record that has just been written. */
  apply(record: JournalRecord, { place, bytes }: WrittenLine): string | null {
    const why = this.takeRecord(record, place);
    if (why !== null) return why;
    this.pass(bytes, this.#covered.lines + 1);
    if (this.#recent.size > this.#recentMax && this.#shelf.hasRoom && !this.#shelf.isWorking) this.shelve();
    return null;
  }

  /** Takes the next record, or says, as the end of a sentence, why it contradicts those before. */
  takeRecord(record: JournalRecord, place: number): string | null {
    const end = this.#written(record.type === 'created' ? record.archive.id : record.archiveId);
    const id = this.#scratch;
    const hash = hashOfBytes(id, 0, end);
    if (record.type === 'retrieve-job') return this.#retrieved(place, hash);
    if (record.type === 'deleted') return this.#delete(id, 0, end, hash);
    if (this.#isAlive(id, 0, end, hash)) return ALREADY_ALIVE;
    this.#changed(1);
    this.#recent.addArchive(record.archive, place, hash);
    return null;
  }

  /** The same of a plain line. */
  takePlain(line: PlainLine, from: Buffer, place: number): string | null {
    const { idStart, idEnd } = line;
    const hash = hashOfBytes(from, idStart, idEnd);
    if (line.kind === 'retrieve-job') return this.#retrieved(place, hash);
    if (line.kind === 'deleted') return this.#delete(from, idStart, idEnd, hash);
    if (this.#isAlive(from, idStart, idEnd, hash)) return ALREADY_ALIVE;
    this.#changed(1);
    this.#recent.addPlain(line, from, place, hash);
    return null;
  }

  /** Tells that all of these bytes have been taken, and how many lines that makes in all. */
  pass(bytes: Uint8Array, lines: number): void {
    const { length, checksum } = this.#covered;
    this.#covered = { length: length + bytes.length, lines, checksum: crc32(bytes, checksum) };
  }

  /** Makes a run of the recent facts, where runs can be put on disk. */
  shelve(): void {
    if (!this.#shelf.hasRoom) return;
    this.#shelved = { ...this.#shelved, covered: this.#covered, alive: this.#alive, seen: this.#seen(), journal: null };
    if (this.#recent.isEmpty) return;
    const { bytes, shape } = written(this.#recent);
    this.#changed(0);
    this.#recent.clear();
    this.#shelf.add(bytes, shape, this.#shelved);
  }

  /** Notes, in what is on disk, of which journal the runs are the beginning. */
  async publish(journal: FileMark | null): Promise<void> {
    await this.#shelf.settled();
    this.#shelved = { ...this.#shelved, journal };
    await this.#shelf.publish(this.#shelved);
  }

  /** Ends when nothing is under way. */
  async settled(): Promise<void> {
    await this.#shelf.settled();
  }

  async close(): Promise<void> {
    await this.#shelf.settled();
    this.#changed(0);
    this.#shelf.release();
    this.#lines.close();
  }

  /** Of each path all versions, a batch of paths at a time. */
  async *#versions(): AsyncGenerator<Archive[][]> {
    const runs = [...this.#shelf.runs, ...this.#recentRun()].map((run) => run.hold());
    try {
      yield* versionsIn(runs);
    } finally {
      for (const run of runs) run.release();
    }
  }

  #recentRun(): readonly Run[] {
    if (this.#recent.isEmpty) return [];
    if (this.#snapshot === null) {
      const { bytes, shape } = written(this.#recent);
      this.#snapshot = new Run({ shape, bytes: bytesInMemory(bytes), onDamage: () => new Error('memory has changed') });
    }
    return [this.#snapshot];
  }

  /** Writes an id for a look. Gives where it ends. */
  #written(id: ArchiveId): number {
    if (3 * id.length > this.#scratch.length) this.#scratch = Buffer.alloc(3 * id.length);
    return this.#scratch.write(id, 'utf8');
  }

  #isAlive(id: Buffer, start: number, end: number, hash: number): boolean {
    return this.#recent.find(id, start, end, hash) !== null || this.#held(id, start, end, hash) !== null;
  }

  #delete(id: Buffer, start: number, end: number, hash: number): string | null {
    const recent = this.#recent.find(id, start, end, hash);
    const held = recent === null ? this.#held(id, start, end, hash) : null;
    if (recent === null && held === null) return NOT_ALIVE;
    this.#changed(-1);
    if (recent !== null) this.#recent.remove(recent);
    if (held !== null) this.#recent.addEnd(held.path, held.place, hash);
    return null;
  }

  #retrieved(place: number, hash: number): null {
    this.#changed(0);
    this.#recent.addRetrieval(place, hash);
    return null;
  }

  #changed(more: number): void {
    this.#alive += more;
    this.#snapshot?.release();
    this.#snapshot = null;
  }

  /** The archive of this id that a run holds and nothing since has ended. */
  #held(id: Buffer, start: number, end: number, hash: number): HeldArchive | null {
    const found: number[] = [];
    for (const run of this.#shelf.runs) run.ids(hash, found);
    if (found.length === 0) return null;
    const gone = new Set(found.filter(isEnded).map(placeIn));
    for (const place of found.map(placeIn)) {
      if (gone.has(place) || this.#recent.hasEnded(place)) continue;
      const line = this.#lines.createdAt(place);
      // Other ids may have the same hash.
      if (line.id.compare(id, start, end) === 0) return { place, path: line.path };
    }
    return null;
  }
}

function written(recent: RecentFacts): { readonly bytes: Buffer; readonly shape: RunShape } {
  const pieces: Buffer[] = [];
  const shape = recent.write((piece) => pieces.push(piece), Math.ceil(1.05 * recent.size) + BLOCK);
  const [first] = pieces;
  return { bytes: pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces), shape };
}
