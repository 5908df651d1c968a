// Operations on topics: CreateTopic, DeleteTopic, ListTopics, Get- and SetTopicAttributes, Publish.

import { pageOf } from '../protocol/paging.js';
import { accountIn, arnOfTopic, isTopicName, parseArn } from './arns.js';
import { DEFAULT_POLICY, parseDeliveryPolicy } from './delivery-policy.js';
import { type Form, mapOf, numbered, required } from './form.js';
import type { NoticeCall } from './notice-call.js';
import { invalidSns, notAuthorized, snsNotFound } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import { isPolicy } from './queue-policy.js';
import type { Topic } from './topic-book.js';
import { entries, type Xml } from './xml.js';

const PAGE = 100;
const MESSAGE_MAX = 256 * 1024;
/** Bytes; it is kept, and shown with the topic. */
const POLICY_MAX = 32 * 1024;

/** Null for those that answer nothing. */
export type SnsOperation = (
  office: NoticeOffice,
  call: NoticeCall,
  form: Form,
) => readonly Xml[] | null | Promise<readonly Xml[]>;

/** A topic of that name with those attributes that exists already is created. */
export function createTopic(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const name = required(form, 'Name');
  if (!isTopicName(name)) throw invalidSns('Topic Name');
  refuseParameters(form, ['Tags.member', 'DataProtectionPolicy']);
  const attributes = mapOf(form, 'Attributes.entry', 'key', 'value');
  for (const [attribute, value] of attributes) checkTopicAttribute(attribute, value);
  const arn = arnOfTopic(office.region, call.accountId ?? '', name);
  const known = office.store.state.book.topics.get(arn);
  if (known !== undefined) refuseDifference(known, attributes);
  else office.store.record({ type: 'topic', arn, attributes: Object.fromEntries(attributes), at: office.clock.now() });
  return [['TopicArn', arn]];
}

/** Takes its subscriptions away too. A topic that is not there is deleted already. */
export function deleteTopic(office: NoticeOffice, call: NoticeCall, form: Form): null {
  const arn = ownArn(call, required(form, 'TopicArn'));
  const at = office.clock.now();
  if (office.store.state.book.topics.has(arn)) office.store.record({ type: 'topic-deleted', arn, at });
  return null;
}

export function listTopics(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const own = [...office.store.state.book.topics.keys()].filter((arn) => accountIn(arn) === call.accountId);
  const { page, token } = pageOfNames(own, form.get('NextToken'));
  return [['Topics', page.map((arn): Xml => ['member', [['TopicArn', arn]]])], ...token];
}

export function getTopicAttributes(office: NoticeOffice, call: NoticeCall, form: Form): Xml[] {
  const topic = topicOf(office, call, form);
  const subscriptions = office.store.state.book.subscriptionsOf(topic);
  const confirmed = subscriptions.filter(({ state }) => state.is === 'confirmed').length;
  const computed: Record<string, string> = {
    TopicArn: topic.arn,
    Owner: accountIn(topic.arn),
    Policy: topic.attributes.get('Policy') ?? defaultPolicy(topic.arn),
    DisplayName: topic.attributes.get('DisplayName') ?? '',
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(subscriptions.length - confirmed),
    SubscriptionsDeleted: String(topic.deletedSubscriptions),
    EffectiveDeliveryPolicy: effectivePolicy(topic),
  };
  return [['Attributes', entries([...Object.entries(computed), ...setAttributes(topic)])]];
}

export function setTopicAttributes(office: NoticeOffice, call: NoticeCall, form: Form): null {
  const topic = topicOf(office, call, form);
  const name = required(form, 'AttributeName');
  const value = form.get('AttributeValue') ?? '';
  checkTopicAttribute(name, value);
  office.store.record({ type: 'topic-attribute', arn: topic.arn, name, value, at: office.clock.now() });
  return null;
}

export async function publish(office: NoticeOffice, call: NoticeCall, form: Form): Promise<Xml[]> {
  refuseParameters(form, ['PhoneNumber', 'MessageStructure', 'MessageAttributes.entry', 'MessageGroupId']);
  const topic = topicOf(office, call, form, form.has('TargetArn') ? 'TargetArn' : 'TopicArn');
  const message = form.get('Message') ?? '';
  if (message === '') throw invalidSns('Empty message');
  if (Buffer.byteLength(message) > MESSAGE_MAX) throw invalidSns('Message too long');
  const subject = form.get('Subject') ?? null;
  if (subject !== null && !/^(?! )[\x20-\x7e]{1,99}$/.test(subject)) throw invalidSns('Subject');
  return [['MessageId', await office.publishTo(topic, message, subject)]];
}

/** @throws NoticeError when there is no such topic, or it is another account's */
export function topicOf(office: NoticeOffice, call: NoticeCall, form: Form, name = 'TopicArn'): Topic {
  const topic = office.store.state.book.topics.get(ownArn(call, required(form, name)));
  if (topic === undefined) throw snsNotFound('Topic');
  return topic;
}

/** Names from the one that a token stands for, and the token of the next page as an element. */
export function pageOfNames(names: readonly string[], token: string | undefined): { page: string[]; token: Xml[] } {
  const first = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  const wanted = names.filter((name) => name >= first).sort();
  const { page, next } = pageOf(wanted, PAGE, (name) => Buffer.from(name).toString('base64url'));
  return { page, token: next === null ? [] : [['NextToken', next]] };
}

/** @throws NoticeError for a parameter that is neither emulated nor harmless to pass over */
function refuseParameters(form: Form, names: readonly string[]): void {
  for (const name of names) {
    if (form.has(name) || numbered(form, name).length > 0) throw invalidSns(`${name} is not emulated by a local vault`);
  }
}

function ownArn(call: NoticeCall, arn: string): string {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'sns') throw invalidSns('TopicArn');
  if (parsed.account !== call.accountId)
    throw notAuthorized(`The account ${parsed.account} is not that of the credentials.`);
  return arn;
}

/** Source: SNS API reference, SetTopicAttributes. */
function checkTopicAttribute(name: string, value: string): void {
  switch (name) {
    case 'DisplayName':
      if (value.length > 100) throw invalidSns('DisplayName');
      return;
    case 'Policy':
      if (!isPolicy(value, POLICY_MAX)) throw invalidSns('Policy');
      return;
    case 'DeliveryPolicy':
      if (value !== '') parseDeliveryPolicy(value);
      return;
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw invalidSns('SignatureVersion');
      return;
    default:
      throw invalidSns(`AttributeName: ${name} is unknown, or not emulated by a local vault`);
  }
}

/** What an attribute is that was never set. */
const DEFAULTS: Readonly<Record<string, string>> = { DisplayName: '', SignatureVersion: '1' };

function refuseDifference(topic: Topic, wanted: ReadonlyMap<string, string>): void {
  for (const [name, value] of wanted) {
    if ((topic.attributes.get(name) ?? DEFAULTS[name]) === value) continue;
    throw invalidSns('Attributes Reason: Topic already exists with different attributes');
  }
}

function setAttributes(topic: Topic): [string, string][] {
  return [...topic.attributes].filter(([name]) => name === 'DeliveryPolicy' || name === 'SignatureVersion');
}

function effectivePolicy(topic: Topic): string {
  const text = topic.attributes.get('DeliveryPolicy') ?? '';
  const policy = text === '' ? DEFAULT_POLICY : parseDeliveryPolicy(text);
  return JSON.stringify({ http: { defaultHealthyRetryPolicy: policy, disableSubscriptionOverrides: false } });
}

/** What every topic of AWS begins with: its own account may do everything. Kept and shown, not evaluated. */
function defaultPolicy(arn: string): string {
  const actions = [
    'GetTopicAttributes',
    'SetTopicAttributes',
    'DeleteTopic',
    'Subscribe',
    'ListSubscriptionsByTopic',
    'Publish',
  ];
  const statement = {
    Sid: '__default_statement_ID',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: actions.map((action) => `SNS:${action}`),
    Resource: arn,
    Condition: { StringEquals: { 'AWS:SourceOwner': accountIn(arn) } },
  };
  return JSON.stringify({ Version: '2008-10-17', Id: '__default_policy_ID', Statement: [statement] });
}
