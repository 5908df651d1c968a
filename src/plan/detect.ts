// Has a file changed since it was stored? The six ways to tell.

import type { Archive } from '../model/archive.js';
import type { LocalFile } from '../model/local-file.js';

/** Source: mt-aws-glacier 1.120, option `--detect`. */
export const DETECT_MODES = [
  'treehash',
  'mtime',
  'mtime-and-treehash',
  'mtime-or-treehash',
  'always-positive',
  'size-only',
] as const;

export type DetectMode = (typeof DETECT_MODES)[number];

export type Detected = 'same' | 'changed' | 'compare-hashes';

/**
 * What can be told without reading the file. A time that the journal does not know counts as the same.
 * Source: behaviour of mt-aws-glacier 1.120.
 */
export function detect(mode: DetectMode, here: LocalFile, there: Archive): Detected {
  if (here.size !== there.size) return 'changed';
  const isSameTime = there.mtime === null || here.mtime === there.mtime;
  switch (mode) {
    case 'mtime-and-treehash':
      return isSameTime ? 'same' : 'compare-hashes';
    case 'mtime-or-treehash':
      return isSameTime ? 'compare-hashes' : 'changed';
    case 'mtime':
      return isSameTime ? 'same' : 'changed';
    case 'treehash':
      return 'compare-hashes';
    case 'size-only':
      return 'same';
    case 'always-positive':
      return 'changed';
  }
}
