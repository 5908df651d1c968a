// The story of sync: finish what was left, store what is new or changed, then forget what is gone.

import type { Archive } from '../../model/archive.js';
import { throwIfInterrupted } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import type { StoringStep } from '../../plan/sync-steps.js';
import { forEachInLanes, type Halt } from '../../transfer/concurrently.js';
import { Budget, untilExceeded } from '../budget.js';
import { byFileSize } from '../file-lanes.js';
import { attempt } from '../items.js';
import { foreseenSteps } from './foresight.js';
import { forgetWhatIsGone, planForgetting } from './forget-gone.js';
import { abandonLeftovers, settleLeftovers } from './leftovers.js';
import { isVerification } from './sameness.js';
import { perform, type StepWork } from './step-work.js';
import { type SurveyPorts, storingSteps } from './survey.js';
import type { SyncPorts, SyncRequest, SyncTally } from './sync-tally.js';

/**
 * Makes the vault hold what the directory holds. A failure that concerns one file is reported and counted.
 * @param tally counted into while it goes on, so that it tells how far a run came that ends with a failure
 * @throws Failure when it concerns the run
 */
export async function sync(request: SyncRequest, ports: SyncPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const budget = new Budget(request.maxFiles, request.limits);
  await budget.within(halt, (halt) => syncWithin(budget, request, ports, tally, halt));
  tally.limit = budget.exceeded;
  tally.limitReached ||= tally.limit !== null;
}

async function syncWithin(
  budget: Budget,
  request: SyncRequest,
  ports: SyncPorts,
  tally: SyncTally,
  halt: Halt,
): Promise<void> {
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  await storeWhatIsHere({ budget, request, ports, tally, resumable }, halt);
  if (budget.exceeded !== null) return;
  const unwanted = [...resumable].filter(({ file }) => tally.survey.files > 0 && isUnwanted(file, request, ports));
  await abandonLeftovers(unwanted, ports, tally.leftovers, halt);
  if (request.wanted.deleteRemoved) await forgetWhatIsGone(request, ports, tally, halt);
}

/**
 * Whether nobody will go on with an upload of this file that was not gone on with now. It is not dropped because its disk
 * is not mounted today, or because today's filters or links are about other files, or the tasks about other work.
 */
function isUnwanted(left: LocalFile, { wanted }: SyncRequest, { directory, selection, journal }: SyncPorts): boolean {
  if (!selection.includes(left.path) || !directory.inPlace()) return false;
  const looked = directory.look(left.path);
  if (looked.kind !== 'file') return looked.kind !== 'unseen';
  const isThis = ({ size, mtime }: LocalFile | Archive): boolean => size === left.size && mtime === left.mtime;
  if (!isThis(looked.file)) return true;
  const versions = journal.live.versionsOf(left.path);
  return versions.some(isThis) || (versions.length > 0 && wanted.replaceModified);
}

/** What a sync would do, as 'planned' events. The vault is not asked and nothing is written. */
export async function planSync(request: SyncRequest, ports: SurveyPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const { wanted } = request;
  const budget = new Budget(request.maxFiles);
  for await (const step of storingSteps(wanted, ports, tally.survey, halt)) {
    throwIfInterrupted(halt.soon);
    if (!isVerification(step) && !budget.take()) break;
    const { path, size } = step.file;
    ports.report({ event: 'planned', do: isVerification(step) ? 'verify-and-upload' : 'upload', path, size });
  }
  tally.limit = budget.exceeded;
  tally.limitReached = tally.limit !== null;
  if (tally.limitReached || !wanted.deleteRemoved) return;
  planForgetting(request, tally, ports.report);
}

async function storeWhatIsHere(work: StepWork, halt: Halt): Promise<void> {
  const { request, ports, tally, budget } = work;
  const steps = untilExceeded(foreseenSteps(request, ports, tally.survey, halt), budget);
  const lanes = byFileSize(request.files, ({ file }: StoringStep) => file.size);
  await forEachInLanes(steps, lanes, halt, (found, halt) =>
    attempt(found.file.path, tally, ports.report, () => perform(found, work, halt)),
  );
}
