// The story of sync: finish what was left, store what is new or changed, then forget what is gone.

import type { KeptDirectory } from '../disk/kept-directory.js';
import type { Report } from '../model/events.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { checkBrake } from '../plan/brake.js';
import type { StoringStep, WantedWork } from '../plan/sync-steps.js';
import { forEachConcurrently, type Halt } from '../transfer/concurrently.js';
import { Budget, untilExceeded } from './budget.js';
import { forget } from './forget.js';
import { attempt } from './items.js';
import { abandonLeftovers, type Resumable, settleLeftovers } from './leftovers.js';
import { type LeftUpload, type StorePorts, store } from './store.js';
import { emptySurvey, GONE_MAX, type Survey, type SurveyPorts, storingSteps } from './survey.js';

export interface SyncRequest {
  readonly wanted: WantedWork;
  /** Wished-for bytes a part. */
  readonly partSize: number;
  /** Files, and parts of one file, that may be under way at once. */
  readonly width: number;
  readonly maxFiles: number | null;
  /** Delete what is gone even where that is everything. */
  readonly deleteEverything: boolean;
  /** Count the work ahead beside doing it, for a display. */
  readonly foresee: boolean;
}

export interface SyncPorts extends StorePorts {
  readonly directory: KeptDirectory;
}

/** What a sync did, beside what it came upon. */
export interface SyncTally {
  readonly survey: Survey;
  stored: number;
  storedBytes: number;
  /** Of `stored`: how many took the place of an older version. */
  replaced: number;
  /** Their tree hash was compared and is the journal's. */
  same: number;
  /** Could not be stored. */
  failed: number;
  readonly deletions: { deleted: number; failed: number };
  limitReached: boolean;
}

export function emptySyncTally(): SyncTally {
  const deletions = { deleted: 0, failed: 0 };
  return {
    survey: emptySurvey(),
    stored: 0,
    storedBytes: 0,
    replaced: 0,
    same: 0,
    failed: 0,
    deletions,
    limitReached: false,
  };
}

/**
 * Makes the vault hold what the directory holds. A failure that concerns one file is reported and counted.
 * @param tally counted into while it goes on, so that it tells how far a run came that ends with a failure
 * @throws Failure when it concerns the run
 */
export async function sync(request: SyncRequest, ports: SyncPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const resumable = await settleLeftovers(ports, halt);
  await Promise.all([
    storeWhatIsHere(request, ports, tally, resumable, halt),
    request.foresee ? foresee(request, ports, halt) : undefined,
  ]);
  if (tally.limitReached) return;
  await abandonLeftovers(resumable, ports, halt);
  if (request.wanted.deleteRemoved) await forgetWhatIsGone(request, ports, tally, halt);
}

/** What a sync would do, as 'planned' events. The vault is not asked and nothing is written. */
export async function planSync(request: SyncRequest, ports: SurveyPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const { wanted, deleteEverything } = request;
  const budget = new Budget(request.maxFiles);
  for await (const step of storingSteps(wanted, ports, tally.survey, halt)) {
    throwIfInterrupted(halt.soon);
    if (!isVerification(step) && !budget.take()) break;
    const { path, size } = step.file;
    ports.report({ event: 'planned', do: isVerification(step) ? 'verify-and-upload' : 'upload', path, size });
  }
  tally.limitReached = budget.exceeded;
  if (tally.limitReached || !wanted.deleteRemoved) return;
  checkBrake(tally.survey, deleteEverything);
  for (const { path, id } of tally.survey.gone) ports.report({ event: 'planned', do: 'delete', path, archiveId: id });
}

function isVerification(step: StoringStep): boolean {
  return step.do === 'replace' && step.onlyIfHashDiffers;
}

async function storeWhatIsHere(
  request: SyncRequest,
  ports: SyncPorts,
  tally: SyncTally,
  resumable: Resumable,
  halt: Halt,
): Promise<void> {
  const budget = new Budget(request.maxFiles);
  const steps = untilExceeded(storingSteps(request.wanted, ports, tally.survey, halt), budget);
  await forEachConcurrently(steps, request.width, halt, (step) =>
    attempt(step.file.path, tally, ports.report, async () => {
      if (isVerification(step) && (await isSame(step, ports, tally, halt))) return;
      if (!budget.take()) return;
      const left = takeLeft(step, resumable);
      const old = step.do === 'replace' ? step.old : null;
      await store({ ...request, file: step.file, old, left }, ports, halt);
      tally.stored++;
      tally.storedBytes += step.file.size;
      if (old !== null) tally.replaced++;
    }),
  );
  tally.limitReached = budget.exceeded;
}

async function isSame(step: StoringStep, ports: SyncPorts, tally: SyncTally, halt: Halt): Promise<boolean> {
  const { path, size } = step.file;
  const same = (await ports.transfer.hashFile(step.file, halt.now)) === (step.do === 'replace' && step.old.treeHash);
  ports.report({ event: 'compared', path, same });
  if (same) tally.same++;
  else ports.report({ event: 'ahead', files: 0, bytes: size });
  return same;
}

/** The unfinished upload of exactly this file, if there is one; one of an older state of it stays to be abandoned. */
function takeLeft(step: StoringStep, resumable: Resumable): LeftUpload | null {
  const { path, size, mtime } = step.file;
  const left = resumable.get(path);
  if (left === undefined || left.file.size !== size || left.file.mtime !== mtime) return null;
  resumable.delete(path);
  return left;
}

/** Tells how much work lies ahead, while it is being done: the same survey again, without doing anything. */
async function foresee(request: SyncRequest, ports: SyncPorts, halt: Halt): Promise<void> {
  const silent = { ...ports, report: () => undefined };
  const budget = new Budget(request.maxFiles);
  let files = 0;
  let bytes = 0;
  for await (const step of storingSteps(request.wanted, silent, emptySurvey(), halt)) {
    if (halt.soon.aborted || !budget.take()) break;
    files++;
    bytes += step.file.size;
    if (files < 1000) continue;
    ports.report({ event: 'ahead', files, bytes });
    files = bytes = 0;
  }
  ports.report({ event: 'ahead', files, bytes });
}

/** Deletes the archives of files that are no longer here, once everything that is here has been stored. */
async function forgetWhatIsGone(request: SyncRequest, ports: SyncPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const { survey } = tally;
  if (survey.missing === 0) return;
  if (tally.failed + survey.refused > 0) return tellPostponed(tally, ports.report);
  checkBrake(survey, request.deleteEverything);
  await forEachConcurrently(survey.gone, request.width, halt, (archive) =>
    attempt(archive.path, tally.deletions, ports.report, async () => {
      if (!stillGone(archive.path, ports)) return;
      await forget(archive, 'removed', ports, halt);
      tally.deletions.deleted++;
    }),
  );
  tally.limitReached = survey.missing > GONE_MAX;
}

/** A file that could not be stored may be one that was moved; one whose name was refused may be one of the archives. */
function tellPostponed({ survey, failed }: SyncTally, report: Report): void {
  const why = failed > 0 ? 'other files could not be stored' : 'other files have names that were refused';
  report({
    event: 'notice',
    topic: 'deletions-postponed',
    message: `no archive of the ${survey.missing} files that are gone was deleted, because ${why}`,
    hint: 'any of those may be a file that was moved or renamed; the next sync without such a failure deletes',
  });
}

/**
 * A last look before a deletion.
 * @throws Failure BRAKE when the directory itself is no longer the one that was surveyed, as after an unmount
 */
function stillGone(path: Parameters<KeptDirectory['look']>[0], { directory }: SyncPorts): boolean {
  if (!directory.inPlace()) {
    throw new Failure('BRAKE', `directory ${directory.root} is no longer the one that the sync began with`, {
      hint: 'nothing more was deleted; is it still mounted?',
    });
  }
  const { kind } = directory.look(path);
  return kind === 'missing' || kind === 'empty' || kind === 'other';
}
