// What was said about options: by typing, in the environment, in a config file. Text still, not yet values.

import type { OptionName } from './options.js';

/** One of the texts typed for an option that repeats. `at` orders it among all words of the command line. */
export interface TypedItem {
  readonly at: number;
  readonly text: string;
}

/** What was typed: the text of a value, `true` for a switch, every text of an option that repeats. */
export type Typed = ReadonlyMap<OptionName, string | true | readonly TypedItem[]>;

/** What the environment or a config file says of one option. */
export interface Entry {
  readonly text: string;
  /** Where it stands and how it is spelled there: `MTGLACIER_VAULT`, `glacier.cfg:3: to-vault`. */
  readonly subject: string;
}

export type Entries = ReadonlyMap<OptionName, Entry>;

/** All that was said about options, the nearest to the user first. */
export interface Sources {
  readonly typed: Typed;
  readonly environment: Entries;
  readonly config: Entries;
}
