// Which options were given: for the record of a run, and to know what must not be shown.

import type { Given } from './option.js';
import { OPTION_NAMES, type OptionName, optionOf, settingName } from './options.js';
import type { Settled } from './settings.js';

/** The options that were given, by name; secrets apart. One that repeats is the list of what was typed. */
export function givenOptions({ settings, origins }: Settled, kind: 'plain' | 'secret'): [string, unknown][] {
  return OPTION_NAMES.filter((name) => origins[settingName(name)] !== 'default')
    .filter((name) => (optionOf(name).secret === true) === (kind === 'secret'))
    .map((name) => [name, asGiven(name, settings[settingName(name)])]);
}

function asGiven(name: OptionName, value: unknown): unknown {
  const { repeats, shown } = optionOf(name);
  if (repeats === true) return (value as readonly Given<unknown>[]).map(({ text }) => text);
  return typeof value === 'object' && value !== null ? (shown?.(value) ?? value) : value;
}
