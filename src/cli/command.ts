// What the program knows of a command before it runs.

import type { Run } from './command-context.js';
import type { OptionName } from './options.js';

export interface Positional {
  readonly name: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly positionals: readonly Positional[];
  /** The options that it takes. */
  readonly uses: readonly OptionName[];
  readonly mandatory: readonly OptionName[];
  /** Taken with a warning and ignored, because old scripts give them. */
  readonly tolerates: readonly OptionName[];
  /** Options that, typed, need another beside them. */
  readonly onlyWith: Partial<Readonly<Record<OptionName, OptionName>>>;
  /** What it does, in whole sentences, for its help. */
  readonly about: string;
  /** Lines that can be typed. */
  readonly examples: readonly string[];
  /** To be given settings in which everything mandatory is set. */
  readonly run: Run<OptionName>;
}

/** Checks that the command's code counts on those options only that the command demands. */
export function command<const Mandatory extends OptionName = never>(
  spec: Omit<Command, 'mandatory' | 'run' | 'positionals' | 'tolerates' | 'onlyWith'> & {
    readonly positionals?: readonly Positional[];
    readonly tolerates?: readonly OptionName[];
    readonly onlyWith?: Partial<Readonly<Record<OptionName, OptionName>>>;
    readonly mandatory: readonly Mandatory[];
    readonly run: Run<NoInfer<Mandatory>>;
  },
): Command {
  return { positionals: [], tolerates: [], onlyWith: {}, ...spec, run: spec.run as Run<OptionName> };
}
