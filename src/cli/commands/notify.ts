// The command notify: what tells that a vault's jobs have ended is put in place, shown, taken away, or listened to.

import { noticePlan } from '../../flows/notifying/notice-plan.js';
import {
  type NoticePorts,
  type NoticeStanding,
  noticeStanding,
  tellsTopic,
} from '../../flows/notifying/notice-standing.js';
import { setUp } from '../../flows/notifying/set-up.js';
import { tearDown } from '../../flows/notifying/tear-down.js';
import { Failure } from '../../model/failure.js';
import { QueueReference } from '../../model/queue-reference.js';
import { printable } from '../../model/rel-path.js';
import type { Notices } from '../../vault/notices/notices-port.js';
import { openNotices } from '../../vault/notices/open-notices.js';
import { noticeNamesOf } from '../../vault/notices/vault-names.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { type ListeningPorts, listenForNotices } from '../notice-listening.js';
import { withJournal } from '../optional-journal.js';
import { standingAnswers, stepAnswer } from '../report/notice-text.js';

type Context = CommandContext<'vault'>;

/** What an action works with. */
interface Desk extends NoticePorts, ListeningPorts {
  readonly notices: Notices;
}

type Action = (context: Context, desk: Desk) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = { setup, status, teardown, email, listen };

/** @throws Failure USAGE */
export const run: Run<'vault'> = async (context) => {
  const { settings, subjects, halt, report, clock } = context;
  const action = actionOf(context);
  const queue = QueueReference.parse(settings.queue, subjects.queue);
  await using connection = await connect(context);
  const { vaults } = connection;
  const { arn } = await vaults.vaults.describe(settings.vault, halt.soon);
  const plan = noticePlan(noticeNamesOf(arn), settings.snsTopic, queue);
  await using notices = openNotices(connection.settings, vaults, report, clock);
  await action(context, { plan, notices, vault: vaults.vault(settings.vault), arn, place: vaults });
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
};

function actionOf(context: Context): Action {
  const [word, address] = [context.positional('ACTION'), context.positional('ADDRESS')];
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
  if (action === undefined) {
    throw new Failure('USAGE', `notify does not know how to ${printable(word)}`, {
      hint: `it can ${Object.keys(ACTIONS).join(', ')}`,
    });
  }
  const isMail = action === email;
  if (isMail && !/^[^@\s]+@[^@\s]+$/.test(address)) {
    const what = address === '' ? 'notify email needs an address' : `${printable(address)} is not an address of mail`;
    throw new Failure('USAGE', what, { hint: 'type mtglacier notify email you@home.example' });
  }
  if (action === listen && withJournal(context) === null) {
    throw new Failure('USAGE', 'notify listen needs --journal', { hint: 'what is told is written beside the journal' });
  }
  if (!isMail && address !== '') throw new Failure('USAGE', `notify ${word} takes no ${printable(address)}`);
  return action;
}

async function setup(context: Context, { plan, ...ports }: Desk): Promise<void> {
  const { dryRun } = context.settings;
  let isNew = false;
  for await (const step of setUp(plan, ports, { dryRun }, context.halt.soon)) {
    context.answer(stepAnswer(step));
    isNew ||= step.state !== 'in-place';
  }
  if (!isNew) say(context, 'all is in place');
  else if (!dryRun && plan.queue !== null) say(context, 'restore --wait and watch are told by the queue from now on');
}

async function status(context: Context, { plan, ...ports }: Desk): Promise<void> {
  const standing = await noticeStanding(plan, ports, context.halt.soon);
  for (const one of standingAnswers(plan, standing)) context.answer(one);
  if (standing.hasTopic && tellsTopic(standing, plan) && (plan.queue === null || hasAllOfQueue(standing))) {
    say(context, 'all is in place');
  } else say(context, 'not all is in place', 'mtglacier notify setup makes what is missing');
}

function hasAllOfQueue({ queue, letsTopicIn, subscription }: NoticeStanding): boolean {
  return queue !== null && letsTopicIn && subscription !== null && subscription.arn !== null;
}

async function teardown(context: Context, { plan, ...ports }: Desk): Promise<void> {
  const { dryRun } = context.settings;
  for await (const step of tearDown(plan, ports, { dryRun }, context.halt.soon)) context.answer(stepAnswer(step));
}

async function email(context: Context, { plan, notices }: Desk): Promise<void> {
  const endpoint = context.positional('ADDRESS');
  const state = await notices.subscribe(plan.topic.arn, { protocol: 'email', endpoint }, context.halt.soon);
  const fields = { protocol: 'email', endpoint, confirmed: state === 'confirmed', topic: plan.topic.arn };
  const already = `${endpoint} is told of every job that ends`;
  const asked = `${endpoint} gets a letter with a link in it, and is told of jobs once somebody has followed it`;
  context.answer({ event: 'subscription', fields, lines: [state === 'confirmed' ? already : asked] });
}

async function listen(context: Context, desk: Desk): Promise<void> {
  const named = withJournal(context);
  if (named === null) throw new Error('it was seen before that there is a journal');
  await listenForNotices(named, desk);
}

function say({ report }: Context, message: string, hint: string | null = null): void {
  report({ event: 'notice', topic: 'notify', message, hint });
}
