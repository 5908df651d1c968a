import { expect, test } from 'vitest';
import { type ProvenSegment, provenSegments } from '../../src/flows/retrieving/proven-segments.js';
import { Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import type { ByteRange } from '../../src/model/parts.js';
import { combineTreeHashes, treeHashOf } from '../../src/model/tree-hash.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import type { ReadyRetrieval } from '../../src/vault/retrieving-port.js';
import { MIB } from '../vault/bytes.js';
import { type Fetching, Scene } from './fetching.js';

const SIZE = 11 * MIB + 5;
const never = new AbortController().signal;

/** All segments, with copies of their bytes, and what was read for them. */
async function segmentsOf(
  scene: Scene,
  ready: ReadyRetrieval,
  fetching: Fetching = {},
  segments: ProvenSegment[] = [],
) {
  const { segmentSize = MIB, width = 2 } = fetching;
  const reads: number[] = [];
  const vault = { read: scene.reading(fetching, reads), uploadWhole: nothing, uploadPart: nothing };
  const place = { locate: nothing, encoding: undefined as never };
  const transfer = createInlineTransfer({ place, vault, engine: nodeEngine, width, report: () => undefined });
  const halt = { soon: never, now: never };
  for await (const segment of provenSegments(ready, { segmentSize, width }, { transfer }, halt)) {
    segments.push({ ...segment, bytes: segment.bytes.slice() });
  }
  return { segments, reads };
}

function nothing(): never {
  throw new Error('nothing is stored');
}

test.each<[string, ByteRange, boolean]>([
  ['a subtree', { start: 4 * MIB, end: 8 * MIB }, true],
  ['the last subtree, a short one', { start: 8 * MIB, end: SIZE }, true],
  ['one leaf', { start: 3 * MIB, end: 4 * MIB }, true],
  ['all', { start: 0, end: SIZE }, true],
  ['no subtree', { start: MIB, end: 4 * MIB }, false],
])(
  'segments: of a retrieval of %s are counted from its start, and proven where it is a subtree',
  async (_, range, isProven) => {
    using scene = new Scene();
    const stored = await scene.store('large.bin', 1, SIZE);
    const ready = await scene.ready(stored, range);
    const content = stored.content.subarray(range.start, range.end);
    for (const segmentSize of [MIB, 2 * MIB, 16 * MIB, Number.POSITIVE_INFINITY]) {
      const told: boolean[] = [];
      const watching: Fetching['altered'] = (read) => {
        told.push(read.treeHash !== null);
        return read;
      };
      const { segments } = await segmentsOf(scene, ready, { segmentSize, altered: watching });
      expect(Buffer.concat(segments.map(({ bytes }) => bytes)).equals(content)).toBe(true);
      expect(segments[0]?.range.start).toBe(0);
      expect(told.every((is) => is === isProven)).toBe(true);
      const whole = combineTreeHashes(
        segments.map(({ treeHash }) => treeHash),
        nodeEngine,
      );
      expect(whole).toBe(treeHashOf(content, nodeEngine));
    }
  },
);

test('segments: one that arrives wrong is fetched again, and is not given before it is right', async () => {
  using scene = new Scene();
  const stored = await scene.store('large.bin', 1, SIZE);
  const ready = await scene.ready(stored, { start: 4 * MIB, end: 8 * MIB });
  let wrong = 2;
  const spoil: Fetching['altered'] = (read, start) => {
    if (start !== MIB || wrong-- <= 0) return read;
    return { ...read, body: changed(read.body) };
  };
  const { segments, reads } = await segmentsOf(scene, ready, { width: 1, altered: spoil });
  expect(reads).toEqual([0, MIB, MIB, MIB, 2 * MIB, 3 * MIB]);
  expect(Buffer.concat(segments.map(({ bytes }) => bytes)).equals(stored.content.subarray(4 * MIB, 8 * MIB))).toBe(
    true,
  );
});

test('segments: those before one that cannot be had have been given, and none after it', async () => {
  using scene = new Scene();
  const stored = await scene.store('large.bin', 1, SIZE);
  const given: ProvenSegment[] = [];
  const gone = new Failure('JOB_NOT_FOUND', 'it can be read no more');
  const beforeRead = (_nth: number, start: number): void => {
    if (start === 5 * MIB) throw gone;
  };
  await expect(segmentsOf(scene, stored.ready, { width: 3, beforeRead }, given)).rejects.toBe(gone);
  expect(given.map(({ range }) => range.start)).toEqual([0, MIB, 2 * MIB, 3 * MIB, 4 * MIB]);
});

async function* changed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of body) yield piece.map((byte) => byte ^ 1);
}
