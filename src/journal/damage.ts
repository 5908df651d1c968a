// How damage in a file of ours is told: the file, the line, its bytes in a form that is safe to print, what to do.

import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';

/** Enough to recognise a line, in characters. */
const SHOWN = 200;

/** @param why ends the sentence that begins with the line's place */
export function damagedLine(
  file: string,
  line: { readonly number: number; readonly text: string },
  why: string,
  hint = 'see "Recovering by hand" in docs/journal-format.md',
): Failure {
  return new Failure('JOURNAL_DAMAGED', `${file}: line ${line.number} ${why}: ${shown(line.text)}`, { hint });
}

/** The beginning of a line, safe to print. */
function shown(text: string): string {
  return text.length <= SHOWN ? printable(text) : `${printable(text.slice(0, SHOWN))} …`;
}

/** Bytes that may be no UTF-8, as text: each byte that is not ASCII stands as `\xNN`. */
export function showBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SHOWN)).toString('latin1');
  const escaped = JSON.stringify(text).replace(/[\u007f-\u00ff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
  return bytes.length <= SHOWN ? escaped : `${escaped} …`;
}
