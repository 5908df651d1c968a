// What is remembered of a touched file, as one line of JSON.

import { Instant } from '../model/clock.js';
import { ArchiveId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import { RelPath } from '../model/rel-path.js';

/** The file, in this state, has the content of the archive. */
export interface Comparison extends Required<LocalFile> {
  readonly archiveId: ArchiveId;
}

const VERSION = 'A';

/** With its line end. */
export function encodeComparison({ path, size, mtime, mtimeNs, ctimeUs, archiveId }: Comparison): string {
  return `${JSON.stringify({ version: VERSION, path, size, mtime, mtimeNs, ctimeUs, archiveId })}\n`;
}

/** Null for a line that is none, or of another version. */
export function decodeComparison(line: string): Comparison | null {
  try {
    const { version, path, size, mtime, mtimeNs, ctimeUs, archiveId } = JSON.parse(line) as Record<string, unknown>;
    if (version !== VERSION || !isWhole(size) || !isWhole(mtime) || !isWhole(mtimeNs) || !isWhole(ctimeUs)) return null;
    if (typeof path !== 'string' || typeof archiveId !== 'string') return null;
    const file = { path: RelPath.parse(path), size, mtime: Instant.ofSeconds(mtime), mtimeNs, ctimeUs };
    return { ...file, archiveId: ArchiveId.parse(archiveId) };
  } catch {
    return null;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
