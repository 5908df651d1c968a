// Settles what each option is worth in this run: command line before environment before config file before default.

import { type TextEncoding, UTF_8 } from '../../model/text-encoding.js';
import type { Command } from './command.js';
import { OPTION_NAMES, type OptionName, optionOf, type Settings, settingName } from './options.js';
import type { Origin, Origins, Subjects } from './origins.js';
import { blamedOn, Problems } from './problems.js';
import type { Entry, Sources, Typed, TypedItem } from './sources.js';
import type { Said } from './together.js';

/** What holds in a run, and where it came from. */
export interface Settled {
  readonly settings: Settings;
  readonly origins: Origins;
  readonly subjects: Subjects;
}

interface SettledOption {
  readonly value: unknown;
  readonly origin: Origin;
  readonly subject: string;
}

type AllSettled = ReadonlyMap<OptionName, SettledOption>;

/**
 * Options in the environment and the config that the command does not use have no effect. Every problem of a stage is
 * told at once: first of each option for itself, then of them together, then of the world that they speak of.
 * @param words how many were given for the command's positionals
 * @param filenames the encoding of names on disk
 * @throws Failure USAGE, CONFIG
 */
export function settle(command: Command, sources: Sources, words: number, filenames: TextEncoding = UTF_8): Settled {
  const settled = settleTogether(command, settleEach(command, sources), words);
  checkWorld(command, settled, filenames);
  return {
    settings: settingsOf(settled),
    origins: gathered(settled, ({ origin }) => origin),
    subjects: gathered(settled, ({ subject }) => subject),
  };
}

function settleEach(command: Command, sources: Sources): AllSettled {
  const problems = new Problems();
  const settled = new Map<OptionName, SettledOption>();
  for (const name of OPTION_NAMES) {
    const found = command.uses.includes(name) ? settleOne(name, sources, problems) : absent(name);
    if (found !== null) settled.set(name, found);
  }
  problems.throwIfAny();
  return settled;
}

/** Null when what was said is wrong, which is noted. */
function settleOne(name: OptionName, sources: Sources, problems: Problems): SettledOption | null {
  const { typed, environment, config } = sources;
  const said = typed.get(name);
  if (said !== undefined) return settleTyped(name, said, problems);
  const inEnvironment = environment.get(name);
  if (inEnvironment !== undefined) return settleEntry(name, inEnvironment, 'environment', problems);
  const inConfig = config.get(name);
  return inConfig === undefined ? absent(name) : settleEntry(name, inConfig, 'config', problems);
}

function settleTyped(
  name: OptionName,
  said: NonNullable<ReturnType<Typed['get']>>,
  problems: Problems,
): SettledOption | null {
  const [origin, subject] = ['command-line', `--${name}`] as const;
  if (said === true) return { value: true, origin, subject };
  const texts: readonly TypedItem[] = typeof said === 'string' ? [{ at: 0, text: said }] : said;
  const values = texts.map(({ at, text }) => ({ at, text, read: valueOf(name, text, origin, subject, problems) }));
  if (values.some(({ read }) => read === null)) return null;
  if (typeof said === 'string') return { value: values[0]?.read?.value, origin, subject };
  return { value: values.map(({ at, text, read }) => ({ at, text, value: read?.value })), origin, subject };
}

function settleEntry(
  name: OptionName,
  { text, subject }: Entry,
  origin: Origin,
  problems: Problems,
): SettledOption | null {
  const read = valueOf(name, text, origin, subject, problems);
  return read === null ? null : { value: read.value, origin, subject };
}

function valueOf(
  name: OptionName,
  text: string,
  origin: Origin,
  subject: string,
  problems: Problems,
): { readonly value: unknown } | null {
  const value = blaming(origin, subject, problems, () => optionOf(name).parse(text, subject));
  return value ?? null;
}

/** What `attempt` gives, or nothing when it fails, which is noted as a failure of the place where the option stands. */
function blaming<T>(origin: Origin, subject: string, problems: Problems, attempt: () => T): { value: T } | undefined {
  return problems.attempt(() => {
    try {
      return { value: attempt() };
    } catch (thrown) {
      throw blamedOn(subject, origin === 'config' ? 'CONFIG' : 'USAGE', thrown);
    }
  });
}

function absent(name: OptionName): SettledOption {
  return { value: optionOf(name).absent, origin: 'default', subject: `--${name}` };
}

function settleTogether(command: Command, alone: AllSettled, words: number): AllSettled {
  const problems = new Problems();
  checkMandatory(command, alone, problems);
  const settled = new Map(alone);
  for (const rule of command.together) {
    const verdict = rule(saidTo(command, settled, words));
    if (verdict === null) continue;
    if ('drop' in verdict) settled.set(verdict.drop, absent(verdict.drop));
    else problems.add(verdict.message, verdict.hint);
  }
  problems.throwIfAny();
  return settled;
}

function checkMandatory(command: Command, settled: AllSettled, problems: Problems): void {
  const has = (name: OptionName): boolean => isGiven(settled.get(name));
  const missing = command.mandatory.filter((name) => !has(name)).map((name) => `--${name}`);
  if (missing.length > 0) {
    problems.add(`${command.name} needs ${missing.join(', ')}`, `mtglacier help ${command.name} explains`);
  }
  if (has('key') !== has('secret')) {
    problems.add(has('key') ? 'a key is given without its secret' : 'a secret is given without its key');
  } else if (has('token') && !has('key')) {
    problems.add('a token is given without the key and secret that it belongs to');
  }
}

function isGiven(one: SettledOption | undefined): boolean {
  if (one === undefined || one.origin === 'default') return false;
  return one.value !== false && !(Array.isArray(one.value) && one.value.length === 0);
}

function saidTo(command: Command, settled: AllSettled, words: number): Said {
  const one = (name: OptionName): SettledOption => settled.get(name) ?? absent(name);
  return {
    command: command.name,
    settings: settingsOf(settled),
    words,
    has: (name) => isGiven(one(name)),
    origin: (name) => one(name).origin,
    subject: (name) => one(name).subject,
  };
}

function checkWorld(command: Command, settled: AllSettled, filenames: TextEncoding): void {
  const problems = new Problems();
  for (const name of command.listed ?? command.uses) {
    const { value, origin, subject } = settled.get(name) ?? absent(name);
    const { check } = optionOf(name);
    if (value === undefined || check === undefined) continue;
    blaming(origin, subject, problems, () => check(value, subject, filenames));
  }
  problems.throwIfAny();
}

function settingsOf(settled: AllSettled): Settings {
  return gathered<unknown>(settled, ({ value }) => value) as unknown as Settings;
}

function gathered<T>(settled: AllSettled, part: (one: SettledOption) => T): Record<keyof Settings, T> {
  const entries = [...settled].map(([name, one]) => [settingName(name), part(one)]);
  return Object.fromEntries(entries) as Record<keyof Settings, T>;
}
