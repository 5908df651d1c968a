// What entries of the command table are built of: options that go together, words of examples, headings of the help.

import type { OptionName } from '../words/options.js';

/** What most commands are about. */
export const KEPT = ['dir', 'vault', 'journal'] as const satisfies readonly OptionName[];

export const FILTER = ['filter', 'include', 'exclude'] as const satisfies readonly OptionName[];

/** Commands that hash or move bytes take these. */
export const HASHING = ['threads', 'hash-engine', 'reader', 'buffers'] as const satisfies readonly OptionName[];

/** Commands that work on many files at once. */
export const FILE_LANES = ['small-file-workers', 'large-file-workers'] as const satisfies readonly OptionName[];

/** Commands that send or fetch bytes take these. */
export const BANDWIDTH = ['bwlimit', 'bwlimit-file'] as const satisfies readonly OptionName[];

/** What ends a run before its work is done. */
export const LIMITS = ['max-transfer', 'max-duration'] as const satisfies readonly OptionName[];

/** Commands that wait for retrievals take these. */
export const WAITING = ['queue', 'poll-interval', 'on-complete', 'webhook'] as const satisfies readonly OptionName[];

/** What retrievals are reckoned with. */
export const PRICES = ['prices'] as const satisfies readonly OptionName[];

/** Commands that ask for what costs money take these. */
export const COST = ['max-cost', 'safe-cost', ...PRICES] as const satisfies readonly OptionName[];

/** Every command takes these. */
export const COMMON = [
  'filenames-encoding',
  'journal-encoding',
  'terminal-encoding',
  'config-encoding',
  'config',
  'json',
  'quiet',
] as const satisfies readonly OptionName[];

export const CONNECTION = [
  'region',
  'key',
  'secret',
  'token',
  'profile',
  'endpoint',
  'protocol',
  'timeout',
] as const satisfies readonly OptionName[];

/** What the examples are about; whole lines, to be copied. */
export const PHOTOS = '--config glacier.cfg --dir ~/photos \\\n    --vault photos --journal photos.journal';
export const PHOTOS_JOURNAL = '--config glacier.cfg \\\n    --vault photos --journal photos.journal';

/** Headings of the program's help, in its order. */
export const FILES = 'Keeping a directory';
export const BACK = 'Getting files back';
export const LOOK = 'Looking into a vault';
export const VAULTS = 'Vaults';
export const PROGRAM = 'The program itself';
