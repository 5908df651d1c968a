// What notify tells of each piece between a vault and whoever waits, for people and for programs.

import type { NoticePlan } from '../../flows/notifying/notice-plan.js';
import { type NoticePiece, type NoticeStanding, tellsTopic } from '../../flows/notifying/notice-standing.js';
import type { SetUpStep } from '../../flows/notifying/set-up.js';
import type { TearDownStep } from '../../flows/notifying/tear-down.js';
import { counted } from './quantities.js';
import type { Answer } from './reporter.js';
import { oneLine } from './safe-text.js';

type State = SetUpStep['state'] | TearDownStep['state'];

const STATES: Readonly<Record<State, string>> = {
  'in-place': 'in place',
  made: 'made',
  'to-be-made': 'would be made',
  removed: 'removed',
  'to-be-removed': 'would be removed',
  absent: 'not there',
  left: 'not ours, left alone',
};

const PIECES: Readonly<Record<NoticePiece, string>> = {
  topic: 'topic',
  queue: 'queue',
  'queue-policy': 'queue lets topic in',
  subscription: 'queue is subscribed',
  'vault-notifications': 'vault tells topic',
};

const WIDTH = { piece: 20, state: 20 };

export function stepAnswer({ piece, name, state }: SetUpStep | TearDownStep): Answer {
  return { event: 'notice-piece', fields: { piece, name, state }, lines: [line(PIECES[piece], STATES[state], name)] };
}

/** One answer for each piece, and for each subscription beside that of the queue. */
export function standingAnswers(plan: NoticePlan, standing: NoticeStanding): Answer[] {
  const { topic, queue: wanted } = plan;
  const { hasTopic, queue, letsTopicIn, subscription, subscriptions, notifications } = standing;
  const ofQueue =
    wanted === null
      ? []
      : [
          pieceAnswer(
            'queue',
            wanted.arn,
            queue !== null,
            queue === null ? {} : { waiting: queue.waiting, received: queue.received },
          ),
          pieceAnswer('queue-policy', wanted.arn, letsTopicIn),
          pieceAnswer('subscription', wanted.arn, subscription !== null, {
            confirmed: (subscription?.arn ?? null) !== null,
          }),
        ];
  const told =
    notifications === null ? {} : { ofArchives: notifications.ofArchives, ofInventories: notifications.ofInventories };
  return [
    pieceAnswer('topic', topic.arn, hasTopic),
    ...ofQueue,
    pieceAnswer('vault-notifications', notifications?.topic ?? topic.arn, tellsTopic(standing, plan), told),
    ...subscriptions.filter((one) => one !== subscription).map(subscriptionAnswer),
  ];
}

interface Details {
  readonly waiting?: number;
  readonly received?: number;
  readonly confirmed?: boolean;
  readonly ofArchives?: boolean;
  readonly ofInventories?: boolean;
}

function pieceAnswer(piece: NoticePiece, name: string, isThere: boolean, details: Details = {}): Answer {
  const state = isThere
    ? 'in-place'
    : piece === 'vault-notifications' && details.ofArchives !== undefined
      ? 'otherwise'
      : 'absent';
  const words = { 'in-place': 'in place', otherwise: 'otherwise', absent: 'not there' }[state];
  const more = details.waiting === undefined ? '' : `, ${counted(details.waiting, 'message')} waiting`;
  return {
    event: 'notice-piece',
    fields: { piece, name, state, ...details },
    lines: [line(PIECES[piece], words, `${name}${more}`)],
  };
}

function subscriptionAnswer({ arn, protocol, endpoint }: NoticeStanding['subscriptions'][number]): Answer {
  const confirmed = arn !== null;
  return {
    event: 'subscription',
    fields: { protocol, endpoint, confirmed },
    lines: [line('also subscribed', confirmed ? 'confirmed' : 'not confirmed yet', `${protocol} ${endpoint}`)],
  };
}

function line(what: string, state: string, name: string): string {
  return `${what.padEnd(WIDTH.piece)}  ${state.padEnd(WIDTH.state)}  ${oneLine(name)}`;
}
