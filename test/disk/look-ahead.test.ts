// A walk that looks at several things at once finds what one finds that looks at one after another.

import { symlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEntriesSoon } from '../../src/disk/directory-entries.js';
import type { WalkOptions } from '../../src/disk/findings.js';
import type { SlowFileSystem } from '../../src/disk/look-ahead.js';
import { placeOf } from '../../src/disk/place.js';
import { batchesOf } from '../../src/disk/walk.js';
import { parseFilter, selectionOf } from '../../src/plan/filter.js';
import { briefly, TemporaryDirectory, walked } from './temporary-directory.js';
import { variedTree } from './varied-tree.js';

/** Answers in any order, and counts how many wait for an answer. */
class Slow implements SlowFileSystem {
  most = 0;
  readonly asked: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #random: number;

  constructor(seed: number) {
    this.#random = seed;
  }

  async status(location: string | Buffer) {
    return this.#answer(() => stat(location, { bigint: true }));
  }

  async entries(...asked: Parameters<typeof readEntriesSoon>) {
    this.asked.push(String(asked[0].path));
    return this.#answer(() => readEntriesSoon(...asked));
  }

  async #answer<T>(call: () => Promise<T>): Promise<T> {
    const turn = new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.most = Math.max(this.most, this.#waiting.length);
    setImmediate(() => this.#next());
    await turn;
    return call();
  }

  #next(): void {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    this.#waiting.splice(this.#random % this.#waiting.length, 1)[0]?.();
  }
}

async function seenAhead(root: string, options: WalkOptions, slow = new Slow(1)): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of batchesOf(placeOf(root), options, slow)) found.push(...batch.map(briefly));
  return found;
}

describe('walk that looks ahead', () => {
  it.each([2, 3, 16])('finds the same with %i looks at once, in the same order', async (concurrency) => {
    using tree = variedTree();
    const expected = (await walked(tree.path)).map(briefly);
    expect(await seenAhead(tree.path, { concurrency })).toEqual(expected);
    expect((await walked(tree.path, { concurrency })).map(briefly)).toEqual(expected);
  });

  it('finds the same when it follows links, and under filters', async () => {
    using tree = variedTree();
    for (const filter of ['+', '-sub/', '+*.gz -', '-!a*']) {
      for (const follow of [false, true]) {
        const options = { selection: selectionOf(parseFilter(filter)), follow };
        const expected = (await walked(tree.path, options)).map(briefly);
        expect(await seenAhead(tree.path, { ...options, concurrency: 5 })).toEqual(expected);
      }
    }
  });

  it('looks at as many things at once as it may, in one directory or in many, and at no more', async () => {
    using wide = new TemporaryDirectory();
    using many = new TemporaryDirectory();
    using deep = new TemporaryDirectory();
    const depths = Array.from({ length: 100 }, () => 'd').join('/');
    for (let i = 0; i < 60; i++) {
      wide.put(`${i}`);
      many.put(`${i}/only`);
      deep.put(`${depths}/${i}`);
    }
    for (const tree of [wide, many, deep]) {
      const slow = new Slow(7);
      expect(await seenAhead(tree.path, { concurrency: 8 }, slow)).toHaveLength(60);
      expect(slow.most).toBe(8);
    }
  });

  it('reads no directory far ahead of the walk, and none that is not entered', async () => {
    using tree = new TemporaryDirectory();
    for (let i = 0; i < 100; i++) tree.put(`${100 + i}/f`);
    tree.put('0/left/out');
    const slow = new Slow(3);
    const selection = selectionOf(parseFilter('-/0/left/'));
    const batches = batchesOf(placeOf(tree.path), { concurrency: 2, selection }, slow) as AsyncIterable<unknown>;
    for await (const _ of batches) {
      // The first batch is all that there is, unless it took long.
    }
    expect(slow.asked).not.toContain('0/left');
    expect(slow.asked).toHaveLength(102);
  });

  it('of a root that is no directory says that', async () => {
    using tree = new TemporaryDirectory();
    for (const root of [tree.put('file'), `${tree.path}/missing`]) {
      await expect(seenAhead(root, { concurrency: 4 })).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  it('finds the same in any tree with any links, whatever answer comes first', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'a-b', 'é', '\uff5e', '\u{1f600}');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const link = fc.record({ at: path, to: path });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { maxLength: 12 }),
        fc.array(link, { maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 2, max: 9 }),
        fc.nat(1_000_000),
        async (paths, links, follow, concurrency, seed) => {
          using tree = new TemporaryDirectory();
          for (const file of paths.filter((a) => !paths.some((b) => b.startsWith(`${a}/`)))) tree.put(file);
          for (const { at, to } of links) {
            try {
              symlinkSync(`${tree.path}/${to}`, `${tree.path}/${at}`);
            } catch {
              // The name is taken, or its directory is not there.
            }
          }
          const expected = (await walked(tree.path, { follow })).map(briefly);
          expect(await seenAhead(tree.path, { follow, concurrency }, new Slow(seed))).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
