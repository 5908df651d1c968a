// Where the value of each option came from.

import type { Settings } from './options.js';

/** The nearer to the user, the earlier in this list, and the stronger. */
export const ORIGINS = ['command-line', 'environment', 'config', 'default'] as const;

export type Origin = (typeof ORIGINS)[number];

export type Origins = Readonly<Record<keyof Settings, Origin>>;

/** How each option was spelled where its value came from: `--dir`, `MTGLACIER_DIR`, `glacier.cfg:3: to-dir`. */
export type Subjects = Readonly<Record<keyof Settings, string>>;
