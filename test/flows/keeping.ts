// Puts files into a world's vault, for tests of what is done with them later.

import { store } from '../../src/flows/storing/store.js';
import type { Archive } from '../../src/model/archive.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { allOf } from '../all-of.js';
import { MIB, type World } from './world.js';

/** Stores every file that the journal does not know. */
export async function keep(world: World): Promise<void> {
  await world.run(async (ports, halt) => {
    for (const found of (await allOf(ports.directory.walk(halt.now))).flat()) {
      if (found.kind !== 'file' || ports.journal.live.versionsOf(found.file.path).length > 0) continue;
      await store(requestOf(found.file), ports, halt);
    }
  });
}

/** Writes the file anew and stores it beside the version before: two versions, as a crash of mt-aws-glacier leaves them. */
export async function keepBeside(world: World, path: string, content: string | Uint8Array): Promise<void> {
  world.write(path, content);
  await world.run((ports, halt) => store(requestOf(fileIn(ports, path)), ports, halt));
}

/** The file as it is now. */
export function fileIn({ directory }: Parameters<Parameters<World['run']>[0]>[0], path: string): LocalFile {
  const looked = directory.look(path as Archive['path']);
  if (looked.kind !== 'file') throw new Error(`${path} is not there`);
  return looked.file;
}

function requestOf(file: LocalFile) {
  return { file, old: null, left: null, partSize: MIB, width: 2 };
}

export async function versionsOf(world: World, path: string): Promise<Archive[]> {
  return (await world.recorded()).filter((archive) => archive.path === path);
}
