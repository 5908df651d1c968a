// The story of sync: finish what was left, store what is new or changed, then forget what is gone.

import type { Archive } from '../../model/archive.js';
import { throwIfInterrupted } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { renewedStep, type StoringStep } from '../../plan/sync-steps.js';
import { forEachInLanes, type Halt } from '../../transfer/concurrently.js';
import { Budget, untilExceeded } from '../budget.js';
import { byFileSize } from '../file-lanes.js';
import { attempt } from '../items.js';
import { foreseenSteps } from './foresight.js';
import { forgetWhatIsGone, planForgetting } from './forget-gone.js';
import { abandonLeftovers, type Resumable, settleLeftovers, takeLeft } from './leftovers.js';
import { isSame, isVerification } from './sameness.js';
import { store } from './store.js';
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
  await storeWhatIsHere(budget, request, ports, tally, resumable, halt);
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

async function storeWhatIsHere(
  budget: Budget,
  request: SyncRequest,
  ports: SyncPorts,
  tally: SyncTally,
  resumable: Resumable,
  halt: Halt,
): Promise<void> {
  const steps = untilExceeded(foreseenSteps(request, ports, tally.survey, halt), budget);
  const lanes = byFileSize(request.files, ({ file }: StoringStep) => file.size);
  const spend = (bytes: number): void => budget.spend(bytes);
  await forEachInLanes(steps, lanes, halt, (found, halt) =>
    attempt(found.file.path, tally, ports.report, async () => {
      const step = renewed(found, request, ports);
      if (step === null) return void tally.same++;
      if (isVerification(step)) {
        if (await isSame(step, request.wanted, ports, halt)) return void tally.same++;
        ports.report({ event: 'ahead', files: 0, bytes: step.file.size });
      }
      if (!budget.take()) return;
      const left = takeLeft(step.file, resumable);
      const old = step.do === 'replace' ? step.old : null;
      await ports.directory.settled(step.file, halt.soon);
      await store({ ...request, file: step.file, old, left, spend }, ports, halt);
      tally.stored++;
      tally.storedBytes += step.file.size;
      if (old !== null) tally.replaced++;
    }),
  );
}

/**
 * The step for its file as it is now, or null when nothing is to be done about it any more; the work ahead is told anew.
 * What is no file now is left to the reading of it, which tells what became of it.
 */
function renewed(found: StoringStep, { wanted }: SyncRequest, { directory, report }: SyncPorts): StoringStep | null {
  const looked = directory.look(found.file.path);
  if (looked.kind !== 'file' || isSameState(looked.file, found.file)) return found;
  const step = renewedStep(found, looked.file, wanted);
  report({ event: 'ahead', files: step === null ? -1 : 0, bytes: (step?.file.size ?? 0) - found.file.size });
  return step;
}

function isSameState(a: LocalFile, b: LocalFile): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.mtimeNs === b.mtimeNs;
}
