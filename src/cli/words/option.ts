// What the program knows of one option, and how the table of options writes it down.

import type { TextEncoding } from '../../model/text-encoding.js';
import { type Parser, yesOrNo } from './option-values.js';

/** Headings of the help, in its order. */
export const OPTION_GROUPS = [
  'What and where',
  'Which files',
  'How',
  'Speed',
  'Limits',
  'Safety',
  'Encodings',
  'Connection',
  'Listening',
  'Local server',
  'Output',
] as const;

interface OptionText {
  readonly group: (typeof OPTION_GROUPS)[number];
  /** Name of the value in the help; null for a switch, which takes none on the command line. */
  readonly shape: string | null;
  readonly help: string;
  /** Older names, still understood. */
  readonly aliases?: readonly string[];
  /** Its value is never shown. */
  readonly secret?: true;
  /** Where it cannot stand: such a thing is to be said anew each time, or says where to read from. */
  readonly keptOutOf?: 'config' | 'config and environment';
  /** It can be given many times, and its setting is the list of what was given. */
  readonly repeats?: true;
}

/** `T` is the type of a given value, `Absent` that of the value when none is given. */
export interface Option<T, Absent> extends OptionText {
  readonly parse: Parser<T>;
  readonly absent: Absent;
  /** What the help says of the default, if anything. */
  readonly shownDefault?: string;
  /** The only values that it can have, for completion. */
  readonly words?: readonly string[];
  /** What a value names, for completion. */
  readonly names?: 'file' | 'directory';
  /** How a value is written, where it is not the text of itself. */
  readonly shown?: (value: T) => string | number;
  /** What must be true of the world, with its names in that encoding, when a command uses the value. @throws Failure USAGE */
  readonly check?: (value: T, subject: string, filenames: TextEncoding) => void;
}

/** An option that repeats: `parse` reads one of its values. */
export interface ListOption<T> extends Omit<Option<T, readonly Given<T>[]>, 'check' | 'shown'> {
  readonly repeats: true;
}

/** One value of an option that repeats. `at` orders it among those of other options on the command line. */
export interface Given<T> {
  readonly at: number;
  /** As it was typed. */
  readonly text: string;
  readonly value: T;
}

type Spec<T> = Omit<Option<T, T>, 'absent'>;

export function withDefault<T extends string | number>(absent: T, shownDefault: string, spec: Spec<T>): Option<T, T> {
  return { ...spec, absent, shownDefault };
}

export function withoutDefault<T>(spec: Spec<T>): Option<T, undefined> {
  return { ...spec, absent: undefined };
}

export function toggle(spec: Omit<OptionText, 'shape' | 'repeats'>): Option<boolean, boolean> {
  return { ...spec, shape: null, parse: yesOrNo, absent: false };
}

/** Said on the command line only: a list that a file adds to in silence would surprise. */
export function list<T>(spec: Omit<Spec<T>, 'check' | 'shown' | 'keptOutOf' | 'repeats'>): ListOption<T> {
  return { ...spec, absent: [], repeats: true, keptOutOf: 'config and environment' };
}
