// What a walk of the kept directory comes upon, and what looking at one name gives.

import type { LeftOutReason } from '../model/events.js';
import type { Failure } from '../model/failure.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';

/** In the order of paths (`comparePaths`). */
export type Found =
  | { readonly kind: 'file'; readonly file: LocalFile }
  /** Nothing that can be kept, but no fault. `name` is as found, undecodable bytes shown. */
  | { readonly kind: 'left-out'; readonly name: string; readonly why: LeftOutReason }
  /** A name that a journal cannot hold; with a directory, all below it. */
  | { readonly kind: 'refused'; readonly failure: Failure; readonly name: string }
  /** It could not be seen what is at or below this path: nothing may be concluded about it. */
  | { readonly kind: 'unseen'; readonly path: RelPath; readonly failure: Failure };

/** What stands under one name: links to files are followed. */
export type Looked =
  | { readonly kind: 'file'; readonly file: LocalFile }
  | { readonly kind: 'empty' }
  | { readonly kind: 'missing' }
  /** A directory or special file is in the place. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unseen'; readonly failure: Failure };
