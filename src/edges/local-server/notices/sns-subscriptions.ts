// Subscribe, ConfirmSubscription, Unsubscribe, and what can be asked of and said to a subscription.

import { randomUUID } from 'node:crypto';
import { accountIn, parseArn } from './arns.js';
import { newToken, sendConfirmation } from './confirmation.js';
import { type Form, mapOf, required } from './form.js';
import type { NoticeCall } from './notice-call.js';
import { invalidSns, notAuthorized, snsNotFound } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import type { Protocol } from './notice-records.js';
import { pageOfNames, topicOf } from './sns-topics.js';
import { checkEndpoint, checkSubscriptionAttribute, isWeb, protocolOf } from './subscription-terms.js';
import type { Subscription, Topic } from './topic-book.js';
import { entries, type Xml } from './xml.js';

/** Source: SNS API reference, ConfirmSubscription: tokens are valid for three days. */
const TOKEN_MS = 3 * 86_400_000;

/** What an attribute is that was never set. */
const DEFAULTS: Readonly<Record<string, string>> = { RawMessageDelivery: 'false' };

/** A queue is subscribed at once; a web endpoint is asked first; a mailbox would be, but no mail is sent. */
export function subscribe(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const topic = topicOf(office, call, form);
  const protocol = protocolOf(required(form, 'Protocol'));
  const endpoint = form.get('Endpoint') ?? '';
  checkEndpoint(protocol, endpoint);
  const attributes = mapOf(form, 'Attributes.entry', 'key', 'value');
  for (const [name, value] of attributes) checkSubscriptionAttribute(protocol, name, value);
  const known = knownOf(office, topic, protocol, endpoint);
  if (known !== undefined) refuseDifference(known, attributes);
  const subscription = known ?? newSubscription(office, call, { topic, protocol, endpoint, attributes });
  if (subscription.state.is !== 'confirmed') askOrConfirm(office, subscription);
  const told = subscription.state.is === 'confirmed' || form.get('ReturnSubscriptionArn') === 'true';
  return [['SubscriptionArn', told ? subscription.arn : 'pending confirmation']];
}

export function confirmSubscription(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const [topic, token] = [required(form, 'TopicArn'), required(form, 'Token')];
  const at = office.clock.now();
  const subscription = [...office.store.state.book.subscriptions.values()].find(
    ({ topic: its, state }) => its === topic && state.token === token,
  );
  if (subscription === undefined) throw invalidSns('Token');
  const { arn, state } = subscription;
  if (state.is !== 'confirmed' && state.since + TOKEN_MS < at) throw invalidSns('Token Reason: it has expired');
  const authenticated = call.accountId !== null;
  const authenticateOnUnsubscribe = authenticated && form.get('AuthenticateOnUnsubscribe') === 'true';
  if (state.is !== 'confirmed') {
    office.store.record({ type: 'subscription-confirmed', arn, authenticated, authenticateOnUnsubscribe, at });
  }
  return [['SubscriptionArn', arn]];
}

/** A web endpoint gets a farewell with which it can come back. Whoever is not subscribed has left already. */
export function unsubscribe(office: NoticeOffice, call: NoticeCall, form: Form): null {
  const arn = ownSubscriptionArn(call, required(form, 'SubscriptionArn'));
  const subscription = office.store.state.book.subscriptions.get(arn);
  if (subscription === undefined || subscription.state.is === 'left') return null;
  if (subscription.state.is === 'pending') throw invalidSns('SubscriptionArn Reason: the subscription is pending');
  if (call.accountId === null && subscription.state.authenticateOnUnsubscribe) {
    throw notAuthorized('This subscription can be ended by its owner only.');
  }
  const at = office.clock.now();
  const token = isWeb(subscription.protocol) ? newToken() : null;
  office.store.record({ type: 'unsubscribed', arn, token, at });
  if (token !== null) sendConfirmation(office, subscription, 'UnsubscribeConfirmation', token);
  return null;
}

export function listSubscriptions(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const all = [...office.store.state.book.topics.values()].filter(({ arn }) => accountIn(arn) === call.accountId);
  const arns = all.flatMap((topic) => Array.from(topic.subscriptions));
  return listed(office, arns, form);
}

export function listSubscriptionsByTopic(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  return listed(office, [...topicOf(office, call, form).subscriptions], form);
}

export function getSubscriptionAttributes(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const { arn, topic, protocol, endpoint, owner, state, attributes } = subscriptionOf(office, call, form);
  const fields: Record<string, string> = {
    SubscriptionArn: arn,
    TopicArn: topic,
    Protocol: protocol,
    Endpoint: endpoint,
    Owner: owner,
    PendingConfirmation: String(state.is === 'pending'),
    ConfirmationWasAuthenticated: String(state.is === 'confirmed' && state.authenticated),
    RawMessageDelivery: attributes.get('RawMessageDelivery') ?? DEFAULTS['RawMessageDelivery'] ?? '',
  };
  const policy = attributes.get('DeliveryPolicy');
  if (policy !== undefined) fields['DeliveryPolicy'] = policy;
  return [['Attributes', entries(Object.entries(fields))]];
}

export function setSubscriptionAttributes(office: NoticeOffice, call: NoticeCall, form: Form): null {
  const { arn, protocol } = subscriptionOf(office, call, form);
  const name = required(form, 'AttributeName');
  const value = form.get('AttributeValue') ?? '';
  checkSubscriptionAttribute(protocol, name, value);
  office.store.record({ type: 'subscription-attribute', arn, name, value, at: office.clock.now() });
  return null;
}

function knownOf(office: NoticeOffice, topic: Topic, protocol: Protocol, endpoint: string): Subscription | undefined {
  const all = office.store.state.book.subscriptionsOf(topic);
  return all.find((one) => one.protocol === protocol && one.endpoint === endpoint);
}

function refuseDifference(known: Subscription, wanted: ReadonlyMap<string, string>): void {
  for (const [name, value] of wanted) {
    if ((known.attributes.get(name) ?? DEFAULTS[name]) === value) continue;
    throw invalidSns('Attributes Reason: Subscription already exists with different attributes');
  }
}

function newSubscription(
  office: NoticeOffice,
  call: NoticeCall,
  what: { topic: Topic; protocol: Protocol; endpoint: string; attributes: ReadonlyMap<string, string> },
): Subscription {
  const { protocol, endpoint } = what;
  forgetFarewells(office, what.topic, endpoint);
  const arn = `${what.topic.arn}:${randomUUID()}`;
  const attributes = Object.fromEntries(what.attributes);
  const at = office.clock.now();
  const [topic, owner] = [what.topic.arn, call.accountId ?? ''];
  office.store.record({ type: 'subscription', arn, topic, protocol, endpoint, owner, attributes, at });
  const made = office.store.state.book.subscriptions.get(arn);
  if (made === undefined) throw new Error(`subscription ${arn} was recorded and is not there`);
  return made;
}

/** Whoever subscribes anew cannot come back by the farewell too: every message would come twice. */
function forgetFarewells(office: NoticeOffice, topic: Topic, endpoint: string): void {
  const at = office.clock.now();
  for (const one of office.store.state.book.subscriptions.values()) {
    const left = one.state.is === 'left' && one.topic === topic.arn && one.endpoint === endpoint;
    if (left) office.store.record({ type: 'unsubscribed', arn: one.arn, token: null, at });
  }
}

function askOrConfirm(office: NoticeOffice, subscription: Subscription): void {
  const { arn, protocol } = subscription;
  const at = office.clock.now();
  if (protocol === 'sqs') {
    const how = { authenticated: true, authenticateOnUnsubscribe: false };
    office.store.record({ type: 'subscription-confirmed', arn, ...how, at });
    return;
  }
  const token = newToken();
  office.store.record({ type: 'subscription-asked', arn, token, at });
  if (isWeb(protocol)) sendConfirmation(office, subscription, 'SubscriptionConfirmation', token);
}

function subscriptionOf(office: NoticeOffice, call: NoticeCall, form: Form): Subscription {
  const arn = ownSubscriptionArn(call, required(form, 'SubscriptionArn'));
  const subscription = office.store.state.book.subscriptions.get(arn);
  if (subscription === undefined || subscription.state.is === 'left') throw snsNotFound('Subscription');
  return subscription;
}

function ownSubscriptionArn(call: NoticeCall, arn: string): string {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'sns' || !parsed.resource.includes(':')) throw invalidSns('SubscriptionArn');
  if (call.accountId === null || parsed.account === call.accountId) return arn;
  throw notAuthorized(`The account ${parsed.account} is not that of the credentials.`);
}

function listed(office: NoticeOffice, arns: readonly string[], form: Form): Xml[] {
  const { page, token } = pageOfNames(arns, form.get('NextToken'));
  const members = page.flatMap((arn) => office.store.state.book.subscriptions.get(arn) ?? []);
  return [['Subscriptions', members.map((one): Xml => ['member', rowOf(one)])], ...token];
}

function rowOf({ arn, topic, protocol, endpoint, owner, state }: Subscription): Xml[] {
  return [
    ['SubscriptionArn', state.is === 'pending' ? 'PendingConfirmation' : arn],
    ['TopicArn', topic],
    ['Protocol', protocol],
    ['Endpoint', endpoint],
    ['Owner', owner],
  ];
}
