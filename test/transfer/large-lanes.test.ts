// Who does large tasks, and how many hash one large file.

import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { type ByteRange, MIB } from '../../src/model/parts.js';
import { RelPath } from '../../src/model/rel-path.js';
import { type TreeHash, TreeHasher } from '../../src/model/tree-hash.js';
import { openLargeLanes } from '../../src/transfer/large-lanes.js';
import type { Transfer } from '../../src/transfer/port.js';
import { never } from '../disk/temporary-directory.js';

const ZEROS = new Uint8Array(MIB);

function hashOfZeros(size: number): TreeHash {
  const hasher = new TreeHasher(nodeEngine);
  for (let at = 0; at < size; at += MIB) hasher.update(ZEROS.subarray(0, size - at));
  return hasher.digest();
}

function fileOf(size: number): LocalFile {
  return { path: RelPath.parse('f'), size, mtime: Instant.ofSeconds(0) };
}

/** Lanes of which each hashes zeros when it is let, and that tell who did what. */
class Lanes {
  readonly done: { where: string; range: ByteRange }[] = [];
  readonly opened: Record<string, number> = {};
  atOnce = 0;
  mostAtOnce = 0;
  failsAt: number | null = null;
  readonly transfer: Transfer & AsyncDisposable;

  constructor(threads: number, width: number) {
    this.transfer = openLargeLanes({
      threads,
      width,
      engine: nodeEngine,
      openHere: (width) => this.#open('here', { here: width }),
      openThreads: (threads, width) => ({
        ...this.#open('there', { threads, there: width }),
        [Symbol.asyncDispose]: async () => void (this.opened['closed'] = 1),
      }),
    });
  }

  #open(where: string, opened: Record<string, number>): Transfer {
    Object.assign(this.opened, opened);
    const hashRange: Transfer['hashRange'] = async (_, range) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
      await tick();
      this.atOnce--;
      this.done.push({ where, range });
      if (range.start === this.failsAt) throw new Error('this range fails');
      return hashOfZeros(range.end - range.start);
    };
    const hashFile: Transfer['hashFile'] = (file, signal) => hashRange(file, { start: 0, end: file.size }, signal);
    return { hashFile, hashRange } as Transfer;
  }
}

describe('lanes of large tasks', () => {
  it.each([
    [2, 4, { threads: 1, there: 2, here: 2 }],
    [2, 5, { threads: 1, there: 3, here: 2 }],
    [4, 4, { threads: 3, there: 3, here: 1 }],
    [4, 2, { threads: 1, there: 1, here: 1 }],
    [4, 1, { threads: 1, there: 1 }],
    [5, 8, { threads: 5, there: 8 }],
  ])('%i threads with %i lanes: %j', async (threads, width, opened) => {
    const lanes = new Lanes(threads, width);
    expect(lanes.opened).toEqual(opened);
    await lanes.transfer[Symbol.asyncDispose]();
    expect(lanes.opened).toEqual({ ...opened, closed: 1 });
  });

  it.each([1, 64 * MIB, 64 * MIB + 1, 200 * MIB + 5])('a file of %i bytes has its tree hash', async (size) => {
    const lanes = new Lanes(2, 4);
    expect(await lanes.transfer.hashFile(fileOf(size), never)).toBe(hashOfZeros(size));
    const bytes = lanes.done.reduce((sum, { range }) => sum + range.end - range.start, 0);
    expect(bytes).toBe(size);
  });

  it('as many hash it as there are lanes, here and there', async () => {
    const lanes = new Lanes(2, 4);
    await lanes.transfer.hashFile(fileOf(640 * MIB), never);
    expect(lanes.mostAtOnce).toBe(4);
    expect(new Set(lanes.done.map(({ where }) => where))).toEqual(new Set(['here', 'there']));
  });

  it('what one throws is thrown, and no range is begun any more', async () => {
    const lanes = new Lanes(2, 2);
    lanes.failsAt = 64 * MIB;
    await expect(lanes.transfer.hashFile(fileOf(6400 * MIB), never)).rejects.toThrow('this range fails');
    expect(lanes.done.length).toBeLessThan(10);
  });
});
