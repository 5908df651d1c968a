// Which pieces are in place between a vault and whoever waits for its jobs.

import type { Queue, QueueStanding, Queues, Subscription, Topics } from '../../vault/notices/notices-port.js';
import type { Notifying, VaultNotifications } from '../../vault/retrieving-port.js';
import type { NoticePlan } from './notice-plan.js';
import { letsIn } from './queue-policy.js';

/** What the pieces are: a vault tells a topic, to which a queue is subscribed, which lets the topic in. */
export type NoticePiece = 'topic' | 'queue' | 'queue-policy' | 'subscription' | 'vault-notifications';

export interface NoticePorts {
  readonly vault: Notifying;
  readonly notices: Topics & Queues;
}

export interface NoticeStanding {
  readonly hasTopic: boolean;
  readonly queue: (QueueStanding & { readonly address: Queue }) | null;
  readonly letsTopicIn: boolean;
  /** Of the queue to the topic. */
  readonly subscription: Subscription | null;
  /** All to the topic, that of the queue too. */
  readonly subscriptions: readonly Subscription[];
  readonly notifications: VaultNotifications | null;
}

/** Asks of each piece, and changes nothing. */
export async function noticeStanding(
  { topic, queue: wanted }: NoticePlan,
  { vault, notices }: NoticePorts,
  signal: AbortSignal,
): Promise<NoticeStanding> {
  const notifications = await vault.notifications(signal);
  const hasTopic = await notices.topicExists(topic.arn, signal);
  const subscriptions: Subscription[] = [];
  if (hasTopic) for await (const one of notices.subscriptions(topic.arn, signal)) subscriptions.push(one);
  const address = wanted === null ? null : await notices.findQueue(wanted.name, signal);
  const queue = address === null ? null : { address, ...(await notices.queueStanding(address, signal)) };
  return {
    hasTopic,
    queue,
    letsTopicIn: queue !== null && letsIn(queue.policy, queue.arn, topic.arn),
    subscription:
      subscriptions.find(({ protocol, endpoint }) => protocol === 'sqs' && endpoint === wanted?.arn) ?? null,
    subscriptions,
    notifications,
  };
}

/** Whether the vault tells the topic of all that somebody may wait for. */
export function tellsTopic({ notifications }: NoticeStanding, { topic }: NoticePlan): boolean {
  return notifications?.topic === topic.arn && notifications.ofArchives && notifications.ofInventories;
}
