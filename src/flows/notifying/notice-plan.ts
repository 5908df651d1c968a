// What is to be in place so that a vault's jobs are told of: which topic, which queue, and whose they are.

import { Failure } from '../../model/failure.js';
import { TopicArn } from '../../model/identifiers.js';
import type { QueueName, QueueReference } from '../../model/queue-reference.js';
import { type NoticeNames, queueArn } from '../../vault/notices/vault-names.js';

export interface NoticePlan {
  /** `isOwn`: of the name that is made for the vault, so that it can be made, and taken away again. */
  readonly topic: { readonly arn: TopicArn; readonly isOwn: boolean };
  /** null where nobody wants one. */
  readonly queue: { readonly name: QueueName; readonly arn: string; readonly isOwn: boolean } | null;
}

/**
 * @param topic that is to be used instead of one of our own; it is neither made nor taken away
 * @throws Failure USAGE
 */
export function noticePlan(names: NoticeNames, topic: TopicArn | undefined, queue: QueueReference): NoticePlan {
  if (topic !== undefined) assertTopicOfRegion(topic, names.region);
  return {
    topic: { arn: topic ?? names.topic, isOwn: topic === undefined || topic === names.topic },
    queue: plannedQueue(names, queue),
  };
}

/** Vaults tell topics of their own region and no others. @throws Failure USAGE */
export function assertTopicOfRegion(topic: TopicArn, region: string): void {
  const { region: its } = TopicArn.placeOf(topic);
  if (its === region) return;
  throw new Failure('USAGE', `topic ${topic} is in ${its}, and the vault is in ${region}`, {
    hint: 'a vault tells topics of its own region only: name one there, or leave --sns-topic out',
  });
}

function plannedQueue(names: NoticeNames, wanted: QueueReference): NoticePlan['queue'] {
  switch (wanted.is) {
    case 'off':
      return null;
    case 'auto':
      return { name: names.queue, arn: queueArn(names, names.queue), isOwn: true };
    case 'name':
      return { name: wanted.name, arn: queueArn(names, wanted.name), isOwn: wanted.name === names.queue };
    case 'address':
      throw new Failure('USAGE', `a queue is set up by its name, not by its address: ${wanted.address.href}`, {
        hint: `give --queue ${wanted.name}`,
      });
  }
}
