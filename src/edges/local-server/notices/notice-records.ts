// What the notices' log says happened: facts from which topics, subscriptions, queues and messages follow.

import type { LOG_FORMAT } from '../durable/log-lines.js';

/** How a subscriber is reached. */
export type Protocol = 'sqs' | 'http' | 'https' | 'email' | 'email-json';

export type Attributes = Readonly<Record<string, string>>;

/** Somebody wants to subscribe; whether they do, later lines say. */
export interface SubscriptionRecord {
  readonly type: 'subscription';
  readonly arn: string;
  readonly topic: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly owner: string;
  readonly attributes: Attributes;
  readonly at: number;
}

/** A message in a queue. */
export interface MessageRecord {
  readonly type: 'message';
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  readonly sender: string;
  readonly at: number;
  /** Not to be received before `at + delayMs`. */
  readonly delayMs: number;
}

/** What a letter is about, as its `Type` says. */
export type LetterKind = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** A message on its way to a subscriber's endpoint; signed anew at each attempt. */
export interface DeliveryRecord {
  readonly type: 'delivery';
  readonly id: string;
  readonly kind: LetterKind;
  readonly topic: string;
  readonly subscription: string;
  readonly endpoint: string;
  readonly messageId: string;
  readonly message: string;
  readonly subject: string | null;
  /** Of a confirmation. */
  readonly token: string | null;
  readonly raw: boolean;
  readonly at: number;
}

/** About topics and subscriptions. */
export type TopicRecord =
  | {
      readonly type: 'topic';
      readonly arn: string;
      readonly attributes: Attributes;
      /** Of those that had left before this line was written; missing for none. */
      readonly deletedSubscriptions?: number;
      readonly at: number;
    }
  | {
      readonly type: 'topic-attribute';
      readonly arn: string;
      readonly name: string;
      readonly value: string;
      readonly at: number;
    }
  | { readonly type: 'topic-deleted'; readonly arn: string; readonly at: number }
  | SubscriptionRecord
  | { readonly type: 'subscription-asked'; readonly arn: string; readonly token: string; readonly at: number }
  | {
      readonly type: 'subscription-confirmed';
      readonly arn: string;
      readonly authenticated: boolean;
      readonly authenticateOnUnsubscribe: boolean;
      readonly at: number;
    }
  | {
      readonly type: 'subscription-attribute';
      readonly arn: string;
      readonly name: string;
      readonly value: string;
      readonly at: number;
    }
  | { readonly type: 'unsubscribed'; readonly arn: string; readonly token: string | null; readonly at: number };

/** About queues and the messages in them. */
export type QueueRecord =
  | { readonly type: 'queue'; readonly arn: string; readonly attributes: Attributes; readonly at: number }
  | { readonly type: 'queue-attributes'; readonly arn: string; readonly attributes: Attributes; readonly at: number }
  | { readonly type: 'queue-purged'; readonly arn: string; readonly at: number }
  | { readonly type: 'queue-deleted'; readonly arn: string; readonly at: number }
  | MessageRecord
  | { readonly type: 'message-deleted'; readonly queue: string; readonly id: string; readonly at: number };

/** One line of the log. */
export type NoticeRecord =
  | { readonly type: 'notices'; readonly format: typeof LOG_FORMAT; readonly at: number }
  | TopicRecord
  | QueueRecord
  | DeliveryRecord
  | { readonly type: 'delivery-ended'; readonly id: string; readonly outcome: string; readonly at: number };
