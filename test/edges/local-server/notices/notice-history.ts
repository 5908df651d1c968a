// Histories that the notices' log can tell, made from anything, and what such a log means.

import fc from 'fast-check';
import { LOG_FORMAT } from '../../../../src/edges/local-server/durable/log-lines.js';
import type { NoticeRecord, Protocol } from '../../../../src/edges/local-server/notices/notice-records.js';
import { NoticeState } from '../../../../src/edges/local-server/notices/notice-state.js';

const DAY_MS = 86_400_000;

const step = fc.record({
  laterMs: fc.constantFrom(0, 1, 1000, 60_000, DAY_MS),
  deed: fc.nat(16),
  which: fc.nat(30),
  other: fc.nat(3),
});

export type NoticeStep = typeof step extends fc.Arbitrary<infer T> ? T : never;

export function noticeHistories(length: number): fc.Arbitrary<NoticeStep[]> {
  return fc.array(step, { maxLength: length, size: 'max' });
}

/** Turns steps into records that a server could have written, one after another. */
export class NoticeHistorian {
  readonly #state = new NoticeState();
  #number = 0;
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  begin(): NoticeRecord {
    return this.#tell({ type: 'notices', format: LOG_FORMAT, at: this.now });
  }

  records(steps: readonly NoticeStep[]): NoticeRecord[] {
    return steps.flatMap((one) => {
      this.now += one.laterMs;
      const record = this.#recordOf(one);
      return record === null ? [] : [this.#tell(record)];
    });
  }

  #tell(record: NoticeRecord): NoticeRecord {
    this.#state.apply(record);
    return record;
  }

  #recordOf({ deed, which, other }: NoticeStep): NoticeRecord | null {
    const at = this.now;
    const id = `${++this.#number}`;
    const { book, queues, deliveries } = this.#state;
    const [topic, queue] = [pick([...book.topics.values()], which), pick([...queues.values()], which)];
    const subscription = pick([...book.subscriptions.values()], which);
    const delivery = pick([...deliveries.values()], which);
    switch (deed) {
      case 0: {
        const arn = `topic-${other}`;
        return book.topics.has(arn)
          ? null
          : { type: 'topic', arn, attributes: other === 0 ? {} : { DisplayName: id }, at };
      }
      case 1:
        return topic && { type: 'topic-attribute', arn: topic.arn, name: `a${other}`, value: id, at };
      case 2:
        return other === 0 && topic !== null ? { type: 'topic-deleted', arn: topic.arn, at } : null;
      case 3:
      case 4: {
        const protocol: Protocol = other === 0 ? 'http' : 'sqs';
        const what = {
          protocol,
          endpoint: id,
          owner: 'o',
          attributes: other === 1 ? { RawMessageDelivery: 'true' } : {},
        };
        return topic && { type: 'subscription', arn: `${topic.arn}:${id}`, topic: topic.arn, ...what, at };
      }
      case 5:
        if (subscription?.state.is !== 'pending') return null;
        return { type: 'subscription-asked', arn: subscription.arn, token: id, at };
      case 6:
      case 7: {
        if (subscription === null || subscription.state.is === 'confirmed') return null;
        const how = { authenticated: other > 1, authenticateOnUnsubscribe: other > 2 };
        return { type: 'subscription-confirmed', arn: subscription.arn, ...how, at };
      }
      case 8:
        return (
          subscription && { type: 'subscription-attribute', arn: subscription.arn, name: `s${other}`, value: id, at }
        );
      case 9:
        if (subscription === null) return null;
        return { type: 'unsubscribed', arn: subscription.arn, token: other === 0 ? null : id, at };
      case 10: {
        const arn = `queue-${other}`;
        const attributes = { MessageRetentionPeriod: '345600', VisibilityTimeout: '30', Policy: '' };
        return queues.has(arn) ? null : { type: 'queue', arn, attributes, at };
      }
      case 11: {
        const attributes = { MessageRetentionPeriod: other === 0 ? '60' : '1209600' };
        return queue && { type: 'queue-attributes', arn: queue.arn, attributes, at };
      }
      case 12:
        if (queue === null) return null;
        if (other === 0) return { type: 'queue-deleted', arn: queue.arn, at };
        return other === 1 ? { type: 'queue-purged', arn: queue.arn, at } : null;
      case 13:
      case 14:
        return queue && { type: 'message', queue: queue.arn, id, body: id, sender: 's', at, delayMs: other * 1000 };
      case 15: {
        const message = queue && pick([...queue.records()], which);
        return message && { type: 'message-deleted', queue: message.queue, id: message.id, at };
      }
      default: {
        if (delivery !== null && other > 1) return { type: 'delivery-ended', id: delivery.id, outcome: 'taken', at };
        const letter = { messageId: id, message: id, subject: null, token: null, raw: other === 0, at };
        const to = { topic: topic?.arn ?? '', subscription: 's', endpoint: 'http://x/' };
        return { type: 'delivery', id, kind: 'Notification', ...to, ...letter };
      }
    }
  }
}

function pick<T>(all: readonly T[], which: number): T | null {
  return all[which % Math.max(1, all.length)] ?? null;
}

export function noticesOf(records: readonly NoticeRecord[]): NoticeState {
  const state = new NoticeState();
  for (const record of records) state.apply(record);
  return state;
}

/** All that anybody can learn of topics and queues from `now` on. */
export function noticesMeant({ book, queues, deliveries }: NoticeState, now: number): object {
  return {
    topics: [...book.topics.values()].map(({ subscriptions, ...topic }) => [topic, [...subscriptions].sort()]),
    subscriptions: [...book.subscriptions.values()],
    queues: [...queues.values()].map((queue) => ({
      arn: queue.arn,
      createdAt: queue.createdAt,
      modifiedAt: queue.modifiedAt,
      purgedAt: queue.purgedAt,
      attributes: [...queue.attributes],
      counts: queue.counts(now),
      messages: [...queue.records()],
    })),
    deliveries: [...deliveries],
  };
}
