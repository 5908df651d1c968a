// Notices a journal in UTF-8 that is read in another encoding, before its names are taken for other names.

import { basename } from 'node:path';

import { Failure } from '../model/failure.js';
import { type TextEncoding, UTF_8 } from '../model/text-encoding.js';

/** So many characters beyond ASCII, and nothing but valid UTF-8, come about by chance in no other encoding. */
const ENOUGH = 4;

/** An encoding that watches what is read in it. */
export interface WatchedEncoding {
  readonly encoding: TextEncoding;
  /** @throws Failure USAGE when all that was read is UTF-8, and means something else there */
  readonly assertMeant: (journal: string) => void;
  /** What was seen so far: whoever goes on reading later begins with it. */
  readonly seen: () => SeenAsUtf8;
}

/** How many characters would be others in UTF-8, and whether all bytes are valid in it. */
export interface SeenAsUtf8 {
  readonly characters: number;
  readonly isValid: boolean;
}

export const NOTHING_SEEN: SeenAsUtf8 = { characters: 0, isValid: true };

/**
 * To go on with such a journal would store every file anew under its right name, take the names that were read for those
 * of files that are gone, and leave a journal in two encodings.
 */
export function watched(encoding: TextEncoding, before = NOTHING_SEEN): WatchedEncoding {
  if (encoding.excludesUtf8 !== true) return { encoding, assertMeant: () => undefined, seen: () => before };
  const seen = new Watch(before);
  return {
    encoding: {
      ...encoding,
      decode(bytes) {
        const text = encoding.decode(bytes);
        if (text !== null) seen.take(text, bytes);
        return text;
      },
    },
    assertMeant(journal) {
      if (seen.isCertain) throw mistaken(journal, encoding);
    },
    seen: () => seen.seen,
  };
}

class Watch {
  #characters: number;
  #isValid: boolean;

  constructor({ characters, isValid }: SeenAsUtf8) {
    this.#characters = characters;
    this.#isValid = isValid;
  }

  get seen(): SeenAsUtf8 {
    return { characters: this.#characters, isValid: this.#isValid };
  }

  get isCertain(): boolean {
    return this.#isValid && this.#characters >= ENOUGH;
  }

  take(text: string, bytes: Uint8Array): void {
    if (!this.#isValid || !/\P{ASCII}/u.test(text)) return;
    const inUtf8 = UTF_8.decode(bytes);
    if (inUtf8 === null) this.#isValid = false;
    else if (inUtf8 !== text) this.#characters += inUtf8.match(/\P{ASCII}/gu)?.length ?? 0;
  }
}

function mistaken(journal: string, { name }: TextEncoding): Failure {
  return new Failure('USAGE', `${basename(journal)} is in UTF-8, not in ${name}`, {
    hint: 'leave out --journal-encoding: a journal keeps its encoding for its whole life',
  });
}
