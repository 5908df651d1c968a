// Paths as the file system knows them: bytes between slashes, in no encoding.

import type { Location } from './place.js';

const SLASH = 0x2f;

export function bytePath(location: Location): Buffer {
  return typeof location === 'string' ? Buffer.from(location) : location;
}

export function within(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.of(SLASH), name]);
}

/** What stands behind the last slash. */
export function lastNameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(SLASH) + 1);
}

/** Whether `path` is `directory` itself or lies below it; both real paths. */
export function isWithin(path: Buffer, directory: Buffer): boolean {
  const below = directory.equals(Buffer.of(SLASH)) ? directory : within(directory, Buffer.of());
  return path.equals(directory) || path.subarray(0, below.length).equals(below);
}
