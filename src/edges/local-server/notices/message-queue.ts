// One queue: its messages, which of them are in flight, and who waits for the next.

import { randomBytes } from 'node:crypto';
import type { NoticeClock } from './notice-clock.js';
import type { Attributes, MessageRecord } from './notice-records.js';

/** A message and what receivers did to it; those deeds are not kept over a restart, so messages come back then. */
export interface QueuedMessage {
  readonly record: MessageRecord;
  /** Hidden before, in ms since 1970. */
  visibleAt: number;
  receives: number;
  firstReceivedAt: number;
  /** Given out at the last receipt since the start; null when there was none. */
  handle: string | null;
}

/** A message that was given out, with what it can be deleted by. */
export interface Receipt {
  readonly message: QueuedMessage;
  readonly handle: string;
}

/** What one request to receive asks for. */
export interface ReceiveWish {
  readonly count: number;
  readonly waitMs: number;
  /** How long others do not see what was received. */
  readonly hiddenMs: number;
}

/** In memory; the log has what must outlive the server. */
export class MessageQueue {
  readonly arn: string;
  readonly createdAt: number;
  /** When its attributes were last set. */
  modifiedAt: number;
  purgedAt: number | null = null;
  readonly attributes: Map<string, string>;
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #waiting = new Set<() => void>();
  #characters = 0;
  #closed = false;

  constructor(arn: string, createdAt: number, attributes: Iterable<readonly [string, string]>) {
    this.arn = arn;
    this.createdAt = createdAt;
    this.modifiedAt = createdAt;
    this.attributes = new Map(attributes);
  }

  /** Another time of retention brings nothing back that was too old before. */
  change(attributes: Attributes, at: number): void {
    this.expire(at);
    for (const [name, value] of Object.entries(attributes)) this.attributes.set(name, value);
    this.modifiedAt = at;
  }

  add(record: MessageRecord): void {
    const message = { record, visibleAt: record.at + record.delayMs, receives: 0, firstReceivedAt: 0, handle: null };
    this.#messages.set(record.id, message);
    this.#characters += record.body.length;
    this.#wake();
  }

  delete(id: string): void {
    const body = this.#messages.get(id)?.record.body ?? '';
    if (this.#messages.delete(id)) this.#characters -= body.length;
  }

  purge(at: number): void {
    this.#messages.clear();
    this.#characters = 0;
    this.purgedAt = at;
  }

  /** Whoever waits for a message is told that there is none. */
  close(): void {
    this.#messages.clear();
    this.#characters = 0;
    this.#closed = true;
    this.#wake();
  }

  /**
   * Messages in the order of sending, as many as are there; when there are none, those that appear while we wait.
   * @returns none when the time is over, or `signal` says that nobody listens any more
   */
  async receive(wish: ReceiveWish, clock: NoticeClock, signal: AbortSignal): Promise<Receipt[]> {
    const until = clock.now() + wish.waitMs;
    for (;;) {
      if (signal.aborted || this.#closed) return [];
      const receipts = this.#take(wish, clock.now());
      const leftMs = until - clock.now();
      if (receipts.length > 0 || leftMs <= 0) return receipts;
      await this.#change(Math.min(leftMs, this.#nextVisibleIn(clock.now())), clock, signal);
    }
  }

  /** The message that a handle was given out for; null when it is deleted, or was received again since. */
  holdOf(handle: string): QueuedMessage | null {
    const message = this.#messages.get(idInHandle(handle) ?? '');
    if (message === undefined) return null;
    return message.handle === null || message.handle === handle ? message : null;
  }

  /** Sets how long the message stays hidden from now on. */
  hide(message: QueuedMessage, ms: number, now: number): void {
    message.visibleAt = now + ms;
    this.#wake();
  }

  /** What it has in memory; those that are too old count until they are looked for. */
  get held(): { messages: number; characters: number } {
    return { messages: this.#messages.size, characters: this.#characters };
  }

  /** Its messages, in the order of sending. */
  *records(): Generator<MessageRecord> {
    for (const { record } of this.#messages.values()) yield record;
  }

  /** Counters by what receivers can do with the messages. */
  counts(now: number): { visible: number; inFlight: number; delayed: number } {
    this.expire(now);
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const message of this.#messages.values()) counts[stateOf(message, now)]++;
    return counts;
  }

  /** Lets go of what is too old. Messages lie in the order of sending, so that comes first. */
  expire(now: number): void {
    const retentionMs = Number(this.attributes.get('MessageRetentionPeriod')) * 1000;
    for (const { record } of this.#messages.values()) {
      if (record.at + retentionMs > now) return;
      this.delete(record.id);
    }
  }

  #take({ count, hiddenMs }: ReceiveWish, now: number): Receipt[] {
    this.expire(now);
    const receipts: Receipt[] = [];
    for (const message of this.#messages.values()) {
      if (receipts.length === count) break;
      if (message.visibleAt > now) continue;
      message.visibleAt = now + hiddenMs;
      if (message.receives === 0) message.firstReceivedAt = now;
      message.receives += 1;
      message.handle = newHandle(message.record.id);
      receipts.push({ message, handle: message.handle });
    }
    return receipts;
  }

  #nextVisibleIn(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { visibleAt } of this.#messages.values()) next = Math.min(next, visibleAt);
    return Math.max(next - now, 1);
  }

  /** Until something arrives or is shown again, or the time is over. */
  async #change(ms: number, clock: NoticeClock, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    let wake = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    const timeout = clock.wait(ms, AbortSignal.any([signal, over.signal])).catch(() => undefined);
    await Promise.race([arrival, timeout]);
    this.#waiting.delete(wake);
    over.abort();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

function stateOf(message: QueuedMessage, now: number): 'visible' | 'inFlight' | 'delayed' {
  if (message.visibleAt <= now) return 'visible';
  return message.receives > 0 ? 'inFlight' : 'delayed';
}

/** Has the message's id in it, so that a handle is good for deletion after a restart too. */
function newHandle(id: string): string {
  return Buffer.concat([Buffer.from(id), randomBytes(96)]).toString('base64');
}

/** Null when it is no handle of ours. */
export function idInHandle(handle: string): string | null {
  const id = Buffer.from(handle, 'base64').subarray(0, 36).toString();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
