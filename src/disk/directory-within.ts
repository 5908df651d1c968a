// Makes the directory of a file that is to land, and proves that it is inside the kept directory.

import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { isWithin } from './byte-path.js';
import { systemCode } from './disk-failure.js';
import { type Location, type Place, unnameable } from './place.js';

/**
 * Real path of the directory that `path` lies in, made where it is missing. Links are followed as long as they stay
 * below the root; nothing is made behind one that does not.
 * @throws Failure NAME_REFUSED, FILE_UNWRITABLE, or the file system's error
 */
export async function makeDirectoryWithin(place: Place, path: RelPath): Promise<Buffer> {
  const home = await realPathOf(place.location);
  const directory = parentOf(path);
  const nearest = await nearestThere(place, directory);
  assertWithin(home, nearest.real, place, path);
  if (!(await stat(nearest.real)).isDirectory()) throw inTheWay(nearest.path, path);
  if (nearest.path === directory) return nearest.real;

  for (const missing of missingBelow(nearest.path, directory)) await makeDirectory(locationOf(place, missing));
  const made = await realPathOf(locationOf(place, directory));
  assertWithin(home, made, place, path);
  return made;
}

/** From the highest to the lowest. */
function missingBelow(there: RelPath | null, directory: RelPath | null): readonly (RelPath | null)[] {
  return directory === there ? [] : [...missingBelow(there, parentOf(directory as RelPath)), directory];
}

/** One of several landings makes it. A recursive `mkdir` tells ENOENT where the file system is read-only. */
async function makeDirectory(location: Location): Promise<void> {
  try {
    await mkdir(location);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
  }
}

/** Null is the root. */
function parentOf(path: RelPath): RelPath | null {
  const parent = dirname(path);
  return parent === '.' ? null : (parent as RelPath);
}

function locationOf(place: Place, directory: RelPath | null): Location {
  const location = directory === null ? place.location : place.locate(directory);
  if (location === null) throw unnameable(place, directory as RelPath);
  return location;
}

function realPathOf(location: Location): Promise<Buffer> {
  return realpath(location, { encoding: 'buffer' });
}

/** What is in the place, or the nearest above it that is there; a link that leads nowhere is not. */
async function nearestThere(place: Place, directory: RelPath | null): Promise<{ path: RelPath | null; real: Buffer }> {
  try {
    return { path: directory, real: await realPathOf(locationOf(place, directory)) };
  } catch (thrown) {
    const code = systemCode(thrown);
    if (directory === null || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw thrown;
    return nearestThere(place, parentOf(directory));
  }
}

function assertWithin(home: Buffer, directory: Buffer, { encoding }: Place, path: RelPath): void {
  if (isWithin(directory, home)) return;
  const outside = printable(encoding.decode(directory) ?? directory.toString('latin1'));
  throw new Failure('NAME_REFUSED', `name ${printable(path)} leads out of the directory, to ${outside}`, {
    hint: 'a link on the way points elsewhere; remove it or restore into another directory',
  });
}

function inTheWay(file: RelPath | null, path: RelPath): Failure {
  const what = file === null ? 'the root' : printable(file);
  return new Failure('FILE_UNWRITABLE', `${what} is a file where ${printable(path)} needs a directory`);
}
