// A watch over several restores: it brings all of them, those too that are accepted while it watches.

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRestorePlans } from '../../src/journal/restore-plans.js';
import { filesIn, kept, lose, pathOf, photos } from './lost-photos.js';
import { nextTold, SimulatedTime } from './simulated-time.js';

describe('a watch', () => {
  it('brings what is accepted meanwhile, also under a number that another plan has had', async () => {
    await using time = await SimulatedTime.open();
    await lose(time, 3);
    const isHere = (index: number): boolean => existsSync(time.at('kept', pathOf(index)));
    const accept = async (index: number, tier: string): Promise<void> => {
      const run = time.run('restore', ...kept(time), '--tier', tier, '--filter', `+d${index}/ -`);
      expect(await run.exitCode(), JSON.stringify(run.last)).toBe(75);
    };
    const plans = async (): Promise<number[]> =>
      (await readRestorePlans(time.at('photos.journal'))).map(({ id }) => id);
    await accept(0, 'Bulk');
    await accept(1, 'Expedited');
    expect(await plans()).toEqual([1, 2]);
    const watch = time.run('watch', ...photos(time), '--poll-interval', '20m');
    let isLate = false;
    for (;;) {
      const told = await nextTold(time, watch, { until: time.now + 20 * 60, patience: 50 });
      if (told === null) break;
      if (isLate || !isHere(1) || (await plans()).length > 1) continue;
      isLate = true;
      expect(isHere(0)).toBe(false);
      await accept(2, 'Expedited');
      expect(await plans()).toEqual([1, 2]);
    }
    expect(await watch.exitCode(), JSON.stringify(watch.last)).toBe(0);
    expect(isLate).toBe(true);
    expect(filesIn(time.at('kept'))).toEqual(filesIn(time.at('lost')));
    expect(await plans()).toEqual([]);
  });
});
