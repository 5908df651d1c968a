// The brake on deletions: a directory that looks emptied is more often not mounted than emptied.

import { Failure } from '../model/failure.js';

/** What laying the directory beside the journal has counted. */
export interface DeletionTally {
  /** Files here. */
  readonly files: number;
  /** Paths of the journal. */
  readonly archives: number;
  /** Of those: looked for and not seen, so to be deleted. */
  readonly missing: number;
  /** Of those: nothing may be concluded, so to be kept. */
  readonly unknown: number;
}

/**
 * Lets deletions pass when some archive is still seen to have its file. Archives that nothing is known of do not count
 * as seen.
 * @param deleteEverything the user says that all may go
 * @throws Failure BRAKE
 */
export function checkBrake(tally: DeletionTally, deleteEverything: boolean): void {
  const { files, archives, missing, unknown } = tally;
  if (missing === 0 || deleteEverything) return;
  if (files > 0 && archives - missing - unknown > 0) return;
  const why = files === 0 ? 'the directory holds no files' : 'the directory holds none of the files in the journal';
  throw new Failure('BRAKE', `${why}: nothing is deleted, ${missing} of ${archives} archives would have been`, {
    hint: 'is the right directory given, and mounted? To delete them all on purpose add --delete-everything',
  });
}
