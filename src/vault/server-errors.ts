// Requests that a Glacier server answered with an error.

import { Failure, type FailureCode } from '../model/failure.js';
import type { VaultName } from '../model/identifiers.js';

/** What a request was for: `deed` completes "cannot …"; `what` is the thing that is missing when it is not found. */
export interface Asked {
  readonly deed: string;
  readonly what: 'vault' | 'archive' | 'upload' | 'job' | 'inventory' | 'notifications';
  readonly vault: VaultName | null;
}

const NOT_FOUND = {
  vault: 'VAULT_NOT_FOUND',
  archive: 'ARCHIVE_NOT_FOUND',
  upload: 'UPLOAD_NOT_FOUND',
  job: 'JOB_NOT_FOUND',
  inventory: 'VAULT_REFUSED',
  notifications: 'NOT_SET',
} as const satisfies Record<Asked['what'], FailureCode>;

/** Messages tell more than codes where one code has many causes. Source: observed answers of the service. */
const BY_MESSAGE: readonly (readonly [RegExp, FailureCode])[] = [
  [/does not match the computed payload hash/i, 'HASH_MISMATCH'],
  [/^checksum mismatch|^invalid x-amz-(content-sha256|sha256-tree-hash)/i, 'HASH_MISMATCH'],
  [/^vault not empty/i, 'VAULT_NOT_EMPTY'],
  [/^vault not found/i, 'VAULT_NOT_FOUND'],
  [/^the archive id was not found/i, 'ARCHIVE_NOT_FOUND'],
  [/^the upload id was not found/i, 'UPLOAD_NOT_FOUND'],
  [/^the job id was not found/i, 'JOB_NOT_FOUND'],
];

/** Source: Glacier developer guide, "Error Responses", and the errors common to AWS services. */
const BY_NAME: readonly (readonly [RegExp, FailureCode])[] = [
  [/^(Throttling|ThrottledException|TooManyRequests|RequestLimitExceeded|SlowDown)/, 'THROTTLED'],
  [/^RequestTimeout/, 'TIMED_OUT'],
  [/^InsufficientCapacity/, 'NO_CAPACITY'],
  [/^PolicyEnforced/, 'RETRIEVAL_POLICY'],
  [/^NoLongerSupported/, 'SERVICE_CLOSED'],
  [/^LimitExceeded/, 'LIMIT_EXCEEDED'],
  [/^(AccessDenied|ExpiredToken|RequestExpired|InvalidSignature|SignatureDoesNotMatch)/, 'ACCESS_DENIED'],
  [/^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken)/, 'ACCESS_DENIED'],
  [/^(IncompleteSignature|NotAuthorized|OptInRequired)/, 'ACCESS_DENIED'],
  [/^(ServiceUnavailable|InternalFailure|InternalServer|InternalError)/, 'VAULT_UNAVAILABLE'],
];

/** null when the thrown thing is no answer of a server. */
export function refusedByServer(thrown: unknown, asked: Asked): Failure | null {
  if (!(thrown instanceof Error)) return null;
  const status = metadataOf(thrown).httpStatusCode;
  if (status === undefined) return null;
  const code = codeOf(thrown, status, asked);
  const said = isGlaciers(thrown) ? firstLine(thrown.message) : `the answer (${status}) is not Glacier's`;
  const message = `cannot ${asked.deed}: ${said === '' ? `${thrown.name} (${status})` : said}`;
  return new Failure(code, message, { hint: hintOn(code, thrown, asked), cause: thrown });
}

/** What the SDK attaches to an error that came with an answer. */
interface AnswerMetadata {
  readonly httpStatusCode?: number;
  /** The answer's Date shows that this machine's clock is minutes off. */
  readonly clockSkewCorrected?: boolean;
}

function metadataOf(error: Error): AnswerMetadata {
  return '$metadata' in error && typeof error.$metadata === 'object' ? { ...error.$metadata } : {};
}

/** The status of the answer that a thrown thing came with, if it came with one. */
export function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof Error ? metadataOf(thrown).httpStatusCode : undefined;
}

function codeOf(error: Error, status: number, asked: Asked): FailureCode {
  const known = BY_MESSAGE.find(([form]) => form.test(error.message))?.[1] ?? codeByName(error);
  if (known !== null) return known;
  // Only Glacier's own word counts as "not found": a stray web server's 404 must not pass for a deleted archive.
  if (error.name.startsWith('ResourceNotFound')) return NOT_FOUND[asked.what];
  if (status === 400 && !isGlaciers(error)) return 'UNREACHABLE';
  return codeByStatus(status);
}

/** What every service of AWS calls so; null for what is known to one alone. */
export function codeByName({ name }: Error): FailureCode | null {
  return BY_NAME.find(([form]) => form.test(name))?.[1] ?? null;
}

/** Where nothing but the status tells. */
export function codeByStatus(status: number): FailureCode {
  if (status === 408) return 'TIMED_OUT';
  if (status === 429) return 'THROTTLED';
  if (status >= 500) return 'VAULT_UNAVAILABLE';
  return [401, 403, 407].includes(status) ? 'ACCESS_DENIED' : 'VAULT_REFUSED';
}

/**
 * Whether the answer has the form of Glacier's errors. A 400 that has not comes from something before it, which now and
 * then finds fault with a request that is taken the next time. Source: issues 35 and 130 of mt-aws-glacier.
 */
function isGlaciers(error: Error): boolean {
  return error.name !== 'SyntaxError' && !/^Unknown(Error)?$/.test(error.name);
}

/** What follows the first line of a signature error repeats the request with its session token: never shown. */
export function firstLine(message: string): string {
  return (message.trim().split(/[\r\n]/, 1)[0] ?? '').slice(0, 500);
}

function hintOn(code: FailureCode, error: Error, asked: Asked): string | undefined {
  if (code === 'ACCESS_DENIED') return accessHint(error);
  if (code === 'VAULT_NOT_FOUND') {
    return `check vault name and region, or create it: mtglacier create-vault ${asked.vault ?? 'NAME'}`;
  }
  if (code === 'VAULT_REFUSED' && asked.what === 'inventory' && error.name.startsWith('ResourceNotFound')) {
    return 'Glacier takes the first inventory of a vault about a day after its first archive came: ask again then';
  }
  return isGlaciers(error) ? HINTS[code] : 'check the endpoint, and any proxy before it';
}

const HINTS: Partial<Record<FailureCode, string>> = {
  VAULT_NOT_EMPTY: 'purge it first; Glacier lets it go after the next inventory, about a day later',
  SERVICE_CLOSED: 'AWS has closed Glacier vaults to new accounts; only accounts that used them before can',
  RETRIEVAL_POLICY:
    'the account limits Standard retrievals: ask again in an hour, choose --tier Bulk or Expedited, or raise the limit; ' +
    'restore --quote shows it',
  ARCHIVE_NOT_FOUND: 'is this the journal of this vault? an inventory of the vault tells what it holds',
  NO_CAPACITY:
    'ask again later, or with --tier Standard; only accounts that buy capacity by the month are promised Expedited',
};

/** What to do when one is not let in, whatever the service. */
export function accessHint(error: Error): string {
  if (isClockError(error)) return "set this machine's clock: it differs from the vault's by more than five minutes";
  if (/^(ExpiredToken|RequestExpired)/.test(error.name)) return 'the session is over: sign in again for a new token';
  if (/valid region/.test(error.message)) return 'check region: the endpoint is one of another';
  if (/Signature/.test(error.name)) return 'check that secret belongs to key';
  return 'check key and secret in the config file, the environment or --profile, and what they are allowed to do';
}

function isClockError(error: Error): boolean {
  return (
    metadataOf(error).clockSkewCorrected === true ||
    /signature (expired|not yet current)|is now (earlier|later) than/i.test(error.message)
  );
}
