// Lists what a journal holds: the archives of some paths, one after another.

import type { LiveArchives } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import { RelPath } from '../model/rel-path.js';
import type { Selection } from '../model/selection.js';

interface ListRequest {
  readonly selection: Selection;
  /** This file, or what is below this directory; null is everything. */
  readonly within: RelPath | null;
  /** Older versions too, not only the latest of each file. */
  readonly allVersions: boolean;
}

/** By path, of each path the oldest version first. */
export async function* listArchives(live: LiveArchives, request: ListRequest): AsyncGenerator<Archive> {
  const { selection, within, allVersions } = request;
  for await (const archive of allVersions ? live.all() : live.latest()) {
    if (RelPath.isWithin(archive.path, within) && selection.includes(archive.path)) yield archive;
  }
}
