// The filter of hashes: what it says is not there never was, and of the rest it seldom errs.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashFilter } from '../../src/journal/index/hash-filter.js';
import { HASH_END, hashOfBytes } from '../../src/journal/index/hash-of-bytes.js';

describe('hash filter', () => {
  it('may hold all that was added', () => {
    const hashes = fc.array(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((part) => Math.floor(part * HASH_END)),
    );
    fc.assert(
      fc.property(hashes, fc.nat(100), (all, size) => {
        const filter = new HashFilter(size);
        for (const hash of all) filter.add(hash);
        expect(all.filter((hash) => !filter.mayHold(hash))).toEqual([]);
      }),
    );
  });

  it.each([
    ['that count up', (n: number) => `added-${n}`],
    ['of one length that end alike', (n: number) => `${String(n).padStart(130, '0')}-archive`],
    ['that begin alike', (n: number) => `${'x'.repeat(134)}${String(n).padStart(6, '0')}`],
  ])('takes one of a hundred others for its own at most, with ids %s', (_, idOf) => {
    const hashOf = (n: number): number => {
      const bytes = Buffer.from(idOf(n));
      return hashOfBytes(bytes, 0, bytes.length);
    };
    const filter = new HashFilter(10_000);
    for (let n = 0; n < 10_000; n++) filter.add(hashOf(n));
    let taken = 0;
    for (let n = 10_000; n < 110_000; n++) if (filter.mayHold(hashOf(n))) taken++;
    expect(taken).toBeLessThan(1000);
  });
});

describe('hash of bytes', () => {
  it('is the same wherever the bytes stand, another for nearly any others, and less than its end', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        fc.uint8Array({ maxLength: 9 }),
        fc.nat(),
        (bytes, before, at) => {
          const hash = hashOfBytes(bytes, 0, bytes.length);
          expect(hashOfBytes(Buffer.concat([before, bytes]), before.length, before.length + bytes.length)).toBe(hash);
          expect(Number.isInteger(hash) && hash >= 0 && hash < HASH_END).toBe(true);
          const other = Uint8Array.from(bytes);
          other[at % bytes.length] = (other[at % bytes.length] as number) ^ (1 + (at % 255));
          expect(hashOfBytes(other, 0, other.length)).not.toBe(hash);
          expect(hashOfBytes(bytes, 0, bytes.length - 1)).not.toBe(hash);
        },
      ),
    );
  });
});
