// Makes one run of several, a piece at a time: others have their turn while it writes.

import { lengthAt } from './entry.js';
import type { NewRun } from './index-folder.js';
import { MergedEntries } from './merge.js';
import { MergedPairs } from './pairs.js';
import type { Run } from './run.js';
import type { RunShape, TableShape } from './run-shape.js';
import { RunWriter } from './run-writer.js';

/** What gathers before it is written. Bytes. */
const PIECE = 1024 * 1024;

/** Memory: a piece, and what the writer needs. */
export async function mergeRuns(runs: readonly Run[], into: NewRun): Promise<RunShape> {
  let pieces: Buffer[] = [];
  let gathered = 0;
  const writer = new RunWriter((bytes) => {
    pieces.push(bytes);
    gathered += bytes.length;
  });
  const write = async (): Promise<void> => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    gathered = 0;
    await into.write(bytes);
  };
  const entries = new MergedEntries(runs);
  while (entries.next()) {
    writer.entry(entries.block, entries.at, lengthAt(entries.block, entries.at));
    if (gathered >= PIECE) await write();
  }
  const table = async (name: 'ids' | 'retrievals'): Promise<TableShape> => {
    const written = writer.table();
    const pairs = new MergedPairs(runs, name);
    while (pairs.next()) {
      written.pair(pairs.first, pairs.second);
      if (gathered >= PIECE) await write();
    }
    return written.finish();
  };
  const ids = await table('ids');
  const shape = writer.finish(ids, await table('retrievals'));
  await write();
  return shape;
}
