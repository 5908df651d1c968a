// One sync of a world, for tests of what becomes of it.

import { sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally, type SyncRequest, type SyncTally } from '../../src/flows/storing/sync-tally.js';
import { type Meddle, MIB, type World } from './world.js';

export type Asked = Partial<Omit<SyncRequest, 'wanted'>> & Partial<SyncRequest['wanted']>;

/** Asks for new files where nothing else is said. */
export function request({ new: isNew, replaceModified, deleteRemoved, detect, ...rest }: Asked): SyncRequest {
  return {
    wanted: {
      new: isNew ?? true,
      replaceModified: replaceModified ?? false,
      deleteRemoved: deleteRemoved ?? false,
      detect: detect ?? 'mtime-and-treehash',
    },
    partSize: MIB,
    width: 3,
    files: { small: rest.width ?? 3, large: rest.width ?? 3 },
    maxFiles: null,
    deleteEverything: false,
    foresee: false,
    ...rest,
  };
}

export function syncOnce(world: World, asked: Asked = {}, meddle?: Meddle): Promise<SyncTally> {
  return world.run(async (ports, halt) => {
    const tally = emptySyncTally();
    await sync(request(asked), ports, tally, halt);
    return tally;
  }, meddle);
}

/** Contents of all archives in the vault, sorted. */
export const held = (world: World): string[] =>
  world.vault
    .archives()
    .map(({ bytes }) => Buffer.from(bytes).toString())
    .sort();
