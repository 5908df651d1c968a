// The story of restore --wait and watch: ask, wait, fetch, ask again, until all that was accepted is on disk.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import { asFailure, Failure, reachOf } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { Exhausted } from '../../plan/allowance.js';
import { forEachInLanes, type Halt } from '../../transfer/concurrently.js';
import type { Expected } from '../../vault/retrieving-port.js';
import type { Budget, Limit } from '../budget.js';
import { byFileSize, type FileLanes } from '../file-lanes.js';
import { attempt } from '../items.js';
import { type ArrivalPorts, Arrivals, isCuredByWaiting } from './arrivals.js';
import { spanOf } from './expected.js';
import { countingMismatches, type FetchPorts, type FetchRequest, fetch } from './fetch.js';
import type { ArrivalTally } from './looks.js';
import { endPlan } from './plan-book.js';
import type { PlanRun } from './plan-run.js';
import type { Arrival, Fate } from './under-way.js';

export interface HomeRequest extends FetchRequest {
  readonly run: PlanRun;
  /** Files that may be under way at once. */
  readonly files: FileLanes;
  readonly pollSeconds: number;
  /** Of the whole run, which may be about more than one plan. */
  readonly budget: Budget;
}

export interface HomePorts extends ArrivalPorts, Omit<FetchPorts, 'report'> {
  readonly directory: Pick<KeptDirectory, 'root' | 'look' | 'land' | 'inPlace'>;
}

export interface HomeTally extends ArrivalTally {
  restored: number;
  restoredBytes: number;
  /** Of `failed`: the vault gave other content than the journal says. */
  mismatches: number;
  /** Still under way, or to be asked for. */
  waiting: number;
  readyAt: Expected | null;
  /** What the plan allowed no more of. */
  exhausted: Exhausted | null;
  /** What ended this run before all was here. */
  limit: Limit | null;
}

export function emptyHomeTally(): HomeTally {
  const asked = { requested: 0, requestedBytes: 0, again: 0, againBytes: 0 };
  const found = { here: 0, failed: 0, left: 0, waiting: 0 };
  const fetched = { restored: 0, restoredBytes: 0, mismatches: 0 };
  return { ...found, ...asked, ...fetched, readyAt: null, exhausted: null, limit: null };
}

/**
 * Brings home all that the plan is for, then ends the plan. Killed at any time, it goes on where it was when it is run
 * again.
 * @throws Failure when it concerns the run and no waiting cures it
 */
export async function bringHome(request: HomeRequest, ports: HomePorts, tally: HomeTally, halt: Halt): Promise<void> {
  const { run, budget } = request;
  const stop = new AbortController();
  const timeUp = AbortSignal.any([stop.signal, ...(budget.timeUp === null ? [] : [budget.timeUp])]);
  const whileWriting: HomePorts['whileWriting'] = async (work) => {
    assertInPlace(ports);
    return ports.whileWriting(work);
  };
  const arrivals = new Arrivals({ ...request, ...run, timeUp }, { ...ports, whileWriting }, tally, halt);
  const lanes = byFileSize(request.files, ({ archive }: Arrival) => archive.size);
  const home = new Homecoming(request, ports, { arrivals, budget, stop, tally });
  try {
    do {
      await forEachInLanes(arrivals.all(), lanes, halt, (arrival, halt) => home.bring(arrival, halt));
      if (!arrivals.isDone) return;
      // Not ended is what another process accepted more for meanwhile, or asked for.
    } while (!(await arrivals.atLast(() => ports.whileWriting(({ file }) => endPlan(file, run.account.plan)))));
    if (run.waves.gone > 0 && run.spending.exhausted === 'cost') throw tooDear(tally.left);
  } finally {
    tally.waiting = run.underWay.count + arrivals.toAskFor;
    tally.exhausted = run.spending.exhausted;
    tally.limit = budget.exceeded ?? (budget.timeUp?.aborted === true && !arrivals.isDone ? 'duration' : null);
    for (const { retrieval } of run.underWay.all()) {
      if (retrieval.state === 'running') tally.readyAt = spanOf(tally.readyAt, retrieval.expected);
    }
  }
}

/** On a disk that is no longer mounted every file would be missing, and be asked for and fetched once more. */
function assertInPlace({ directory }: HomePorts): void {
  if (directory.inPlace()) return;
  const message = `directory ${printable(directory.root)} is no longer the one that the restore began with`;
  throw new Failure('BRAKE', message, { hint: 'nothing more was asked for or written; is it still mounted?' });
}

/** What comes for the first time was within the limit: the brake was applied to it before. */
function tooDear(left: number): Failure {
  const message = `to ask again for the ${left} files that were gone before they were fetched would cost more than was accepted`;
  return new Failure('BRAKE', message, { hint: 'accept the price of the rest: run restore again, with --max-cost' });
}

interface HomeState {
  readonly arrivals: Arrivals;
  readonly budget: Budget;
  /** Told when nothing new may be begun. */
  readonly stop: AbortController;
  readonly tally: HomeTally;
}

class Homecoming {
  readonly #request: HomeRequest;
  readonly #ports: HomePorts;
  readonly #state: HomeState;

  constructor(request: HomeRequest, ports: HomePorts, state: HomeState) {
    this.#request = request;
    this.#ports = ports;
    this.#state = state;
  }

  /** Whatever becomes of it, the arrivals are told. */
  async bring(arrival: Arrival, halt: Halt): Promise<void> {
    const { arrivals, budget, stop, tally } = this.#state;
    const { path, size } = arrival.archive;
    let fate: Fate | null = null;
    try {
      assertInPlace(this.#ports);
      if (!budget.take(size)) return stop.abort();
      await attempt(path, tally, this.#ports.report, async () => {
        fate = await this.#fetch(arrival, halt).catch((thrown: unknown) => {
          if (reachOf(asFailure(thrown).code) === 'skip') fate = 'given up';
          throw thrown;
        });
      });
    } catch (thrown) {
      // The arrivals are not to wait for the next, which nobody takes any more.
      stop.abort();
      throw thrown;
    } finally {
      arrivals.done(arrival, fate);
    }
  }

  /** null when it is to be tried again later. */
  async #fetch({ archive, ready }: Arrival, halt: Halt): Promise<Fate | null> {
    const { arrivals, tally } = this.#state;
    // It was missing when it was looked for, which may be a while ago.
    if (this.#ports.directory.look(archive.path).kind === 'file') return 'here';
    try {
      await countingMismatches(tally, fetch(archive, ready, this.#request, this.#ports, halt));
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === 'JOB_NOT_FOUND') return 'gone';
      if (!isCuredByWaiting(failure)) throw failure;
      arrivals.pauseFor(failure);
      return null;
    }
    tally.restored++;
    tally.restoredBytes += archive.size;
    return 'here';
  }
}
