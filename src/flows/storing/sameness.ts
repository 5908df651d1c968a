// Telling by its hash whether a file that may have changed is still what its archive holds, and remembering that it is.

import type { ComparedFiles } from '../../journal/compared.js';
import type { Clock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { LocalFile } from '../../model/local-file.js';
import type { StoringStep, WantedWork } from '../../plan/sync-steps.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';

export type Verification = Extract<StoringStep, { do: 'replace' }>;

/** Whether the file is to be read and compared before it is decided that it be stored. */
export function isVerification(step: StoringStep): step is Verification {
  return step.do === 'replace' && step.onlyIfHashDiffers;
}

/** Whether the step compares what was compared before, in the same state of the file. */
export function isKnownSame(step: StoringStep, wanted: WantedWork, compared: Pick<ComparedFiles, 'isSame'>): boolean {
  return isVerification(step) && remembers(wanted) && compared.isSame(step.file, step.old.id);
}

export interface SamenessPorts {
  readonly transfer: Pick<Transfer, 'hashFile'>;
  readonly compared: ComparedFiles;
  readonly clock: Clock;
  readonly report: Report;
}

/** Reads the file. @throws Failure as `hashFile` */
export async function isSame(
  { file, old }: Verification,
  wanted: WantedWork,
  { transfer, compared, clock, report }: SamenessPorts,
  halt: Halt,
): Promise<boolean> {
  // Looked at before it is read: a change during the reading then is a change after the file's time.
  const tells = timeTellsChanges(file, clock);
  const same = (await transfer.hashFile(file, halt.soon)) === old.treeHash;
  report({ event: 'compared', path: file.path, same });
  if (same && tells && remembers(wanted)) compared.note(file, old.id);
  return same;
}

/** Only where times come before hashes: who names another way to compare hashes asks for the files to be read. */
function remembers({ detect }: WantedWork): boolean {
  return detect === 'mtime-and-treehash';
}

/** Whether a change from now on gives the file another time: the second of its last one is over, and one to spare. */
function timeTellsChanges({ mtime }: LocalFile, clock: Clock): boolean {
  return clock.now() > mtime + 1;
}
