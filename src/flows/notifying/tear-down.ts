// Takes away what was set up to tell of a vault's jobs, and nothing that is somebody else's.

import type { NoticePlan } from './notice-plan.js';
import { type NoticePiece, type NoticePorts, type NoticeStanding, noticeStanding } from './notice-standing.js';
import { policyWithout } from './queue-policy.js';

/** What is so of one piece, or was just done with it. */
export interface TearDownStep {
  readonly piece: NoticePiece;
  /** ARN of a topic or a queue. */
  readonly name: string;
  /** `left`: it is there, and not ours. */
  readonly state: 'removed' | 'to-be-removed' | 'absent' | 'left';
}

interface PieceToRemove {
  readonly piece: NoticePiece;
  readonly name: string;
  readonly is: 'there' | 'absent' | 'left';
  readonly remove: (signal: AbortSignal) => Promise<void>;
}

/** The vault's notification goes first, so that nothing is told to nobody. Each step is given when it is done. */
export async function* tearDown(
  plan: NoticePlan,
  ports: NoticePorts,
  { dryRun }: { readonly dryRun: boolean },
  signal: AbortSignal,
): AsyncGenerator<TearDownStep> {
  const standing = await noticeStanding(plan, ports, signal);
  for (const { piece, name, is, remove } of piecesOf(plan, standing, ports)) {
    if (is === 'there' && !dryRun) await remove(signal);
    yield { piece, name, state: is !== 'there' ? is : dryRun ? 'to-be-removed' : 'removed' };
  }
}

function piecesOf(plan: NoticePlan, standing: NoticeStanding, ports: NoticePorts): PieceToRemove[] {
  const { vault, notices } = ports;
  const { topic } = plan;
  const told = standing.notifications?.topic ?? null;
  const isOurs = told === topic.arn && topic.isOwn;
  return [
    {
      piece: 'vault-notifications',
      name: told ?? topic.arn,
      is: told === null ? 'absent' : isOurs ? 'there' : 'left',
      remove: (signal) => vault.stopNotifying(signal),
    },
    ...(plan.queue === null ? [] : queuePieces(plan, plan.queue, standing, ports)),
    {
      piece: 'topic',
      name: topic.arn,
      is: standing.hasTopic ? (topic.isOwn ? 'there' : 'left') : 'absent',
      remove: (signal) => notices.deleteTopic(topic.arn, signal),
    },
  ];
}

function queuePieces(
  { topic }: NoticePlan,
  { arn, isOwn }: NonNullable<NoticePlan['queue']>,
  { subscription, queue, letsTopicIn }: NoticeStanding,
  { notices }: NoticePorts,
): PieceToRemove[] {
  const named = subscription?.arn ?? null;
  const ofSubscription: PieceToRemove = {
    piece: 'subscription',
    name: arn,
    // One that was never confirmed cannot be ended, and ends by itself.
    is: subscription === null ? 'absent' : named === null ? 'left' : 'there',
    remove: async (signal) => {
      if (named !== null) await notices.unsubscribe(named, signal);
    },
  };
  const ofQueue: PieceToRemove = {
    piece: 'queue',
    name: arn,
    is: queue === null ? 'absent' : isOwn ? 'there' : 'left',
    remove: async (signal) => {
      if (queue !== null) await notices.deleteQueue(queue.address, signal);
    },
  };
  // The policy of a queue that goes goes with it.
  if (isOwn) return [ofSubscription, ofQueue];
  const ofPolicy: PieceToRemove = {
    piece: 'queue-policy',
    name: arn,
    is: letsTopicIn ? 'there' : 'absent',
    remove: async (signal) => {
      if (queue !== null)
        await notices.setQueuePolicy(queue.address, policyWithout(queue.policy, arn, topic.arn), signal);
    },
  };
  return [ofSubscription, ofPolicy, ofQueue];
}
