// One stored version of one file.

import type { Instant } from './clock.js';
import type { ArchiveId } from './identifiers.js';
import type { RelPath } from './rel-path.js';
import type { TreeHash } from './tree-hash.js';

/** What the journal knows of an archive. `mtime` is null where the journal does not know it. */
export interface Archive {
  readonly id: ArchiveId;
  readonly path: RelPath;
  readonly size: number;
  readonly mtime: Instant | null;
  readonly treeHash: TreeHash;
  readonly createdAt: Instant;
}

/**
 * Order of the versions of one file; the greatest is the latest. A version counts by its mtime, or by the time of
 * its upload where that is unknown; equals are told apart by the time of upload.
 * Source: behaviour of mt-aws-glacier 1.120.
 */
export function compareVersions(a: Archive, b: Archive): number {
  return (a.mtime ?? a.createdAt) - (b.mtime ?? b.createdAt) || a.createdAt - b.createdAt;
}

/** Whether nothing says how its file is called, as download-inventory leaves it where a description cannot be read. */
export function goesByItsId({ id, path }: Pick<Archive, 'id' | 'path'>): boolean {
  return String(path) === String(id);
}
