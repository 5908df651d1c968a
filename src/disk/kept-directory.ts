// The kept directory as flows see it.

import { statSync } from 'node:fs';
import { Failure } from '../model/failure.js';
import type { Found, Looked } from '../model/found.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';
import { type Landing, openLanding } from './landing.js';
import { lookAt } from './look.js';
import { untilSettled } from './settled.js';
import { walk } from './walk.js';

export interface KeptDirectory {
  readonly root: string;
  /** Everything in it, by path. */
  walk(signal: AbortSignal): AsyncIterable<Found>;
  look(path: RelPath): Looked;
  /** Ends when a change of the file would show in its time; a second at most. */
  settled(file: LocalFile, signal: AbortSignal): Promise<void>;
  /** A file to be, hidden until it is finished. `size` bytes are expected. */
  land(path: RelPath, size: number): Promise<Landing>;
  /** Whether the root is still the very directory that was opened; not so after an unmount. */
  inPlace(): boolean;
}

/** @throws Failure USAGE when there is no such directory */
export function openKeptDirectory(root: string): KeptDirectory {
  const identity = identityOf(root);
  if (identity === null) {
    throw new Failure('USAGE', `--dir ${root} is not a directory`, { hint: 'name a directory that exists' });
  }
  return {
    root,
    walk: (signal) => walk(root, signal),
    look: (path) => lookAt(root, path),
    settled: (file, signal) => untilSettled(file, signal),
    land: (path, size) => openLanding(root, path, size),
    inPlace: () => identityOf(root) === identity,
  };
}

/** Device and inode of the directory that the name leads to, or null. */
function identityOf(root: string): string | null {
  const stat = statSync(root, { throwIfNoEntry: false, bigint: true });
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : null;
}
