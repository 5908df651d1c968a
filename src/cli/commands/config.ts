// The command config: shows what every option is worth, and where that was said.

import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { CommandContext, Run } from '../command-context.js';
import { CLEAN } from '../exit-codes.js';
import type { Given } from '../words/option.js';
import { OPTION_NAMES, type OptionName, optionOf, settingName } from '../words/options.js';
import type { Origin } from '../words/origins.js';

const NOT_SET = '(not set)';
const HIDDEN = '(hidden)';
/** Values that are longer push what follows to the right. */
const COLUMN = 32;

/** One option as it holds in this run. */
interface Shown {
  readonly name: OptionName;
  /** As it would be written; a list where it has many values, null where it has none. */
  readonly value: string | number | boolean | readonly string[] | null;
  readonly origin: Origin;
  /** `--dir`, `MTGLACIER_DIR`, `glacier.cfg:3`; null for a default. */
  readonly where: string | null;
}

/** @throws Failure USAGE */
export const run: Run = async (context) => {
  const word = context.positional('show');
  if (word !== 'show') {
    throw new Failure('USAGE', `config does not know how to ${printable(word)}`, {
      hint: 'type mtglacier config show',
    });
  }
  const all = OPTION_NAMES.map((name) => shownOption(name, context));
  const width = Math.max(...all.map(({ name }) => name.length));
  for (const shown of all) {
    const { name, value, origin, where } = shown;
    const cells = [name.padEnd(width), valueText(value)];
    if (context.settings.origin) cells.splice(1, 1, valueText(value).padEnd(COLUMN), originText(shown));
    context.answer({ event: 'option', fields: { name, value, origin, where }, lines: [cells.join('  ')] });
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
};

function shownOption(name: OptionName, { settings, origins, subjects }: CommandContext): Shown {
  const setting = settingName(name);
  const origin = origins[setting];
  return { name, value: shownValue(name, settings[setting]), origin, where: whereOf(origin, subjects[setting]) };
}

function shownValue(name: OptionName, value: unknown): Shown['value'] {
  const { secret, repeats, shown } = optionOf(name);
  if (value === undefined) return null;
  if (secret === true) return HIDDEN;
  if (repeats === true) return (value as readonly Given<unknown>[]).map(({ text }) => text);
  return shown?.(value) ?? (value as Shown['value']);
}

/** A line of a config file is told without the name that stands in it. */
function whereOf(origin: Origin, subject: string): string | null {
  if (origin === 'default') return null;
  return origin === 'config' ? subject.replace(/: [^:]*$/, '') : subject;
}

function valueText(value: Shown['value']): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return NOT_SET;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function originText({ origin, where }: Shown): string {
  switch (origin) {
    case 'command-line':
      return `command line (${where})`;
    case 'environment':
      return `environment (${where})`;
    case 'config':
      return String(where);
    case 'default':
      return 'default';
  }
}
