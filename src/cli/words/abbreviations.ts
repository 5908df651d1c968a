// Which option a spelling means: its name, an older name, or the beginning of one that fits no other option.

import { findOption, OPTION_NAMES, type OptionName, optionOf } from './options.js';

export type Meaning =
  | { readonly means: 'one'; readonly name: OptionName; readonly isOldName: boolean }
  | { readonly means: 'several'; readonly names: readonly OptionName[] }
  | { readonly means: 'none' };

/** What the spelling, without its dashes, stands for. A whole name wins over longer ones that begin with it. */
export function meaningOf(spelling: string): Meaning {
  const whole = findOption(spelling);
  if (whole !== undefined) return { means: 'one', name: whole, isOldName: whole !== spelling };
  const begun = OPTION_NAMES.filter((name) => namesOf(name).some((one) => one.startsWith(spelling)));
  const [only, ...others] = begun.length > 1 ? preferOld(begun) : begun;
  if (spelling === '' || only === undefined) return { means: 'none' };
  if (others.length > 0) return { means: 'several', names: begun };
  return { means: 'one', name: only, isOldName: !only.startsWith(spelling) };
}

function namesOf(name: OptionName): readonly string[] {
  return [name, ...(optionOf(name).aliases ?? [])];
}

/** What mt-aws-glacier 1.120 knew: an abbreviation that was clear to it stays clear, whatever options have come since. */
const IN_OLD_SCRIPTS: ReadonlySet<OptionName> = new Set<OptionName>([
  'base-dir',
  'check-max-file-size',
  'concurrency',
  'config',
  'config-encoding',
  'delete-removed',
  'detect',
  'dir',
  'dry-run',
  'exclude',
  'filename',
  'filenames-encoding',
  'filter',
  'follow',
  'format',
  'include',
  'job-id',
  'journal',
  'journal-encoding',
  'key',
  'leaf-optimization',
  'max-number-of-files',
  'new',
  'new-journal',
  'partsize',
  'protocol',
  'region',
  'replace-modified',
  'request-inventory-format',
  'secret',
  'segment-size',
  'set-rel-filename',
  'stdin',
  'terminal-encoding',
  'timeout',
  'token',
  'vault',
]);

function preferOld(begun: readonly OptionName[]): readonly OptionName[] {
  const old = begun.filter((name) => IN_OLD_SCRIPTS.has(name));
  return old.length === 1 ? old : begun;
}
