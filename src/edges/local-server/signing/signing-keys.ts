// The keys that requests are signed with, derived from secrets: once a day for each, not for every request.

import { createHmac } from 'node:crypto';

/** Of so many access keys on a day; the one that was derived first makes room for another. */
const KEPT_MAX = 256;

/** Kept by the secret itself, so that a secret that is no longer anybody's is no longer asked for. */
export class SigningKeys {
  readonly #kept = new Map<string, Buffer>();

  /** @param scope day, region, service and terminator, as in `20120525/us-east-1/glacier/aws4_request` */
  derive(secretAccessKey: string, scope: string): Buffer {
    const name = `${secretAccessKey} ${scope}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const derived = scope.split('/').reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
    const [first] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && first !== undefined) this.#kept.delete(first);
    this.#kept.set(name, derived);
    return derived;
  }

  get count(): number {
    return this.#kept.size;
  }
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
