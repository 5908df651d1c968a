// What the program asks of topics and queues: to be told by them, and to set them up.

import type { TopicArn } from '../../model/identifiers.js';
import type { QueueName } from '../../model/queue-reference.js';

declare const kind: unique symbol;

/** A queue that was found; its address. */
export type Queue = string & { readonly [kind]: 'queue' };

/** One message as it was received this time. */
export interface QueueMessage {
  readonly body: string;
  /** Good for deleting it, until it is received again. */
  readonly handle: string;
  /** How often it was received, about; this time included. */
  readonly receives: number;
}

export interface Receiving {
  /** null when there is none of that name. */
  findQueue(name: QueueName, signal: AbortSignal): Promise<Queue | null>;
  /** @throws Failure USAGE when the address is not one of the service that is asked */
  queueAt(address: URL): Queue;
  /**
   * Up to ten messages, as soon as there are any; none when none has come in `waitSeconds`, at most 20. They are hidden
   * from others for a while. Tried once: whoever waits for messages asks again anyway.
   * @throws Failure QUEUE_NOT_FOUND
   */
  receive(queue: Queue, waitSeconds: number, signal: AbortSignal): Promise<readonly QueueMessage[]>;
  /** Deletes messages by their handles, tried once: one that is not deleted comes again. Those that are gone are deleted. */
  discard(queue: Queue, handles: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface QueueStanding {
  readonly arn: string;
  /** JSON; empty where there is none. */
  readonly policy: string;
  /** Messages, about: those that can be received, and those that somebody has received and not deleted yet. */
  readonly waiting: number;
  readonly received: number;
}

export interface Queues extends Receiving {
  createQueue(name: QueueName, policy: string, signal: AbortSignal): Promise<Queue>;
  /** @throws Failure QUEUE_NOT_FOUND */
  queueStanding(queue: Queue, signal: AbortSignal): Promise<QueueStanding>;
  /** An empty policy takes away what there was. */
  setQueuePolicy(queue: Queue, policy: string, signal: AbortSignal): Promise<void>;
  /** Its messages are gone with it. */
  deleteQueue(queue: Queue, signal: AbortSignal): Promise<void>;
}

export interface Subscription {
  /** null while its owner has not confirmed it. */
  readonly arn: string | null;
  /** `sqs`, `https`, `email` … */
  readonly protocol: string;
  /** ARN of a queue, address of the web or of a mailbox. */
  readonly endpoint: string;
}

export interface Topics {
  topicExists(topic: TopicArn, signal: AbortSignal): Promise<boolean>;
  /** One that exists already stays as it is. */
  createTopic(name: string, signal: AbortSignal): Promise<TopicArn>;
  /** Its subscriptions are gone with it. One that is gone is deleted. */
  deleteTopic(topic: TopicArn, signal: AbortSignal): Promise<void>;
  /** @throws Failure TOPIC_NOT_FOUND */
  subscriptions(topic: TopicArn, signal: AbortSignal): AsyncIterable<Subscription>;
  /** Confirmed at once, or when its owner has answered. @throws Failure TOPIC_NOT_FOUND */
  subscribe(
    topic: TopicArn,
    to: Pick<Subscription, 'protocol' | 'endpoint'>,
    signal: AbortSignal,
  ): Promise<'confirmed' | 'pending'>;
  unsubscribe(subscription: string, signal: AbortSignal): Promise<void>;
  /** Takes on a subscription that a topic has asked about. */
  confirmSubscription(topic: TopicArn, token: string, signal: AbortSignal): Promise<void>;
}

/** Disposing closes all connections. */
export interface Notices extends Topics, Queues, AsyncDisposable {}
