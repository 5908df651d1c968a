// What went wrong in a request, in the program's own words: foreign errors become Failures here and nowhere else.

import { asFailure, Failure, type FailureCode } from '../model/failure.js';
import { brokenConnection } from './network-errors.js';
import { type Asked, refusedByServer } from './server-errors.js';

/**
 * The Failure that a thrown thing is. A signal that was raised outweighs all: what breaks then breaks because of it.
 * @throws the same when it is no failure of the world
 */
export function translated(thrown: unknown, asked: Asked, signal: AbortSignal): Failure {
  if (thrown instanceof Failure) return thrown;
  if (signal.aborted) return new Failure('INTERRUPTED', 'interrupted', { cause: thrown });
  // An answer that broke off on its way has a status too, and is none.
  const failure =
    withoutCredentials(thrown, asked) ?? brokenConnection(thrown, asked) ?? refusedByServer(thrown, asked);
  if (failure === null) throw thrown;
  return failure;
}

/** The request was never sent, because there is nothing to sign it with. */
export function withoutCredentials(thrown: unknown, asked: Pick<Asked, 'deed'>): Failure | null {
  if (!(thrown instanceof Error) || !/^(Credentials|Token)ProviderError$/.test(thrown.name)) return null;
  return new Failure('ACCESS_DENIED', `cannot ${asked.deed}: no credentials: ${thrown.message}`, {
    hint: 'put key and secret into the config file, or use the AWS environment variables or --profile',
    cause: thrown,
  });
}

/** Takes a failure of this code for success, where what was to be made away with is away already. */
export function unless(expected: FailureCode): (thrown: unknown) => undefined {
  return (thrown) => {
    if (asFailure(thrown).code !== expected) throw thrown;
  };
}
