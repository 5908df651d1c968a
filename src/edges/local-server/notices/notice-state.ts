// All that the notices' log says there is: topics with their subscriptions, queues, and letters on their way.

import { MessageQueue } from './message-queue.js';
import type { DeliveryRecord, NoticeRecord, QueueRecord } from './notice-records.js';
import { TopicBook } from './topic-book.js';

export class NoticeState {
  readonly book = new TopicBook();
  readonly queues = new Map<string, MessageQueue>();
  /** Letters that no endpoint has taken yet, by id. */
  readonly deliveries = new Map<string, DeliveryRecord>();

  apply(record: NoticeRecord): void {
    switch (record.type) {
      case 'notices':
        return;
      case 'topic':
      case 'topic-attribute':
      case 'topic-deleted':
      case 'subscription':
      case 'subscription-asked':
      case 'subscription-confirmed':
      case 'subscription-attribute':
      case 'unsubscribed':
        this.book.apply(record);
        return;
      case 'delivery':
        this.deliveries.set(record.id, record);
        return;
      case 'delivery-ended':
        this.deliveries.delete(record.id);
        return;
      case 'queue':
      case 'queue-attributes':
      case 'queue-purged':
      case 'queue-deleted':
      case 'message':
      case 'message-deleted':
        this.#applyToQueues(record);
    }
  }

  /** Lines that a log needs at the most to say all this. */
  get linesNeeded(): number {
    const { topics, subscriptions } = this.book;
    const inQueues = [...this.queues.values()].reduce((sum, { held }) => sum + held.messages + 3, 0);
    return 1 + topics.size + 3 * subscriptions.size + inQueues + this.deliveries.size;
  }

  /** What is said of a queue that is gone by now changes nothing. */
  #applyToQueues(record: QueueRecord): void {
    switch (record.type) {
      case 'queue':
        this.queues.set(record.arn, new MessageQueue(record.arn, record.at, Object.entries(record.attributes)));
        return;
      case 'queue-attributes':
        this.queues.get(record.arn)?.change(record.attributes, record.at);
        return;
      case 'queue-purged':
        this.queues.get(record.arn)?.purge(record.at);
        return;
      case 'queue-deleted':
        this.queues.get(record.arn)?.close();
        this.queues.delete(record.arn);
        return;
      case 'message':
        this.queues.get(record.queue)?.add(record);
        return;
      case 'message-deleted':
        this.queues.get(record.queue)?.delete(record.id);
    }
  }
}
