// What is said of a name that a journal cannot hold because of its encoding.

import { Failure } from './failure.js';
import { printable } from './rel-path.js';
import type { TextEncoding } from './text-encoding.js';

/** To be said before anything is sent: what a journal cannot hold must never be stored. */
export function withoutFormInJournal(path: string, encoding: TextEncoding): Failure {
  const message = `name ${printable(path)} cannot be written in ${encoding.name}, the encoding of the journal`;
  return new Failure('NAME_REFUSED', message, {
    hint: 'rename it to keep it; a journal keeps its encoding for its whole life',
  });
}
