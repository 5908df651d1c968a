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
  /**
   * When its content or its status last changed (ctime), in microseconds since 1970, where the file itself was looked at.
   * Unlike `mtime` nobody can put it back.
   */
  readonly ctimeUs?: number;
}
