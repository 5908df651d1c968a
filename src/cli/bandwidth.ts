// Keeps the limits of bandwidth that the user has set: by the clock, and as a file says that may change meanwhile.

import { readFile } from 'node:fs/promises';
import type { Report } from '../model/events.js';
import { asFailure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { type Bandwidth, limitBandwidth, type SharedBandwidth, sharedBandwidth } from '../transfer/bandwidth.js';
import { type BandwidthTimetable, bandwidthAt, bandwidthTimetable } from './words/bandwidth-timetable.js';
import type { Settings } from './words/options.js';

/** The clock on the wall, and something that calls back until disposed; tests bring their own. */
export interface WallClock {
  now(): Date;
  every(periodMs: number, beat: () => void): Disposable;
}

const SYSTEM: WallClock = {
  now: () => new Date(),
  every(periodMs, beat) {
    const timer = setInterval(beat, periodMs).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};

/** How often file and clock are looked at. */
const LOOK_MS = 1000;

const UNLIMITED: Bandwidth = { up: null, down: null };

/** Until disposed. */
export interface KeptBandwidth extends Disposable {
  readonly shared: SharedBandwidth;
}

/** Null where the user has set no limit and cannot set one meanwhile. What holds is told whenever it changes. */
export async function keepBandwidth(
  settings: Pick<Settings, 'bwlimit' | 'bwlimitFile'>,
  report: Report,
  clock = SYSTEM,
): Promise<KeptBandwidth | null> {
  const { bwlimit = null, bwlimitFile = null } = settings;
  if (bwlimit === null && bwlimitFile === null) return null;
  const keeper = new Keeper(bwlimit, bwlimitFile, clock, report);
  await keeper.look();
  const changes = bwlimitFile !== null || (bwlimit?.entries.length ?? 0) > 1;
  const beating = changes ? clock.every(LOOK_MS, () => void keeper.look()) : null;
  return { shared: keeper.shared, [Symbol.dispose]: () => beating?.[Symbol.dispose]() };
}

class Keeper {
  readonly shared = sharedBandwidth();
  readonly #typed: BandwidthTimetable | null;
  readonly #file: string | null;
  readonly #clock: WallClock;
  readonly #report: Report;
  #timetable: BandwidthTimetable | null;
  #inForce = UNLIMITED;
  /** What the file held, or why it could not be read, when it was last looked at. */
  #seen = '';
  #looking = false;

  constructor(typed: BandwidthTimetable | null, file: string | null, clock: WallClock, report: Report) {
    this.#typed = this.#timetable = typed;
    this.#file = file;
    this.#clock = clock;
    this.#report = report;
  }

  /** A file system that does not answer is asked once, and the clock goes on. Never rejects. */
  async look(): Promise<void> {
    if (this.#file !== null && !this.#looking) {
      this.#looking = true;
      await this.#lookInto(this.#file);
      this.#looking = false;
    }
    this.#apply();
  }

  async #lookInto(file: string): Promise<void> {
    const found = await contentOf(file);
    const said = 'text' in found ? found.text : found.why;
    if (said === this.#seen) return;
    this.#seen = said;
    if ('why' in found) return this.#tellUseless(`cannot read ${printable(file)}: ${found.why}`);
    try {
      this.#timetable = said === '' ? this.#typed : bandwidthTimetable(said, printable(file));
    } catch (thrown) {
      this.#tellUseless(asFailure(thrown).message);
    }
  }

  #apply(): void {
    const { up, down } = this.#timetable === null ? UNLIMITED : bandwidthAt(this.#timetable, this.#clock.now());
    if (up === this.#inForce.up && down === this.#inForce.down) return;
    this.#inForce = { up, down };
    limitBandwidth(this.shared, this.#inForce);
    this.#report({ event: 'bandwidth', up, down });
  }

  #tellUseless(message: string): void {
    this.#report({ event: 'notice', topic: 'bwlimit-file', message, hint: 'the limit stays as it was' });
  }
}

/** A file that is not there says as little as an empty one. Lines that begin with # are comments. */
async function contentOf(file: string): Promise<{ readonly text: string } | { readonly why: string }> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n');
    return {
      text: lines
        .filter((line) => !/^\s*#/.test(line))
        .join('\n')
        .trim(),
    };
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { text: '' } : { why: code };
  }
}
