// Connections that could not be made, broke, stalled or could not be trusted.

import { Failure, type FailureCode } from '../model/failure.js';
import type { Asked } from './server-errors.js';

/** Names of Node.js's errors, and one of our own. Those of certificates are many and are told by their form. */
const BY_CODE: Readonly<Record<string, FailureCode>> = {
  ECONNRESET: 'CONNECTION_BROKEN',
  ECONNABORTED: 'CONNECTION_BROKEN',
  EPIPE: 'CONNECTION_BROKEN',
  NOT_HTTP: 'CONNECTION_BROKEN',
  ERR_STREAM_PREMATURE_CLOSE: 'CONNECTION_BROKEN',
  ERR_STREAM_DESTROYED: 'CONNECTION_BROKEN',
  ECONNREFUSED: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENOTFOUND: 'UNREACHABLE',
  EAI_AGAIN: 'UNREACHABLE',
  ETIMEDOUT: 'TIMED_OUT',
  // No connection could be made for want of a descriptor: others end, and give theirs back.
  EMFILE: 'UNREACHABLE',
  ENFILE: 'UNREACHABLE',
};

const UNTRUSTED =
  /CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^EPROTO$|^UNABLE_TO_|^CRL_|^INVALID_|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;

/** null when the thrown thing does not come from the network. */
export function brokenConnection(thrown: unknown, asked: Pick<Asked, 'deed'>): Failure | null {
  if (!(thrown instanceof Error)) return null;
  const error = firstOf(thrown);
  const code = codeOf(error);
  const message = `cannot ${asked.deed}: ${told(error)}`;
  if (UNTRUSTED.test(code)) {
    const hint = /wrong version number|packet length too long/.test(message)
      ? 'what listens there seems to speak http and not https: check the endpoint'
      : 'the connection cannot be trusted: check the endpoint, the clock, and NODE_EXTRA_CA_CERTS';
    return new Failure('ACCESS_DENIED', message, { hint, cause: thrown });
  }
  if (code === 'EPROXY') {
    const hint =
      'check the user, the password and the rules of the proxy that HTTPS_PROXY names; NO_PROXY leaves it out';
    return new Failure('ACCESS_DENIED', message, { hint, cause: thrown });
  }
  if (code.startsWith('HPE_')) return new Failure('CONNECTION_BROKEN', message, { cause: thrown });
  const known = BY_CODE[code] ?? (thrown.name === 'TimeoutError' ? 'TIMED_OUT' : undefined);
  if (known === undefined) return null;
  return new Failure(known, message, { hint: known === 'UNREACHABLE' ? hintFor(code) : undefined, cause: thrown });
}

function hintFor(code: string): string {
  if (!/^E[MN]FILE$/.test(code)) return 'check the endpoint, the region and the network';
  return 'too many files and connections are open at once: raise the limit (ulimit -n), or lower --concurrency and --small-file-workers';
}

/** A host with several addresses fails with one error for each. */
function firstOf(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  const first: unknown = error.errors.find((one) => one instanceof Error);
  return first instanceof Error ? first : error;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The error's text, with the host where the name service does not know it, without the SDK's own name. */
function told(error: Error): string {
  if ('hostname' in error && typeof error.hostname === 'string') return `host ${error.hostname} cannot be found`;
  // OpenSSL: number, library, function, reason, source file, each with a colon; the reason is for people.
  const openssl = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(error.message);
  if (openssl !== null) return `no TLS connection: ${openssl[1]}`;
  const text = error.message.replace(/^@smithy\/node-http-handler - (?:\[\w+\] )?/, '');
  return text === '' ? codeOf(error) : text;
}
