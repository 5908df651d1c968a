// Pieces of a range: at once or waited for, never into a piece that is still used.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pieces } from '../../src/disk/pieces.js';

const PIECE = 4;

/** A file of bytes that tell their place, and how long each read of it takes. */
class SlowFile {
  readonly #tookMs: (at: number) => number;
  #nowMs = 0;
  /** Where reads began, and whether they were waited for. */
  readonly reads: { at: number; waited: boolean }[] = [];

  constructor(tookMs: (at: number) => number) {
    this.#tookMs = tookMs;
  }

  now(piece: Uint8Array, at: number): void {
    this.#read(piece, at, false);
  }

  soon(piece: Uint8Array, at: number): Promise<Uint8Array> {
    this.#read(piece, at, true);
    return Promise.resolve(piece);
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  #read(piece: Uint8Array, at: number, waited: boolean): void {
    this.reads.push({ at, waited });
    this.#nowMs += this.#tookMs(at);
    for (let i = 0; i < piece.length; i++) piece[i] = (at + i) % 251;
  }
}

async function allOf(file: SlowFile, start: number, end: number, buffer: Uint8Array): Promise<number[]> {
  const pieces = new Pieces({ start, end }, buffer, PIECE, file);
  const all: number[] = [];
  while (!pieces.ended) all.push(...(await pieces.next()));
  return all;
}

test('pieces: whatever takes long, they are the bytes of the range in order, each good until the next', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(100),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      fc.infiniteStream(fc.boolean()),
      async (start, size, room, slow) => {
        const file = new SlowFile(() => (slow.next().value === true ? 5 : 0));
        const buffer = new Uint8Array(Math.min(room * PIECE, Math.ceil(size / PIECE) * PIECE));
        const expected = Array.from({ length: size }, (_, i) => (start + i) % 251);
        expect(await allOf(file, start, start + size, buffer)).toEqual(expected);
        expect(file.reads.map(({ at }) => at)).toEqual(file.reads.map((_, n) => start + n * PIECE));
      },
    ),
  );
});

test('pieces: what the system has in its cache is not waited for', async () => {
  const file = new SlowFile(() => 0.1);
  await allOf(file, 0, 40 * PIECE, new Uint8Array(2 * PIECE));
  expect(file.reads.some(({ waited }) => waited)).toBe(false);
});

test('pieces: after one that took long others are waited for, and then it is tried again', async () => {
  const file = new SlowFile((at) => (at === PIECE ? 5 : 0.1));
  await allOf(file, 0, 40 * PIECE, new Uint8Array(2 * PIECE));
  const waitedFor = file.reads.filter(({ waited }) => waited).map(({ at }) => at / PIECE);
  expect(waitedFor).toEqual(Array.from({ length: 16 }, (_, n) => 2 + n));
});

test.each([
  ['two', 2, [0, 1, 3]],
  ['one', 1, [0, 1, 2]],
])('pieces: one is read ahead only where there is room for two: %s', async (_, room, readByThen) => {
  const file = new SlowFile(() => 5);
  const pieces = new Pieces({ start: 0, end: 10 * PIECE }, new Uint8Array(room * PIECE), PIECE, file);
  const counts: number[] = [];
  for (const __ of [0, 1]) {
    counts.push(file.reads.length);
    await pieces.next();
  }
  expect([...counts, file.reads.length]).toEqual(readByThen);
});

test('pieces: from what is known to be slow none is read without waiting', async () => {
  const file = new SlowFile(() => 0.1);
  const pieces = new Pieces({ start: 0, end: 40 * PIECE }, new Uint8Array(2 * PIECE), PIECE, file, Infinity);
  while (!pieces.ended) await pieces.next();
  expect(file.reads.every(({ waited }) => waited)).toBe(true);
  expect(file.reads).toHaveLength(40);
});
