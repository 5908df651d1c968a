// What the system said about a folder, as a failure that the user can do something about.

import { Failure } from '../../../model/failure.js';

/** A Failure stays what it is. */
export function asConfigFailure(cause: unknown, what: string, hint: string): Failure {
  if (cause instanceof Failure) return cause;
  const { message } = cause as Error;
  // Node adds the call and the path, which are no news to the user.
  const reason = /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return new Failure('CONFIG', `${what}: ${reason}`, { hint, cause });
}
