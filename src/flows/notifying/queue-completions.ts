// Word from a queue that jobs have ended, by long polling.

import { type Alarm, type Clock, Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { asFailure, type Failure, type FailureCode } from '../../model/failure.js';
import type { JobId } from '../../model/identifiers.js';
import { toldJobInLetter } from '../../model/job-notice.js';
import type { Queue, QueueMessage, Receiving } from '../../vault/notices/notices-port.js';
import type { Completions } from '../retrieving/completions.js';
import { ToldJobs } from './told-jobs.js';

export interface QueueListening {
  readonly queues: Receiving;
  /** ARN of the vault whose jobs are waited for. */
  readonly vault: string;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly report: Report;
}

/** Seconds that a request stays open; SQS allows no more. */
const LONG_POLL = 20;
/** Seconds from a request that brought something to the next, from one that brought nothing of use, from one that failed. */
const PAUSE = { served: 1, useless: 2, uselessMax: 30, failed: 5, failedMax: 300 };
/** A message that nobody can make sense of is everybody's rubbish once it was received so often. */
const RUBBISH_RECEIVES = 10;
/** Nobody waits longer than this for a queue at the end. */
const FAREWELL_MS = 3000;

/**
 * Never fails for the queue's sake: what is wrong with it is told once, and then there is only the time. A queue that is
 * not there is looked for anew at each call.
 * @param find null where there is none
 * @param first what was received already
 */
export function queueCompletions(
  find: (signal: AbortSignal) => Promise<Queue | null>,
  listening: QueueListening,
  first?: { readonly queue: Queue; readonly messages: readonly QueueMessage[] },
): Completions {
  return new QueueCompletions(find, listening, first ?? null);
}

class QueueCompletions implements Completions {
  readonly #find: (signal: AbortSignal) => Promise<Queue | null>;
  readonly #parts: QueueListening;
  readonly #jobs = new ToldJobs();
  readonly #complained = new Set<FailureCode>();
  #queue: Queue | null;
  /** It was looked for since the last call, and is not there. */
  #isMissing = false;
  /** Of messages that are in `#jobs` by now. */
  #done: string[] = [];
  /** Requests in a row that failed, or brought nothing of use. */
  #inVain = 0;
  #askAt: Instant;

  constructor(
    find: (signal: AbortSignal) => Promise<Queue | null>,
    parts: QueueListening,
    first: { readonly queue: Queue; readonly messages: readonly QueueMessage[] } | null,
  ) {
    this.#find = find;
    this.#parts = parts;
    this.#queue = first?.queue ?? null;
    this.#askAt = parts.clock.now();
    for (const message of first?.messages ?? []) this.#take(message);
  }

  async next(until: Instant, signal: AbortSignal): Promise<readonly JobId[]> {
    const { clock, alarm } = this.#parts;
    const begun = clock.now();
    await this.#discardDone(signal);
    this.#isMissing = false;
    for (;;) {
      const now = clock.now();
      const jobs = this.#jobs.take(now);
      // A clock that was set back would let it wait for as long once more.
      if (jobs.length > 0 || signal.aborted || now >= until || now < begun) return jobs;
      const end = earlier(until, this.#jobs.nextAt());
      if (this.#isMissing) await alarm.until(end, signal);
      else if (now < this.#askAt) await alarm.until(earlier(end, this.#askAt), signal);
      else if (this.#queue === null) await this.#look(signal);
      else await this.#receive(this.#queue, Math.min(LONG_POLL, end - now), signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discardDone(AbortSignal.timeout(FAREWELL_MS));
  }

  async #look(signal: AbortSignal): Promise<void> {
    await this.#tryTo(async () => {
      this.#queue = await this.#find(signal);
      this.#isMissing = this.#queue === null;
      this.#inVain = 0;
    }, signal);
  }

  async #receive(queue: Queue, seconds: number, signal: AbortSignal): Promise<void> {
    await this.#tryTo(async () => {
      const messages = await this.#parts.queues.receive(queue, seconds, signal);
      const ofUse = messages.filter((message) => this.#take(message));
      await this.#discardRubbish(queue, messages, signal);
      this.#pause(messages.length, ofUse.length);
    }, signal);
  }

  /** Whether it is about our vault. */
  #take({ body, handle }: QueueMessage): boolean {
    const told = toldJobInLetter(body);
    if (told?.vault !== this.#parts.vault) return false;
    this.#jobs.said(told.jobId, this.#parts.clock.now());
    this.#done.push(handle);
    return true;
  }

  #pause(received: number, ofUse: number): void {
    const inVain = received > 0 && ofUse === 0;
    this.#inVain = inVain ? this.#inVain + 1 : 0;
    const seconds = inVain ? growing(PAUSE.useless, this.#inVain, PAUSE.uselessMax) : received > 0 ? PAUSE.served : 0;
    this.#askAt = Instant.plusSeconds(this.#parts.clock.now(), seconds);
  }

  /** What others may be waiting for stays. */
  async #discardRubbish(queue: Queue, messages: readonly QueueMessage[], signal: AbortSignal): Promise<void> {
    const rubbish = messages.filter(
      ({ body, receives }) => receives >= RUBBISH_RECEIVES && toldJobInLetter(body) === null,
    );
    const handles = rubbish.map(({ handle }) => handle);
    await this.#parts.queues.discard(queue, handles, signal);
  }

  /** What was handed on needs no keeping: whoever waits looks at all jobs when it starts. */
  async #discardDone(signal: AbortSignal): Promise<void> {
    const queue = this.#queue;
    const handles = this.#done;
    if (queue === null || handles.length === 0) return;
    this.#done = [];
    await this.#tryTo(() => this.#parts.queues.discard(queue, handles, signal), signal);
  }

  async #tryTo(deed: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await deed();
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (signal.aborted || failure.code === 'INTERRUPTED') return;
      this.#complain(failure);
      if (failure.code === 'QUEUE_NOT_FOUND') this.#queue = null;
      this.#inVain++;
      const seconds = growing(PAUSE.failed, this.#inVain, PAUSE.failedMax);
      this.#askAt = Instant.plusSeconds(this.#parts.clock.now(), seconds);
    }
  }

  #complain({ code, message, hint }: Failure): void {
    if (this.#complained.has(code)) return;
    this.#complained.add(code);
    const text = `${message.replace(/\.$/, '')}; until that is over, the vault is asked now and then what is ready`;
    this.#parts.report({ event: 'notice', topic: 'queue', message: text, hint: hint ?? null });
  }
}

function earlier(one: Instant, other: Instant | null): Instant {
  return other !== null && other < one ? other : one;
}

/** @param times from 1 */
function growing(seconds: number, times: number, most: number): number {
  return Math.min(most, seconds * 2 ** (times - 1));
}
