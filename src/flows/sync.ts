// The story of sync: finish what was left, store what is new or changed, then forget what is gone.

import type { KeptDirectory } from '../disk/kept-directory.js';
import type { Report } from '../model/events.js';
import { asFailure, Failure, throwIfInterrupted } from '../model/failure.js';
import type { RelPath } from '../model/rel-path.js';
import { checkBrake } from '../plan/brake.js';
import type { StoringStep, WantedWork } from '../plan/sync-steps.js';
import { forEachConcurrently, type Halt } from '../transfer/concurrently.js';
import { Budget, untilExceeded } from './budget.js';
import { forget } from './forget.js';
import { attempt, type Failures } from './items.js';
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
  readonly deletions: { deleted: number; failed: number /** By a dry run. */; planned: number };
  /** What earlier runs left and could not be finished. */
  readonly leftovers: Failures;
  limitReached: boolean;
}

export function emptySyncTally(): SyncTally {
  const deletions = { deleted: 0, failed: 0, planned: 0 };
  return {
    survey: emptySurvey(),
    stored: 0,
    storedBytes: 0,
    replaced: 0,
    same: 0,
    failed: 0,
    deletions,
    leftovers: { failed: 0 },
    limitReached: false,
  };
}

/**
 * Makes the vault hold what the directory holds. A failure that concerns one file is reported and counted.
 * @param tally counted into while it goes on, so that it tells how far a run came that ends with a failure
 * @throws Failure when it concerns the run
 */
export async function sync(request: SyncRequest, ports: SyncPorts, tally: SyncTally, halt: Halt): Promise<void> {
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  await whileForeseeing(request, ports, halt, (found) =>
    storeWhatIsHere(request, ports, tally, resumable, found, halt),
  );
  if (tally.limitReached) return;
  const { survey } = tally;
  const unwanted = [...resumable].filter(({ file }) => survey.files > 0 && isSeen(file.path, ports));
  await abandonLeftovers(unwanted, ports, tally.leftovers, halt);
  if (request.wanted.deleteRemoved) await forgetWhatIsGone(request, ports, tally, halt);
}

/** Whether it can be told what is under the path. An upload is not dropped because its disk is not mounted today. */
function isSeen(path: RelPath, { directory }: SyncPorts): boolean {
  return directory.inPlace() && directory.look(path).kind !== 'unseen';
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
  const { survey, deletions } = tally;
  if (survey.missing > 0 && arePostponed(tally, ports.report)) return;
  checkBrake(survey, deleteEverything);
  for (const { path, id } of survey.gone) {
    ports.report({ event: 'planned', do: 'delete', path, archiveId: id });
    deletions.planned++;
  }
  tally.limitReached = survey.missing > GONE_MAX;
}

function isVerification(step: StoringStep): boolean {
  return step.do === 'replace' && step.onlyIfHashDiffers;
}

async function storeWhatIsHere(
  request: SyncRequest,
  ports: SyncPorts,
  tally: SyncTally,
  resumable: Resumable,
  found: () => void,
  halt: Halt,
): Promise<void> {
  const budget = new Budget(request.maxFiles);
  const steps = untilExceeded(storingSteps(request.wanted, ports, tally.survey, halt), budget);
  await forEachConcurrently(steps, request.width, halt, (step, halt) =>
    attempt(step.file.path, tally, ports.report, async () => {
      found();
      if (isVerification(step) && (await isSame(step, ports, tally, halt))) return;
      if (!budget.take()) return;
      const left = takeLeft(step, resumable);
      const old = step.do === 'replace' ? step.old : null;
      await ports.directory.settled(step.file, halt.soon);
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
  const same = (await ports.transfer.hashFile(step.file, halt.soon)) === (step.do === 'replace' && step.old.treeHash);
  ports.report({ event: 'compared', path, same });
  if (same) tally.same++;
  else ports.report({ event: 'ahead', files: 0, bytes: size });
  return same;
}

/** The unfinished upload of exactly this file, if there is one; one of an older state of it stays to be abandoned. */
function takeLeft(step: StoringStep, resumable: Resumable): LeftUpload | null {
  const { path, size, mtime } = step.file;
  for (const left of resumable) {
    const { file } = left;
    if (file.path === path && file.size === size && file.mtime === mtime && resumable.delete(left)) return left;
  }
  return null;
}

/**
 * Does the work, and tells meanwhile how much of it lies ahead: from when the first of it was found, since counting
 * means to see everything once more. Neither outlives the other: what still counts when the work has ended is stopped,
 * and work that goes on is waited for, whatever becomes of the counting.
 */
async function whileForeseeing(
  request: SyncRequest,
  ports: SyncPorts,
  halt: Halt,
  work: (found: () => void) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([halt.soon, over.signal]);
  let found = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    found = resolve;
  });
  const working = work(found).finally(() => {
    over.abort();
    found();
  });
  const foreseeing = begun.then(() => {
    return request.foresee && !stop.aborted ? foresee(request, ports, { soon: stop, now: stop }) : undefined;
  });
  const [done, foreseen] = await Promise.allSettled([working, foreseeing]);
  if (done.status === 'rejected') throw done.reason;
  // A count that failed is no more than a poorer display.
  if (foreseen.status === 'rejected') asFailure(foreseen.reason);
}

/** The same survey again, without doing anything. */
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
  if (arePostponed(tally, ports.report)) return;
  checkBrake(survey, request.deleteEverything);
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
 * @throws Failure BRAKE when the directory itself is no longer the one that was surveyed, as after an unmount
 */
function stillGone(path: RelPath, { directory }: SyncPorts): boolean {
  if (!directory.inPlace()) {
    throw new Failure('BRAKE', `directory ${directory.root} is no longer the one that the sync began with`, {
      hint: 'nothing more was deleted; is it still mounted?',
    });
  }
  const { kind } = directory.look(path);
  return kind === 'missing' || kind === 'empty' || kind === 'other';
}
