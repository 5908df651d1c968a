// Attributes of a queue: which may be set, to what, and what they are when nobody sets them.

import { NoticeError, notEmulated } from './notice-errors.js';
import { isPolicy } from './queue-policy.js';

interface Rule {
  readonly standard: string;
  readonly isGood: (value: string) => boolean;
}

/** Source: SQS API reference, SetQueueAttributes, "Attributes". */
const RULES: Readonly<Record<string, Rule>> = {
  DelaySeconds: { standard: '0', isGood: between(0, 900) },
  MaximumMessageSize: { standard: '1048576', isGood: between(1024, 1_048_576) },
  MessageRetentionPeriod: { standard: '345600', isGood: between(60, 1_209_600) },
  ReceiveMessageWaitTimeSeconds: { standard: '0', isGood: between(0, 20) },
  VisibilityTimeout: { standard: '30', isGood: between(0, 43_200) },
  SqsManagedSseEnabled: { standard: 'true', isGood: (value) => value === 'true' || value === 'false' },
  Policy: { standard: '', isGood: (value) => value === '' || isPolicy(value) },
};

/** AWS has them; a queue that holds job notices needs none. */
const NOT_EMULATED: ReadonlySet<string> = new Set([
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
]);

/** Names that GetQueueAttributes knows besides those that can be set. */
const COMPUTED_ATTRIBUTES = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
] as const;

export type ComputedAttribute = (typeof COMPUTED_ATTRIBUTES)[number];

export function standardAttributes(): Map<string, string> {
  return new Map(Object.entries(RULES).map(([name, { standard }]) => [name, standard]));
}

/** @throws NoticeError when a name or a value is none */
export function checkAttributes(attributes: Iterable<readonly [string, string]>): void {
  for (const [name, value] of attributes) {
    if (NOT_EMULATED.has(name)) throw notEmulated(`The queue attribute ${name}`);
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
    if (rule === undefined) throw unknownAttribute(name);
    if (rule.isGood(value)) continue;
    throw new NoticeError(400, 'InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  }
}

/** @throws NoticeError when a name that is asked for is none */
export function checkAttributeNames(names: readonly string[]): void {
  for (const name of names) {
    if (name !== 'All' && !Object.hasOwn(RULES, name) && !COMPUTED_ATTRIBUTES.some((one) => one === name)) {
      throw unknownAttribute(name);
    }
  }
}

function unknownAttribute(name: string): NoticeError {
  return new NoticeError(400, 'InvalidAttributeName', `Unknown Attribute ${name}.`);
}

function between(least: number, most: number): (value: string) => boolean {
  return (value) => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;
}
