// What is said of names that are refused: a journal cannot hold them, or no file can have them.

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

/** Of a path that `RelPath.canNameAFile` denies: old journals hold such. */
export function nameOfNoFile(path: string): Failure {
  return new Failure('NAME_REFUSED', `name ${printable(path)} is none that a file can have`);
}
