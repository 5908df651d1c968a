// Between the walk and the storing of a file there may be hours: what is stored is what is there then.

import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/events.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { instead } from './faults.js';
import { held, syncOnce } from './syncing.js';
import { type Meddle, MIB, World } from './world.js';

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
  it.each([
    ['opened at once', 'changed since', {}],
    ['looked at before, as there is a limit', 'changed since', { maxFiles: 2 }],
    ['large by then', 'x'.repeat(2 * MIB), {}],
  ])('stores them as they are then, once: %s', async (_, content, limit) => {
    using world = await World.create({ a: 'a', b: 'before' });
    const change = whileSending(() => world.write('b', content));
    const tally = await syncOnce(world, { width: 1, foresee: true, ...limit }, change);
    expect(tally).toMatchObject({ stored: 2, storedBytes: 1 + content.length, failed: 0 });
    expect(held(world)).toEqual(['a', content]);
    expect(world.eventsOf('failed')).toEqual([]);
    expect(sum(world.events, 'ahead')).toBe(sum(world.events, 'moved'));
    expect(await syncOnce(world, { replaceModified: true })).toMatchObject({ survey: { unchanged: 2 } });
  });

  it('stores none that changes again whenever it is looked at, and tells it', async () => {
    using world = await World.create({ a: 'a', b: 'before' });
    let times = 0;
    const writing = instead('intents', 'begin', (real, at, file, ...rest) => {
      if ((file as LocalFile).path === 'b') world.write('b', `changed ${'again '.repeat(++times)}`);
      return real(at, file, ...rest);
    });
    expect(await syncOnce(world, { width: 1 }, writing)).toMatchObject({ stored: 1, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'FILE_CHANGED' }]);
    expect(times).toBe(2);
    expect(held(world)).toEqual(['a']);
    expect(await syncOnce(world)).toMatchObject({ stored: 1 });
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
