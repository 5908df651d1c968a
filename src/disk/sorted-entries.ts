// The entries of one directory in the order of paths, however many.

import { comparePaths } from '../model/rel-path.js';

/** One name that can take part. `key` places it among the others: a directory is known by its name and `/`. */
export interface Entry {
  readonly key: string;
  readonly kind: EntryKind;
}

/**
 * `unfinished` is a download under its temporary name, `not-text` a name that is none in the encoding of the place,
 * shown, `unsafe` one that no journal can hold.
 */
export type EntryKind = 'directory' | 'link' | 'file' | 'special' | 'unfinished' | 'not-text' | 'unsafe';

/** Of more entries than this no list is kept: they are packed, at a byte or two beside each name. */
const RUN_LENGTH = 16_384;

/** Bytes of a packed run that are unpacked at a time. */
const SLICE_SIZE = 4096;

const LETTERS = { directory: 'd', link: 'l', file: 'f', special: 's', unfinished: 'p', 'not-text': 'n', unsafe: 'u' };
const KINDS = new Map(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as EntryKind]));

/**
 * Takes entries in any order and gives them in theirs. Memory: the entries themselves up to 16,384; of more the bytes
 * of their names and three for each, and 20 KiB for every 16,384.
 */
export class SortedEntries implements Iterable<Entry> {
  readonly #runs: Buffer[] = [];
  #last: Entry[] = [];
  /** Where a surrogate meets what lies behind them, JavaScript's order is not that of UTF-8. */
  #hasSurrogates = false;
  #isSorted = true;

  add(entry: Entry): void {
    this.#hasSurrogates ||= /[\ud800-\udfff]/.test(entry.key);
    this.#isSorted = false;
    this.#last.push(entry);
    if (this.#last.length < RUN_LENGTH) return;
    this.#runs.push(packed(this.#sorted()));
    this.#last = [];
  }

  /** May be called again, and while another goes on. */
  [Symbol.iterator](): Iterator<Entry> {
    const last = this.#sorted();
    if (this.#runs.length === 0) return last.values();
    return merged([...this.#runs.map(unpacked), last.values()]);
  }

  #sorted(): readonly Entry[] {
    if (!this.#isSorted) this.#last.sort(this.#hasSurrogates ? byBytes : byUnits);
    this.#isSorted = true;
    return this.#last;
  }
}

function byBytes(a: Entry, b: Entry): number {
  return comparePaths(a.key, b.key);
}

function byUnits(a: Entry, b: Entry): number {
  return a.key < b.key ? -1 : 1;
}

/** No name holds a NUL: it ends each, and the letter of its kind comes behind it. */
function packed(run: readonly Entry[]): Buffer {
  return Buffer.from(run.map(({ key, kind }) => `${key}\0${LETTERS[kind]}`).join(''), 'utf8');
}

function* unpacked(run: Buffer): Generator<Entry, undefined> {
  for (let start = 0; start < run.length; ) {
    const end = run.indexOf(0, Math.min(start + SLICE_SIZE, run.length - 2)) + 2;
    const names = run.toString('utf8', start, end).split('\0');
    let key = names[0] as string;
    // Each piece is the letter of the name before, and the next name.
    for (const piece of names.slice(1)) {
      yield { key, kind: KINDS.get(piece.charAt(0)) as EntryKind };
      key = piece.slice(1);
    }
    start = end;
  }
}

interface Head {
  entry: Entry;
  readonly rest: Iterator<Entry, undefined>;
}

/** Each of the runs is in order. */
function* merged(runs: readonly Iterator<Entry, undefined>[]): Generator<Entry> {
  const heads = runs.flatMap((rest): Head[] => {
    const { done, value } = rest.next();
    return done === true ? [] : [{ entry: value, rest }];
  });
  for (let at = heads.length >> 1; at >= 0; at--) sink(heads, at);
  for (let [least] = heads; least !== undefined; [least] = heads) {
    yield least.entry;
    const { done, value } = least.rest.next();
    if (done !== true) least.entry = value;
    else {
      const last = heads.pop() as Head;
      if (last === least) continue;
      heads[0] = last;
    }
    sink(heads, 0);
  }
}

/** Makes a heap of what is one but for the head at this place. */
function sink(heads: Head[], at: number): void {
  for (let above = at; ; ) {
    let least = above;
    for (const below of [2 * above + 1, 2 * above + 2]) {
      if (comesBefore(heads[below], heads[least])) least = below;
    }
    if (least === above) return;
    [heads[above], heads[least]] = [heads[least] as Head, heads[above] as Head];
    above = least;
  }
}

function comesBefore(a: Head | undefined, b: Head | undefined): boolean {
  return a !== undefined && b !== undefined && comparePaths(a.entry.key, b.entry.key) < 0;
}
