// A directory that was stored and then lost.

import { readdirSync } from 'node:fs';
import { syncOnce } from './syncing.js';
import { MIB, World } from './world.js';

const FILES = {
  'a.txt': 'a',
  'deep/er/b.txt': 'b',
  'large.bin': Buffer.alloc(3 * MIB + 11, 'large'),
  'exact.bin': Buffer.alloc(2 * MIB, 'exact'),
};

/** A directory that was stored and then lost. */
export async function lostWorld(files: Record<string, string | Uint8Array> = FILES) {
  const world = await World.create(files);
  await syncOnce(world, { width: 2, detect: 'mtime' });
  const tree = world.tree();
  for (const path of readdirSync(world.root)) world.remove(path);
  world.events.length = 0;
  return { world, tree, [Symbol.dispose]: () => world[Symbol.dispose]() };
}
