// Reads a config file: lines of name = value, as mt-aws-glacier wrote them.

import { readFileSync, statSync } from 'node:fs';
import { parse as parseIni } from 'ini';
import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import type { Notice } from './notice.js';
import { findOption, OPTION_NAMES, type OptionName, optionOf } from './options.js';
import { didYouMean } from './suggestions.js';

export interface ConfigEntry {
  readonly text: string;
  /** Where it stands and how it is spelled there: `glacier.cfg:3: to-vault`. */
  readonly subject: string;
}

export interface ConfigFile {
  readonly file: string;
  readonly entries: ReadonlyMap<OptionName, ConfigEntry>;
  readonly notices: readonly Notice[];
}

interface Line {
  readonly number: number;
  readonly name: string;
  /** Null where the line is a bare name. */
  readonly value: string | null;
}

const LINE = /^\s*([A-Za-z0-9][A-Za-z0-9-]*)\s*(?:=\s*(.*?))?\s*$/;

/** @throws Failure CONFIG, naming file and line */
export function readConfig(file: string): ConfigFile {
  const lines = linesOf(readText(file), file);
  const values = valuesOf(lines);
  const entries = new Map<OptionName, ConfigEntry>();
  const notices: Notice[] = [];
  for (const line of lines) {
    const option = knownOption(line, file);
    const subject = `${file}:${line.number}: ${line.name}`;
    if (entries.has(option)) {
      notices.push({ topic: 'config', message: `${subject} is set more than once; this line counts`, hint: null });
    }
    const text = line.value === null ? bareValue(option, subject) : (values[keyOf(line)] ?? '').slice(GUARD.length);
    if (/^(["']).*\1$/s.test(text)) {
      const hint = 'leave the quotes out: a value reaches to the end of its line, blanks and # included';
      notices.push({ topic: 'config', message: `${subject}: the quotes are taken as part of the value`, hint });
    }
    entries.set(option, { text, subject });
  }
  return { file, entries, notices: [...notices, ...exposure(file, entries)] };
}

function readText(file: string): string {
  try {
    if (!statSync(file).isFile() && !isPipe(file))
      throw new Failure('CONFIG', `config ${printable(file)} is not a file`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const hint = 'check --config, and that you may read the file';
    throw new Failure('CONFIG', `config ${printable(file)} cannot be read: ${whyUnreadable(cause)}`, { hint, cause });
  }
}

/** As the shell's `--config <(…)` gives. */
function isPipe(file: string): boolean {
  return statSync(file).isFIFO();
}

function whyUnreadable(cause: unknown): string {
  if (cause instanceof TypeError) return 'it is not UTF-8 text';
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return code ?? 'unknown error';
}

function linesOf(text: string, file: string): Line[] {
  return text.split(/\r?\n/).flatMap((whole, index) => {
    if (/^\s*(?:[#;]|$)/.test(whole)) return [];
    const where = `${file}:${index + 1}:`;
    if (/^\s*\[/.test(whole)) {
      throw new Failure('CONFIG', `${where} sections are not known`, { hint: 'write lines of name = value only' });
    }
    const [, name, value] = LINE.exec(whole) ?? [];
    if (name === undefined) {
      throw new Failure('CONFIG', `${where} this is not a line of name = value`, {
        hint: 'comments stand on lines of their own that begin with #',
      });
    }
    return [{ number: index + 1, name, value: value ?? null }];
  });
}

/** Keeps `true` and `null`, which ini syntax takes for more than words, from standing alone. */
const GUARD = '=';

/** Ini syntax ends a value at `#` or `;`; quoting keeps every value as it was written. Each has GUARD in front. */
function valuesOf(lines: readonly Line[]): Readonly<Record<string, string>> {
  const quoted = lines.map((line) => `${keyOf(line)} = ${JSON.stringify(`${GUARD}${line.value ?? ''}`)}`);
  return parseIni(quoted.join('\n'));
}

/** Unlike the name, one of a kind, so that an option set twice is seen. */
function keyOf(line: Line): string {
  return `${line.name}@${line.number}`;
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
  if (optionOf(option).typedOnly === true) {
    throw new Failure('CONFIG', `${file}:${line.number}: ${line.name} cannot stand in a config file`, {
      hint: `give --${option} on the command line`,
    });
  }
  return option;
}

function exposure(file: string, entries: ReadonlyMap<OptionName, ConfigEntry>): Notice[] {
  const holdsSecret = [...entries.keys()].some((option) => optionOf(option).secret === true);
  if (!holdsSecret || process.platform === 'win32' || (statSync(file).mode & 0o077) === 0) return [];
  return [
    {
      topic: 'config-exposed',
      message: `config ${printable(file)} holds a secret and can be read by other users`,
      hint: `chmod 600 ${file}`,
    },
  ];
}
