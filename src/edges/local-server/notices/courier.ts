// Carries letters to the endpoints of subscribers, again and again until they are taken or given up.

import { setMaxListeners } from 'node:events';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { NoticeClock } from './notice-clock.js';
import type { DeliveryRecord } from './notice-records.js';

/** How long an endpoint may take to answer. Source: SNS developer guide, "HTTP/HTTPS endpoints": 15 seconds. */
const ANSWER_MS = 15_000;
const AT_ONCE = 16;

/** One attempt, ready to be posted. */
export interface Parcel {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Before the attempts after the first, in ms. */
  readonly pausesMs: readonly number[];
}

/** What the courier asks of the office. */
export interface CourierDuties {
  readonly clock: NoticeClock;
  /** Null when nobody is there any more to deliver to. */
  pack(delivery: DeliveryRecord): Promise<Parcel | null>;
  /** Told once for each delivery, unless the courier is closed before. */
  ended(delivery: DeliveryRecord, outcome: string): void;
}

type Outcome = { readonly is: 'over'; readonly why: string } | { readonly is: 'failed'; readonly why: string };

interface Trip {
  readonly delivery: DeliveryRecord;
  /** Attempts made so far. */
  attempts: number;
}

/** At most `AT_ONCE` letters are out at the same time; the others wait in the order of sending. */
export class Courier {
  readonly #duties: CourierDuties;
  readonly #closing = new AbortController();
  readonly #queue: Trip[] = [];
  readonly #working = new Set<Promise<void>>();
  #abroad = 0;

  constructor(duties: CourierDuties) {
    this.#duties = duties;
    // Every letter that rests listens for the end.
    setMaxListeners(0, this.#closing.signal);
  }

  /** @param delayMs before the first attempt */
  send(delivery: DeliveryRecord, delayMs = 0): void {
    const trip = { delivery, attempts: 0 };
    if (delayMs === 0) this.#enqueue(trip);
    else this.#track(this.#rest(trip, delayMs));
  }

  /** Breaks off what is under way; whoever keeps the deliveries sends them again at the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#queue.length = 0;
    await Promise.all(this.#working);
  }

  #enqueue(trip: Trip): void {
    this.#queue.push(trip);
    this.#depart();
  }

  #depart(): void {
    while (this.#abroad < AT_ONCE && !this.#closing.signal.aborted) {
      const trip = this.#queue.shift();
      if (trip === undefined) return;
      this.#abroad += 1;
      this.#track(this.#travel(trip));
    }
  }

  #track(work: Promise<void>): void {
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  async #travel(trip: Trip): Promise<void> {
    const { outcome, pausesMs } = await this.#attempt(trip);
    this.#abroad -= 1;
    if (this.#closing.signal.aborted) return;
    const pauseMs = outcome.is === 'failed' ? pausesMs[trip.attempts - 1] : undefined;
    if (pauseMs === undefined) this.#duties.ended(trip.delivery, outcome.why);
    else this.#track(this.#rest(trip, pauseMs));
    this.#depart();
  }

  async #attempt(trip: Trip): Promise<{ outcome: Outcome; pausesMs: readonly number[] }> {
    const parcel = await this.#duties.pack(trip.delivery).catch((cause: unknown) => cause as Error);
    if (parcel === null) return { outcome: { is: 'over', why: 'the subscription is gone' }, pausesMs: [] };
    if (parcel instanceof Error) return { outcome: { is: 'over', why: parcel.message }, pausesMs: [] };
    trip.attempts += 1;
    return { outcome: await this.#post(trip.delivery.endpoint, parcel), pausesMs: parcel.pausesMs };
  }

  async #rest(trip: Trip, pauseMs: number): Promise<void> {
    await this.#duties.clock.wait(pauseMs, this.#closing.signal).catch(() => undefined);
    if (!this.#closing.signal.aborted) this.#enqueue(trip);
  }

  async #post(endpoint: string, parcel: Parcel): Promise<Outcome> {
    const answered = new AbortController();
    const late = new AbortController();
    this.#duties.clock.wait(ANSWER_MS, answered.signal).then(
      () => late.abort(),
      () => undefined,
    );
    try {
      const status = await post(endpoint, parcel, AbortSignal.any([late.signal, this.#closing.signal]));
      return { is: isWorthRetrying(status) ? 'failed' : 'over', why: `answered ${status}` };
    } catch (cause) {
      return { is: 'failed', why: late.signal.aborted ? 'no answer in time' : (cause as Error).message };
    } finally {
      answered.abort();
    }
  }
}

/** Source: SNS developer guide, "Message delivery retries": server-side errors, and 429. */
function isWorthRetrying(status: number): boolean {
  return status >= 500 || status === 429;
}

function post(endpoint: string, { headers, body }: Parcel, signal: AbortSignal): Promise<number> {
  const request = endpoint.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': Buffer.byteLength(body) };
    const outgoing = request(endpoint, { method: 'POST', headers: { ...headers, ...length }, signal }, (incoming) => {
      incoming.on('error', reject);
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      incoming.resume();
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
