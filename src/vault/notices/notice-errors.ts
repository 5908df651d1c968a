// What went wrong in a request to SNS or SQS, in the program's own words.

import { Failure, type FailureCode } from '../../model/failure.js';
import { withoutCredentials } from '../errors.js';
import { brokenConnection } from '../network-errors.js';
import { accessHint, codeByName, codeByStatus, firstLine, statusOf } from '../server-errors.js';

/** What a request was for: `deed` completes "cannot …"; `action` is what a key must be allowed to, such as `sqs:CreateQueue`. */
export interface AskedOfNotices {
  readonly deed: string;
  readonly action: `${'sns' | 'sqs'}:${string}`;
}

/** Beside the names that all services share. Source: API references of SNS and SQS, "Errors" of each action. */
const BY_NAME: readonly (readonly [RegExp, FailureCode])[] = [
  [/^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)/, 'QUEUE_NOT_FOUND'],
  [/^NotFoundException$/, 'TOPIC_NOT_FOUND'],
  [/^AuthorizationError/, 'ACCESS_DENIED'],
  // A queue of that name was deleted less than a minute ago: it can be made when that is over.
  [/^(RequestThrottled|OverLimit|QueueDeletedRecently|AWS\.SimpleQueueService\.QueueDeletedRecently)/, 'THROTTLED'],
  [/^(TopicLimitExceeded|SubscriptionLimitExceeded)/, 'LIMIT_EXCEEDED'],
];

/**
 * The Failure that a thrown thing is. A signal that was raised outweighs all.
 * @throws the same when it is no failure of the world
 */
export function translatedNotice(thrown: unknown, asked: AskedOfNotices, signal: AbortSignal): Failure {
  if (thrown instanceof Failure) return thrown;
  if (signal.aborted) return new Failure('INTERRUPTED', 'interrupted', { cause: thrown });
  const failure = withoutCredentials(thrown, asked) ?? brokenConnection(thrown, asked) ?? refused(thrown, asked);
  if (failure === null) throw thrown;
  return failure;
}

function refused(thrown: unknown, asked: AskedOfNotices): Failure | null {
  const status = statusOf(thrown);
  if (!(thrown instanceof Error) || status === undefined) return null;
  const isTheirs = isOfAws(thrown, asked);
  const code = (isTheirs ? codeOf(thrown) : null) ?? codeByStatus(status);
  const said = isTheirs ? firstLine(thrown.message) : '';
  const message = `cannot ${asked.deed}: ${said === '' ? `${thrown.name} (${status})` : said}`;
  return new Failure(code, message, { hint: isTheirs ? hintOn(code, thrown, asked) : NOT_THEIRS, cause: thrown });
}

const NOT_THEIRS = 'does this endpoint speak SNS and SQS at all?';

/**
 * Whether the answer has the form of the service's errors, and not that of some web server: of SNS the SDK gives any 404
 * the name of a missing topic, and only what stood in the answer under `Code`.
 */
function isOfAws(error: Error, { action }: AskedOfNotices): boolean {
  if (error.name === 'SyntaxError' || /^Unknown(Error)?$/.test(error.name)) return false;
  return action.startsWith('sqs:') || ('Code' in error && typeof error.Code === 'string');
}

function codeOf(error: Error): FailureCode | null {
  return BY_NAME.find(([form]) => form.test(error.name))?.[1] ?? codeByName(error);
}

function hintOn(code: FailureCode, error: Error, { action }: AskedOfNotices): string | undefined {
  if (code === 'QUEUE_NOT_FOUND' || code === 'TOPIC_NOT_FOUND') {
    return 'mtglacier notify setup makes what is needed; check the name, the region and the account';
  }
  if (code !== 'ACCESS_DENIED') return undefined;
  return isOfPermissions(error)
    ? `the key must be allowed ${action}: docs/notifications.md has the whole policy`
    : accessHint(error);
}

/** The key is known and good, and may not do this. */
function isOfPermissions({ name }: Error): boolean {
  return /^(AccessDenied|AuthorizationError|NotAuthorized)/.test(name);
}
