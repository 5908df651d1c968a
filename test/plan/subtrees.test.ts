import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIB } from '../../src/model/parts.js';
import { subtreesHolding } from '../../src/plan/subtrees.js';
import { isTreeAligned } from '../../src/vault/tree-aligned.js';

/** In MiB. */
function inMebibytes(start: number, end: number, size: number): number[][] {
  const found = subtreesHolding({ start: start * MIB, end: end * MIB }, size * MIB);
  return found.map((range) => [range.start / MIB, range.end / MIB]);
}

const archives = fc.oneof(fc.integer({ min: 1, max: 200 * MIB }), fc.integer({ min: 1, max: 40 * 1024 ** 4 }));
const cases = archives.chain((size) =>
  fc
    .tuple(fc.nat(size - 1), fc.nat(size - 1))
    .map(([a, b]) => ({ size, wanted: { start: Math.min(a, b), end: Math.max(a, b) + 1 } })),
);

describe('subtrees', () => {
  it('subtrees: one byte is in one MiB, at the end of the archive in what is left of one', () => {
    expect(inMebibytes(0, 1 / MIB, 1000)).toEqual([[0, 1]]);
    expect(inMebibytes(999, 999.5, 999.5)).toEqual([[999, 999.5]]);
    expect(inMebibytes(0, 1 / MIB, 1 / MIB)).toEqual([[0, 1 / MIB]]);
  });

  it('subtrees: what is one is asked for as one, whether it ends at a power of two or with the archive', () => {
    expect(inMebibytes(1024, 2048, 5000)).toEqual([[1024, 2048]]);
    expect(inMebibytes(4096, 5000, 5000)).toEqual([[4096, 5000]]);
    expect(inMebibytes(0, 5000, 5000)).toEqual([[0, 5000]]);
  });

  it('subtrees: a few MiB more are asked for where that spares a request, many are not', () => {
    expect(inMebibytes(1, 31, 1000)).toEqual([[0, 32]]);
    expect(inMebibytes(0, 40, 1000)).toEqual([
      [0, 32],
      [32, 40],
    ]);
    expect(inMebibytes(511, 513, 1000)).toEqual([
      [511, 512],
      [512, 513],
    ]);
    expect(inMebibytes(500, 1500, 2000)).toEqual([
      [496, 512],
      [512, 1024],
      [1024, 1536],
    ]);
  });

  it('subtrees: across the middle of a small archive all of it is asked for', () => {
    expect(inMebibytes(3, 4, 11)).toEqual([[3, 4]]);
    expect(inMebibytes(7, 9, 11)).toEqual([[0, 11]]);
  });

  it('subtrees: whatever is wanted is held, side by side, each a subtree of which the vault tells the hash', () => {
    fc.assert(
      fc.property(cases, ({ size, wanted }) => {
        const found = subtreesHolding(wanted, size);
        expect(found[0]!.start).toBeLessThanOrEqual(wanted.start);
        expect(found.at(-1)!.end).toBeGreaterThanOrEqual(wanted.end);
        for (const [i, range] of found.entries()) {
          expect(isTreeAligned(range, size)).toBe(true);
          if (i > 0) expect(range.start).toBe(found[i - 1]!.end);
          expect(range.start < wanted.end && range.end > wanted.start).toBe(true);
        }
        const bytes = found.reduce((sum, { start, end }) => sum + end - start, 0);
        const leaves = Math.min(Math.ceil(wanted.end / MIB) * MIB, size) - Math.floor(wanted.start / MIB) * MIB;
        expect(bytes - leaves, 'two ends, at each of which a subtree is rounded up').toBeLessThan(16 * MIB * 2 * 26);
        expect(found.length).toBeLessThanOrEqual(2 * 26);
      }),
    );
  });

  it('subtrees: none are cheaper, where every choice can be tried', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(63), fc.nat(63), (size, a, b) => {
        const [start, end] = [Math.min(a, b, size - 1), Math.min(Math.max(a, b), size - 1) + 1];
        const found = inMebibytes(start, end, size);
        const cost = found.reduce((sum, [from = 0, to = 0]) => sum + to - from + 16, 0);
        expect(cost).toBe(cheapestOf(start, end, size));
      }),
    );
  });

  it('subtrees: nothing, or what is not there, is no range', () => {
    for (const [start, end] of [
      [0, 0],
      [2, 1],
      [-1, 1],
      [0, 11],
    ] as const) {
      expect(() => subtreesHolding({ start, end }, 10)).toThrow(RangeError);
    }
  });
});

/** By trying every subtree that begins where the one before ended: in MiB, a request counting 16. */
function cheapestOf(start: number, end: number, size: number): number {
  const from = new Map<number, number>();
  const cheapestFrom = (at: number): number => {
    if (at >= end) return 0;
    const known = from.get(at);
    if (known !== undefined) return known;
    let best = Number.POSITIVE_INFINITY;
    for (let to = at + 1; to <= size; to++) {
      if (!isTreeAligned({ start: at * MIB, end: to * MIB }, size * MIB)) continue;
      best = Math.min(best, to - at + 16 + cheapestFrom(to));
    }
    from.set(at, best);
    return best;
  };
  return Math.min(...Array.from({ length: start + 1 }, (_, at) => cheapestFrom(at)));
}
