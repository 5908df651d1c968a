// Between the walk and the storing of a file there may be hours: what is stored is what is there then.

import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/events.js';
import { instead } from './faults.js';
import { held, syncOnce } from './syncing.js';
import { type Meddle, World } from './world.js';

/** Does this when the first file is being sent: all have been walked through by then. */
function whileSending(change: () => void): Meddle {
  let isFirst = true;
  return instead('vault', 'uploadWhole', (real, ...given) => {
    if (isFirst) change();
    isFirst = false;
    return real(...given);
  });
}

const sum = (events: readonly RunEvent[], name: 'ahead' | 'moved'): number => {
  return events.reduce((total, event) => (event.event === name ? total + event.bytes : total), 0);
};

describe('sync of files that change before their turn', () => {
  it('stores them as they are then', async () => {
    using world = await World.create({ a: 'a', b: 'before' });
    const change = whileSending(() => world.write('b', 'changed since'));
    expect(await syncOnce(world, { width: 1, foresee: true }, change)).toMatchObject({ stored: 2, failed: 0 });
    expect(held(world)).toEqual(['a', 'changed since']);
    expect(sum(world.events, 'ahead')).toBe(sum(world.events, 'moved'));
    expect(await syncOnce(world, { replaceModified: true })).toMatchObject({ survey: { unchanged: 2 } });
  });

  it('stores nothing of one that is again what its archive holds', async () => {
    using world = await World.create({ a: 'a' });
    world.write('b', 'kept', 1_500_000_000);
    await syncOnce(world);
    world.write('a', 'newer');
    world.write('b', 'touched', 1_600_000_000);
    const change = whileSending(() => world.write('b', 'kept', 1_500_000_000));
    const tally = await syncOnce(world, { width: 1, replaceModified: true, foresee: true }, change);
    expect(tally).toMatchObject({ stored: 1, same: 1, failed: 0 });
    expect(held(world)).toEqual(['kept', 'newer']);
  });

  it('tells that one has vanished', async () => {
    using world = await World.create({ a: 'a', b: 'b' });
    const change = whileSending(() => world.remove('b'));
    expect(await syncOnce(world, { width: 1 }, change)).toMatchObject({ stored: 1, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'FILE_VANISHED' }]);
  });
});
