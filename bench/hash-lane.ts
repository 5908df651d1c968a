// A thread that hashes parts as long as there are any: says that it is ready, waits for a word, and says that it is done.

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

export interface HashLane {
  readonly both: boolean;
  /** Null: the same memory again and again, more of it than caches hold. */
  readonly file: string | null;
  /** Parts that one of the threads has taken. */
  readonly taken: Int32Array;
  readonly parts: number;
  readonly partSize: number;
}

const MIB = 1024 * 1024;
const { both, file, taken, parts, partSize } = workerData as HashLane;
const handle = file === null ? null : openSync(file, 'r');
const memory = Buffer.alloc(handle === null ? partSize : MIB, 'mtglacier');

parentPort?.once('message', () => {
  for (let part = Atomics.add(taken, 0, 1); part < parts; part = Atomics.add(taken, 0, 1)) hashPart(part);
  if (handle !== null) closeSync(handle);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');

/** Each MiB while it is in cache. The few nodes above the leaves of a tree are left out. */
function hashPart(part: number): void {
  const linear = createHash('sha256');
  for (let at = 0; at < partSize; at += MIB) {
    const piece = pieceAt(part, at);
    if (both) linear.update(piece);
    createHash('sha256').update(piece).digest();
  }
  linear.digest();
}

function pieceAt(part: number, at: number): Buffer {
  if (handle === null) return memory.subarray(at, at + MIB);
  readSync(handle, memory, 0, MIB, part * partSize + at);
  return memory;
}
