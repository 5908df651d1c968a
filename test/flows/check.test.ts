import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLocalHash, emptyCheckTally } from '../../src/flows/check.js';
import { syncOnce } from './syncing.js';
import { MIB, World } from './world.js';

async function storedWorld(files: Record<string, string | Uint8Array>): Promise<World> {
  const world = await World.create(files);
  await syncOnce(world, { width: 2, detect: 'mtime' });
  world.events.length = 0;
  return world;
}

describe('check-local-hash', () => {
  it('tells of every file whether it is the one that the journal vouches for', async () => {
    using world = await storedWorld({
      fine: 'fine',
      large: Buffer.alloc(3 * MIB + 1, 'large'),
      touched: 'touched',
      rotten: 'rotten',
      grown: 'grown',
      emptied: 'emptied',
      lost: 'lost',
    });
    const times = new Map((await world.recorded()).map(({ path, mtime }) => [String(path), mtime]));
    world.write('touched', 'touched', 1_000_000);
    world.write('rotten', 'r0tten', times.get('rotten') as number);
    world.write('grown', 'grown more');
    writeFileSync(join(world.root, 'emptied'), '');
    unlinkSync(join(world.root, 'lost'));
    const tally = emptyCheckTally();
    await world.run((ports, halt) => checkLocalHash({ width: 2 }, ports, tally, halt));
    expect(tally).toMatchObject({ ok: 3, 'tree-hash': 1, size: 1, empty: 1, missing: 1, unreadable: 0 });
    const results = Object.fromEntries(world.eventsOf('checked').map(({ path, result }) => [path, result]));
    expect(results).toEqual({
      fine: 'ok',
      large: 'ok',
      touched: 'ok',
      rotten: 'tree-hash',
      grown: 'size',
      emptied: 'empty',
      lost: 'missing',
    });
    const touched = world.eventsOf('checked').find(({ path }) => path === 'touched');
    expect(touched?.otherMtime).toEqual({ journal: times.get('touched'), actual: 1_000_000 });
  });

  it('changes nothing', async () => {
    using world = await storedWorld({ fine: 'fine' });
    const before = [world.tree(), world.journalLines()];
    await world.run((ports, halt) => checkLocalHash({ width: 2 }, ports, emptyCheckTally(), halt));
    expect([world.tree(), world.journalLines()]).toEqual(before);
  });
});
