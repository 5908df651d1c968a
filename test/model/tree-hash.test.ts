import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineNamed, type HashEngine, nodeEngine } from '../../src/model/hash-engine.js';
import { rangesOf } from '../../src/model/parts.js';
import { combineTreeHashes, LEAF_SIZE, selfTest, TreeHash, TreeHasher, treeHashOf } from '../../src/model/tree-hash.js';
import vectors from '../vectors/tree-hash.json' with { type: 'json' };

const engines: HashEngine[] = [];
beforeAll(async () => {
  for (const name of ['node', 'wasm'] as const) engines.push(await engineNamed(name));
});

/** The definition, word by word: leaves of a MiB, then pairs, level by level. */
function byDefinition(bytes: Uint8Array): string {
  const sha256 = (b: Uint8Array): Buffer => createHash('sha256').update(b).digest();
  let level = [...rangesOf(bytes.length, LEAF_SIZE)].map(({ start, end }) => sha256(bytes.subarray(start, end)));
  while (level.length > 1) {
    level = level.flatMap((left, i) => {
      if (i % 2 === 1) return [];
      const right = level[i + 1];
      return [right === undefined ? left : sha256(Buffer.concat([left, right]))];
    });
  }
  return (level[0] ?? sha256(bytes)).toString('hex');
}

describe('tree hash', () => {
  it.each(vectors)('is the known one for $size times "a", with every engine', ({ size, treehash }) => {
    const bytes = new Uint8Array(size).fill(0x61);
    for (const engine of engines) expect(treeHashOf(bytes, engine), engine.name).toBe(treehash);
  });

  it('there are two engines, and both pass their self-test', () => {
    expect(engines.map(({ name }) => name)).toEqual(['node', 'wasm']);
    for (const engine of engines) expect(() => selfTest(engine)).not.toThrow();
  });

  it('subtrees are joined as soon as they are whole, so that no list of leaves is held', () => {
    let joined = 0;
    const counting: HashEngine = {
      ...nodeEngine,
      digest: (bytes) => {
        if (bytes.length === 64) joined++;
        return nodeEngine.digest(bytes);
      },
    };
    const hasher = new TreeHasher(counting);
    const leaf = new Uint8Array(LEAF_SIZE);
    const seen = Array.from({ length: 8 }, () => {
      hasher.update(leaf);
      return joined;
    });
    expect(seen).toEqual([0, 1, 1, 3, 3, 4, 4, 7]);
  });

  it('an engine that errs in one bit fails the self-test', () => {
    const wrong: HashEngine = {
      ...nodeEngine,
      digest: (bytes) => {
        const digest = nodeEngine.digest(bytes);
        if (bytes.length === 64) digest[31] = (digest[31] ?? 0) ^ 1;
        return digest;
      },
    };
    expect(() => selfTest(wrong)).toThrow('computes wrong SHA-256');
  });

  it('an engine whose hexadecimal digests err fails the self-test', () => {
    const hexDigest: HashEngine['hexDigest'] = (bytes) =>
      nodeEngine.hexDigest(bytes).replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(() => selfTest({ ...nodeEngine, hexDigest })).toThrow('computes wrong SHA-256');
  });

  it('does not depend on how the content is cut into updates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 * LEAF_SIZE + 3 }),
        fc.array(fc.integer({ min: 1, max: LEAF_SIZE + 5 }), { minLength: 1, maxLength: 8 }),
        (size, cuts) => {
          const bytes = Buffer.alloc(size, 'mtglacier');
          for (const engine of engines) {
            const hasher = new TreeHasher(engine);
            let at = 0;
            for (let i = 0; at < size; i++) {
              const step = cuts[i % cuts.length] as number;
              hasher.update(bytes.subarray(at, at + step));
              at += step;
            }
            expect(hasher.digest()).toBe(byDefinition(bytes));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('of parts of a power of two MiB combines to that of the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 * LEAF_SIZE }), fc.integer({ min: 0, max: 2 }), (size, power) => {
        const bytes = Buffer.alloc(size, 'part');
        const parts = [...rangesOf(size, LEAF_SIZE * 2 ** power)].map(({ start, end }) =>
          treeHashOf(bytes.subarray(start, end), nodeEngine),
        );
        expect(combineTreeHashes(parts, nodeEngine)).toBe(byDefinition(bytes));
      }),
      { numRuns: 25 },
    );
  });

  it('without parts is refused, and text that is no hash as well', () => {
    expect(() => combineTreeHashes([], nodeEngine)).toThrow(RangeError);
    expect(() => TreeHash.parse('abc')).toThrow('not a tree hash');
    expect(TreeHash.parse('AB'.repeat(32))).toBe('ab'.repeat(32));
  });
});
