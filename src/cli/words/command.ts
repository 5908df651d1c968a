// What the program knows of a command before it runs.

import type { Run } from '../command-context.js';
import type { OptionName, Settings } from './options.js';
import type { Rule } from './together.js';

export interface Positional {
  readonly name: string;
  /** Ends a sentence like: the … */
  readonly help: string;
  /** It may be left out. */
  readonly optional?: true;
  /** Only of the last: any number of words. */
  readonly many?: true;
  /** The only words that it can be, for completion. */
  readonly words?: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly positionals: readonly Positional[];
  /** The options that it takes. */
  readonly uses: readonly OptionName[];
  /**
   * Those that it acts on, where it takes the others only to show them: they alone are in its help, and held against the
   * world. All where nothing is said.
   */
  readonly listed?: readonly OptionName[];
  readonly mandatory: readonly OptionName[];
  /** Taken with a warning and ignored, because old scripts give them. */
  readonly tolerates: readonly OptionName[];
  /** What must hold between its options. They are applied in this order, when each option for itself is right. */
  readonly together: readonly Rule[];
  /** Whether it gives standard output bytes that were asked for, so that all talk goes to standard error. */
  readonly stdoutIsData: (settings: Settings) => boolean;
  /** What it does, in whole sentences, for its help; an empty line is between paragraphs. */
  readonly about: string;
  /** Lines that can be typed. */
  readonly examples: readonly string[];
  /** Lines that can be typed beside it, into other programs too, where it works together with them. */
  readonly elsewhere?: readonly string[];
  /** To be given settings in which everything mandatory is set. */
  readonly run: Run<OptionName>;
}

/** Checks that the command's code counts on those options only that the command demands. */
export function command<const Mandatory extends OptionName = never>(
  spec: Omit<Command, 'mandatory' | 'run' | 'positionals' | 'tolerates' | 'together' | 'stdoutIsData'> & {
    readonly positionals?: readonly Positional[];
    readonly tolerates?: readonly OptionName[];
    readonly together?: readonly Rule[];
    readonly stdoutIsData?: (settings: Settings) => boolean;
    readonly mandatory: readonly Mandatory[];
    readonly run: Run<NoInfer<Mandatory>>;
  },
): Command {
  const usual = { positionals: [], tolerates: [], together: [], stdoutIsData: () => false };
  return { ...usual, ...spec, run: spec.run as Run<OptionName> };
}
