// Where the value of each option came from.

import type { Settings } from './options.js';

export type Origins = Readonly<Record<keyof Settings, 'command-line' | 'config' | 'default'>>;
