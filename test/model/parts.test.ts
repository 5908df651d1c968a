import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPartSize, LIMITS, partSizeFor, rangesOf } from '../../src/model/parts.js';

const MIB = 1024 * 1024;
const partSizes = fc.integer({ min: 0, max: 12 }).map((power) => MIB * 2 ** power);

describe('parts', () => {
  it('size is the wished one while 10,000 of them hold the file, and the smallest lawful one beyond', () => {
    expect(partSizeFor(10_000 * MIB, MIB)).toBe(MIB);
    expect(partSizeFor(10_000 * MIB + 1, MIB)).toBe(2 * MIB);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LIMITS.partCount * LIMITS.partSizeMax }), partSizes, (size, wanted) => {
        const partSize = partSizeFor(size, wanted);
        expect(isPartSize(partSize)).toBe(true);
        expect(Math.ceil(size / partSize)).toBeLessThanOrEqual(LIMITS.partCount);
        expect(partSize === wanted || Math.ceil(size / (partSize / 2)) > LIMITS.partCount).toBe(true);
      }),
    );
  });

  it('of a file that no part size can hold is refused', () => {
    expect(() => partSizeFor(LIMITS.partCount * LIMITS.partSizeMax + 1, MIB)).toThrow('more than one archive can hold');
  });

  it('ranges cover the file without gap or overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 300 }), (size, step) => {
        let at = 0;
        for (const range of rangesOf(size, step)) {
          expect(range.start).toBe(at);
          expect(range.end - range.start).toBeLessThanOrEqual(step);
          at = range.end;
        }
        expect(at).toBe(size);
      }),
    );
  });

  it('of sizes that are no power of two MiB are not lawful', () => {
    for (const size of [0, 1, 3 * MIB, MIB / 2, 8192 * MIB, Number.NaN]) expect(isPartSize(size)).toBe(false);
  });
});
