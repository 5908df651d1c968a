// A file of the kept directory, as the walk found it.

import type { Instant } from './clock.js';
import type { RelPath } from './rel-path.js';

/** A regular file with content, or a link to one. `mtime` is rounded down to the second, as journals keep it. */
export interface LocalFile {
  readonly path: RelPath;
  readonly size: number;
  readonly mtime: Instant;
  /** Nanoseconds beyond `mtime`, where the file itself was looked at: they tell of changes within one second. */
  readonly mtimeNs?: number;
}
