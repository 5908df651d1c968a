// Counting how much a sync will have to do, beside doing it.

import { asFailure } from '../model/failure.js';
import type { Halt } from '../transfer/concurrently.js';
import { Budget } from './budget.js';
import { emptySurvey, storingSteps } from './survey.js';
import type { SyncPorts, SyncRequest } from './sync-tally.js';

/**
 * Does the work, and tells meanwhile how much of it lies ahead: from when the first of it was found, since counting
 * means to see everything once more. Neither outlives the other: what still counts when the work has ended is stopped,
 * and work that goes on is waited for, whatever becomes of the counting.
 */
export async function whileForeseeing(
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
