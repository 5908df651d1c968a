// The policy of a queue: the statement that lets one topic send to it, beside whatever else stands there.

import type { TopicArn } from '../../model/identifiers.js';

type Statement = Readonly<Record<string, unknown>>;

interface Policy {
  readonly Version?: unknown;
  readonly Statement: readonly Statement[];
}

/**
 * The same policy, in which the topic may send. A policy that is no JSON is not one, and is replaced.
 * Source: SNS developer guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic", step 2.
 */
export function policyWith(policy: string, queue: string, topic: TopicArn): string {
  if (letsIn(policy, queue, topic)) return policy;
  const { Statement: statements, ...rest } = policyIn(policy);
  return JSON.stringify({ Version: '2012-10-17', ...rest, Statement: [...statements, statementFor(queue, topic)] });
}

/** The same policy without that statement; empty when nothing else stood there. */
export function policyWithout(policy: string, queue: string, topic: TopicArn): string {
  const { Statement: statements, ...rest } = policyIn(policy);
  const others = statements.filter((statement) => !isFor(statement, queue, topic));
  return others.length === 0 ? '' : JSON.stringify({ ...rest, Statement: others });
}

/** Whether the statement stands there as we write it. What others allow or deny is not judged. */
export function letsIn(policy: string, queue: string, topic: TopicArn): boolean {
  return policyIn(policy).Statement.some((statement) => isFor(statement, queue, topic));
}

function statementFor(queue: string, topic: TopicArn): Statement {
  return {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queue,
    Condition: { ArnEquals: { 'aws:SourceArn': topic } },
  };
}

/** The service gives names in the case that it likes, and may add a Sid. */
function isFor(statement: Statement, queue: string, topic: TopicArn): boolean {
  return canonical({ ...statement, Sid: '' }) === canonical({ ...statementFor(queue, topic), Sid: '' });
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? canonical(value[0]) : `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value).replace(/^SQS:/i, 'sqs:');
  const entries = Object.entries(value).map(([key, one]) => `${key}=${canonical(one)}`);
  return `{${entries.toSorted().join()}}`;
}

function policyIn(text: string): Policy {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const statements = [value?.['Statement'] ?? []].flat();
    return { ...value, Statement: statements.filter((one) => typeof one === 'object' && one !== null) as Statement[] };
  } catch {
    return { Statement: [] };
  }
}
