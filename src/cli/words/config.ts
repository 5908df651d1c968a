// Reads a config file: lines of name = value, as mt-aws-glacier wrote them.

import { readFileSync, type Stats, statSync } from 'node:fs';
import process from 'node:process';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import { type TextEncoding, UTF_8 } from '../../model/text-encoding.js';
import type { Notice } from '../report/notice.js';
import { findOption, OPTION_NAMES, type OptionName, optionOf } from './options.js';
import { Problems } from './problems.js';
import type { Entries, Entry } from './sources.js';
import { didYouMean } from './suggestions.js';

/** A config file as it lies on disk. */
export interface ConfigFile {
  /** As messages name it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Others than its owner can read it. */
  readonly isExposed: boolean;
}

/** What a config file says. */
export interface Config {
  readonly entries: Entries;
  readonly notices: readonly Notice[];
}

interface Line {
  readonly number: number;
  readonly name: string;
  /** Null where the line is a bare name. */
  readonly value: string | null;
}

/** @param path bytes where the name is no UTF-8. @throws Failure CONFIG */
export function openConfig(path: string | Buffer): ConfigFile {
  const file = path.toString();
  try {
    const stats = statSync(path);
    // A pipe is what the shell's --config <(…) gives.
    if (!stats.isFile() && !stats.isFIFO()) throw new Failure('CONFIG', `config ${printable(file)} is not a file`);
    return { file, bytes: readFileSync(path), isExposed: isExposed(stats) };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const hint = 'check --config, and that you may read the file';
    throw new Failure('CONFIG', `config ${printable(file)} cannot be read: ${whyUnreadable(cause)}`, { hint, cause });
  }
}

function isExposed(stats: Stats): boolean {
  return process.platform !== 'win32' && (stats.mode & 0o077) !== 0;
}

function whyUnreadable(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return code ?? 'unknown error';
}

/** Of an option that is set more than once the last line counts. @throws Failure CONFIG, naming file and lines */
export function readConfig({ file, bytes, isExposed }: ConfigFile, encoding: TextEncoding = UTF_8): Config {
  const entries = new Map<OptionName, Entry>();
  const notices: Notice[] = [];
  const problems = new Problems();
  for (const read of linesOf(decoded(file, bytes, encoding), file)) {
    problems.attempt(() => {
      const line = read();
      const option = knownOption(line, file);
      const subject = `${file}:${line.number}: ${line.name}`;
      const text = line.value ?? bareValue(option, subject);
      if (entries.has(option)) notices.push(notice(`${subject} is set more than once; this line counts`));
      if (/^(["']).*\1$/s.test(text)) notices.push(quotesNotice(subject));
      entries.set(option, { text, subject });
    });
  }
  problems.throwIfAny();
  return { entries, notices: isExposed ? [...notices, ...exposure(file, entries)] : notices };
}

/**
 * What a config file says of the encodings, before it is known in which the file itself is written: in each that we
 * take, ASCII is ASCII. What is wrong elsewhere is left for `readConfig` to tell.
 */
export function encodingEntries({ file, bytes }: ConfigFile): Entries {
  const entries = new Map<OptionName, Entry>();
  const ignored = new Problems();
  for (const read of linesOf(Buffer.from(bytes).toString('latin1'), file)) {
    const { number = 0, name = '', value = null } = ignored.attempt(read) ?? {};
    const option = findOption(name);
    if (option === undefined || value === null || !option.endsWith('-encoding')) continue;
    entries.set(option, { text: value, subject: `${file}:${number}: ${name}` });
  }
  return entries;
}

function decoded(file: string, bytes: Uint8Array, encoding: TextEncoding): string {
  const text = encoding.decode(bytes);
  if (text !== null) return text.replace(/^\ufeff/, '');
  throw new Failure('CONFIG', `config ${printable(file)} cannot be read: it is not ${encoding.name} text`, {
    hint: 'say how it is written with --config-encoding, such as KOI8-R',
  });
}

/** Blanks as a config file knows them: others, such as a no-break space, are part of a value. */
const LINE = /^[ \t\f\v\r]*([A-Za-z0-9][A-Za-z0-9-]*)[ \t\f\v\r]*(?:=[ \t\f\v\r]*([^]*?))?[ \t\f\v\r]*$/;

/** The lines that say something; each is understood when it is asked for, or fails with its place. */
function linesOf(text: string, file: string): (() => Line)[] {
  return text
    .split('\n')
    .map((whole, index) => ({ whole, number: index + 1 }))
    .filter(({ whole }) => !/^[ \t\f\v\r]*(?:#|$)/.test(whole))
    .map(
      ({ whole, number }) =>
        () =>
          lineOf(whole, number, file),
    );
}

function lineOf(whole: string, number: number, file: string): Line {
  const [, name, value] = LINE.exec(whole) ?? [];
  if (name !== undefined) return { number, name, value: value ?? null };
  const where = `${file}:${number}:`;
  if (/^\s*\[/.test(whole)) {
    throw new Failure('CONFIG', `${where} sections are not known`, { hint: 'write lines of name = value only' });
  }
  throw new Failure('CONFIG', `${where} this is not a line of name = value`, {
    hint: 'comments stand on lines of their own that begin with #',
  });
}

/** A bare name sets a switch. */
function bareValue(option: OptionName, subject: string): string {
  if (optionOf(option).shape !== null) throw new Failure('CONFIG', `${subject} needs a value`);
  return '1';
}

function knownOption(line: Line, file: string): OptionName {
  const option = findOption(line.name);
  if (option === undefined) {
    throw new Failure('CONFIG', `${file}:${line.number}: unknown option ${line.name}`, {
      hint: didYouMean(line.name, OPTION_NAMES),
    });
  }
  if (optionOf(option).keptOutOf !== undefined) {
    throw new Failure('CONFIG', `${file}:${line.number}: ${line.name} cannot stand in a config file`, {
      hint: `give --${option} on the command line`,
    });
  }
  return option;
}

function notice(message: string, hint: string | null = null): Notice {
  return { topic: 'config', message, hint };
}

function quotesNotice(subject: string): Notice {
  const hint = 'leave the quotes out: a value reaches to the end of its line, blanks and # included';
  return notice(`${subject}: the quotes are taken as part of the value`, hint);
}

function exposure(file: string, entries: Entries): Notice[] {
  if (![...entries.keys()].some((option) => optionOf(option).secret === true)) return [];
  return [
    {
      topic: 'config-exposed',
      message: `config ${printable(file)} holds a secret and can be read by other users`,
      hint: `chmod 600 ${file}`,
    },
  ];
}
