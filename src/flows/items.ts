// What holds for every item of a run: a failure that concerns only itself is told and counted, and the run goes on.

import type { Report } from '../model/events.js';
import { asFailure, type Failure, reachOf } from '../model/failure.js';

/** Counts what could not be done. */
export interface Failures {
  failed: number;
}

/**
 * Does the work of one item.
 * @throws Failure when it concerns the whole run
 */
export async function attempt(name: string, tally: Failures, report: Report, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (reachOf(failure.code) !== 'skip') throw failure;
    tally.failed++;
    reportFailed(name, failure, report);
  }
}

/** The same for an item that was not counted among the work ahead. */
export async function attemptUnforeseen(
  name: string,
  tally: Failures,
  report: Report,
  work: () => Promise<void>,
): Promise<void> {
  const told: Report = (event) => {
    if (event.event === 'failed') report({ event: 'ahead', files: 1, bytes: 0 });
    report(event);
  };
  await attempt(name, tally, told, work);
}

/** A failure of something that was not counted among the work ahead. */
export function reportUnforeseen(name: string, failure: Failure, report: Report): void {
  report({ event: 'ahead', files: 1, bytes: 0 });
  reportFailed(name, failure, report);
}

function reportFailed(name: string, failure: Failure, report: Report): void {
  report({ event: 'failed', name, code: failure.code, message: failure.message, hint: failure.hint ?? null });
}
