// The facts that no run holds yet: as bytes, so that a hundred thousand of them are no burden.

import type { Archive } from '../../model/archive.js';
import {
  archiveAt,
  idAt,
  isEndedAt,
  lengthAt,
  lengthFor,
  lengthForArchive,
  PATH,
  pathLengthAt,
  placeAt,
  writeArchive,
  writeEnded,
  writePlain,
} from './entry.js';
import { HashChains, NONE } from './hash-chains.js';
import { hashOfBytes } from './hash-of-bytes.js';
import { pairOrder } from './pair-order.js';
import { ended, standing } from './pairs.js';
import { sortEntries } from './path-order.js';
import type { PlainLine } from './plain-line.js';
import type { RunShape, TableShape } from './run-shape.js';
import { RunWriter } from './run-writer.js';

/** An archive among the recent facts, by its number. */
export type RecentArchive = number;

export class RecentFacts {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #used = 0;
  /** Of each archive, and of each end of one, its entry: by the number that it has in `#ids`. */
  #entries = new Uint32Array(64);
  #ids = new HashChains();
  #isGone = new Set<RecentArchive>();
  /** Places of archives in runs that have ended since. */
  #ends = new Set<number>();
  /** By the hash of its id, where each begins. */
  #retrievals = new HashChains();
  #retrievalPlaces: number[] = [];
  /** By the hash of its path; made when it is first asked for. */
  #paths: HashChains | null = null;

  /** Of memory and, nearly, of the run that comes of it. Bytes. */
  get size(): number {
    return this.#used + 16 * (this.#ids.count + this.#retrievals.count);
  }

  get isEmpty(): boolean {
    return this.#ids.count === 0 && this.#retrievals.count === 0;
  }

  addPlain(line: PlainLine, from: Buffer, place: number, hash: number): void {
    const length = lengthFor(line);
    this.#makeRoom(length);
    writePlain(line, from, place, this.#bytes, this.#used);
    this.#add(length, hash);
  }

  addArchive(archive: Archive, place: number, hash: number): void {
    this.#makeRoom(lengthForArchive(archive));
    this.#add(writeArchive(archive, place, this.#bytes, this.#used), hash);
  }

  /** Of an archive that a run holds. */
  addEnd(path: Buffer, place: number, hash: number): void {
    this.#makeRoom(PATH + path.length);
    writeEnded(path, place, this.#bytes, this.#used);
    this.#ends.add(place);
    this.#add(PATH + path.length, hash);
  }

  addRetrieval(place: number, hash: number): void {
    this.#retrievals.add(hash);
    this.#retrievalPlaces.push(place);
  }

  /** The living archive of this id, if it is among these. */
  find(id: Buffer, start: number, end: number, hash: number): RecentArchive | null {
    for (let found = this.#ids.last(hash); found !== NONE; found = this.#ids.before(found)) {
      const entry = this.#entries[found] as number;
      if (isEndedAt(this.#bytes, entry)) continue;
      const own = idAt(this.#bytes, entry);
      if (this.#bytes.compare(id, start, end, own.start, own.end) === 0) return found;
    }
    return null;
  }

  remove(archive: RecentArchive): void {
    this.#ids.remove(archive);
    this.#isGone.add(archive);
  }

  hasEnded(place: number): boolean {
    return this.#ends.has(place);
  }

  /** Where RETRIEVE_JOB lines begin. */
  retrievals(hash: number): number[] {
    const places: number[] = [];
    const all = this.#retrievals;
    for (let found = all.last(hash); found !== NONE; found = all.before(found)) {
      places.push(this.#retrievalPlaces[found] as number);
    }
    return places;
  }

  /** The living archives of a path. */
  *versionsOf(path: Buffer): Generator<{ readonly place: number; readonly archive: Archive }> {
    const paths = this.#chainsOfPaths();
    for (let found = paths.last(hashOfBytes(path, 0, path.length)); found !== NONE; found = paths.before(found)) {
      const entry = this.#entries[found] as number;
      if (this.#isGone.has(found) || isEndedAt(this.#bytes, entry)) continue;
      const end = entry + PATH + pathLengthAt(this.#bytes, entry);
      if (this.#bytes.compare(path, 0, path.length, entry + PATH, end) !== 0) continue;
      yield { place: placeAt(this.#bytes, entry), archive: archiveAt(this.#bytes, entry) };
    }
  }

  /** All of it as a run. @param sink as that of a writer of runs */
  write(sink: (piece: Buffer) => void, pieceSize: number): RunShape {
    const writer = new RunWriter(sink, pieceSize);
    const kept = this.#kept();
    const entries = kept.map((i) => this.#entries[i] as number);
    sortEntries(this.#bytes, entries);
    for (const entry of entries) writer.entry(this.#bytes, entry, lengthAt(this.#bytes, entry));
    const ids = this.#writeIds(writer, kept);
    const { count } = this.#retrievals;
    const hashes = Float64Array.from({ length: count }, (_, i) => this.#retrievals.hashOf(i));
    const places = Float64Array.from(this.#retrievalPlaces, standing);
    return writer.finish(ids, writeTable(writer, hashes, places));
  }

  /** Forgets everything, and keeps its memory for what comes. */
  clear(): void {
    this.#used = 0;
    this.#ids = new HashChains();
    this.#isGone = new Set();
    this.#ends = new Set();
    this.#retrievals = new HashChains();
    this.#retrievalPlaces = [];
    this.#paths = null;
  }

  #writeIds(writer: RunWriter, kept: Uint32Array): TableShape {
    const [hashes, seconds] = [new Float64Array(kept.length), new Float64Array(kept.length)];
    kept.forEach((number, i) => {
      const entry = this.#entries[number] as number;
      const place = placeAt(this.#bytes, entry);
      hashes[i] = this.#ids.hashOf(number);
      seconds[i] = isEndedAt(this.#bytes, entry) ? ended(place) : standing(place);
    });
    return writeTable(writer, hashes, seconds);
  }

  #kept(): Uint32Array {
    const kept = new Uint32Array(this.#ids.count - this.#isGone.size);
    let at = 0;
    for (let number = 0; number < this.#ids.count; number++) if (!this.#isGone.has(number)) kept[at++] = number;
    return kept;
  }

  #add(length: number, hash: number): void {
    const number = this.#ids.add(hash);
    if (number === this.#entries.length) {
      const larger = new Uint32Array(2 * number);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[number] = this.#used;
    this.#used += length;
    if (this.#paths !== null) this.#notePath(this.#paths, number);
  }

  #chainsOfPaths(): HashChains {
    if (this.#paths !== null) return this.#paths;
    const paths = new HashChains();
    for (let number = 0; number < this.#ids.count; number++) this.#notePath(paths, number);
    this.#paths = paths;
    return paths;
  }

  #notePath(paths: HashChains, number: number): void {
    const path = (this.#entries[number] as number) + PATH;
    paths.add(hashOfBytes(this.#bytes, path, path + pathLengthAt(this.#bytes, path - PATH)));
  }

  #makeRoom(length: number): void {
    const needed = this.#used + length;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, needed));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}

function writeTable(writer: RunWriter, firsts: Float64Array, seconds: Float64Array): TableShape {
  const table = writer.table();
  for (const i of pairOrder(firsts, seconds)) table.pair(firsts[i] as number, seconds[i] as number);
  return table.finish();
}
