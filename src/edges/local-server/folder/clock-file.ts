// How far the vaults' clock is ahead of real time, kept from one run to the next: time never goes back in a folder.

import { join } from 'node:path';
import { readSealedJson, saveSealedJson } from '../durable/sealed-json.js';

interface ClockFile {
  readonly aheadMs: number;
}

/** Null when the folder's clock has always been real time. @throws Failure CONFIG */
export async function readAheadMs(directory: string): Promise<number | null> {
  const found = await readSealedJson<ClockFile>(clockFileIn(directory));
  return found === null ? null : found.content.aheadMs;
}

/** On stable storage when it resolves; from then on the clock is not real time. */
export function saveAheadMs(directory: string, aheadMs: number): Promise<void> {
  const content: ClockFile = { aheadMs };
  return saveSealedJson(clockFileIn(directory), content);
}

export function clockFileIn(directory: string): string {
  return join(directory, 'clock.json');
}
