// Runs that end before their work is done, because so many bytes have gone or their time is over; the next goes on.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit, RunLimits } from '../../src/flows/budget.js';
import { type CheckTally, checkLocalHash, emptyCheckTally } from '../../src/flows/check.js';
import { emptyRestoreCompletedTally, restoreCompleted } from '../../src/flows/retrieving/restore-completed.js';
import { sync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import { emptyUploadTally, type UploadTally, uploadFile } from '../../src/flows/storing/upload-file.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { fileIn, keep } from './keeping.js';
import { request, syncOnce } from './syncing.js';
import { type Meddle, MIB, World } from './world.js';

/** Time that is over when something has been done so often. */
class Time {
  readonly #over = new AbortController();
  readonly reached: Limit[] = [];
  readonly limits: RunLimits;

  constructor(transfer: number | null = null) {
    const onReached = (limit: Limit): void => void this.reached.push(limit);
    this.limits = { transfer, timeUp: this.#over.signal, onReached };
  }

  end(): void {
    this.#over.abort();
  }

  /** Over in the middle of the request of that name and number. */
  endsIn(wanted: string, number: number): Meddle {
    let left = number;
    return before(wanted, () => {
      if (--left === 0) this.end();
    });
  }
}

/** Does that before each request of that name. */
function before(wanted: string, deed: () => void): Meddle {
  return (port, object) => {
    if (port !== 'vault') return object;
    return new Proxy(object, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...words: unknown[]): unknown => {
          if (name === wanted) deed();
          return Reflect.apply(method, target, words);
        };
      },
    });
  };
}

const only = (transfer: number | null): RunLimits => ({ transfer, timeUp: null, onReached: () => undefined });
const small = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`f${at}`, `content ${at}`]));
const large = Buffer.alloc(6 * MIB + 5, 'large');

function parts(world: World): number[] {
  return world.events.flatMap((event) => (event.event === 'part-sent' ? [event.at] : []));
}

function stored(world: World): Extract<RunEvent, { event: 'stored' }>[] {
  return world.events.filter((event) => event.event === 'stored');
}

describe('sync with a limit', () => {
  it('of time: what is in flight is stored, nothing new is begun, and the next run goes on', async () => {
    using world = await World.create(small);
    const time = new Time();
    const tally = await syncOnce(world, { width: 2, limits: time.limits }, time.endsIn('uploadWhole', 3));
    expect(tally).toMatchObject({ limitReached: true, limit: 'duration', failed: 0 });
    expect(tally.stored).toBeGreaterThanOrEqual(3);
    expect(tally.stored).toBeLessThanOrEqual(4);
    expect(time.reached).toEqual(['duration']);
    expect(await world.recorded()).toHaveLength(tally.stored);
    const next = await syncOnce(world);
    expect(next).toMatchObject({ stored: 9 - tally.stored, limitReached: false, limit: null });
    expect(world.vault.archives()).toHaveLength(9);
  });

  it('of time: parts in flight end, and the next run sends only the others', async () => {
    using world = await World.create({ large });
    const time = new Time();
    const tally = await syncOnce(world, { width: 2, limits: time.limits }, time.endsIn('uploadPart', 3));
    expect(tally).toMatchObject({ stored: 0, failed: 0, limitReached: true, limit: 'duration' });
    const sent = parts(world);
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(sent.length).toBeLessThanOrEqual(4);
    expect(await syncOnce(world)).toMatchObject({ stored: 1, limitReached: false });
    expect(parts(world).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6].map((part) => part * MIB));
    expect(stored(world)).toMatchObject([{ resumed: sent.length * MIB }]);
    expect(Buffer.from(world.vault.archives()[0]!.bytes).equals(large)).toBe(true);
  });

  it.each([true, false])(
    'of time: a survey ends too, though it finds nothing to do (foreseeing: %s)',
    async (foresee) => {
      using world = await World.create(small);
      await keep(world);
      const time = new Time();
      time.end();
      const tally = await world.run(async (ports, halt) => {
        const slow = { ...ports, directory: { ...ports.directory, walk: endless } };
        const tally = emptySyncTally();
        await sync(request({ limits: time.limits, foresee }), slow, tally, halt);
        return tally;
      });
      expect(tally).toMatchObject({ stored: 0, limitReached: true, limit: 'duration' });
    },
  );

  it('of time: a count of the work ahead that is cut short with it disturbs nobody', async () => {
    using world = await World.create(small);
    const time = new Time();
    let walks = 0;
    let counted = (): void => undefined;
    const countEnded = new Promise<void>((resolve) => (counted = resolve));
    const tally = await world.run(async (ports, halt) => {
      const walk: typeof ports.directory.walk = async function* (...words) {
        const isCount = ++walks === 2;
        try {
          yield* ports.directory.walk(...words);
          yield* endless(words[0]);
        } finally {
          if (isCount) counted();
        }
      };
      const uploadWhole: typeof ports.vault.uploadWhole = async (...words) => {
        time.end();
        await countEnded;
        return ports.vault.uploadWhole(...words);
      };
      const vault = new Proxy(ports.vault, {
        get: (target, name) => (name === 'uploadWhole' ? uploadWhole : Reflect.get(target, name).bind(target)),
      });
      const transfer = createInlineTransfer({ ...ports, place: ports.directory.place, vault, width: 1 });
      const slow = { ...ports, directory: { ...ports.directory, walk }, vault, transfer };
      const tally = emptySyncTally();
      await sync(request({ limits: time.limits, foresee: true, maxFiles: 100, width: 1 }), slow, tally, halt);
      return tally;
    });
    expect(tally).toMatchObject({ stored: 1, limit: 'duration' });
  });

  it('of time: nothing that is gone is deleted in a run that was cut short', async () => {
    using world = await World.create(small);
    await keep(world);
    world.remove('f0');
    world.write('g', 'new');
    world.write('h', 'new too');
    const time = new Time();
    const asked = { deleteRemoved: true, width: 1 };
    await syncOnce(world, { ...asked, limits: time.limits }, time.endsIn('uploadWhole', 1));
    expect(world.vault.archives()).toHaveLength(10);
    const next = await syncOnce(world, asked);
    expect(next).toMatchObject({ stored: 1, deletions: { deleted: 1 }, limitReached: false });
  });

  it('of files: what is gone waits for a run that comes to its end', async () => {
    using world = await World.create(small);
    await keep(world);
    world.remove('f0');
    world.write('g', 'new');
    world.write('h', 'new too');
    const asked = { deleteRemoved: true, maxFiles: 1 };
    expect(await syncOnce(world, asked)).toMatchObject({ stored: 1, limit: 'files', deletions: { deleted: 0 } });
    expect(await syncOnce(world, asked)).toMatchObject({ stored: 1, limit: null, deletions: { deleted: 1 } });
  });

  it('of bytes: a run sends as much as it may, and less than a part more for each that may be under way', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: MIB / 4, max: 8 * MIB }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (transfer, width, foresee) => {
        using world = await World.create({ ...small, large, other: Buffer.alloc(3 * MIB, 'other') });
        const total = 9 * MIB + 5 + Object.values(small).join('').length;
        let left = total;
        for (let runs = 1; left > 0; runs++) {
          expect(runs).toBeLessThanOrEqual(Math.ceil(total / transfer) + 1);
          world.events.length = 0;
          const tally = await syncOnce(world, { width, foresee, limits: only(transfer) });
          const sent = sentIn(world);
          expect(sent).toBeGreaterThanOrEqual(Math.min(left, transfer));
          expect(sent).toBeLessThan(transfer + MIB * width + 200);
          left -= sent;
          if (left > 0) expect(tally).toMatchObject({ limitReached: true, limit: 'transfer', failed: 0 });
        }
        expect(await syncOnce(world)).toMatchObject({ stored: 0, limitReached: false });
        expect(world.vault.archives()).toHaveLength(11);
      },
    );
    await fc.assert(property, { numRuns: 5, endOnFailure: true });
  });

  it('of bytes: small files count as well', async () => {
    using world = await World.create(small);
    const asked = { width: 1, limits: only(20) };
    for (const limit of ['transfer', 'transfer', null]) {
      expect(await syncOnce(world, asked)).toMatchObject({ stored: 3, limit });
    }
  });

  it('an interruption stays one, also after the limit', async () => {
    using world = await World.create({ large });
    const time = new Time();
    const stop = new AbortController();
    const meddle = before('uploadPart', () => {
      time.end();
      stop.abort();
    });
    const running = world.run(async (ports, { now }) => {
      await sync(request({ limits: time.limits }), ports, emptySyncTally(), { soon: stop.signal, now });
    }, meddle);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

/** Bytes that the last run sent. */
function sentIn(world: World): number {
  const whole = stored(world).filter(({ size }) => size <= MIB);
  const ofParts = parts(world).length * MIB;
  const last = stored(world).some(({ size }) => size === large.length);
  return ofParts + whole.reduce((sum, { size }) => sum + size, 0) - (last ? MIB - 5 : 0);
}

/** A walk through what need not be looked at, without end. */
async function* endless(signal: AbortSignal): AsyncGenerator<[]> {
  while (!signal.aborted) {
    yield [];
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Failure('INTERRUPTED', 'interrupted');
}

describe('upload-file with a limit', () => {
  function upload(world: World, limits: RunLimits, meddle?: Meddle): Promise<UploadTally> {
    return world.run(async (ports, halt) => {
      const tally = emptyUploadTally();
      await uploadFile({ file: fileIn(ports, 'large'), partSize: MIB, width: 2, limits }, ports, tally, halt);
      return tally;
    }, meddle);
  }

  it('the upload stays, and the next run ends it', async () => {
    using world = await World.create({ large });
    const time = new Time();
    expect(await upload(world, time.limits, time.endsIn('uploadPart', 2))).toMatchObject({
      stored: 0,
      limit: 'duration',
    });
    expect(await upload(world, only(1))).toMatchObject({ stored: 0, limit: 'transfer' });
    const sent = parts(world).length;
    expect(await upload(world, only(7 * MIB))).toMatchObject({ stored: 1, limit: null });
    expect(stored(world)).toMatchObject([{ resumed: sent * MIB }]);
  });
});

describe('fetching and checking with a limit', () => {
  async function lost(): Promise<World> {
    const world = await World.create({ ...small, large });
    await keep(world);
    await world.run(async ({ vault }, { now }) => {
      for (const { id } of world.vault.archives()) await vault.requestRetrieval(id, wholeAt('Standard'), now);
    });
    world.clock.seconds += 6 * 3600;
    for (const path of [...Object.keys(small), 'large']) world.remove(path);
    return world;
  }

  function fetchOnce(world: World, limits: RunLimits, meddle?: Meddle) {
    return world.run(async (ports, halt) => {
      const tally = emptyRestoreCompletedTally();
      const asked = { segmentSize: MIB, width: 2, files: { small: 1, large: 1 }, limits };
      await restoreCompleted(asked, ports, tally, halt);
      return tally;
    }, meddle);
  }

  it('restore-completed: a file that has been begun is fetched to its end, and all that is left is counted', async () => {
    using world = await lost();
    const time = new Time();
    const cut = await fetchOnce(world, time.limits, time.endsIn('read', 3));
    expect(cut).toMatchObject({ limit: 'duration', failed: 0 });
    expect(cut.restored + cut.left).toBe(10);
    expect(cut.restored).toBeGreaterThanOrEqual(1);
    expect(cut.restored).toBeLessThanOrEqual(4);
    expect(await fetchOnce(world, only(null))).toMatchObject({ restored: cut.left, here: cut.restored, limit: null });
    expect(world.read('large')).toBe(large.toString());
  });

  it('restore-completed: bytes count when a file is begun', async () => {
    using world = await lost();
    const fetched: number[] = [];
    for (let runs = 0; fetched.length === 0 || fetched.at(-1) !== 0; runs++) {
      expect(runs).toBeLessThanOrEqual(11);
      const { restored, left, here } = await fetchOnce(world, only(20));
      expect(restored + left + here).toBe(10);
      fetched.push(restored);
    }
    expect(fetched.reduce((sum, files) => sum + files)).toBe(10);
    expect(Math.max(...fetched)).toBeLessThanOrEqual(4);
  });

  it('check-local-hash: what there was no time for is counted, and is no fault', async () => {
    using world = await World.create(small);
    await keep(world);
    const time = new Time();
    let looks = 0;
    const tally = await world.run(async (ports, halt): Promise<CheckTally> => {
      const tally = emptyCheckTally();
      const look: typeof ports.directory.look = (path) => {
        if (++looks === 4) time.end();
        return ports.directory.look(path);
      };
      const seen = { ...ports, directory: { look } };
      await checkLocalHash({ width: 1, limits: time.limits }, seen, tally, halt);
      return tally;
    });
    expect(tally).toMatchObject({ ok: 4, left: 5, missing: 0 });
  });
});
