// The office of topics and queues behind one server: what it keeps, how it publishes, who carries its letters.

import { randomUUID } from 'node:crypto';
import type { DeliveryFault } from '../control/fault-rule.js';
import type { DeliveryName } from '../protocol/notice-names.js';
import { accountIn } from './arns.js';
import { Courier, type Parcel } from './courier.js';
import { DEFAULT_POLICY, parseDeliveryPolicy, pausesOf } from './delivery-policy.js';
import { type Letter, writeLetter } from './letters.js';
import type { NoticeClock } from './notice-clock.js';
import type { Notices } from './notice-port.js';
import type { DeliveryRecord } from './notice-records.js';
import { type NoticeStore, openNoticeStore } from './notice-store.js';
import { allowsTopic } from './queue-policy.js';
import { checkRoom, DEFAULT_ROOM, type Room } from './room-for-messages.js';
import { readSigningKey, type SignatureVersion, SigningKey } from './signing-key.js';
import { deliveryNameOf, type Forgery, forgedLetter, type Handling, handlingOf } from './spoilt-delivery.js';
import type { Subscription, Topic } from './topic-book.js';

export interface OfficeSettings {
  /** Made when it is not there. */
  readonly directory: string;
  /** Where half-made files lie, on the same file system. */
  readonly tmp: string;
  readonly region: string;
  readonly clock: NoticeClock;
  readonly log: (line: string) => void;
  /** What was ordered to go wrong with the next delivery. Default: nothing ever. */
  readonly faultOf?: (name: DeliveryName) => DeliveryFault | null;
  readonly room?: Room;
}

export class NoticeOffice implements Notices {
  readonly store: NoticeStore;
  readonly region: string;
  readonly clock: NoticeClock;
  readonly key: SigningKey;
  readonly #log: (line: string) => void;
  readonly #courier: Courier;
  readonly #faultOf: (name: DeliveryName) => DeliveryFault | null;
  readonly #room: Room;
  /** Letters that somebody else is to seem to have written. */
  readonly #forgeries = new WeakMap<DeliveryRecord, Forgery>();
  #endpoint: string | null = null;

  constructor(store: NoticeStore, settings: OfficeSettings) {
    const { directory, region, clock, log, faultOf = () => null, room = DEFAULT_ROOM } = settings;
    this.store = store;
    this.region = region;
    this.clock = clock;
    this.key = new SigningKey(directory, () => clock.now());
    this.#log = log;
    this.#faultOf = faultOf;
    this.#room = room;
    this.#courier = new Courier({
      clock,
      pack: (delivery) => this.#pack(delivery),
      ended: (delivery, outcome) => this.#ended(delivery, outcome),
    });
  }

  /** Where this server is reached; letters have links to it. */
  get endpoint(): string {
    if (this.#endpoint === null) throw new Error('nobody can be told where to answer before the server listens');
    return this.#endpoint;
  }

  /** Takes up the letters that the last run left. */
  open(endpoint: string): void {
    this.#endpoint = endpoint;
    for (const delivery of this.store.state.deliveries.values()) this.#courier.send(delivery);
  }

  async close(): Promise<void> {
    await this.#courier.close();
    await this.store.close();
  }

  /** The policy of a topic is not evaluated, so it takes notices of its own account only, as AWS has it by default. */
  async publish(
    topicArn: string,
    message: string,
    subject: string | null,
    accountId = accountIn(topicArn),
  ): Promise<void> {
    const topic = this.store.state.book.topics.get(topicArn);
    if (accountIn(topicArn) !== accountId)
      this.#log(`${topicArn} is of another account than the vault, nobody is told`);
    else if (topic === undefined) this.#log(`there is no topic ${topicArn}, nobody is told`);
    else await this.publishTo(topic, message, subject);
  }

  /** @throws NoticeError OverLimit when there is no room for so many more messages with that text */
  checkRoomFor(messages: number, text: string): void {
    const wanted = { messages, characters: messages * text.length };
    checkRoom(this.store.state, wanted, { room: this.#room, now: this.clock.now() });
  }

  /**
   * Hands the message to every confirmed subscription, and gives its id once that is on stable storage.
   * @throws NoticeError OverLimit when there is no room for all copies; then nobody gets one
   */
  async publishTo(topic: Topic, message: string, subject: string | null): Promise<string> {
    const messageId = randomUUID();
    const at = this.clock.now();
    const subscriptions = this.store.state.book.subscriptionsOf(topic).filter(({ state }) => state.is === 'confirmed');
    this.checkRoomFor(subscriptions.length, message);
    for (const subscription of subscriptions) {
      const letter = letterOf(subscription, { messageId, message, subject, at });
      if (subscription.protocol === 'sqs') await this.#sendToQueue(topic, subscription, letter);
      else this.sendLetter(subscription, letter);
    }
    await this.store.settled();
    return messageId;
  }

  /** It goes out as soon as it is on stable storage. */
  sendLetter(subscription: Subscription, letter: Letter): void {
    const { kind, messageId, message, subject, token, topic, at } = letter;
    const { arn, endpoint } = subscription;
    const raw = kind === 'Notification' && isRaw(subscription);
    const to = { topic, subscription: arn, endpoint, raw };
    const what = { kind, ...to, messageId, message, subject, token, at };
    const { copies, delayMs, forgery } = this.#handlingOf(letter, endpoint);
    for (let copy = 0; copy < copies; copy++) {
      const delivery: DeliveryRecord = { type: 'delivery', id: randomUUID(), ...what };
      if (forgery !== null) this.#forgeries.set(delivery, forgery);
      this.store.record(delivery);
      this.#courier.send(delivery, delayMs);
    }
  }

  /** A queue that is gone, or whose policy does not name the topic, gets nothing: as on AWS, the sender never knows. */
  async #sendToQueue(topic: Topic, subscription: Subscription, letter: Letter): Promise<void> {
    const queue = subscription.endpoint;
    const policy = this.store.state.queues.get(queue)?.attributes.get('Policy');
    if (policy === undefined || !allowsTopic(policy, queue, topic.arn)) {
      const why = policy === undefined ? 'there is no such queue' : 'its policy does not let the topic send to it';
      this.#log(`${topic.arn} cannot deliver to ${queue}: ${why}`);
      return;
    }
    const { copies, delayMs: lateMs, forgery } = this.#handlingOf(letter, queue);
    const body = await this.#contentOf(topic, letter, isRaw(subscription), forgery);
    const [sender, at, delayMs] = ['sns.amazonaws.com', this.clock.now(), this.#delayOf(queue) + lateMs] as const;
    for (let copy = 0; copy < copies; copy++) {
      this.store.record({ type: 'message', queue, id: randomUUID(), body, sender, at, delayMs });
    }
  }

  #handlingOf({ kind, topic }: Letter, endpoint: string): Handling {
    const fault = this.#faultOf(deliveryNameOf(kind));
    if (fault !== null) this.#log(`${kind} of ${accountIn(topic)} to ${endpoint}: ${fault.fault} on order`);
    return handlingOf(fault);
  }

  /** What arrives: the signed letter, or the bare message, which has nothing that could tell a forged one. */
  async #contentOf(topic: Topic, letter: Letter, raw: boolean, forgery: Forgery | null): Promise<string> {
    if (raw) return forgery?.message ?? letter.message;
    const text = await this.#write(topic, letter);
    return forgery === null ? text : forgedLetter(text, forgery);
  }

  #delayOf(queue: string): number {
    return Number(this.store.state.queues.get(queue)?.attributes.get('DelaySeconds') ?? 0) * 1000;
  }

  #write(topic: Topic, letter: Letter): Promise<string> {
    const version: SignatureVersion = topic.attributes.get('SignatureVersion') === '2' ? '2' : '1';
    return writeLetter(letter, this.key, version, this.endpoint);
  }

  /** Source: SNS developer guide, "HTTP/HTTPS headers". */
  async #pack(delivery: DeliveryRecord): Promise<Parcel | null> {
    await this.store.settled();
    const topic = this.store.state.book.topics.get(delivery.topic);
    const subscription = this.store.state.book.subscriptions.get(delivery.subscription);
    if (topic === undefined || subscription === undefined || isOutdated(delivery, subscription)) return null;
    const headers: Record<string, string> = {
      'x-amz-sns-message-type': delivery.kind,
      'x-amz-sns-message-id': delivery.messageId,
      'x-amz-sns-topic-arn': delivery.topic,
      'Content-Type': 'text/plain; charset=UTF-8',
      'User-Agent': 'Amazon Simple Notification Service Agent',
    };
    if (delivery.kind !== 'SubscriptionConfirmation') headers['x-amz-sns-subscription-arn'] = delivery.subscription;
    if (delivery.raw) headers['x-amz-sns-rawdelivery'] = 'true';
    const forgery = this.#forgeries.get(delivery) ?? null;
    const body = await this.#contentOf(topic, delivery, delivery.raw, forgery);
    return { headers, body, pausesMs: pausesFor(topic, subscription) };
  }

  #ended({ id, kind, topic, endpoint }: DeliveryRecord, outcome: string): void {
    this.#log(`${kind} of ${accountIn(topic)} to ${endpoint}: ${outcome}`);
    this.store.record({ type: 'delivery-ended', id, outcome, at: this.clock.now() });
  }
}

/** @throws Failure CONFIG when the log or the key is damaged */
export async function openNoticeOffice(settings: OfficeSettings): Promise<NoticeOffice> {
  await readSigningKey(settings.directory);
  return new NoticeOffice(await openNoticeStore(settings.directory, settings.tmp, settings.clock.now()), settings);
}

function letterOf(
  { topic, arn }: Subscription,
  what: { messageId: string; message: string; subject: string | null; at: number },
): Letter {
  return { kind: 'Notification', topic, subscription: arn, token: null, ...what };
}

function isRaw(subscription: Subscription): boolean {
  return subscription.attributes.get('RawMessageDelivery') === 'true';
}

/** Whoever left gets nothing but the farewell, and only the newest token is worth sending. */
function isOutdated({ kind, token }: DeliveryRecord, { state }: Subscription): boolean {
  switch (kind) {
    case 'Notification':
      return state.is !== 'confirmed';
    case 'SubscriptionConfirmation':
      return state.is !== 'pending' || state.token !== token;
    case 'UnsubscribeConfirmation':
      return state.is !== 'left';
  }
}

function pausesFor(topic: Topic, subscription: Subscription): number[] {
  const text = subscription.attributes.get('DeliveryPolicy') ?? topic.attributes.get('DeliveryPolicy') ?? '';
  return pausesOf(text === '' ? DEFAULT_POLICY : parseDeliveryPolicy(text));
}
