// How far the vaults' clock is ahead of real time, kept from one run to the next: time never goes back in a folder.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { replaceFile } from './durable-file.js';

interface ClockFile {
  readonly format: 1;
  readonly aheadMs: number;
}

/** Null when the folder's clock has always been real time. @throws Failure CONFIG */
export async function readAheadMs(directory: string): Promise<number | null> {
  const text = await readFile(fileOf(directory), 'utf8').catch(absent);
  if (text === null) return null;
  const { format, aheadMs } = JSON.parse(text) as ClockFile;
  if (format === 1) return aheadMs;
  throw new Failure('CONFIG', `${fileOf(directory)} has format ${String(format)}, this program knows format 1`);
}

export function saveAheadMs(directory: string, aheadMs: number): Promise<void> {
  const content: ClockFile = { format: 1, aheadMs };
  return replaceFile(fileOf(directory), `${JSON.stringify(content)}\n`);
}

function fileOf(directory: string): string {
  return join(directory, 'clock.json');
}

function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null;
  throw cause;
}
