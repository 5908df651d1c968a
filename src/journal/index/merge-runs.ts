// Makes one run of several, a piece at a time: others have their turn while it writes.

import { throwIfInterrupted } from '../../model/failure.js';
import { lengthAt } from './entry.js';
import type { NewRun } from './index-folder.js';
import { MergedEntries } from './merge.js';
import { MergedPairs } from './pairs.js';
import type { Run } from './run.js';
import type { RunShape, TableShape } from './run-shape.js';
import { RunWriter } from './run-writer.js';

/** What is written at a time. Bytes. */
const PIECE = 1024 * 1024;

/** Memory: two pieces, and what the writer needs. @throws Failure INTERRUPTED, and what the new run throws */
export async function mergeRuns(runs: readonly Run[], into: NewRun, signal: AbortSignal): Promise<RunShape> {
  const pieces: Buffer[] = [];
  const writer = new RunWriter((piece) => pieces.push(piece), PIECE);
  const write = async (): Promise<void> => {
    throwIfInterrupted(signal);
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) await into.write(piece);
  };
  const entries = new MergedEntries(runs);
  while (entries.next()) {
    writer.entry(entries.block, entries.at, lengthAt(entries.block, entries.at));
    if (pieces.length > 0) await write();
  }
  const table = async (name: 'ids' | 'retrievals'): Promise<TableShape> => {
    const written = writer.table();
    const pairs = new MergedPairs(runs, name);
    while (pairs.next()) {
      written.pair(pairs.first, pairs.second);
      if (pieces.length > 0) await write();
    }
    return written.finish();
  };
  const ids = await table('ids');
  const shape = writer.finish(ids, await table('retrievals'));
  await write();
  return shape;
}
