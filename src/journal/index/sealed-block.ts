// Blocks of bytes that end with their checksum: what was not written like this is noticed when it is read.

import { crc32 } from 'node:zlib';

export const CHECKSUM = 4;

/** Writes the checksum of all before it into the last four bytes. */
export function seal(block: Buffer): Buffer {
  block.writeUInt32LE(crc32(block.subarray(0, block.length - CHECKSUM)), block.length - CHECKSUM);
  return block;
}

/** Whether a block is what was sealed. */
export function isSound(block: Buffer): boolean {
  const end = block.length - CHECKSUM;
  return end >= 0 && block.readUInt32LE(end) === crc32(block.subarray(0, end));
}
