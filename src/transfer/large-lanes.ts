// The lanes of large tasks: some of this thread, the others of threads; and one large file hashed in several at once.

import type { HashEngine } from '../model/hash-engine.js';
import { MIB, rangesOf } from '../model/parts.js';
import { combineTreeHashes, type TreeHash } from '../model/tree-hash.js';
import { forEachConcurrently } from './concurrently.js';
import type { Transfer } from './port.js';
import { Turns } from './turns.js';

export interface LargeLanesOptions {
  /** In which large tasks are done, this one among them or not. More than one. */
  readonly threads: number;
  /** Large tasks at once, in all of them together. */
  readonly width: number;
  readonly engine: HashEngine;
  readonly openHere: (width: number) => Transfer;
  readonly openThreads: (threads: number, width: number) => Transfer & AsyncDisposable;
}

/**
 * Where there are so few threads, this one is one of them: it works while the others start, and one less is to be
 * started. Where there are many it has enough to do with handing out.
 */
const FEW_THREADS = 4;

/** Bytes that one lane hashes of a file; a complete subtree of its tree hash. */
const HASHED_AT_ONCE = 64 * MIB;

/** A task goes to the first lane that is free: to one of this thread, before others are started for it. */
export function openLargeLanes(options: LargeLanesOptions): Transfer & AsyncDisposable {
  const { width, engine, openHere, openThreads } = options;
  const threads = Math.min(options.threads, width);
  const lanesHere = threads > 1 && threads <= FEW_THREADS ? Math.floor(width / threads) : 0;
  const others = openThreads(lanesHere > 0 ? threads - 1 : threads, width - lanesHere);
  const all = lanesHere > 0 ? sharedOut(width, lanesHere, openHere(lanesHere), others) : others;
  return {
    ...all,
    hashFile: (file, signal) => hashInRanges(all, file, { width, engine }, signal),
    [Symbol.asyncDispose]: () => others[Symbol.asyncDispose](),
  };
}

/** @param lanesHere so many of the lanes are those of `here` */
function sharedOut(width: number, lanesHere: number, here: Transfer, others: Transfer): Transfer {
  let made = 0;
  const lanes = new Turns(width, () => (made++ < lanesHere ? here : others));
  const inTurn = <T>(signal: AbortSignal, task: (transfer: Transfer) => Promise<T>): Promise<T> =>
    lanes.during(signal, task);
  return {
    hashFile: (file, signal) => inTurn(signal, (lane) => lane.hashFile(file, signal)),
    hashRange: (file, range, signal) => inTurn(signal, (lane) => lane.hashRange(file, range, signal)),
    sendWhole: (file, text, signal) => inTurn(signal, (lane) => lane.sendWhole(file, text, signal)),
    sendPart: (file, upload, range, held, signal) =>
      inTurn(signal, (lane) => lane.sendPart(file, upload, range, held, signal)),
    fetchRange: (ready, range, into, signal) => inTurn(signal, (lane) => lane.fetchRange(ready, range, into, signal)),
    hasLanded: (file, range, treeHash, signal) =>
      inTurn(signal, (lane) => lane.hasLanded(file, range, treeHash, signal)),
  };
}

/** Each range is read from the file that was found, or the file has changed. */
async function hashInRanges(
  transfer: Transfer,
  file: Parameters<Transfer['hashFile']>[0],
  { width, engine }: Pick<LargeLanesOptions, 'width' | 'engine'>,
  signal: AbortSignal,
): Promise<TreeHash> {
  if (file.size <= HASHED_AT_ONCE) return transfer.hashFile(file, signal);
  const hashes: TreeHash[] = [];
  const ranges = rangesOf(file.size, HASHED_AT_ONCE);
  await forEachConcurrently(ranges, width, { soon: signal, now: signal }, async (range) => {
    hashes[range.start / HASHED_AT_ONCE] = await transfer.hashRange(file, range, signal);
  });
  return combineTreeHashes(hashes, engine);
}
