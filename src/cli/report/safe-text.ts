// Text from outside in a form that cannot play tricks on a terminal.

import { printable } from '../../model/rel-path.js';
import type { TextEncoding } from '../../model/text-encoding.js';

// Control characters, line and paragraph separators, direction marks and overrides, halves of surrogate pairs.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');
/** What nearly all text is: seen at a tenth of the cost. */
const PLAIN = /^[ -~]*$/;

/** A name as it is when it is plain; quoted and escaped when it is not, or when it looks like a quoted one. */
export function shownName(name: string): string {
  const isSafe = PLAIN.test(name) || !UNSAFE.test(name);
  return !isSafe || name.startsWith('"') ? printable(name) : name;
}

/** A sentence on one line, what is unsafe in it escaped. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Blots every one of the secrets out of a text. */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret.length >= 8);
  if (hidden.length === 0) return (text) => text;
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}

const NOTHING = new Uint8Array(0);

/** The text in bytes of the encoding, nothing cut off: a character that it has no form for comes as `\u{1f600}`. */
export function representable(text: string, encoding: TextEncoding): Uint8Array {
  return Buffer.concat(
    Array.from(text, (character) => encoding.encode(character) ?? encoding.encode(codePoint(character)) ?? NOTHING),
  );
}

function codePoint(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
