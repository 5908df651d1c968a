// Sorts entries by path: what many paths begin with is looked at once.

import { compareEntries, PATH, pathLengthAt } from './entry.js';

/** So few are put in order one by one. */
const FEW = 8;
/** Bytes that are looked at in one go: as many as a number can hold. */
const WORD = 6;

/**
 * Puts places of entries in `bytes` into the order of the entries.
 * Source: Bentley and Sedgewick, "Fast Algorithms for Sorting and Searching Strings" (1997), with words for characters.
 */
export function sortEntries(bytes: Buffer, entries: Uint32Array): void {
  new EntrySort(bytes, entries).sort();
}

/** Entries that are alike up to `depth`. */
interface Alike {
  readonly low: number;
  readonly high: number;
  readonly depth: number;
}

class EntrySort {
  readonly #bytes: Buffer;
  readonly #entries: Uint32Array;
  /** Of each entry the word at the depth that is sorted by. */
  readonly #words: Float64Array;
  /** What is left to be put in order. A list, for paths may be alike for longer than a stack is deep. */
  readonly #left: Alike[];

  constructor(bytes: Buffer, entries: Uint32Array) {
    this.#bytes = bytes;
    this.#entries = entries;
    this.#words = new Float64Array(entries.length);
    this.#left = [{ low: 0, high: entries.length, depth: 0 }];
  }

  sort(): void {
    for (let next = this.#left.pop(); next !== undefined; next = this.#left.pop()) {
      if (next.high - next.low <= FEW) this.#insert(next.low, next.high);
      else this.#sortByWord(next);
    }
  }

  #sortByWord({ low, high, depth }: Alike): void {
    const words = this.#words;
    for (let i = low; i < high; i++) words[i] = this.#word(i, depth);
    this.#sortWords(low, high);
    for (let start = low; start < high; ) {
      const word = words[start] as number;
      let end = start + 1;
      while (end < high && words[end] === word) end++;
      // Paths that end within a word, and are alike in it, are the same.
      const isSame = word % 8 < WORD;
      if (end - start > 1 && isSame) this.#entries.subarray(start, end).sort(this.#compare);
      if (end - start > 1 && !isSame) this.#left.push({ low: start, high: end, depth: depth + WORD });
      start = end;
    }
  }

  readonly #compare = (a: number, b: number): number => compareEntries(this.#bytes, a, this.#bytes, b);

  #insert(low: number, high: number): void {
    const entries = this.#entries;
    for (let next = low + 1; next < high; next++) {
      const entry = entries[next] as number;
      let at = next;
      for (; at > low && this.#compare(entries[at - 1] as number, entry) > 0; at--)
        entries[at] = entries[at - 1] as number;
      entries[at] = entry;
    }
  }

  /** The next bytes of a path; where it ends among them, less than all that go on. */
  #word(i: number, depth: number): number {
    const entry = this.#entries[i] as number;
    const rest = Math.min(WORD, Math.max(0, pathLengthAt(this.#bytes, entry) - depth));
    const start = entry + PATH + depth;
    let word = 0;
    for (let at = 0; at < WORD; at++) word = word * 256 + (at < rest ? (this.#bytes[start + at] as number) : 0);
    return word * 8 + rest;
  }

  /** Quicksort; only the smaller part is gone into, so that no stack overflows. */
  #sortWords(from: number, to: number): void {
    let [low, high] = [from, to];
    while (high - low > 1) {
      const [less, more] = this.#partition(low, high);
      if (less - low < high - more) {
        this.#sortWords(low, less);
        low = more;
      } else {
        this.#sortWords(more, high);
        high = less;
      }
    }
  }

  /** Puts what is less than a middle one first and what is greater last; gives where the equal ones begin and end. */
  #partition(low: number, high: number): [number, number] {
    const [words, entries] = [this.#words, this.#entries];
    const [a, b, c] = [words[low] as number, words[(low + high) >>> 1] as number, words[high - 1] as number];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [less, at, more] = [low, low, high];
    while (at < more) {
      const word = words[at] as number;
      const entry = entries[at] as number;
      if (word === pivot) {
        at++;
        continue;
      }
      const to = word < pivot ? less++ : --more;
      words[at] = words[to] as number;
      entries[at] = entries[to] as number;
      words[to] = word;
      entries[to] = entry;
      if (word < pivot) at++;
    }
    return [less, more];
  }
}
