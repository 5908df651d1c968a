// Every option of the program, in one table: what the command line, the config file and the help know of it.

import { VaultName } from '../model/identifiers.js';
import {
  checkIsDirectory,
  checkIsNoDirectory,
  endpoint,
  matching,
  oneOf,
  type Parser,
  powerOfTwoMebibytes,
  secretMatching,
  text,
  wholeNumber,
  yesOrNo,
} from './option-values.js';

const MIB = 1024 * 1024;

/** Headings of the help, in its order. */
export const OPTION_GROUPS = ['What and where', 'How', 'Safety', 'Connection', 'Local server', 'Output'] as const;

interface OptionText {
  readonly group: (typeof OPTION_GROUPS)[number];
  /** Name of the value in the help; null for a switch, which takes none on the command line. */
  readonly shape: string | null;
  readonly help: string;
  /** Older names, still understood. */
  readonly aliases?: readonly string[];
  /** Its value is never shown. */
  readonly secret?: true;
  /** Cannot stand in a config file: it must be typed each time. */
  readonly typedOnly?: true;
}

/** `T` is the type of a given value, `Absent` that of the value when none is given. */
export interface Option<T, Absent> extends OptionText {
  readonly parse: Parser<T>;
  readonly absent: Absent;
  /** What the help says of the default, if anything. */
  readonly shownDefault?: string;
  /** What must be true of the world when a command uses the value. @throws Failure USAGE */
  readonly check?: (value: T, subject: string) => void;
}

type Spec<T> = Omit<Option<T, T>, 'absent'>;

function withDefault<T extends string | number>(absent: T, shownDefault: string, spec: Spec<T>): Option<T, T> {
  return { ...spec, absent, shownDefault };
}

function withoutDefault<T>(spec: Spec<T>): Option<T, undefined> {
  return { ...spec, absent: undefined };
}

function toggle(spec: Omit<OptionText, 'shape'>): Option<boolean, boolean> {
  return { ...spec, shape: null, parse: yesOrNo, absent: false };
}

const OPTIONS = {
  dir: withoutDefault({
    group: 'What and where',
    shape: 'DIR',
    help: 'the directory that is kept; it must exist',
    aliases: ['from-dir', 'to-dir'],
    parse: text,
    check: checkIsDirectory,
  }),
  vault: withoutDefault<VaultName>({
    group: 'What and where',
    shape: 'NAME',
    help: 'name of the vault',
    aliases: ['to-vault'],
    parse: (given) => VaultName.parse(given),
  }),
  journal: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'the record of what the vault holds; keep it safe',
    parse: text,
    check: checkIsNoDirectory,
  }),
  config: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'read options from this file, lines of name = value; the command line wins',
    typedOnly: true,
    parse: text,
  }),

  new: toggle({ group: 'How', help: 'store files that the vault does not have; implied when no other task is named' }),
  'replace-modified': toggle({ group: 'How', help: 'store changed files again, then delete their old versions' }),
  'delete-removed': toggle({ group: 'How', help: 'delete from the vault what is gone from the directory' }),
  detect: withDefault('mtime-and-treehash', 'mtime-and-treehash', {
    group: 'How',
    shape: 'MODE',
    help: 'what tells a changed file: treehash, mtime, mtime-and-treehash, mtime-or-treehash, always-positive, size-only',
    parse: oneOf([
      'treehash',
      'mtime',
      'mtime-and-treehash',
      'mtime-or-treehash',
      'always-positive',
      'size-only',
    ] as const),
  }),
  'max-number-of-files': withoutDefault({
    group: 'How',
    shape: 'N',
    help: 'work on no more than so many files in this run',
    parse: wholeNumber(1),
  }),
  concurrency: withDefault(4, '4', {
    group: 'How',
    shape: 'N',
    help: 'how many transfers run at once, 1 to 64',
    parse: wholeNumber(1, 64),
  }),
  partsize: withDefault(16 * MIB, '16', {
    group: 'How',
    shape: 'MIB',
    help: 'size of the parts of a large upload, a power of two from 1 to 4096; raised by itself for very large files',
    parse: powerOfTwoMebibytes(4096, 'not zero'),
  }),
  'segment-size': withDefault(16 * MIB, '16', {
    group: 'How',
    shape: 'MIB',
    help: 'fetch large archives in segments of this size, many at once, a power of two; 0 fetches in one piece',
    parse: powerOfTwoMebibytes(4 * 1024 * 1024, 'or zero'),
  }),
  tier: withDefault('Standard', 'Standard', {
    group: 'How',
    shape: 'TIER',
    help: 'how fast and how dear a retrieval is: Expedited, Standard or Bulk',
    parse: oneOf(['Expedited', 'Standard', 'Bulk'] as const),
  }),

  'dry-run': toggle({ group: 'Safety', help: 'say what would be done, and do nothing' }),
  'delete-everything': toggle({
    group: 'Safety',
    help: 'let --delete-removed delete all that the journal holds, as when the directory is empty',
    typedOnly: true,
  }),
  'rebind-journal': toggle({
    group: 'Safety',
    help: 'from now on the journal belongs to this vault, whatever it belonged to before',
    typedOnly: true,
  }),

  region: withoutDefault({
    group: 'Connection',
    shape: 'REGION',
    help: 'the AWS region of the vault, such as eu-west-1',
    parse: matching(/^[A-Za-z0-9-]{3,20}$/, '3 to 20 letters, digits and dashes'),
  }),
  key: withoutDefault({
    group: 'Connection',
    shape: 'ID',
    help: 'access key id; without key and secret, the usual AWS places are searched (environment, profile, role)',
    secret: true,
    parse: secretMatching(/^[A-Za-z0-9]{20}$/, 'exactly 20 letters and digits'),
  }),
  secret: withoutDefault({
    group: 'Connection',
    shape: 'SECRET',
    help: 'secret access key; better kept in a config file than typed',
    secret: true,
    parse: secretMatching(/^[\x21-\x7e]{40}$/, 'exactly 40 printable characters without blanks'),
  }),
  token: withoutDefault({
    group: 'Connection',
    shape: 'TOKEN',
    help: 'session token that belongs to temporary keys',
    secret: true,
    parse: secretMatching(/^[\x21-\x7e]{20,}$/, 'at least 20 printable characters without blanks'),
  }),
  profile: withoutDefault({
    group: 'Connection',
    shape: 'NAME',
    help: 'profile of the AWS configuration files to take credentials from',
    parse: text,
  }),
  endpoint: withoutDefault({
    group: 'Connection',
    shape: 'URL',
    help: 'another server than that of AWS, or local:DIR to keep vaults in a folder',
    parse: endpoint,
  }),
  protocol: withDefault('https', 'https', {
    group: 'Connection',
    shape: 'NAME',
    help: 'https, or http to send unencrypted',
    parse: oneOf(['http', 'https'] as const),
  }),
  timeout: withDefault(180, '180', {
    group: 'Connection',
    shape: 'SECONDS',
    help: 'give a connection up after so many seconds in which nothing moves',
    parse: wholeNumber(1, 99_999),
  }),

  data: withoutDefault({
    group: 'Local server',
    shape: 'DIR',
    help: 'the folder that holds the vaults; made when missing',
    parse: text,
  }),
  host: withDefault('127.0.0.1', '127.0.0.1, this machine only', {
    group: 'Local server',
    shape: 'ADDRESS',
    help: 'listen on this address',
    parse: text,
  }),
  port: withDefault(8118, '8118', {
    group: 'Local server',
    shape: 'PORT',
    help: 'listen on this port; 0 takes any free one',
    parse: wholeNumber(0, 65_535),
  }),
  'job-delay': withoutDefault({
    group: 'Local server',
    shape: 'SECONDS',
    help: 'every retrieval takes so long, instead of 1, 5 or 10 seconds by its tier',
    parse: wholeNumber(0, 604_800),
  }),
  realistic: toggle({ group: 'Local server', help: 'retrievals take hours, as at AWS, instead of seconds' }),

  json: toggle({ group: 'Output', help: 'write one JSON object a line (docs/json-output.md)' }),
  quiet: toggle({ group: 'Output', help: 'write only errors and the summary' }),
} as const;

export type OptionName = keyof typeof OPTIONS;

type SettingName<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<SettingName<Tail>>}`
  : Name;

type SettingOf<O> = O extends Option<infer T, infer Absent> ? T | Absent : never;

/**
 * The value of every option, by its name in camel case. What a command does not use has its default.
 * Part and segment sizes are bytes; the timeout is seconds.
 */
export type Settings = { readonly [Name in OptionName as SettingName<Name>]: SettingOf<(typeof OPTIONS)[Name]> };

/** Settings of which some are known to be given, because the command demands them. */
export type SettingsWith<Given extends OptionName> = Settings & {
  readonly [Name in Given as SettingName<Name>]-?: NonNullable<SettingOf<(typeof OPTIONS)[Name]>>;
};

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** The entry of one option, seen without its types. */
export function optionOf(name: OptionName): Option<unknown, unknown> {
  return OPTIONS[name] as Option<unknown, unknown>;
}

export function settingName(name: OptionName): keyof Settings {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof Settings;
}

const BY_ANY_NAME = new Map<string, OptionName>(
  OPTION_NAMES.flatMap((name) =>
    [name, ...(optionOf(name).aliases ?? [])].map((spelling) => [spelling, name] as const),
  ),
);

/** The option that goes by this name or by this older name. */
export function findOption(spelling: string): OptionName | undefined {
  return BY_ANY_NAME.get(spelling);
}
