// Linear and tree hash together are what each would be alone.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BothHasher } from '../../src/model/both-hashes.js';
import { engineNamed } from '../../src/model/hash-engine.js';
import { treeHashOf } from '../../src/model/tree-hash.js';

const MIB = 1024 * 1024;
const CONTENT = Buffer.alloc(4 * MIB + 3, 'some content that repeats at no power of two. ');

test.each(['node', 'wasm'] as const)('both hashes, %s: of any content, in pieces of any length', async (name) => {
  const engine = await engineNamed(name);
  const size = fc.oneof(fc.nat(CONTENT.length), fc.constantFrom(0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 4 * MIB));
  const cuts = fc.array(size, { maxLength: 6 });
  fc.assert(
    fc.property(size, cuts, (size, cuts) => {
      const content = CONTENT.subarray(0, size);
      const hasher = new BothHasher(engine);
      let at = 0;
      for (const cut of [...cuts.filter((cut) => cut < size).toSorted((a, b) => a - b), size]) {
        hasher.update(content.subarray(at, cut));
        at = cut;
      }
      expect(hasher.digest()).toEqual({
        sha256: createHash('sha256').update(content).digest('hex'),
        treeHash: treeHashOf(content, engine),
      });
    }),
    { numRuns: name === 'node' ? 60 : 15 },
  );
});
