// The calls by which a landing changes a disk: replaced where disks that fail are to be tried out.

import { type FileHandle, link, open, rename, statfs, unlink } from 'node:fs/promises';

export interface LandingFiles {
  open(path: Buffer, flags: string | number): Promise<FileHandle>;
  link(from: Buffer, to: Buffer): Promise<void>;
  rename(from: Buffer, to: Buffer): Promise<void>;
  unlink(path: Buffer): Promise<void>;
  /** Bytes that are free for us on the disk of a directory; null where it does not tell. */
  freeBytes(directory: Buffer): Promise<number | null>;
}

export const diskFiles: LandingFiles = { open, link, rename, unlink, freeBytes };

/** Disks that are made of something else, and some networks, call themselves empty and full at once. */
async function freeBytes(directory: Buffer): Promise<number | null> {
  const found = await statfs(directory).catch(() => null);
  return found === null || found.blocks === 0 ? null : found.bavail * found.bsize;
}
