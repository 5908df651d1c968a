// The end of a sync: deleting the archives of files that are gone, if that may be done at all.

import type { Report } from '../../model/events.js';
import { Failure } from '../../model/failure.js';
import type { RelPath } from '../../model/rel-path.js';
import { checkBrake } from '../../plan/brake.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import { forget } from '../deleting/forget.js';
import { attempt } from '../items.js';
import { GONE_MAX } from './survey.js';
import type { SyncPorts, SyncRequest, SyncTally } from './sync-tally.js';

/** Deletes the archives of files that are no longer here, once everything that is here has been stored. */
export async function forgetWhatIsGone(
  request: SyncRequest,
  ports: SyncPorts,
  tally: SyncTally,
  halt: Halt,
): Promise<void> {
  const { survey } = tally;
  if (!mayForget(request, tally, ports.report)) return;
  ports.report({ event: 'ahead', files: survey.gone.length, bytes: 0 });
  await forEachConcurrently(survey.gone, request.width, halt, (archive, halt) =>
    attempt(archive.path, tally.deletions, ports.report, async () => {
      if (!stillGone(archive.path, ports)) return;
      await forget(archive, 'removed', ports, halt);
      tally.deletions.deleted++;
    }),
  );
  tally.limitReached = survey.missing > GONE_MAX;
}

/** The same as 'planned' events. */
export function planForgetting(request: SyncRequest, tally: SyncTally, report: Report): void {
  const { survey, deletions } = tally;
  if (!mayForget(request, tally, report)) return;
  for (const { path, id } of survey.gone) {
    report({ event: 'planned', do: 'delete', path, archiveId: id });
    deletions.planned++;
  }
  tally.limitReached = survey.missing > GONE_MAX;
}

/** Whether there is something to delete, and nothing speaks against it. @throws Failure BRAKE */
function mayForget(request: SyncRequest, tally: SyncTally, report: Report): boolean {
  if (tally.survey.missing === 0 || arePostponed(tally, report)) return false;
  checkBrake(tally.survey, request.deleteEverything);
  return true;
}

/**
 * Which files may be here and not in the vault, or null. A file that could not be stored, or that lies in a place that
 * could not be seen, may be one that was moved; one whose name was refused may be one of the archives.
 */
function notStored({ survey, failed }: SyncTally): string | null {
  if (failed > 0) return 'other files could not be stored';
  if (survey.refused > 0) return 'other files have names that were refused';
  return survey.unseen > 0 ? 'other files could not be seen' : null;
}

/** Whether deletions have to wait for a later run; says so. */
function arePostponed(tally: SyncTally, report: Report): boolean {
  const why = notStored(tally);
  if (why === null) return false;
  report({
    event: 'notice',
    topic: 'deletions-postponed',
    message: `no archive of the ${tally.survey.missing} files that are gone was deleted, because ${why}`,
    hint: 'any of those may be a file that was moved or renamed; the next sync without such a failure deletes',
  });
  return true;
}

/**
 * A last look before a deletion.
 * @throws Failure when it cannot be seen; BRAKE when the directory itself is no longer the one that was surveyed, as after an unmount
 */
function stillGone(path: RelPath, { directory }: SyncPorts): boolean {
  if (!directory.inPlace()) {
    throw new Failure('BRAKE', `directory ${directory.root} is no longer the one that the sync began with`, {
      hint: 'nothing more was deleted; is it still mounted?',
    });
  }
  const looked = directory.look(path);
  if (looked.kind === 'unseen') throw looked.failure;
  return looked.kind !== 'file';
}
