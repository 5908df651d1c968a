// Settles what each option is worth in this run: command line before config file before default.

import { Failure } from '../model/failure.js';
import type { Command } from './command.js';
import type { ConfigEntry, ConfigFile } from './config.js';
import { OPTION_NAMES, type OptionName, optionOf, type Settings, settingName } from './options.js';
import type { Origins } from './origins.js';
import { Problems } from './problems.js';

/** What holds in a run, and where it came from. */
export interface Settled {
  readonly settings: Settings;
  readonly origins: Origins;
}

/** What was typed: the text of a value, or `true` for a switch. */
export type Typed = ReadonlyMap<OptionName, string | true>;

interface SettledOption {
  readonly value: unknown;
  readonly origin: Origins[keyof Origins];
  readonly subject: string;
}

/**
 * Options in the config that the command does not use have no effect. Every problem is told at once.
 * @throws Failure USAGE, CONFIG
 */
export function settle(command: Command, typed: Typed, config: ConfigFile | null): Settled {
  const problems = new Problems();
  const settled = new Map<OptionName, SettledOption>();
  for (const name of OPTION_NAMES) {
    const used = command.uses.includes(name);
    const found = problems.attempt(() =>
      settleOne(name, typed.get(name), used ? config?.entries.get(name) : undefined),
    );
    if (found !== undefined) settled.set(name, found);
  }
  problems.throwIfAny();
  checkTogether(command, settled, problems);
  problems.throwIfAny();
  checkWorld(command, settled, problems);
  problems.throwIfAny();
  return {
    settings: gather(settled, ({ value }) => value) as unknown as Settings,
    origins: gather(settled, ({ origin }) => origin) as Origins,
  };
}

function settleOne(name: OptionName, typed: string | true | undefined, config: ConfigEntry | undefined): SettledOption {
  const option = optionOf(name);
  const subject = `--${name}`;
  if (typed === true) return { value: true, origin: 'command-line', subject };
  if (typed !== undefined) return { value: option.parse(typed, subject), origin: 'command-line', subject };
  if (config === undefined) return { value: option.absent, origin: 'default', subject };
  const value = inConfig(config.subject, () => option.parse(config.text, config.subject));
  return { value, origin: 'config', subject: config.subject };
}

/** Tells a failure as one of the config file, with its place. */
function inConfig<T>(subject: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (cause) {
    if (!(cause instanceof Failure) || cause.code !== 'USAGE') throw cause;
    const message = cause.message.startsWith(subject) ? cause.message : `${subject}: ${cause.message}`;
    throw new Failure('CONFIG', message, { hint: cause.hint, cause });
  }
}

function checkTogether(command: Command, settled: ReadonlyMap<OptionName, SettledOption>, problems: Problems): void {
  const isGiven = (name: OptionName): boolean => {
    const value = settled.get(name)?.value;
    return value !== undefined && value !== false;
  };
  const missing = command.mandatory.filter((name) => !isGiven(name)).map((name) => `--${name}`);
  if (missing.length > 0) {
    problems.add(`${command.name} needs ${missing.join(', ')}`, `mtglacier help ${command.name} explains`);
  }
  if (isGiven('key') !== isGiven('secret')) {
    problems.add(isGiven('key') ? 'a key is given without its secret' : 'a secret is given without its key');
  } else if (isGiven('token') && !isGiven('key')) {
    problems.add('a token is given without the key and secret that it belongs to');
  }
  for (const [name, companion] of Object.entries(command.onlyWith) as [OptionName, OptionName][]) {
    if (settled.get(name)?.origin === 'command-line' && isGiven(name) && !isGiven(companion)) {
      problems.add(`--${name} has no meaning without --${companion}`);
    }
  }
}

function checkWorld(command: Command, settled: ReadonlyMap<OptionName, SettledOption>, problems: Problems): void {
  for (const name of command.uses) {
    const { value, origin, subject } = settled.get(name) as SettledOption;
    const { check } = optionOf(name);
    if (value === undefined || check === undefined) continue;
    problems.attempt(() =>
      origin === 'config' ? inConfig(subject, () => check(value, subject)) : check(value, subject),
    );
  }
}

function gather<T>(
  settled: ReadonlyMap<OptionName, SettledOption>,
  part: (one: SettledOption) => T,
): Record<keyof Settings, T> {
  return Object.fromEntries([...settled].map(([name, one]) => [settingName(name), part(one)])) as Record<
    keyof Settings,
    T
  >;
}
