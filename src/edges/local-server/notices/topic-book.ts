// Topics and who has subscribed to them, as the notices' log says.

import type { Protocol, SubscriptionRecord, TopicRecord } from './notice-records.js';

/** A topic as it is by now. */
export interface Topic {
  readonly arn: string;
  readonly createdAt: number;
  readonly attributes: Map<string, string>;
  /** ARNs of those who are subscribed, or were asked whether they want to be. */
  readonly subscriptions: Set<string>;
  deletedSubscriptions: number;
}

/** Whoever left may come back with the token of the farewell. */
export type SubscriptionState =
  | { readonly is: 'pending'; readonly token: string | null; readonly since: number }
  | {
      readonly is: 'confirmed';
      /** Good for confirming again. */
      readonly token: string | null;
      readonly since: number;
      readonly authenticated: boolean;
      readonly authenticateOnUnsubscribe: boolean;
    }
  | { readonly is: 'left'; readonly token: string; readonly since: number };

/** Somebody who is told, is to be asked, or has left. */
export interface Subscription {
  readonly arn: string;
  readonly topic: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly owner: string;
  readonly createdAt: number;
  readonly attributes: Map<string, string>;
  state: SubscriptionState;
}

export class TopicBook {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();

  apply(record: TopicRecord): void {
    switch (record.type) {
      case 'topic':
        this.topics.set(record.arn, newTopic(record));
        return;
      case 'topic-attribute':
        this.topics.get(record.arn)?.attributes.set(record.name, record.value);
        return;
      case 'topic-deleted':
        this.#deleteTopic(record.arn);
        return;
      case 'subscription':
        this.#subscribe(record);
        return;
      case 'subscription-asked':
        this.#setState(record.arn, { is: 'pending', token: record.token, since: record.at });
        return;
      case 'subscription-confirmed': {
        const { authenticated, authenticateOnUnsubscribe, at: since } = record;
        const token = this.subscriptions.get(record.arn)?.state.token ?? null;
        this.#setState(record.arn, { is: 'confirmed', token, since, authenticated, authenticateOnUnsubscribe });
        return;
      }
      case 'subscription-attribute':
        this.subscriptions.get(record.arn)?.attributes.set(record.name, record.value);
        return;
      case 'unsubscribed':
        this.#unsubscribe(record.arn, record.token, record.at);
    }
  }

  /** Subscriptions of a topic, in the order of asking; without those that left. */
  subscriptionsOf(topic: Topic): Subscription[] {
    return [...topic.subscriptions].flatMap((arn) => this.subscriptions.get(arn) ?? []);
  }

  #deleteTopic(arn: string): void {
    this.topics.delete(arn);
    for (const subscription of this.subscriptions.values()) {
      if (subscription.topic === arn) this.subscriptions.delete(subscription.arn);
    }
  }

  #subscribe(record: SubscriptionRecord): void {
    const { arn, topic, protocol, endpoint, owner, at } = record;
    const attributes = new Map(Object.entries(record.attributes));
    const state = { is: 'pending', token: null, since: at } as const;
    this.subscriptions.set(arn, { arn, topic, protocol, endpoint, owner, createdAt: at, attributes, state });
    this.topics.get(topic)?.subscriptions.add(arn);
  }

  #unsubscribe(arn: string, token: string | null, at: number): void {
    const topic = this.topics.get(this.subscriptions.get(arn)?.topic ?? '');
    if (topic?.subscriptions.delete(arn) === true) topic.deletedSubscriptions += 1;
    if (token === null) this.subscriptions.delete(arn);
    else this.#setState(arn, { is: 'left', token, since: at });
  }

  #setState(arn: string, state: SubscriptionState): void {
    const subscription = this.subscriptions.get(arn);
    if (subscription === undefined) return;
    subscription.state = state;
    if (state.is !== 'left') this.topics.get(subscription.topic)?.subscriptions.add(arn);
  }
}

function newTopic({ arn, attributes, deletedSubscriptions = 0, at }: TopicRecord & { readonly type: 'topic' }): Topic {
  const own = new Map(Object.entries(attributes));
  return { arn, createdAt: at, attributes: own, subscriptions: new Set(), deletedSubscriptions };
}
