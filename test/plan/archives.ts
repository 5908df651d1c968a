// Archives and files for plans, with only what a test cares about.

import type { Archive } from '../../src/model/archive.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';

export function archive(path: string, size = 1, mtime: number | null = 0): Archive {
  return {
    id: ArchiveId.parse(`id-${Buffer.from(path).toString('hex')}`),
    path: RelPath.parse(path),
    size,
    mtime: mtime === null ? null : Instant.ofSeconds(mtime),
    treeHash: TreeHash.recorded('0'.repeat(64)),
    createdAt: Instant.ofSeconds(0),
  };
}

export function file(path: string, size = 1, mtime = 0): LocalFile {
  return { path: RelPath.parse(path), size, mtime: Instant.ofSeconds(mtime) };
}
