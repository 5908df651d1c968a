// The name of a stored file: its path relative to the directory that is kept, as journals write it.

import { Failure } from './failure.js';

declare const relPath: unique symbol;

/**
 * A path below the kept directory, components joined by `/`. It can stand in a journal line (no TAB, CR or LF) and
 * cannot leave the directory by its spelling (no leading `/`, no empty, `.` or `..` component).
 * A trailing slash, NUL, blanks and control characters are allowed, because old journals hold them.
 * Source: behaviour of mt-aws-glacier 1.120 on reading a journal.
 */
export type RelPath = string & { readonly [relPath]: true };

// The last alternative is a half of a surrogate pair alone: such a string has no UTF-8 form, so no file has that name.
const UNSAFE = /[\t\r\n]|^\/|\/\/|(?:^|\/)\.\.?(?:\/|$)|\p{Surrogate}/u;

export const RelPath = {
  /** @throws Failure NAME_REFUSED, naming the path in a form that is safe to print */
  parse(text: string): RelPath {
    const why = RelPath.whyNot(text);
    if (why !== null) throw new Failure('NAME_REFUSED', `name ${printable(text)} ${why}`);
    return text as RelPath;
  },

  /** Why the text is not a RelPath, as the end of a sentence that begins with the name; null when it is one. */
  whyNot(text: string): string | null {
    if (text === '') return 'is empty';
    const found = UNSAFE.exec(text);
    if (found === null) return null;
    if (/[\t\r\n]/.test(found[0])) return 'contains a TAB, CR or LF, which a journal cannot hold';
    if (/\p{Surrogate}/u.test(found[0])) return 'is not well-formed Unicode';
    return 'is not a plain relative path';
  },

  /** Whether a file can have this name: old journals also hold some with a NUL or a trailing slash. */
  canNameAFile(path: RelPath): boolean {
    return !path.includes('\0') && !path.endsWith('/');
  },

  /** `name` inside `directory`; `directory` null is the kept directory itself. `name` must already be safe. */
  join(directory: RelPath | null, name: string): RelPath {
    return (directory === null ? name : `${directory}/${name}`) as RelPath;
  },

  /** Whether `path` is `directory` itself or lies below it; null is the kept directory, which holds everything. */
  isWithin(path: RelPath, directory: RelPath | null): boolean {
    return directory === null || path === directory || path.startsWith(`${directory}/`);
  },
} as const;

/**
 * Order of paths by the bytes of their UTF-8 form: the order of walks and of the index.
 * JavaScript compares UTF-16 units, which differs where a surrogate meets U+E000…U+FFFF.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return byCodePoint(x) - byCodePoint(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above U+FFFF's other units, which is where the characters that they encode belong. */
function byCodePoint(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}

/** Any text in a form that is safe on a terminal and in a log line: quoted, control characters escaped. */
export function printable(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
