// How many requests a second a run makes: as many as it can, until the service says that those are too many.

import type { Failure } from '../model/failure.js';
import type { Patience } from './patience.js';
import { statusOf } from './server-errors.js';

/** What a refusal leaves of the rate that was served before it. */
const LEFT = 0.7;
/** How much a second the rate grows again while it holds requests back: a share of itself, and at least so many. */
const GROWTH = { share: 0.05, least: 0.5 };
/** Requests a second that are tried whatever happened; and after the first refusal of all, which may have been bad luck. */
const LEAST = { ever: 1, first: 5 };
/** Requests that were under way when the rate was cut say nothing of the new one. */
const DEAF_MS = 1_000;

/**
 * Additive increase, multiplicative decrease, shared by all requests of a run. Without a refusal it costs nothing and
 * holds nothing back.
 */
export class RequestRate {
  readonly #time: Pick<Patience, 'elapsedMs' | 'sleep'>;
  readonly #served = new ServedRate();
  #perSecond = Number.POSITIVE_INFINITY;
  /** Requests that have asked to go, and how many may: a number that grows with time, and never far beyond the first. */
  #asked = 0;
  #allowed = 0;
  #atMs = 0;
  #deafUntilMs = Number.NEGATIVE_INFINITY;

  constructor(time: Pick<Patience, 'elapsedMs' | 'sleep'>) {
    this.#time = time;
  }

  /** Requests a second; infinite before the first refusal. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /** Comes back when the next request may go; at once, without a promise, when it may go now. @throws Failure INTERRUPTED */
  take(signal: AbortSignal): Promise<void> | undefined {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return undefined;
    this.#goOn();
    const turn = ++this.#asked;
    return this.#mayGo(turn) ? undefined : this.#wait(turn, signal);
  }

  /** A request was answered as it should be. */
  served(): void {
    this.#served.add(this.#time.elapsedMs());
  }

  /** A request failed. */
  failed(failure: Failure): void {
    const nowMs = this.#time.elapsedMs();
    if (!asksForLess(failure) || nowMs < this.#deafUntilMs) return;
    this.#deafUntilMs = nowMs + DEAF_MS;
    const before = this.#perSecond;
    const isFirst = before === Number.POSITIVE_INFINITY;
    if (isFirst) this.#atMs = nowMs;
    else this.#goOn();
    const cut = Math.max(LEFT * this.#served.perSecond(nowMs), isFirst ? LEAST.first : before / 2);
    this.#perSecond = Math.max(LEAST.ever, Math.min(before, cut));
  }

  /** The rate may fall while somebody waits. */
  async #wait(turn: number, signal: AbortSignal): Promise<void> {
    while (!this.#mayGo(turn)) {
      await this.#time.sleep(Math.ceil(((turn - this.#allowed) * 1000) / this.#perSecond), signal);
      this.#goOn();
    }
  }

  #mayGo(turn: number): boolean {
    return this.#allowed > turn - 1e-6;
  }

  /** To the present: what has been allowed since, and how the rate has grown if somebody waited for it. */
  #goOn(): void {
    const nowMs = this.#time.elapsedMs();
    const seconds = (nowMs - this.#atMs) / 1000;
    const wasWaitedFor = this.#asked > this.#allowed;
    this.#atMs = nowMs;
    this.#allowed = Math.min(this.#asked + 1, this.#allowed + seconds * this.#perSecond);
    if (!wasWaitedFor) return;
    this.#perSecond += Math.min(1, seconds) * Math.max(GROWTH.least, GROWTH.share * this.#perSecond);
  }
}

/** A 503 is the service's other way to say that it is asked too much; what it did with the request stays unknown. */
function asksForLess({ code, cause }: Failure): boolean {
  return code === 'THROTTLED' || (code === 'VAULT_UNAVAILABLE' && statusOf(cause) === 503);
}

/** How many requests were served in the last second, about: of the second before this one the share that is not over. */
class ServedRate {
  #second = 0;
  #count = 0;
  #before = 0;

  add(nowMs: number): void {
    this.#turnTo(nowMs);
    this.#count++;
  }

  perSecond(nowMs: number): number {
    this.#turnTo(nowMs);
    return this.#count + this.#before * (1 - (nowMs / 1000 - this.#second));
  }

  #turnTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#before = second === this.#second + 1 ? this.#count : 0;
    this.#count = 0;
    this.#second = second;
  }
}
