// The story of rm: delete the archives that were named, and say what of their files remains.

import type { Intent } from '../../journal/intents.js';
import type { ReadableJournal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import type { ArchiveId } from '../../model/identifiers.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import { attempt } from '../items.js';
import { type ForgetPorts, forget, forgetAnnounced } from './forget.js';

export interface ForgetNamedTally {
  deleted: number;
  deletedBytes: number;
  /** Could not be deleted. */
  failed: number;
}

export function emptyForgetNamedTally(): ForgetNamedTally {
  return { deleted: 0, deletedBytes: 0, failed: 0 };
}

/**
 * Deletes these archives and no other. What earlier runs left is not touched, except that a deletion of one of these
 * that was announced already is brought to its end.
 * @throws Failure when it concerns the run
 */
export async function forgetNamed(
  archives: readonly Archive[],
  width: number,
  ports: ForgetPorts,
  tally: ForgetNamedTally,
  halt: Halt,
): Promise<void> {
  const announced = announcedDeletions(ports.intents.left);
  const latest = latestOf(archives, ports.journal);
  const deleted = new Set<ArchiveId>();
  ports.report({ event: 'ahead', files: archives.length, bytes: 0 });
  await forEachConcurrently(archives, width, halt, (archive) =>
    attempt(archive.path, tally, ports.report, async () => {
      await deleteOne(archive, announced.get(archive.id), ports, halt);
      deleted.add(archive.id);
      count(archive, tally);
    }),
  );
  tellReappearing(latest, deleted, ports);
}

/** What it would delete, as 'planned' events. The vault is not asked and nothing is written. */
export function planForgetNamed(
  archives: readonly Archive[],
  ports: { readonly journal: ReadableJournal; readonly report: Report },
  tally: ForgetNamedTally,
): void {
  for (const archive of archives) {
    ports.report({ event: 'planned', do: 'delete', path: archive.path, archiveId: archive.id });
    count(archive, tally);
  }
  tellReappearing(latestOf(archives, ports.journal), new Set(archives.map(({ id }) => id)), ports);
}

function count(archive: Archive, tally: ForgetNamedTally): void {
  tally.deleted++;
  tally.deletedBytes += archive.size;
}

async function deleteOne(
  archive: Archive,
  announced: Intent | undefined,
  ports: ForgetPorts,
  halt: Halt,
): Promise<void> {
  if (announced === undefined) return forget(archive, 'named', ports, halt);
  await forgetAnnounced(archive, 'named', ports, halt);
  ports.intents.settleByFact(announced);
}

function announcedDeletions(left: readonly Intent[]): ReadonlyMap<ArchiveId, Intent> {
  const announced = new Map<ArchiveId, Intent>();
  for (const intent of left) {
    if (intent.progress.step === 'stored' && intent.supersedes !== null) announced.set(intent.supersedes, intent);
  }
  return announced;
}

/** The latest version of each path that is concerned, as it is now. */
function latestOf(archives: readonly Archive[], { live }: ReadableJournal): ReadonlyMap<RelPath, ArchiveId> {
  const latest = new Map<RelPath, ArchiveId>();
  for (const { path } of archives) {
    const version = live.versionsOf(path).at(-1);
    if (version !== undefined) latest.set(path, version.id);
  }
  return latest;
}

/** A file whose latest version is gone is not gone while it has an older one: a restore would bring that back. */
function tellReappearing(
  before: ReadonlyMap<RelPath, ArchiveId>,
  deleted: ReadonlySet<ArchiveId>,
  { journal, report }: { readonly journal: ReadableJournal; readonly report: Report },
): void {
  for (const [path, latest] of before) {
    const left = journal.live.versionsOf(path).filter(({ id }) => !deleted.has(id));
    if (!deleted.has(latest) || left.length === 0) continue;
    const remains = left.length === 1 ? 'an older version' : `${left.length} older versions`;
    report({
      event: 'notice',
      topic: 'older-version-remains',
      message: `${remains} of ${printable(path)} ${left.length === 1 ? 'remains' : 'remain'}, and the newest counts as the file now`,
      hint: 'mtglacier rm --all-versions deletes every version',
    });
  }
}
