// Limits of bandwidth while a run goes on: the clock moves, and the file changes.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepBandwidth, type WallClock } from '../../src/cli/bandwidth.js';
import { bandwidthTimetable } from '../../src/cli/words/bandwidth-timetable.js';
import type { RunEvent } from '../../src/model/events.js';
import { pacesOf } from '../../src/transfer/bandwidth.js';
import { TemporaryDirectory } from '../disk/temporary-directory.js';

const KIB = 1024;

class Watch implements WallClock {
  moment = new Date('2026-11-20T07:59:58');
  #beat: (() => void) | null = null;

  now(): Date {
    return this.moment;
  }

  every(periodMs: number, beat: () => void): Disposable {
    expect(periodMs).toBe(1000);
    this.#beat = beat;
    return { [Symbol.dispose]: () => (this.#beat = null) };
  }

  get isWound(): boolean {
    return this.#beat !== null;
  }

  pass(seconds: number): void {
    this.moment = new Date(this.moment.getTime() + seconds * 1000);
    this.#beat?.();
  }
}

const table = (text: string) => bandwidthTimetable(text, '--bwlimit');

async function keeping(settings: { text?: string; file?: string }) {
  const watch = new Watch();
  const events: RunEvent[] = [];
  const bwlimit = settings.text === undefined ? undefined : table(settings.text);
  const report = (event: RunEvent): void => void events.push(event);
  const kept = await keepBandwidth({ bwlimit, bwlimitFile: settings.file }, report, watch);
  if (kept === null) throw new Error('nothing is kept');
  /** Lets a second pass, and what comes of it, and waits until something is told. */
  const untilTold = async (): Promise<RunEvent | undefined> => {
    const { length } = events;
    // A beat while the file is still being read does not read it again.
    for (watch.pass(1); events.length === length; watch.pass(0)) await new Promise((resolve) => setImmediate(resolve));
    return events.at(-1);
  };
  return { watch, events, kept, untilTold };
}

describe('bandwidth', () => {
  it('where no limit is set, and none can be set, nothing is kept', async () => {
    expect(await keepBandwidth({ bwlimit: undefined, bwlimitFile: undefined }, () => undefined)).toBeNull();
  });

  it('a limit that never changes is told once and is looked at no more', async () => {
    const { watch, events, kept } = await keeping({ text: '512K:off' });
    expect(events).toEqual([{ event: 'bandwidth', up: 512 * KIB, down: null }]);
    expect(watch.isWound).toBe(false);
    const { up, down } = pacesOf(kept.shared);
    expect([up.slice, down.slice]).toEqual([Math.round(512 * KIB * 0.02), 256 * KIB]);
  });

  it('a timetable is followed, in the memory that threads have as well', async () => {
    const { watch, events, kept, untilTold } = await keeping({ text: '08:00,512K 19:00,off' });
    expect(events).toEqual([]);
    watch.pass(1);
    expect(await untilTold()).toEqual({ event: 'bandwidth', up: 512 * KIB, down: 512 * KIB });
    expect(pacesOf(kept.shared).down.slice).toBe(Math.round(512 * KIB * 0.02));
    watch.moment = new Date('2026-11-20T19:00:00');
    expect(await untilTold()).toEqual({ event: 'bandwidth', up: null, down: null });
    expect(events).toHaveLength(2);
    kept[Symbol.dispose]();
    expect(watch.isWound).toBe(false);
  });

  it('a file is read again when it changes; without it the option holds', async () => {
    using folder = new TemporaryDirectory();
    const file = join(folder.path, 'limit');
    const { watch, events, untilTold } = await keeping({ text: '1M', file });
    writeFileSync(file, '# at night\n256K\n');
    expect(await untilTold()).toEqual({ event: 'bandwidth', up: 256 * KIB, down: 256 * KIB });
    writeFileSync(file, '19:00,64K\n08:00,off\n');
    expect(await untilTold()).toMatchObject({ up: null });
    writeFileSync(file, '1X');
    expect(await untilTold()).toMatchObject({ event: 'notice', message: `"${file}": "1X" is no limit` });
    for (let look = 0; look < 5; look++) {
      watch.pass(0);
      await Promise.all([readFile(file), readFile(file)]);
    }
    expect(events).toHaveLength(4);
    rmSync(file);
    expect(await untilTold()).toMatchObject({ up: 1024 * KIB });
    expect(events).toHaveLength(5);
  });

  it('a file that cannot be read is told once, and leaves the limit as it was', async () => {
    using folder = new TemporaryDirectory();
    const file = join(folder.path, 'limit');
    writeFileSync(file, '64K');
    const { events, untilTold } = await keeping({ file });
    rmSync(file);
    mkdirSync(file);
    expect(await untilTold()).toMatchObject({ event: 'notice', topic: 'bwlimit-file' });
    rmSync(file, { recursive: true });
    expect(await untilTold()).toEqual({ event: 'bandwidth', up: null, down: null });
    expect(events.map(({ event }) => event)).toEqual(['bandwidth', 'notice', 'bandwidth']);
  });
});
