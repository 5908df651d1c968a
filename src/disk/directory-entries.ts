// What stands in one directory: names read as bytes, judged, and put in the order of paths.

import { type Dirent, readdirSync, statSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import { withoutFormInJournal } from '../model/refused-name.js';
import { comparePaths, printable, RelPath } from '../model/rel-path.js';
import type { Selection } from '../model/selection.js';
import { type TextEncoding, UTF_8 } from '../model/text-encoding.js';
import type { Location, Place } from './place.js';

/** What the names that are read are judged by. */
export interface NameRules {
  readonly place: Place;
  readonly selection: Selection;
  /** Whether a link to a directory is one. */
  readonly follow: boolean;
  /** The names must have a form in it too. */
  readonly journalEncoding: TextEncoding;
}

/** One name that can take part. `key` places it among the others: a directory is known by its name and `/`. */
export type Entry = { readonly key: string } & (
  | { readonly kind: EntryKind; readonly path: RelPath }
  /** No journal can hold it; `name` is its path, undecodable bytes shown. */
  | { readonly kind: 'refused'; readonly name: string; readonly failure: Failure }
);

type EntryKind = 'directory' | 'link' | 'file' | 'special';

/** Everything that stands in the directory, in no order. @throws the error of the file system */
export function readNames(directory: Location): readonly Dirent<Buffer>[] {
  return readdirSync(directory, { encoding: 'buffer', withFileTypes: true });
}

/** The entries of those names that can take part, in the order of paths. `directory` null is the root. */
export function entriesOf(names: readonly Dirent<Buffer>[], directory: RelPath | null, rules: NameRules): Entry[] {
  const entries: Entry[] = [];
  for (const dirent of names) {
    const entry = entryOf(dirent, directory, rules);
    if (entry !== null) entries.push(entry);
  }
  return entries.sort((a, b) => comparePaths(a.key, b.key));
}

/** Null for what is not selected, whatever else is wrong with it. */
function entryOf(dirent: Dirent<Buffer>, directory: RelPath | null, rules: NameRules): Entry | null {
  const { encoding } = rules.place;
  const name = encoding.decode(dirent.name);
  const shown = name ?? show(dirent.name, encoding);
  const path = RelPath.join(directory, shown);
  const kind = kindOf(dirent);
  if (!canTakePart(path, { isText: name !== null, kind }, rules.selection)) return null;
  const failure = name === null ? notText(path, encoding) : refusal(name, path, rules.journalEncoding);
  if (failure !== null) return { key: keyOf(shown, kind), kind: 'refused', name: path, failure };
  if (kind === 'link' && rules.follow && leadsToDirectory(path, rules.place)) {
    return rules.selection.enters(path) ? { key: keyOf(shown, 'directory'), kind: 'directory', path } : null;
  }
  return { key: keyOf(shown, kind), kind, path };
}

function keyOf(name: string, kind: EntryKind): string {
  return kind === 'directory' ? `${name}/` : name;
}

function kindOf(dirent: Dirent<Buffer>): EntryKind {
  if (dirent.isFile()) return 'file';
  if (dirent.isDirectory()) return 'directory';
  return dirent.isSymbolicLink() ? 'link' : 'special';
}

/**
 * A link may be either: it counts as long as something behind it, or it as a file, can take part. A name that is no text
 * counts as it is shown, and also where that is not included: in the right encoding it may be, and may be an archive's.
 * Source: behaviour of mt-aws-glacier 1.120, where only names in a pruned directory do no harm.
 */
function canTakePart(
  path: string,
  { isText, kind }: { readonly isText: boolean; readonly kind: EntryKind },
  selection: Selection,
): boolean {
  if (kind === 'directory') return selection.enters(path);
  return selection.includes(path) || ((kind === 'link' || !isText) && selection.enters(path));
}

function leadsToDirectory(path: RelPath, place: Place): boolean {
  try {
    return statSync(locationOf(path, place)).isDirectory();
  } catch {
    return false;
  }
}

/** Where something is that was read from this very place. */
export function locationOf(path: RelPath, place: Place): Location {
  const location = place.locate(path);
  if (location === null) throw new Error(`was read and has no location: ${JSON.stringify(path)}`);
  return location;
}

function notText(shown: string, { name }: TextEncoding): Failure {
  return new Failure('NAME_REFUSED', `name ${shown} is not ${name}`, {
    hint: 'give the encoding that it has with --filenames-encoding, or rename it to keep it',
  });
}

/** Why a journal cannot hold the name, or null. */
function refusal(name: string, path: string, journal: TextEncoding): Failure | null {
  const why = RelPath.whyNot(name);
  if (why !== null) {
    return new Failure('NAME_REFUSED', `name ${printable(path)} ${why}`, { hint: 'rename it to keep it' });
  }
  // Every name that is text has a form in UTF-8.
  return journal === UTF_8 || journal.encode(name) !== null ? null : withoutFormInJournal(path, journal);
}

/** A name with its undecodable bytes as `\xNN`. */
function show(name: Buffer, encoding: TextEncoding): string {
  let shown = '';
  for (let at = 0; at < name.length; ) {
    const { text, length } = characterAt(name, at, encoding) ?? {
      text: `\\x${name.toString('hex', at, at + 1)}`,
      length: 1,
    };
    shown += text;
    at += length;
  }
  return shown;
}

/** No encoding takes more than four bytes for one character. */
function characterAt(name: Buffer, at: number, encoding: TextEncoding): { text: string; length: number } | null {
  for (let length = 1; length <= Math.min(4, name.length - at); length++) {
    const text = encoding.decode(name.subarray(at, at + length));
    if (text !== null) return { text, length };
  }
  return null;
}
