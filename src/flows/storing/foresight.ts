// The steps of a sync, found ahead of the work, so that it can be told how much lies ahead.

import { asFailure } from '../../model/failure.js';
import { comparePaths, type RelPath } from '../../model/rel-path.js';
import type { StoringStep } from '../../plan/sync-steps.js';
import type { AtHand } from '../../transfer/at-hand.js';
import type { Halt } from '../../transfer/concurrently.js';
import { readAhead } from '../../transfer/read-ahead.js';
import { Budget } from '../budget.js';
import { emptySurvey, type Survey, stepsInBatches, storingSteps } from './survey.js';
import type { SyncPorts, SyncRequest } from './sync-tally.js';

/** So many steps are found ahead of the work; about half a kilobyte each. */
const AHEAD_MAX = 10_000;

/** Of one event, where many are counted. */
const COUNTED_AT_ONCE = 1000;

/** Where steps have been waiting in such numbers for so long, the rest is worth a count; until then all may soon be done. */
const SLOW_MS = 2000;

/**
 * The steps, by path, counted into `survey`. Where that is wanted they are told, as 'ahead' events, before they are
 * taken. When more lie ahead than are held, and the work does not come to their end soon, a second survey beside it
 * counts the rest: so it does at once with all of them in a run with a limit, whose own survey must not go past it.
 * @param elapsedMs time that only goes forward, from any origin
 */
export function foreseenSteps(
  request: SyncRequest,
  ports: SyncPorts,
  survey: Survey,
  halt: Halt,
  elapsedMs = () => performance.now(),
): AsyncIterable<StoringStep> {
  if (!request.foresee) return storingSteps(request.wanted, ports, survey, halt);
  const count = new SecondCount(request, ports, halt);
  if (request.maxFiles !== null) return countedFirst(storingSteps(request.wanted, ports, survey, halt), count);
  let fullSinceMs: number | null = null;
  const steps = readAhead<StoringStep>(
    (stop) => stepsInBatches(request.wanted, ports, survey, { ...halt, now: AbortSignal.any([halt.now, stop]) }),
    {
      max: AHEAD_MAX,
      pulled: (found) => {
        if (!count.hasBegun) ports.report({ event: 'ahead', files: found.length, bytes: bytesOf(found) });
      },
      full: ({ file }) => {
        fullSinceMs ??= elapsedMs();
        if (elapsedMs() - fullSinceMs >= SLOW_MS) count.beginAfter(file.path);
      },
    },
  );
  return closing(steps, count);
}
function bytesOf(steps: readonly StoringStep[]): number {
  return steps.reduce((bytes, { file }) => bytes + file.size, 0);
}

async function* countedFirst(steps: AsyncIterable<StoringStep>, counting: SecondCount): AsyncGenerator<StoringStep> {
  await using count = counting;
  for await (const step of steps) {
    count.beginAfter(null);
    yield step;
  }
}

/** The same steps; what counts beside them ends with them. */
function closing(steps: AtHand<StoringStep>, count: SecondCount): AtHand<StoringStep> {
  const ended = async () => {
    const end = await steps.return();
    await count[Symbol.asyncDispose]();
    return end;
  };
  return {
    takeNow: () => steps.takeNow(),
    next: async () => {
      const next = await steps.next().catch(async (thrown: unknown) => {
        await ended();
        throw thrown;
      });
      return next.done === true ? ended() : next;
    },
    return: ended,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The same survey again, without doing anything. */
class SecondCount implements AsyncDisposable {
  readonly #request: SyncRequest;
  readonly #ports: SyncPorts;
  readonly #halt: Halt;
  readonly #over = new AbortController();
  #counting: Promise<void> | null = null;

  constructor(request: SyncRequest, ports: SyncPorts, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#halt = halt;
  }

  get hasBegun(): boolean {
    return this.#counting !== null;
  }

  /** Of the first call only: counts the steps behind this path; null: all. */
  beginAfter(path: RelPath | null): void {
    this.#counting ??= this.#count(path).then(undefined, (thrown: unknown) => void asFailure(thrown));
  }

  /** Counting does not outlive the work. A count that failed is no more than a poorer display. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#counting;
  }

  async #count(after: RelPath | null): Promise<void> {
    const { wanted, maxFiles } = this.#request;
    const stop = AbortSignal.any([this.#halt.soon, this.#over.signal]);
    const silent = { ...this.#ports, report: () => undefined };
    const budget = new Budget(maxFiles);
    const ahead = { files: 0, bytes: 0 };
    for await (const { file } of storingSteps(wanted, silent, emptySurvey(), { soon: stop, now: stop })) {
      if (after !== null && comparePaths(file.path, after) <= 0) continue;
      if (stop.aborted || !budget.take()) break;
      ahead.files++;
      ahead.bytes += file.size;
      if (ahead.files < COUNTED_AT_ONCE) continue;
      this.#ports.report({ event: 'ahead', ...ahead });
      ahead.files = ahead.bytes = 0;
    }
    this.#ports.report({ event: 'ahead', ...ahead });
  }
}
