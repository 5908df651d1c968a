// How fast bytes come in, as the options say it or as it is assumed.

import type { CommandContext } from './command-context.js';
import { bandwidthAt } from './words/bandwidth-timetable.js';
import type { Settings } from './words/options.js';

/** Bytes a second, and who says so. */
export interface LineSpeed {
  readonly bytesPerSecond: number;
  readonly by: 'line-speed' | 'bwlimit' | 'assumption';
}

const MIB = 2 ** 20;

/** What many lines bring in, at least. */
const ASSUMED = 10 * MIB;

/** What is said of the line, as far as --bwlimit leaves it; without either, an assumption. */
export function lineSpeedOf({ settings, clock }: Pick<CommandContext, 'settings' | 'clock'>): LineSpeed {
  const limit = downNow(settings, new Date(clock.now() * 1000));
  const said = settings.lineSpeed ?? null;
  if (said !== null && (limit === null || said <= limit)) return { bytesPerSecond: said, by: 'line-speed' };
  return limit === null ? { bytesPerSecond: ASSUMED, by: 'assumption' } : { bytesPerSecond: limit, by: 'bwlimit' };
}

function downNow({ bwlimit }: Pick<Settings, 'bwlimit'>, now: Date): number | null {
  return bwlimit === undefined ? null : bandwidthAt(bwlimit, now).down;
}
