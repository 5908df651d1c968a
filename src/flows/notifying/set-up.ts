// Puts in place what tells of a vault's jobs: a topic, a queue that the topic may send to, and the vault's notification.

import { Failure } from '../../model/failure.js';
import { TopicArn } from '../../model/identifiers.js';
import type { NoticePlan } from './notice-plan.js';
import {
  type NoticePiece,
  type NoticePorts,
  type NoticeStanding,
  noticeStanding,
  tellsTopic,
} from './notice-standing.js';
import { policyWith } from './queue-policy.js';

/** What is so of one piece, or was just done with it. */
export interface SetUpStep {
  readonly piece: NoticePiece;
  /** ARN of a topic or a queue. */
  readonly name: string;
  readonly state: 'in-place' | 'made' | 'to-be-made';
}

interface PieceToMake {
  readonly piece: NoticePiece;
  readonly name: string;
  readonly isThere: boolean;
  readonly make: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * All is looked at before anything is made. Each step is given when it is done, the vault's last, so that nothing is told
 * to nobody; what is in place already stays as it is. Whatever fails leaves the steps before it done.
 * @throws Failure BRAKE when the vault tells another topic; TOPIC_NOT_FOUND when one that is not our own is missing
 */
export async function* setUp(
  plan: NoticePlan,
  ports: NoticePorts,
  { dryRun }: { readonly dryRun: boolean },
  signal: AbortSignal,
): AsyncGenerator<SetUpStep> {
  const standing = await noticeStanding(plan, ports, signal);
  assertFree(standing, plan);
  assertTopicThere(standing, plan);
  for (const { piece, name, isThere, make } of piecesOf(plan, standing, ports)) {
    if (!isThere && !dryRun) await make(signal);
    yield { piece, name, state: isThere ? 'in-place' : dryRun ? 'to-be-made' : 'made' };
  }
}

/** A vault tells one topic, and what somebody else waits for is not taken from him. */
function assertFree({ notifications }: NoticeStanding, { topic }: NoticePlan): void {
  if (notifications === null || notifications.topic === topic.arn) return;
  throw new Failure('BRAKE', `the vault tells another topic already: ${notifications.topic}`, {
    hint: `to be told by that one too, give --sns-topic ${notifications.topic}`,
  });
}

function assertTopicThere({ hasTopic }: NoticeStanding, { topic }: NoticePlan): void {
  if (hasTopic || topic.isOwn) return;
  throw new Failure('TOPIC_NOT_FOUND', `there is no topic ${topic.arn}`, {
    hint: 'check the ARN, or leave --sns-topic out: then a topic is made',
  });
}

function piecesOf({ topic, queue }: NoticePlan, standing: NoticeStanding, ports: NoticePorts): PieceToMake[] {
  const { vault, notices } = ports;
  const { name } = TopicArn.placeOf(topic.arn);
  const ofTopic: PieceToMake = {
    piece: 'topic',
    name: topic.arn,
    isThere: standing.hasTopic,
    make: (signal) => notices.createTopic(name, signal),
  };
  const ofVault: PieceToMake = {
    piece: 'vault-notifications',
    name: topic.arn,
    isThere: tellsTopic(standing, { topic, queue }),
    make: (signal) => vault.notify({ topic: topic.arn, ofArchives: true, ofInventories: true }, signal),
  };
  return [ofTopic, ...(queue === null ? [] : queuePieces(topic, queue, standing, ports)), ofVault];
}

function queuePieces(
  topic: NoticePlan['topic'],
  queue: NonNullable<NoticePlan['queue']>,
  standing: NoticeStanding,
  { notices }: NoticePorts,
): PieceToMake[] {
  const found = standing.queue;
  const policy = policyWith(found?.policy ?? '', queue.arn, topic.arn);
  return [
    // A new queue has its policy from its first moment on.
    {
      piece: 'queue',
      name: queue.arn,
      isThere: found !== null,
      make: (signal) => notices.createQueue(queue.name, policy, signal),
    },
    {
      piece: 'queue-policy',
      name: queue.arn,
      isThere: standing.letsTopicIn,
      make: async (signal) => {
        if (found !== null) await notices.setQueuePolicy(found.address, policy, signal);
      },
    },
    {
      piece: 'subscription',
      name: queue.arn,
      isThere: standing.subscription !== null,
      make: (signal) => notices.subscribe(topic.arn, { protocol: 'sqs', endpoint: queue.arn }, signal),
    },
  ];
}
