// The archives that somebody asks for: by the names that the journal shows, or by their ids.

import type { LiveArchives } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import type { Report } from '../model/events.js';
import { Failure } from '../model/failure.js';
import type { ArchiveId } from '../model/identifiers.js';
import { printable, RelPath } from '../model/rel-path.js';
import { type Failures, reportUnforeseen } from './items.js';

export interface Naming {
  readonly names: readonly string[];
  readonly ids: readonly string[];
  /** Of each name every version instead of the latest. */
  readonly allVersions: boolean;
  /** What to do with a whole directory instead, as a hint. */
  readonly wholeDirectory: string;
}

/**
 * Each archive that was named, once, in the order of the naming. What the journal does not have is reported and counted.
 * Time: one reading of the journal where an id or an unknown name is among them.
 */
export async function namedArchives(
  naming: Naming,
  live: LiveArchives,
  tally: Failures,
  report: Report,
): Promise<Archive[]> {
  const found = new Map<ArchiveId, Archive>();
  for (const name of naming.names) {
    const versions = live.versionsOf(name as RelPath);
    const wanted = naming.allVersions ? versions : versions.slice(-1);
    for (const archive of wanted) found.set(archive.id, archive);
    if (wanted.length === 0) refuse(name, await noSuchName(name, naming, live), tally, report);
  }
  const byId = await archivesWithIds(naming.ids, live);
  for (const id of naming.ids) {
    const archive = byId.get(id);
    if (archive === undefined) refuse(id, noSuchId(id), tally, report);
    else found.set(archive.id, archive);
  }
  return [...found.values()];
}

/** Those of the ids that the journal holds alive. */
export async function archivesWithIds(
  ids: Iterable<string>,
  live: LiveArchives,
): Promise<ReadonlyMap<string, Archive>> {
  const wanted = new Set([...ids].filter((id) => live.has(id as ArchiveId)));
  const found = new Map<string, Archive>();
  if (wanted.size === 0) return found;
  for await (const archive of live.all()) {
    if (!wanted.has(archive.id)) continue;
    found.set(archive.id, archive);
    if (found.size === wanted.size) break;
  }
  return found;
}

function refuse(name: string, failure: Failure, tally: Failures, report: Report): void {
  tally.failed++;
  reportUnforeseen(name, failure, report);
}

async function noSuchName(name: string, naming: Naming, live: LiveArchives): Promise<Failure> {
  if (await isDirectory(name.replace(/\/+$/, ''), live)) {
    const hint = naming.wholeDirectory;
    return new Failure('NOT_IN_JOURNAL', `${printable(name)} is a directory in the journal, and no file`, { hint });
  }
  const hint = 'mtglacier ls shows the names that the journal has';
  return new Failure('NOT_IN_JOURNAL', `${printable(name)} is not in the journal`, { hint });
}

async function isDirectory(name: string, live: LiveArchives): Promise<boolean> {
  for await (const { path } of live.latest()) if (RelPath.isWithin(path, name as RelPath)) return true;
  return false;
}

/** Nothing is done to an archive that the journal has never heard of: it may be anybody's. */
function noSuchId(id: string): Failure {
  return new Failure('NOT_IN_JOURNAL', `archive ${printable(id)} is not in the journal`, {
    hint: 'mtglacier ls --all-versions shows ids; mtglacier verify-remote --adopt adds archives that only the vault knows',
  });
}
