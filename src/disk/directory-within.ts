// Makes the directory of a file that is to land, and proves that it is inside the kept directory.

import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.js';
import { printable, type RelPath } from '../model/rel-path.js';
import { systemCode } from './disk-failure.js';
import { locate } from './location.js';

/**
 * Real path of the directory that `path` lies in, made where it is missing. Links are followed as long as they stay
 * below `root`; nothing is made behind one that does not.
 * @throws Failure NAME_REFUSED, FILE_UNWRITABLE, or the file system's error
 */
export async function makeDirectoryWithin(root: string, path: RelPath): Promise<string> {
  const place = locate(root, path);
  if (place === null) throw new Failure('NAME_REFUSED', `name ${printable(path)} is none that a file can have`);
  const home = await realpath(root);
  const directory = dirname(place);
  const nearest = await nearestThere(directory);
  assertWithin(home, nearest.real, path);
  if (!(await stat(nearest.real)).isDirectory()) throw inTheWay(nearest.name.slice(root.length + 1), path);
  if (nearest.name === directory) return nearest.real;

  await mkdir(directory, { recursive: true });
  const made = await realpath(directory);
  assertWithin(home, made, path);
  return made;
}

/** What is in the place, or the nearest above it that is there; a link that leads nowhere is not. */
async function nearestThere(name: string): Promise<{ name: string; real: string }> {
  try {
    return { name, real: await realpath(name) };
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw thrown;
    return nearestThere(dirname(name));
  }
}

function assertWithin(home: string, directory: string, path: RelPath): void {
  if (directory === home || directory.startsWith(home === '/' ? home : `${home}/`)) return;
  throw new Failure('NAME_REFUSED', `name ${printable(path)} leads out of the directory, to ${printable(directory)}`, {
    hint: 'a link on the way points elsewhere; remove it or restore into another directory',
  });
}

function inTheWay(file: string, path: RelPath): Failure {
  return new Failure('FILE_UNWRITABLE', `${printable(file)} is a file where ${printable(path)} needs a directory`);
}
