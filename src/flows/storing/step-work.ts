// One step of a sync, done when its turn comes: of the file as it is then.

import { Failure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { SMALL_MAX } from '../../model/parts.js';
import { renewedStep, type StoringStep } from '../../plan/sync-steps.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Budget } from '../budget.js';
import { type Resumable, takeLeft } from './leftovers.js';
import { isSame, isVerification } from './sameness.js';
import { store } from './store.js';
import type { SyncPorts, SyncRequest, SyncTally } from './sync-tally.js';

/** What the steps of one sync share. */
export interface StepWork {
  readonly request: SyncRequest;
  readonly ports: SyncPorts;
  readonly tally: SyncTally;
  readonly budget: Budget;
  readonly resumable: Resumable;
}

/**
 * Does what the step says of its file, or what is to be done by now: hours may have passed since it was found.
 * @throws Failure
 */
export async function perform(found: StoringStep, work: StepWork, halt: Halt): Promise<void> {
  if (!isOpenedFirst(found, work.budget)) return performRenewed(found, work, halt);
  try {
    await storeIn(work, found, halt);
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.code === 'FILE_CHANGED')) throw thrown;
    await performRenewed(found, work, halt);
  }
}

/**
 * Whether the file is opened without a look at it before, which costs as much. It is read at once then, before anything
 * is sent of it, and whoever opens it sees whether it has changed. Where there are limits, each attempt would count.
 */
function isOpenedFirst(found: StoringStep, { isLimited }: Budget): boolean {
  return found.file.size <= SMALL_MAX && !isLimited && !isVerification(found);
}

async function performRenewed(found: StoringStep, work: StepWork, halt: Halt): Promise<void> {
  const { request, ports, tally, budget } = work;
  const step = renewed(found, request, ports);
  if (step === null) return void tally.same++;
  if (isVerification(step)) {
    if (await isSame(step, request.wanted, ports, halt)) return void tally.same++;
    ports.report({ event: 'ahead', files: 0, bytes: step.file.size });
  }
  if (budget.take()) await storeIn(work, step, halt);
}

async function storeIn(work: StepWork, step: StoringStep, halt: Halt): Promise<void> {
  const { request, ports, tally, budget, resumable } = work;
  const { file } = step;
  const { partSize, width } = request;
  const left = takeLeft(file, resumable);
  const old = step.do === 'replace' ? step.old : null;
  const settling = ports.directory.settled(file, halt.soon);
  if (settling !== undefined) await settling;
  await store({ file, old, left, partSize, width, spend: (bytes) => budget.spend(bytes) }, ports, halt);
  tally.stored++;
  tally.storedBytes += file.size;
  if (old !== null) tally.replaced++;
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
