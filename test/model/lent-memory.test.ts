// Memory that is lent, given back, and lent again.

import { describe, expect, it } from 'vitest';
import { giveBack, MemoryLender } from '../../src/model/lent-memory.js';

const SIZE = 1024;
const bytes = (fill: number, length = SIZE): Uint8Array => new Uint8Array(length).fill(fill);

describe('lent memory', () => {
  it('holds what came, whatever becomes of that', () => {
    const came = bytes(1, 1000);
    const piece = new MemoryLender(SIZE).copyOf(came);
    came.fill(2);
    expect(piece).toEqual(Buffer.alloc(1000, 1));
  });

  it('is used again once it is given back, and not before', () => {
    const lender = new MemoryLender(SIZE);
    const first = lender.copyOf(bytes(1));
    const second = lender.copyOf(bytes(2));
    giveBack(first);
    const third = lender.copyOf(bytes(3, 500));
    expect(third.buffer).toBe(first.buffer);
    expect([second, third]).toEqual([Buffer.alloc(SIZE, 2), Buffer.alloc(500, 3)]);
    expect(lender.copyOf(bytes(4)).buffer).not.toBe(first.buffer);
  });

  it('goes back once, and only as the piece that was lent', () => {
    const lender = new MemoryLender(SIZE);
    const piece = lender.copyOf(bytes(1));
    for (const other of [piece.subarray(0), piece.subarray(10), Buffer.alloc(SIZE)]) giveBack(other);
    expect(lender.copyOf(bytes(2)).buffer).not.toBe(piece.buffer);
    for (let time = 0; time < 2; time++) giveBack(piece);
    const next = [lender.copyOf(bytes(3)), lender.copyOf(bytes(4))];
    expect(next.map(({ buffer }) => buffer === piece.buffer)).toEqual([true, false]);
  });

  it('is not lent for pieces that are small or larger than any', () => {
    const lender = new MemoryLender(SIZE);
    for (const length of [0, 1, 100, SIZE + 1]) {
      const piece = lender.copyOf(bytes(7, length));
      expect(piece).toEqual(Buffer.alloc(length, 7));
      giveBack(piece);
      expect(lender.copyOf(bytes(8)).buffer).not.toBe(piece.buffer);
    }
  });
});
