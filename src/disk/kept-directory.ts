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

type IsOwn = (path: RelPath) => boolean;

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

/**
 * @param isOwn tells the program's own files in it, which change while they would be kept: they are left out
 * @throws Failure USAGE when there is no such directory
 */
export function openKeptDirectory(root: string, isOwn: IsOwn | null = null): KeptDirectory {
  const identity = identityOf(root);
  if (identity === null) {
    throw new Failure('USAGE', `--dir ${root} is not a directory`, { hint: 'name a directory that exists' });
  }
  return {
    root,
    walk: (signal) => (isOwn === null ? walk(root, signal) : withoutOwn(walk(root, signal), isOwn)),
    look: (path) => lookAt(root, path),
    settled: (file, signal) => untilSettled(file, signal),
    land: (path, size) => openLanding(root, path, size),
    inPlace: () => identityOf(root) === identity,
  };
}

async function* withoutOwn(walked: AsyncIterable<Found>, isOwn: IsOwn): AsyncGenerator<Found> {
  for await (const found of walked) {
    const path = pathOf(found);
    yield path !== null && isOwn(path) ? { kind: 'left-out', name: path, why: 'own-file' } : found;
  }
}

function pathOf(found: Found): RelPath | null {
  switch (found.kind) {
    case 'file':
      return found.file.path;
    case 'left-out':
      return found.name;
    case 'unseen':
      return found.path;
    case 'refused':
      return null;
  }
}

/** Device and inode of the directory that the name leads to, or null. */
function identityOf(root: string): string | null {
  const stat = statSync(root, { throwIfNoEntry: false, bigint: true });
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : null;
}
