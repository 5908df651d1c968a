// The table of contents of an index: which runs it has, and what of which journal they hold.

import { crc32 } from 'node:zlib';

import type { SeenAsUtf8 } from '../mistaken-encoding.js';
import type { FileMark } from './file-mark.js';
import type { RunShape } from './run-shape.js';

/** The beginning of a journal. Length in bytes. */
export interface Covered {
  readonly length: number;
  readonly lines: number;
  /** CRC-32 of all of it. */
  readonly checksum: number;
}

export interface KnownRun {
  readonly name: string;
  readonly mark: FileMark;
  readonly shape: RunShape;
}

export interface Contents {
  readonly covered: Covered;
  /** The journal when it was last known to begin like this; null where that was not looked at. */
  readonly journal: FileMark | null;
  /** The encoding that it was read in, by its canonical name. */
  readonly encoding: string;
  /** What was seen of UTF-8 in another encoding. */
  readonly seen: SeenAsUtf8;
  /** How many of the archives are alive. */
  readonly alive: number;
  readonly runs: readonly KnownRun[];
}

const VERSION = 'B';

/** One line of JSON behind its checksum. */
export function encodeContents(contents: Contents): string {
  const text = JSON.stringify({ version: VERSION, ...contents });
  return `${checksumOf(text)} ${text}\n`;
}

/** Null for anything but what `encodeContents` gave in this version. */
export function decodeContents(text: string): Contents | null {
  const found = /^([0-9a-f]{8}) (.*)\n$/.exec(text);
  if (found === null || checksumOf(found[2] as string) !== found[1]) return null;
  const { version, ...contents } = JSON.parse(found[2] as string) as Contents & { version: string };
  return version === VERSION ? contents : null;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
