// Where clients reach the server: under the name that they are told, or at the address that it listens on.

import { isIPv6 } from 'node:net';
import { Failure } from '../../../model/failure.js';

/** What stands for all addresses of a machine, and the one of them by which it reaches itself. */
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export function urlOf(address: string, port: number): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** As programs of this machine reach it. */
export function reachableUrlOf(address: string, port: number): string {
  return urlOf(WILDCARDS[address] ?? address, port);
}

/**
 * The name that clients are told, such as `https://vault.example`. It has no path: one would not be signed as it comes in.
 * @throws Failure CONFIG when it is none
 */
export function publicUrlOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin && !(url.hostname.replace(/^\[|\]$/g, '') in WILDCARDS)) return url.origin;
  throw new Failure('CONFIG', `the public URL cannot be ${JSON.stringify(given)}`, {
    hint: 'give http:// or https:// and the name by which clients reach this server, such as http://vault.example:8118',
  });
}
