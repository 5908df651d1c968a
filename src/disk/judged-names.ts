// Judges the names that stand in a directory: which can take part, and as what.

import { type Dirent, statSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import { withoutFormInJournal } from '../model/refused-name.js';
import { printable, RelPath } from '../model/rel-path.js';
import { EVERYTHING, type Selection } from '../model/selection.js';
import { type TextEncoding, UTF_8 } from '../model/text-encoding.js';
import type { Location, Place } from './place.js';
import { type Entry, type EntryKind, SortedEntries } from './sorted-entries.js';
import { isUnfinished } from './temporary-name.js';

/** What the names that are read are judged by. */
export interface NameRules {
  readonly place: Place;
  readonly selection: Selection;
  /** Whether a link to a directory is one. */
  readonly follow: boolean;
  /** The names must have a form in it too. */
  readonly journalEncoding: TextEncoding;
}

/** Judges the names of one directory. */
export class JudgedNames {
  readonly #directory: RelPath | null;
  readonly #rules: NameRules;
  readonly #taking = new SortedEntries();
  #isEmpty = true;

  constructor(directory: RelPath | null, rules: NameRules) {
    this.#directory = directory;
    this.#rules = rules;
  }

  get entries(): SortedEntries | null {
    return this.#isEmpty ? null : this.#taking;
  }

  /** False where bytes may have been lost: what stands for undecodable ones may be really part of the name. */
  addText(dirent: Dirent): boolean {
    const { name } = dirent;
    const isPlain = PLAIN.test(name);
    if (!isPlain && name.includes('\ufffd')) return false;
    this.#take(this.#named(name, kindOf(dirent), isPlain));
    return true;
  }

  addBytes(dirent: Dirent<Buffer>): void {
    const { encoding } = this.#rules.place;
    const name = encoding.decode(dirent.name);
    const kind = kindOf(dirent);
    this.#take(name === null ? this.#shown(show(dirent.name, encoding), kind) : this.#named(name, kind, false));
  }

  #take(entry: Entry | null): void {
    this.#isEmpty = false;
    if (entry !== null) this.#taking.add(entry);
  }

  /**
   * A name that is no text counts as it is shown, and also where that is not included: in the right encoding it may be,
   * and may be an archive's. Source: behaviour of mt-aws-glacier 1.120, where only names in a pruned directory do no harm.
   */
  #shown(name: string, kind: StandingKind): Entry | null {
    const { selection } = this.#rules;
    const path = RelPath.join(this.#directory, name);
    const canTakePart = selection.enters(path) || (kind !== 'directory' && selection.includes(path));
    return canTakePart ? { key: keyOf(name, kind), kind: 'not-text' } : null;
  }

  /** Null for what is not selected, whatever else is wrong with it. */
  #named(name: string, kind: StandingKind, isPlain: boolean): Entry | null {
    const { selection, journalEncoding } = this.#rules;
    if (selection !== EVERYTHING && !canTakePart(RelPath.join(this.#directory, name), kind, selection)) return null;
    if (isPlain && kind !== 'link') return { key: keyOf(name, kind), kind };
    const isSafe = RelPath.whyNot(name) === null && hasForm(name, journalEncoding);
    if (!isSafe) return { key: keyOf(name, kind), kind: 'unsafe' };
    if (kind === 'link' && this.#rules.follow) return this.#link(name);
    return { key: keyOf(name, kind), kind: kind === 'file' || kind === 'link' ? finished(kind, name) : kind };
  }

  #link(name: string): Entry | null {
    const path = RelPath.join(this.#directory, name);
    if (!leadsToDirectory(path, this.#rules.place)) return { key: name, kind: finished('link', name) };
    return this.#rules.selection.enters(path) ? { key: keyOf(name, 'directory'), kind: 'directory' } : null;
  }
}

/** Nothing is wrong with such a name, in any encoding, and it is none of a temporary file: nearly all names are such. */
const PLAIN = /^[\w-][\w .-]*$/;

type StandingKind = Exclude<EntryKind, 'unfinished' | 'not-text' | 'unsafe'>;

function finished(kind: 'file' | 'link', name: string): EntryKind {
  return isUnfinished(name) ? 'unfinished' : kind;
}

function kindOf(dirent: Dirent<string | Buffer>): StandingKind {
  if (dirent.isFile()) return 'file';
  if (dirent.isDirectory()) return 'directory';
  return dirent.isSymbolicLink() ? 'link' : 'special';
}

function keyOf(name: string, kind: StandingKind): string {
  return kind === 'directory' ? `${name}/` : name;
}

/** A link may be a file or a directory: it counts as long as something behind it, or it as a file, can take part. */
function canTakePart(path: RelPath, kind: StandingKind, selection: Selection): boolean {
  if (kind === 'directory') return selection.enters(path);
  return selection.includes(path) || (kind === 'link' && selection.enters(path));
}

function leadsToDirectory(path: RelPath, place: Place): boolean {
  try {
    return statSync(locationOf(path, place)).isDirectory();
  } catch {
    return false;
  }
}

/** Where something is that was read from this very place. */
function locationOf(path: RelPath, place: Place): Location {
  const location = place.locate(path);
  if (location === null) throw new Error(`was read and has no location: ${JSON.stringify(path)}`);
  return location;
}

/** The same with null for the place itself. */
export function locationIn(path: RelPath | null, place: Place): Location {
  return path === null ? place.location : locationOf(path, place);
}

/** Every name that is text has a form in UTF-8. */
function hasForm(name: string, journal: TextEncoding): boolean {
  return journal === UTF_8 || journal.encode(name) !== null;
}

/** Why an entry is refused whose name is no text, or cannot stand in a journal. */
export function refusalOf(path: string, { key, kind }: Entry, { place, journalEncoding }: NameRules): Failure {
  if (kind === 'not-text') {
    return new Failure('NAME_REFUSED', `name ${path} is not ${place.encoding.name}`, {
      hint: 'give the encoding that it has with --filenames-encoding, or rename it to keep it',
    });
  }
  const why = RelPath.whyNot(key.replace(/\/$/, ''));
  if (why === null) return withoutFormInJournal(path, journalEncoding);
  return new Failure('NAME_REFUSED', `name ${printable(path)} ${why}`, { hint: 'rename it to keep it' });
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
