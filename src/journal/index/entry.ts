// What the index holds of an archive, as bytes: found by path, then by the place of its CREATED line in the journal.

import type { Archive } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { RelPath } from '../../model/rel-path.js';
import type { TreeHash } from '../../model/tree-hash.js';
import type { PlainLine } from './plain-line.js';

// Little-endian: lengths of path, id and tree hash (4 bytes each); place, size, mtime, createdAt (doubles); the three texts.
const ID_LENGTH = 4;
const TREE_HASH_LENGTH = 8;
const PLACE = 12;
const SIZE = 20;
const MTIME = 28;
const CREATED_AT = 36;
/** Where the path begins. */
export const PATH = 44;

/** In the place of the id's length: the archive of this path and place, which an older run holds, is no longer alive. */
const ENDED = 0xffff_ffff;

export function pathLengthAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at);
}

/** Where its CREATED line begins in the journal: no two archives share one. */
export function placeAt(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at + PLACE);
}

export function isEndedAt(bytes: Buffer, at: number): boolean {
  return bytes.readUInt32LE(at + ID_LENGTH) === ENDED;
}

/** Of the whole entry. Bytes. */
export function lengthAt(bytes: Buffer, at: number): number {
  const id = bytes.readUInt32LE(at + ID_LENGTH);
  const texts = id === ENDED ? 0 : id + bytes.readUInt32LE(at + TREE_HASH_LENGTH);
  return PATH + bytes.readUInt32LE(at) + texts;
}

/** Where the id of an archive stands. */
export function idAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const start = at + PATH + pathLengthAt(bytes, at);
  return { start, end: start + bytes.readUInt32LE(at + ID_LENGTH) };
}

export function archiveAt(bytes: Buffer, at: number): Archive {
  const path = at + PATH;
  const id = path + bytes.readUInt32LE(at);
  const treeHash = id + bytes.readUInt32LE(at + ID_LENGTH);
  const mtime = bytes.readDoubleLE(at + MTIME);
  return {
    id: bytes.toString('utf8', id, treeHash) as ArchiveId,
    path: bytes.toString('utf8', path, id) as RelPath,
    size: bytes.readDoubleLE(at + SIZE),
    mtime: Number.isNaN(mtime) ? null : (mtime as Instant),
    treeHash: bytes.toString('utf8', treeHash, treeHash + bytes.readUInt32LE(at + TREE_HASH_LENGTH)) as TreeHash,
    createdAt: bytes.readDoubleLE(at + CREATED_AT) as Instant,
  };
}

/** By the bytes of the path, then by the place. */
export function compareEntries(a: Buffer, atA: number, b: Buffer, atB: number): number {
  const [lengthA, lengthB] = [pathLengthAt(a, atA), pathLengthAt(b, atB)];
  const common = Math.min(lengthA, lengthB);
  for (let i = PATH; i < PATH + common; i++) {
    const difference = (a[atA + i] as number) - (b[atB + i] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB || placeAt(a, atA) - placeAt(b, atB);
}

/** Whether the path of the entry comes before `path`, is it, or comes after it: below, at or above 0. */
export function comparePathAt(bytes: Buffer, at: number, path: Uint8Array): number {
  return bytes.compare(path, 0, path.length, at + PATH, at + PATH + pathLengthAt(bytes, at));
}

/** How long the entry of a plain line is at most. Bytes. */
export function lengthFor(line: PlainLine): number {
  return PATH + (line.restEnd - line.restStart) + (line.idEnd - line.idStart) + (line.hashEnd - line.hashStart);
}

/** Writes the archive of a plain CREATED line; there must be room. */
export function writePlain(line: PlainLine, from: Buffer, place: number, to: Buffer, at: number): void {
  writeFields(to, at, place, line.size, line.mtime, line.at);
  const id = copyBytes(from, line.restStart, line.restEnd, to, at + PATH);
  const treeHash = copyBytes(from, line.idStart, line.idEnd, to, id);
  copyBytes(from, line.hashStart, line.hashEnd, to, treeHash);
  to.writeUInt32LE(line.restEnd - line.restStart, at);
  to.writeUInt32LE(line.idEnd - line.idStart, at + ID_LENGTH);
  to.writeUInt32LE(line.hashEnd - line.hashStart, at + TREE_HASH_LENGTH);
}

/** How long the entry of an archive is at most. Bytes. */
export function lengthForArchive({ path, id, treeHash }: Archive): number {
  return PATH + 3 * (path.length + id.length + treeHash.length);
}

/** Writes the archive and gives the length of its entry; there must be room. */
export function writeArchive(archive: Archive, place: number, to: Buffer, at: number): number {
  const { path, id, treeHash, size, mtime, createdAt } = archive;
  writeFields(to, at, place, size, mtime ?? Number.NaN, createdAt);
  let end = at + PATH;
  [path, id, treeHash].forEach((text, field) => {
    const length = to.write(text, end, 'utf8');
    to.writeUInt32LE(length, at + field * ID_LENGTH);
    end += length;
  });
  return end - at;
}

/** Writes that the archive of this path and place is no longer alive; there must be room. */
export function writeEnded(path: Buffer, place: number, to: Buffer, at: number): void {
  writeFields(to, at, place, 0, 0, 0);
  path.copy(to, at + PATH);
  to.writeUInt32LE(path.length, at);
  to.writeUInt32LE(ENDED, at + ID_LENGTH);
  to.writeUInt32LE(0, at + TREE_HASH_LENGTH);
}

function writeFields(to: Buffer, at: number, place: number, size: number, mtime: number, createdAt: number): void {
  to.writeDoubleLE(place, at + PLACE);
  to.writeDoubleLE(size, at + SIZE);
  to.writeDoubleLE(mtime, at + MTIME);
  to.writeDoubleLE(createdAt, at + CREATED_AT);
}

/** A few bytes are copied faster one by one than by a call. Gives where they end. */
function copyBytes(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  const by = at - start;
  for (let i = start; i < end; i++) to[i + by] = from[i] as number;
  return end + by;
}
