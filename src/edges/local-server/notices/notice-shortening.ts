// Makes the notices' log shorter: writes anew what there is, and nothing of what is gone.

import { LOG_FORMAT } from '../durable/log-lines.js';
import { LogWriter } from '../durable/log-writer.js';
import type { Shortener } from '../durable/short-log.js';
import type { MessageQueue } from './message-queue.js';
import type { NoticeRecord } from './notice-records.js';
import { NoticeState } from './notice-state.js';
import type { Subscription, Topic, TopicBook } from './topic-book.js';

/** Messages that are too old by `now` are gone too. */
export const shortenNotices: Shortener = async (read, made, now) => {
  const state = new NoticeState();
  let [lines, begunAt] = [0, now];
  for await (const piece of read()) {
    for (const { record } of piece.lines as readonly { readonly record: NoticeRecord }[]) {
      if (record.type === 'notices') begunAt = record.at;
      state.apply(record);
    }
    lines += piece.lines.length;
  }
  const writer = new LogWriter(made);
  await writer.write({ type: 'notices', format: LOG_FORMAT, at: begunAt } satisfies NoticeRecord);
  for (const record of recordsOf(state, now)) await writer.write(record);
  return lines - (await writer.end());
};

/** Records that say all that the state knows at `now`. */
function* recordsOf({ book, queues, deliveries }: NoticeState, now: number): Generator<NoticeRecord> {
  for (const topic of book.topics.values()) yield topicRecord(book, topic);
  for (const subscription of book.subscriptions.values()) yield* subscriptionRecords(subscription);
  for (const queue of queues.values()) yield* queueRecords(queue, now);
  yield* deliveries.values();
}

/** The farewells that are still remembered follow, and count again. */
function topicRecord(book: TopicBook, topic: Topic): NoticeRecord {
  const { arn, createdAt } = topic;
  const farewells = [...book.subscriptions.values()].filter((one) => one.topic === arn && one.state.is === 'left');
  const deletedSubscriptions = topic.deletedSubscriptions - farewells.length;
  return { type: 'topic', arn, attributes: Object.fromEntries(topic.attributes), deletedSubscriptions, at: createdAt };
}

function* subscriptionRecords({ state, createdAt, ...subscription }: Subscription): Generator<NoticeRecord> {
  const { arn, attributes } = subscription;
  yield { type: 'subscription', ...subscription, attributes: Object.fromEntries(attributes), at: createdAt };
  if (state.is !== 'left' && state.token !== null) {
    yield { type: 'subscription-asked', arn, token: state.token, at: state.since };
  }
  if (state.is === 'confirmed') {
    const { authenticated, authenticateOnUnsubscribe, since } = state;
    yield { type: 'subscription-confirmed', arn, authenticated, authenticateOnUnsubscribe, at: since };
  }
  if (state.is === 'left') yield { type: 'unsubscribed', arn, token: state.token, at: state.since };
}

function* queueRecords(queue: MessageQueue, now: number): Generator<NoticeRecord> {
  const { arn, createdAt, modifiedAt, purgedAt } = queue;
  queue.expire(now);
  yield { type: 'queue', arn, attributes: Object.fromEntries(queue.attributes), at: createdAt };
  if (modifiedAt !== createdAt) yield { type: 'queue-attributes', arn, attributes: {}, at: modifiedAt };
  if (purgedAt !== null) yield { type: 'queue-purged', arn, at: purgedAt };
  yield* queue.records();
}
