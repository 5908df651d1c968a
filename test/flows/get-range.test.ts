import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GetRangePorts, getRange, planGetRange } from '../../src/flows/retrieving/get-range.js';
import { type OpenRangePlace, rangeFile, rangeStream } from '../../src/flows/retrieving/range-place.js';
import { emptyRangeTally, type RangeTally } from '../../src/flows/retrieving/range-tally.js';
import type { Archive } from '../../src/model/archive.js';
import { Failure } from '../../src/model/failure.js';
import { type JobId, TopicArn } from '../../src/model/identifiers.js';
import type { ByteRange } from '../../src/model/parts.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { bytesOf } from '../vault/bytes.js';
import { everyFault, Faults, instead } from './faults.js';
import { keep } from './keeping.js';
import { type Meddle, MIB, type Ports, World } from './world.js';

const REQUEST = { tier: 'Standard', topic: null, segmentSize: MIB, width: 3 } as const;
const HOUR = 3600;
const OUT = 'range' as Archive['path'];
const { signal } = new AbortController();
/** Large enough that a range across its middle is asked for as two. */
const FILM = bytesOf(40 * MIB + 5, 7);

const intoFile = (ports: Ports): OpenRangePlace => rangeFile((size) => ports.directory.land(OUT, size));

interface Manner {
  readonly open?: (ports: Ports) => OpenRangePlace;
  readonly meddle?: Meddle;
  readonly width?: number;
  readonly segmentSize?: number;
  readonly acceptCost?: GetRangePorts['acceptCost'];
  readonly topic?: TopicArn;
  readonly lend?: (ports: Ports) => GetRangePorts['whileWriting'];
}

async function get(world: World, archive: Archive, range: ByteRange, manner: Manner = {}): Promise<RangeTally> {
  const { open = intoFile, lend, meddle, acceptCost = async () => undefined, ...how } = manner;
  const tally = emptyRangeTally();
  await world.run((ports, halt) => {
    const whileWriting = lend?.(ports) ?? ((work) => work(ports.journal));
    const given = { ...ports, open: open(ports), whileWriting, acceptCost };
    return getRange({ archive, range }, { ...REQUEST, ...how }, given, tally, halt);
  }, meddle);
  return tally;
}

async function lostFilm(content = FILM): Promise<{ world: World; film: Archive }> {
  const world = await World.create({ film: content });
  await keep(world);
  world.remove('film');
  return { world, film: (await world.recorded())[0]! };
}

function mebibytes(start: number, end: number): ByteRange {
  return { start: start * MIB, end: end * MIB };
}

async function requestIn(world: World, film: Archive, range: ByteRange | null): Promise<JobId> {
  return (await world.vault.requestRetrieval(film.id, { ...wholeAt('Standard'), range }, signal)).jobId;
}

/** The ranges that the vault was asked for, in MiB; null for all. */
async function askedOf(world: World): Promise<(readonly number[] | null)[]> {
  const asked = [];
  for await (const { range } of world.vault.jobs(signal)) {
    asked.push(range === null ? null : [range.start / MIB, range.end / MIB]);
  }
  return asked;
}

function landed(world: World): Buffer | null {
  const file = world.tree()[OUT];
  return file === undefined ? null : Buffer.from(file.split(' ')[1] ?? '', 'base64');
}

describe('get --range', () => {
  it('get --range: what holds the bytes is asked for, and the journal does not take it for all of the archive', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    const lines = world.journalLines();
    const tally = await get(world, film, { start: 3 * MIB + 7, end: 3 * MIB + 8 });
    expect(tally).toMatchObject({ requested: 1, requestedBytes: MIB, waiting: 0, got: 0 });
    expect(await askedOf(world)).toEqual([[3, 4]]);
    expect(world.eventsOf('requested')).toMatchObject([{ path: 'film', range: mebibytes(3, 4) }]);
    expect(world.journalLines()).toEqual(lines);
    const whole = await world.run(async ({ journal: { live }, clock }) => live.activeRetrieval(film.id, clock.now()));
    expect(whole).toBe(null);
  });

  it('get --range: meanwhile nothing is asked for twice, then exactly the bytes come, on the word of the vault', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    const range = { start: 31 * MIB + 1, end: 33 * MIB - 1 };
    const { readyAt } = await get(world, film, range);
    expect(await askedOf(world)).toEqual([
      [31, 32],
      [32, 33],
    ]);
    world.clock.seconds += HOUR;
    const faults = new Faults();
    const meanwhile = await get(world, film, range, { meddle: faults.meddle });
    expect(meanwhile).toMatchObject({ requested: 0, waiting: 2, waitingBytes: 2 * MIB, readyAt });
    expect(faults.log).toEqual([]);
    world.clock.seconds += 5 * HOUR;
    const done = await get(world, film, range);
    expect(done).toMatchObject({ got: 2, gotBytes: 2 * MIB, requested: 0, waiting: 0, failed: 0, proof: 'vault' });
    expect(landed(world)?.equals(FILM.subarray(range.start, range.end))).toBe(true);
    expect(world.eventsOf('range-got')).toMatchObject([{ path: 'film', range, proof: 'vault' }]);
    expect(await askedOf(world)).toHaveLength(2);
  });

  it('get --range: a retrieval of more serves, whoever asked for it, also one of all; only what is wanted is fetched', async () => {
    for (const [held, reads] of [
      [null, 1],
      [mebibytes(16, 32), 1],
    ] as const) {
      const { world, film } = await lostFilm();
      using _ = world;
      await requestIn(world, film, held);
      world.clock.seconds += 5 * HOUR;
      const faults = new Faults();
      const range = { start: 17 * MIB + 5, end: 17 * MIB + 9 };
      expect(await get(world, film, range, { meddle: faults.meddle })).toMatchObject({ got: 1, requested: 0 });
      expect(landed(world)?.equals(FILM.subarray(range.start, range.end))).toBe(true);
      expect(faults.log.filter((effect) => effect === 'vault.read')).toHaveLength(reads);
      expect(await askedOf(world)).toHaveLength(1);
    }
  });

  it('get --range: one whose bytes the vault does not prove serves nobody', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(1, 4));
    world.clock.seconds += 5 * HOUR;
    expect(await get(world, film, mebibytes(2, 3))).toMatchObject({ requested: 1, got: 0 });
    expect(await askedOf(world)).toEqual([
      [1, 4],
      [2, 3],
    ]);
  });

  it('get --range: only what is not under way is asked for, and what is ready waits for the rest', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(31, 32));
    world.clock.seconds += 5 * HOUR;
    const tally = await get(world, film, mebibytes(31, 33));
    expect(tally).toMatchObject({ ready: 1, readyBytes: MIB, requested: 1, requestedBytes: MIB, got: 0 });
    expect(await askedOf(world)).toEqual([
      [31, 32],
      [32, 33],
    ]);
    expect(landed(world)).toBe(null);
  });

  it('get --range: what has expired meanwhile is asked for again', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await get(world, film, mebibytes(3, 4));
    world.clock.seconds += 30 * HOUR;
    expect(await get(world, film, mebibytes(3, 4))).toMatchObject({ requested: 1 });
  });

  it('get --range: a retrieval that failed is told, and asked for again', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    world.vault.failRetrieval(await requestIn(world, film, mebibytes(3, 4)), 'a disk burnt');
    expect(await get(world, film, mebibytes(3, 4))).toMatchObject({ requested: 1, failed: 0 });
    expect(world.eventsOf('notice')).toMatchObject([{ topic: 'retrieval-failed', message: /a disk burnt/ }]);
  });

  it('get --range: what another run asked for since the vault was looked at is not asked for twice', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    const lend = (ports: Ports) => async (work: (journal: Ports['journal']) => Promise<void>) => {
      await requestIn(world, film, mebibytes(3, 4));
      await work(ports.journal);
    };
    expect(await get(world, film, mebibytes(3, 4), { lend })).toMatchObject({ requested: 0, waiting: 1 });
    expect(world.eventsOf('requested')).toEqual([]);
  });

  it('get --range: where all of the archive is asked for, the journal notes it, and is what the bytes are held against', async () => {
    const content = bytesOf(2 * MIB + 9);
    const { world, film } = await lostFilm(content);
    using _ = world;
    const range = { start: 2 * MIB - 1, end: 2 * MIB + 1 };
    expect(await get(world, film, range)).toMatchObject({ requested: 1, requestedBytes: film.size });
    expect(await askedOf(world)).toEqual([null]);
    expect(world.journalLines().at(-1)).toContain(`RETRIEVE_JOB\t${film.id}`);
    world.clock.seconds += 5 * HOUR;
    const bySegments = await get(world, film, range);
    expect(bySegments).toMatchObject({ got: 1, proof: 'vault' });
    world.remove(OUT);
    const asOne = await get(world, film, range, { segmentSize: 16 * MIB });
    expect(asOne).toMatchObject({ got: 1, proof: 'journal' });
    expect(landed(world)?.equals(content.subarray(range.start, range.end))).toBe(true);
  });

  it('get --range: one of all that is under way and not in the journal is written down, costs nothing, and is waited for', async () => {
    const { world, film } = await lostFilm(bytesOf(2 * MIB + 9));
    using _ = world;
    await requestIn(world, film, null);
    const acceptCost = () => Promise.reject(new Error('was to cost something'));
    const range = { start: MIB, end: 2 * MIB + 1 };
    expect(await get(world, film, range, { acceptCost })).toMatchObject({ requested: 0, waiting: 1 });
    expect(world.journalLines().at(-1)).toContain(`RETRIEVE_JOB\t${film.id}`);
  });

  it('get --range: what it would cost is accepted before anything is asked for, or nothing is', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(31, 32));
    const refused: (readonly number[])[] = [];
    const acceptCost = async (sizes: readonly number[]) => {
      refused.push(sizes);
      throw new Failure('BRAKE', 'too dear');
    };
    await expect(get(world, film, mebibytes(31, 33), { acceptCost })).rejects.toMatchObject({ code: 'BRAKE' });
    expect(refused).toEqual([[MIB]]);
    expect(await askedOf(world)).toHaveLength(1);
  });

  it('get --range: a topic is told of each range, and of the whole', async () => {
    const topic = TopicArn.parse('arn:aws:sns:us-east-1:123456789012:ready');
    const { world, film } = await lostFilm();
    using _ = world;
    using small = await World.create({ film: bytesOf(MIB) });
    await keep(small);
    const [whole] = (await small.recorded()) as [Archive];
    const terms: unknown[] = [];
    const meddle = instead('vault', 'requestRetrieval', (real, ...given) => {
      terms.push(given[1]);
      return real(...given);
    });
    await get(world, film, mebibytes(31, 33), { topic, meddle, width: 1 });
    await get(small, whole, { start: 0, end: 5 }, { topic, meddle });
    const tier = 'Standard';
    expect(terms).toEqual([
      { tier, topic, range: mebibytes(31, 32) },
      { tier, topic, range: mebibytes(32, 33) },
      { tier, topic, range: null },
    ]);
  });

  it('get --range: bytes of which the vault tells no hash are not taken', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(3, 4));
    world.clock.seconds += 5 * HOUR;
    const meddle = instead('vault', 'read', async (real, ...given) => {
      return { ...((await real(...given)) as object), treeHash: null };
    });
    expect(await get(world, film, mebibytes(3, 4), { meddle })).toMatchObject({ got: 0, failed: 1, proof: null });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'VAULT_REFUSED', message: /tells no tree hash/ }]);
    expect(world.tree()).toEqual({});
  });

  it('get --range: what the journal says was asked for is not asked for again where the vault shows nothing', async () => {
    const { world, film } = await lostFilm(bytesOf(2 * MIB));
    using _ = world;
    const { id: archiveId } = film;
    await world.run(({ journal, clock }) =>
      journal.append({ type: 'retrieve-job', at: clock.now(), archiveId, jobId: null }),
    );
    expect(await get(world, film, { start: 0, end: MIB + 1 })).toMatchObject({ requested: 0, waiting: 1 });
  });

  it('get --range: content that is not what the journal says never arrives complete', async () => {
    const { world, film } = await lostFilm(bytesOf(2 * MIB));
    using _ = world;
    await requestIn(world, film, null);
    world.clock.seconds += 5 * HOUR;
    const other = { ...film, treeHash: TreeHash.parse('0'.repeat(64)) };
    const tally = await get(world, other, { start: 1, end: 2 * MIB });
    expect(tally).toMatchObject({ got: 0, failed: 1, mismatches: 1, proof: null });
    expect(world.tree()).toEqual({});
    const pieces: number[] = [];
    const open = () => rangeStream(async (bytes) => (pieces.push(bytes.length), 'taken'));
    await get(world, other, { start: 1, end: 2 * MIB }, { open });
    expect(pieces).toEqual([MIB - 1]);
  });

  it('get --range: an archive of another length than the journal says is told before anything is asked for', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(0, 1));
    const longer = { ...film, size: film.size + MIB };
    expect(await get(world, longer, mebibytes(3, 4))).toMatchObject({ requested: 0, failed: 1, mismatches: 1 });
    expect(await askedOf(world)).toHaveLength(1);
  });

  it('get --range: a segment that arrives broken is fetched again, one that goes on being broken is not taken', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(0, 4));
    world.clock.seconds += 5 * HOUR;
    let left = 2;
    const spoil = instead('vault', 'read', async (real, ...given) => {
      const answer = (await real(...given)) as { body: AsyncIterable<Uint8Array> };
      if (left-- <= 0) return answer;
      const spoilt = async function* () {
        for await (const piece of answer.body) yield piece.map((byte) => byte ^ 1);
      };
      return { ...answer, body: spoilt() };
    });
    const range = { start: 5, end: 4 * MIB };
    expect(await get(world, film, range, { meddle: spoil })).toMatchObject({ got: 1, failed: 0 });
    expect(landed(world)?.equals(FILM.subarray(range.start, range.end))).toBe(true);
    expect(world.eventsOf('retrying')).toHaveLength(2);
    world.remove(OUT);
    left = 1000;
    expect(await get(world, film, range, { meddle: spoil })).toMatchObject({ got: 0, failed: 1, mismatches: 1 });
    expect(world.tree()).toEqual({});
  });

  it('get --range: when its reader goes away the rest is not fetched, and that is no failure', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, null);
    world.clock.seconds += 5 * HOUR;
    const faults = new Faults();
    let taken = 0;
    const open = () => rangeStream(async () => (++taken > 2 ? 'gone' : 'taken'));
    const tally = await get(world, film, mebibytes(0, 30), { open, width: 2, meddle: faults.meddle });
    expect(tally).toMatchObject({ got: 0, cutShort: 1, failed: 0 });
    expect(faults.log.filter((effect) => effect === 'vault.read').length).toBeLessThanOrEqual(4);
  });

  it('get --range: a dry run says what would be asked for and fetched, in which ranges, and does nothing', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, mebibytes(31, 32));
    world.clock.seconds += 5 * HOUR;
    await requestIn(world, film, mebibytes(33, 34));
    const tally = emptyRangeTally();
    const faults = new Faults();
    await world.run(
      (ports, halt) => planGetRange({ archive: film, range: mebibytes(31, 33) }, ports, tally, halt),
      faults.meddle,
    );
    expect(tally).toMatchObject({ got: 1, gotBytes: MIB, requested: 1, requestedBytes: MIB });
    expect(world.eventsOf('planned')).toMatchObject([
      { do: 'download', range: mebibytes(31, 32) },
      { do: 'retrieve', range: mebibytes(32, 33) },
    ]);
    expect(faults.log).toEqual([]);
  });

  it('get --range: whatever is wanted, by whatever segments, comes exactly', async () => {
    const { world, film } = await lostFilm();
    using _ = world;
    await requestIn(world, film, null);
    await requestIn(world, film, mebibytes(32, film.size / MIB));
    world.clock.seconds += 5 * HOUR;
    const offsets = fc.oneof(
      fc.nat(film.size - 1),
      fc.tuple(fc.nat(40), fc.integer({ min: -2, max: 2 })).map(([leaf, beside]) => {
        return Math.min(Math.max(0, leaf * MIB + beside), film.size - 1);
      }),
    );
    await fc.assert(
      fc.asyncProperty(offsets, offsets, fc.nat(4), fc.integer({ min: 1, max: 4 }), async (a, b, power, width) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) + 1 };
        const pieces: Buffer[] = [];
        const open = () => rangeStream(async (bytes) => (pieces.push(Buffer.from(bytes)), 'taken'));
        const tally = await get(world, film, range, { open, width, segmentSize: 2 ** power * MIB });
        expect(tally).toMatchObject({ failed: 0, requested: 0, waiting: 0 });
        expect(Buffer.concat(pieces).equals(FILM.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('get --range: whatever effect fails, nothing is paid for twice, no wrong byte appears, and further runs bring all', async () => {
    const range = { start: 31 * MIB + 1, end: 33 * MIB - 1 };
    const { world, film } = await lostFilm();
    using _ = world;
    const rounds = async (meddle?: Meddle): Promise<void> => {
      for (let round = 0; round < 2; round++) {
        await get(world, film, range, meddle === undefined ? {} : { meddle }).catch(() => undefined);
        world.clock.seconds += 5 * HOUR;
      }
    };
    const undisturbed = new Faults();
    await rounds(undisturbed.meddle);
    expect(undisturbed.log.filter((effect) => effect === 'vault.requestRetrieval')).toHaveLength(2);
    for (const fault of everyFault(undisturbed.log.length)) {
      world.remove(OUT);
      world.clock.seconds += 48 * HOUR;
      const faults = new Faults(fault);
      const what = `${JSON.stringify(fault)} (${undisturbed.log[fault.nth - 1]})`;
      await rounds(faults.meddle);
      const found = landed(world);
      if (found !== null) expect(found.equals(FILM.subarray(range.start, range.end)), what).toBe(true);
      if (found === null) await rounds();
      expect(landed(world)?.equals(FILM.subarray(range.start, range.end)), what).toBe(true);
      const asked = (await askedOf(world)).map(String);
      expect(new Set(asked).size, `${what}: ${asked.join(' ')}`).toBe(asked.length);
    }
  });
});
