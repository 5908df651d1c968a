// Whoever tells a run that jobs of a vault have ended: a queue, the file beside the journal, or the time alone.

import { eitherCompletions } from '../flows/notifying/either-completions.js';
import { followedCompletions } from '../flows/notifying/followed-completions.js';
import { SharedWord } from '../flows/notifying/shared-word.js';
import { type Completions, silentCompletions } from '../flows/retrieving/completions.js';
import { appendCompletion, type Completion, CompletionsFollower } from '../journal/completions-file.js';
import { sidecarsOf } from '../journal/sidecars.js';
import type { Alarm } from '../model/clock.js';
import { QueueReference } from '../model/queue-reference.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';

type Context = Pick<CommandContext, 'settings' | 'subjects' | 'clock' | 'report' | 'halt'>;

/** The vault whose jobs are waited for, and the way to it. */
export interface ToldVault {
  readonly arn: string;
  readonly connection: Pick<Connection, 'vaults' | 'settings'>;
}

/**
 * To be opened before the vault is asked what is ready, so that nothing falls between. A queue that is named must be
 * there and let itself be read; of all other trouble a notice tells once, and then there is only the time.
 * @throws Failure USAGE, QUEUE_NOT_FOUND, ACCESS_DENIED
 */
export async function openCompletions(context: Context, vault: ToldVault, alarm: Alarm): Promise<Completions> {
  const { journal } = context.settings;
  const queue = await queued(context, vault, alarm);
  if (journal === undefined) return queue ?? silentCompletions(alarm);
  const { clock, report } = context;
  const { completions: file } = await sidecarsOf(journal);
  const follower = await CompletionsFollower.open(file);
  const append = (completion: Completion): Promise<void> => appendCompletion(file, completion);
  const shared = new SharedWord({ vault: vault.arn, clock, report, append });
  const added = async (): Promise<readonly Completion[]> => shared.ofOthers(await follower.added());
  const followed = followedCompletions({ added, vault: vault.arn, clock, alarm, report });
  return queue === null ? followed : eitherCompletions([followed, shared.noting(queue)]);
}

/** The SDK is loaded when there is a queue to look for. */
async function queued(
  { settings, subjects, clock, report, halt }: Context,
  { arn: vault, connection }: ToldVault,
  alarm: Alarm,
): Promise<Completions | null> {
  const wanted = QueueReference.parse(settings.queue, subjects.queue);
  if (wanted.is === 'off') return null;
  const [{ openNotices }, { noticeNamesOf }, { openQueueCompletions }] = await Promise.all([
    import('../vault/notices/open-notices.js'),
    import('../vault/notices/vault-names.js'),
    import('../flows/notifying/open-queue.js'),
  ]);
  const notices = openNotices(connection.settings, connection.vaults, report, clock);
  try {
    const listening = { queues: notices, vault, clock, alarm, report };
    const told = await openQueueCompletions(wanted, noticeNamesOf(vault).queue, listening, halt.soon);
    return told === null ? null : closing(told, notices);
  } catch (thrown) {
    await notices[Symbol.asyncDispose]();
    throw thrown;
  }
}

function closing(told: Completions, after: AsyncDisposable): Completions {
  return {
    next: (until, signal) => told.next(until, signal),
    async [Symbol.asyncDispose]() {
      await told[Symbol.asyncDispose]();
      await after[Symbol.asyncDispose]();
    },
  };
}
