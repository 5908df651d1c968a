// Reading an archive: its bytes over one file or many, and the tree hash of any of its ranges.

import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LEAF_SIZE } from '../../../model/tree-hash.js';
import { newSuffix } from '../protocol/ids.js';
import type { Archive } from './archive.js';
import { isTreeAligned, LeafHasher, leafCountOf, sliceOfLeaves, treeHashOfLeaves } from './leaves.js';
import type { Vault } from './vault.js';

const READ_SIZE = 512 * 1024;

/** A stretch of one of an archive's files. */
interface Stretch {
  readonly file: string;
  /** Of the whole file. */
  readonly size: number;
  readonly treeHash: string;
  readonly start: number;
  readonly end: number;
}

/** Bytes `start` up to, not including, `end` of the archive, in order. */
export async function* bytesOf(vault: Vault, archive: Archive, start: number, end: number): AsyncGenerator<Buffer> {
  for (const stretch of stretchesOf(vault, archive, start, end))
    yield* bytesOfFile(stretch.file, stretch.start, stretch.end);
}

/** Bytes `start` up to, not including, `end` of one file; the next are read while these are passed on. */
export async function* bytesOfFile(file: string, start: number, end: number): AsyncGenerator<Buffer> {
  if (end <= start) return;
  const handle = await open(file);
  let reading = readAhead(handle, start, end);
  try {
    for (let at = start; at < end; ) {
      const piece = await reading;
      if (piece.length === 0) throw new Error(`${file} ends at ${at}, not at ${end}`);
      at += piece.length;
      if (at < end) reading = readAhead(handle, at, end);
      yield piece;
    }
  } finally {
    await reading.catch(() => undefined);
    await handle.close();
  }
}

/** A failure is heard when the bytes are asked for, which may be later. */
function readAhead(handle: FileHandle, at: number, end: number): Promise<Buffer> {
  const reading = read(handle, at, end);
  reading.catch(() => undefined);
  return reading;
}

async function read(handle: FileHandle, at: number, end: number): Promise<Buffer> {
  const memory = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, end - at));
  return memory.subarray(0, (await handle.read(memory, 0, memory.length, at)).bytesRead);
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
    const treeHash = archive.parts === null ? archive.treeHash : hashAt(archive.parts.hashes, index);
    stretches.push({ file, size, treeHash, start: Math.max(0, start - from), end: Math.min(size, end - from) });
  }
  return stretches;
}

function hashAt(hashes: Buffer, index: number): string {
  return hashes.toString('hex', 32 * index, 32 * (index + 1));
}

/** Leaves of one file: as kept, when they give its tree hash; else computed from its bytes, and kept. */
async function leavesOf(vault: Vault, archive: Archive, { file, size, treeHash }: Stretch): Promise<Buffer> {
  const kept = archive.parts === null ? join(vault.leaves, archive.id) : join(vault.leaves, archive.id, basename(file));
  const leaves = await readFile(kept).catch(() => null);
  if (leaves?.length === leafCountOf(size) * 32 && treeHashOfLeaves(leaves) === treeHash) return leaves;
  const hasher = new LeafHasher();
  for await (const bytes of bytesOfFile(file, 0, size)) hasher.update(bytes);
  const computed = hasher.digest();
  if (size > LEAF_SIZE) await keepLeaves(vault, computed, kept);
  return computed;
}

/** They are there for speed alone, so a full disk keeps nobody from reading. */
async function keepLeaves(vault: Vault, leaves: Buffer, kept: string): Promise<void> {
  const made = join(vault.tmp, `leaves.${newSuffix()}${newSuffix()}`);
  try {
    await writeFile(made, leaves);
    // No more than this one: the vault may be deleted meanwhile.
    await mkdir(dirname(kept)).catch(() => undefined);
    await rename(made, kept);
  } catch {
    await rm(made, { force: true });
  }
}
