// How the record of a landing is written: a line for the whole, and one for each segment that has landed.

import { LEAF_SIZE, TreeHash } from '../model/tree-hash.js';

/** What a record says. It is believed in nothing: a claim is a hint where to look. */
export interface Recorded {
  /** Bytes. */
  readonly segmentSize: number;
  /** What the file is to be called. */
  readonly name: Buffer;
  /** By first byte: the tree hashes that segments had when they landed; of several the last. */
  readonly claims: Map<number, TreeHash>;
  /** Bytes of whole lines; what stands behind them is a line that was torn off. */
  readonly length: number;
}

/** Bytes that are enough to read the first line of any record. */
export const HEADER_MAX = 1024;

const HEADER = /^mtglacier landing 1 (\d{7,15}) ([A-Za-z0-9_-]+)$/;
const CLAIM = /^(\d{1,16}) ([0-9a-f]{64})$/;

export function headerLine({ segmentSize, name }: Pick<Recorded, 'segmentSize' | 'name'>): string {
  return `mtglacier landing 1 ${segmentSize} ${name.toString('base64url')}\n`;
}

export function claimLine(at: number, treeHash: TreeHash): string {
  return `${at} ${treeHash}\n`;
}

/** Null for what is no record. Lines that cannot be read claim nothing. */
export function parseRecord(text: string): Recorded | null {
  const length = text.lastIndexOf('\n') + 1;
  const [first = '', ...lines] = text.slice(0, length).split('\n');
  const header = HEADER.exec(first);
  if (header === null) return null;
  const segmentSize = Number(header[1]);
  if (!Number.isInteger(Math.log2(segmentSize / LEAF_SIZE))) return null;
  const claims = new Map<number, TreeHash>();
  for (const line of lines) {
    const claim = CLAIM.exec(line);
    if (claim !== null) claims.set(Number(claim[1]), TreeHash.recorded(claim[2] as string));
  }
  return { segmentSize, name: Buffer.from(header[2] as string, 'base64url'), claims, length };
}
