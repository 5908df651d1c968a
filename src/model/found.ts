// What a walk of the kept directory comes upon, and what looking at one name gives.

import type { Instant } from './clock.js';
import type { LeftOutReason } from './events.js';
import type { Failure } from './failure.js';
import type { LocalFile } from './local-file.js';
import type { RelPath } from './rel-path.js';

/**
 * In the order of paths (`comparePaths`), where a directory is known by its name and `/`: what is said of a whole
 * directory comes where its content would.
 */
export type Found =
  | { readonly kind: 'file'; readonly file: LocalFile }
  /** Nothing that can be kept, but no fault. */
  | { readonly kind: 'left-out'; readonly name: RelPath; readonly why: Exclude<LeftOutReason, 'empty-directory'> }
  /** `changedAt` is when something was last made or removed in it. */
  | {
      readonly kind: 'left-out';
      readonly name: RelPath;
      readonly why: 'empty-directory';
      readonly changedAt: Instant;
    }
  /** A name that a journal cannot hold, undecodable bytes shown; with a directory, all below it. */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly name: string }
  /** It could not be seen what is at or below this path: nothing may be concluded about it. */
  | { readonly kind: 'unseen'; readonly path: RelPath; readonly failure: Failure };

/** What stands under one name: links to files are followed. */
export type Looked =
  | { readonly kind: 'file'; readonly file: LocalFile }
  | { readonly kind: 'empty' }
  | { readonly kind: 'missing' }
  /** Something else is in the place or in the way: a directory, a special file, a file where a directory is needed. */
  | { readonly kind: 'other' }
  /** Nothing may be concluded; so it is behind a link that leads nowhere. */
  | { readonly kind: 'unseen'; readonly failure: Failure };
