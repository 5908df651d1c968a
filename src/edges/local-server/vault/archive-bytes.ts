// Reading an archive: its bytes over one file or many, and the tree hash of any of its ranges.

import { createReadStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LEAF_SIZE } from '../../../model/tree-hash.js';
import { newSuffix } from '../folder/ids.js';
import type { Archive } from './archive.js';
import { isTreeAligned, LeafHasher, leafCountOf, sliceOfLeaves, treeHashOfLeaves } from './leaves.js';
import type { Vault } from './vault.js';

const READ_SIZE = 256 * 1024;

/** A stretch of one of an archive's files. */
interface Stretch {
  readonly file: string;
  /** Size of the whole file. */
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

/** Bytes `start` up to, not including, `end` of the archive, in order. */
export async function* bytesOf(vault: Vault, archive: Archive, start: number, end: number): AsyncGenerator<Buffer> {
  for (const stretch of stretchesOf(vault, archive, start, end))
    yield* bytesOfFile(stretch.file, stretch.start, stretch.end);
}

export async function* bytesOfFile(file: string, start: number, end: number): AsyncGenerator<Buffer> {
  if (end > start) yield* createReadStream(file, { start, end: end - 1, highWaterMark: READ_SIZE });
}

/** Tree hash of a range of the archive; null when the range is not a whole subtree of it. */
export async function rangeTreeHash(
  vault: Vault,
  archive: Archive,
  start: number,
  end: number,
): Promise<string | null> {
  if (!isTreeAligned(start, end, archive.size)) return null;
  if (start === 0 && end === archive.size) return archive.treeHash;
  const leaves: Buffer[] = [];
  for (const stretch of stretchesOf(vault, archive, start, end)) {
    const all = await leavesOf(vault, archive, stretch);
    leaves.push(sliceOfLeaves(all, stretch.start / LEAF_SIZE, leafCountOf(stretch.end)));
  }
  return treeHashOfLeaves(Buffer.concat(leaves));
}

/** Every part but the last has the upload's part size, so a range's files follow from its offsets. */
function stretchesOf(vault: Vault, archive: Archive, start: number, end: number): Stretch[] {
  const files = vault.filesOf(archive);
  const fileSize = archive.parts?.partSize ?? archive.size;
  const stretches: Stretch[] = [];
  for (let index = Math.floor(start / fileSize); index * fileSize < end; index++) {
    const from = index * fileSize;
    const size = Math.min(fileSize, archive.size - from);
    const file = files[index];
    if (file === undefined) throw new Error(`archive ${archive.id} has no file ${index}`);
    stretches.push({ file, size, start: Math.max(0, start - from), end: Math.min(size, end - from) });
  }
  return stretches;
}

/** Leaves of one file: as kept, else computed from its bytes and kept. */
async function leavesOf(vault: Vault, archive: Archive, { file, size }: Stretch): Promise<Buffer> {
  const kept = archive.parts === null ? join(vault.leaves, archive.id) : join(vault.leaves, archive.id, basename(file));
  const leaves = await readFile(kept).catch(() => null);
  if (leaves?.length === leafCountOf(size) * 32) return leaves;
  const hasher = new LeafHasher();
  for await (const bytes of bytesOfFile(file, 0, size)) hasher.update(bytes);
  const computed = hasher.digest();
  if (size > LEAF_SIZE) {
    const made = join(vault.tmp, `leaves.${newSuffix()}${newSuffix()}`);
    await writeFile(made, computed);
    await rename(made, kept);
  }
  return computed;
}
