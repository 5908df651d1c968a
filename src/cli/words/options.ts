// Every option in one table: what the command line, the environment, the config file and the help know of it.

import { CONNECTION_OPTIONS } from '../option-table/connection.js';
import { LIMIT_OPTIONS } from '../option-table/limits.js';
import { PLACE_OPTIONS } from '../option-table/places.js';
import { RETRIEVAL_OPTIONS } from '../option-table/retrieval.js';
import { SPEED_OPTIONS } from '../option-table/speed.js';
import { TEXT_OPTIONS } from '../option-table/text.js';
import { WORK_OPTIONS } from '../option-table/work.js';
import type { Given, ListOption, Option } from './option.js';

const OPTIONS = {
  ...PLACE_OPTIONS,
  ...WORK_OPTIONS,
  ...RETRIEVAL_OPTIONS,
  ...SPEED_OPTIONS,
  ...LIMIT_OPTIONS,
  ...TEXT_OPTIONS,
  ...CONNECTION_OPTIONS,
} as const;

export type OptionName = keyof typeof OPTIONS;

type SettingName<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<SettingName<Tail>>}`
  : Name;

type SettingOf<O> =
  O extends ListOption<infer T> ? readonly Given<T>[] : O extends Option<infer T, infer Absent> ? T | Absent : never;

/**
 * The value of every option, by its name in camel case. What a command does not use has its default.
 * Part and segment sizes and the greatest transfer are bytes; the timeout is seconds, the longest duration milliseconds; the largest file size to check is MiB.
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
