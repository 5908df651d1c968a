// Whether a letter is genuine, and for us: its topic, its age, its signature, and whether it has come before.

import { verify } from 'node:crypto';
import type { Certificates } from './certificates.js';
import type { Letter } from './letter.js';

export type Verdict =
  | { readonly is: 'genuine' | 'repeated' }
  | { readonly is: 'refused'; readonly why: string }
  /** It may be genuine, and is to be sent again. */
  | { readonly is: 'undecided'; readonly why: string };

export interface JudgeTerms {
  /** ARNs: a good signature alone says only that some topic of somebody sent it. */
  readonly topics: ReadonlySet<string>;
  readonly certificates: Certificates;
  /** ms since 1970. */
  readonly now: () => number;
}

/** SNS tries for an hour at the most, unless it was told otherwise; clocks differ. */
const AGE_MS = { past: 3_600_000, future: 300_000 };
/** Letters that are remembered; no more come in an hour. */
const REMEMBERED = 20_000;

const DIGESTS = { '1': 'sha1', '2': 'sha256' } as const;

export class Judge {
  readonly #terms: JudgeTerms;
  /** When each letter was written, by its id, in the order in which they came. */
  readonly #seen = new Map<string, number>();

  constructor(terms: JudgeTerms) {
    this.#terms = terms;
  }

  /** What costs least is looked at first: of a letter that is not for us no certificate is fetched. */
  async judge(letter: Letter, signal: AbortSignal): Promise<Verdict> {
    const { topics, certificates, now } = this.#terms;
    const age = now() - letter.at;
    if (!topics.has(letter.topic)) return refused('its topic is not one of those that are listened to');
    if (age > AGE_MS.past) return refused('it is more than an hour old');
    if (age < -AGE_MS.future) return refused('it is of the future');
    const found = await certificates.keyAt(letter.signature.certificate, signal);
    if (found.is !== 'good') return { is: found.is === 'bad' ? 'refused' : 'undecided', why: found.why };
    const { version, bytes } = letter.signature;
    if (!verify(DIGESTS[version], Buffer.from(letter.signed), found.key, bytes))
      return refused('its signature is wrong');
    return { is: this.#seen.has(letter.messageId) ? 'repeated' : 'genuine' };
  }

  /** It was acted on: what comes with its id from now on is a repetition. */
  settled({ messageId, at }: Letter): void {
    const oldest = this.#terms.now() - AGE_MS.past;
    this.#seen.set(messageId, at);
    for (const [id, written] of this.#seen) {
      if (written >= oldest && this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(id);
    }
  }
}

function refused(why: string): Verdict {
  return { is: 'refused', why };
}
