import { describe, expect, it } from 'vitest';
import { type Destination, intoDirectory, intoFile, intoStream } from '../../src/flows/retrieving/destination.js';
import { emptyGetTally, type GetTally, getNamed, planGetNamed } from '../../src/flows/retrieving/get-named.js';
import type { Sink } from '../../src/flows/retrieving/pour.js';
import type { Archive } from '../../src/model/archive.js';
import { Failure } from '../../src/model/failure.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { bytesOf } from '../vault/bytes.js';
import { everyFault, Faults, instead } from './faults.js';
import { keep, keepBeside, versionsOf } from './keeping.js';
import { type Meddle, MIB, type Ports, World } from './world.js';

const REQUEST = { tier: 'Standard', topic: null, width: 2 } as const;
const acceptCost = async (): Promise<void> => undefined;
const SEGMENTS = { segmentSize: MIB, width: 3 };
const HOUR = 3600;

type Into = (ports: Ports) => Destination;

const toItsName: Into = (ports) => intoDirectory(SEGMENTS, ports);
const nowhere: Sink = async () => 'taken';

async function get(
  world: World,
  archives: readonly Archive[],
  into: Into = toItsName,
  meddle?: Meddle,
): Promise<GetTally> {
  return world.run(async (ports, halt) => {
    const tally = emptyGetTally();
    const whileWriting = (work: (journal: Ports['journal']) => Promise<void>) => work(ports.journal);
    await getNamed(archives, REQUEST, { ...ports, destination: into(ports), acceptCost, whileWriting }, tally, halt);
    return tally;
  }, meddle);
}

/** The files of a world that has stored them and lost them. */
async function lostWorld(files: Record<string, string | Uint8Array>): Promise<{ world: World; archives: Archive[] }> {
  const world = await World.create(files);
  await keep(world);
  for (const path of Object.keys(files)) world.remove(path);
  return { world, archives: await world.recorded() };
}

async function retrievedTwice(world: World): Promise<unknown[]> {
  const asked: unknown[] = [];
  for await (const { archiveId } of world.vault.jobs(new AbortController().signal)) asked.push(archiveId);
  return asked.filter((id, index) => asked.indexOf(id) !== index);
}

async function requestAll(world: World, archives: readonly Archive[]): Promise<void> {
  const { signal } = new AbortController();
  for (const { id } of archives) await world.vault.requestRetrieval(id, wholeAt('Standard'), signal);
  world.clock.seconds += 5 * HOUR;
}

describe('get', () => {
  it('get: what nobody has asked for is asked for, written down, and not ready', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    expect(await get(world, archives)).toMatchObject({ requested: 1, requestedBytes: 1, got: 0, waiting: 0 });
    expect(world.journalLines().at(-1)).toContain(`RETRIEVE_JOB\t${archives[0]?.id}`);
    expect(world.tree()).toEqual({});
  });

  it('get: meanwhile nothing is asked for twice', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    const { readyAt } = await get(world, archives);
    world.clock.seconds += HOUR;
    const faults = new Faults();
    expect(await get(world, archives, toItsName, faults.meddle)).toMatchObject({ requested: 0, waiting: 1, readyAt });
    expect(faults.log).toEqual([]);
  });

  it('get: what is ready is brought to its name, with its time, and is here from then on', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a', 'sub/b.bin': bytesOf(2 * MIB + 7) });
    using _ = world;
    using twin = await World.create({ 'a.txt': 'a', 'sub/b.bin': bytesOf(2 * MIB + 7) });
    await get(world, archives);
    world.clock.seconds += 5 * HOUR;
    expect(await get(world, archives)).toMatchObject({ got: 2, gotBytes: 2 * MIB + 8, requested: 0, failed: 0 });
    expect(world.tree()).toEqual(twin.tree());
    expect(await get(world, archives)).toMatchObject({ got: 0, here: 2, failed: 0 });
  });

  it('get: what another program asked for is used, and the journal is not even opened for writing', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    await requestAll(world, archives);
    const tally = emptyGetTally();
    await world.run(async (ports, halt) => {
      const whileWriting = () => Promise.reject(new Error('opened for writing'));
      await getNamed(
        archives,
        REQUEST,
        { ...ports, destination: toItsName(ports), acceptCost, whileWriting },
        tally,
        halt,
      );
    });
    expect(tally).toMatchObject({ got: 1 });
    expect(world.read('a.txt')).toBe('a');
  });

  it('get: one that is under way and not in the journal is written down, and not asked for again', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    await requestAll(world, archives);
    world.clock.seconds -= 4 * HOUR;
    const faults = new Faults();
    expect(await get(world, archives, toItsName, faults.meddle)).toMatchObject({ waiting: 1, requested: 0 });
    expect(faults.log).toEqual(['journal.append']);
    expect(world.journalLines().at(-1)).toMatch(/^B\t1700000000\tRETRIEVE_JOB/);
  });

  it('get: what it would cost is accepted before anything is asked for; what is under way already costs nothing', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a', 'b.txt': 'bb', 'c.txt': 'ccc' });
    using _ = world;
    const [a] = archives as [Archive];
    await world.vault.requestRetrieval(a.id, wholeAt('Standard'), new AbortController().signal);
    const asked: (readonly number[])[] = [];
    const attempt = (of: readonly Archive[], answer: () => void) =>
      world.run(async (ports, halt) => {
        const tally = emptyGetTally();
        const acceptCost = async (sizes: readonly number[]) => {
          asked.push(sizes);
          answer();
        };
        const whileWriting = (work: (journal: Ports['journal']) => Promise<void>) => work(ports.journal);
        await getNamed(of, REQUEST, { ...ports, destination: toItsName(ports), acceptCost, whileWriting }, tally, halt);
        return tally;
      });
    const refuse = () => {
      throw new Failure('BRAKE', 'too dear');
    };
    await expect(attempt(archives, refuse)).rejects.toMatchObject({ code: 'BRAKE' });
    expect(asked).toEqual([[2, 3]]);
    expect(world.eventsOf('requested')).toEqual([]);
    expect(await attempt([a], refuse)).toMatchObject({ waiting: 1, requested: 0 });
    expect(await attempt(archives, () => undefined)).toMatchObject({ waiting: 1, requested: 2 });
  });

  it('get: what the journal says was asked for within a day is not asked for again where the vault says nothing', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    const [{ id: archiveId }] = archives as [Archive];
    await world.run(({ journal, clock }) =>
      journal.append({ type: 'retrieve-job', at: clock.now(), archiveId, jobId: null }),
    );
    const faults = new Faults();
    expect(await get(world, archives, toItsName, faults.meddle)).toMatchObject({ waiting: 1, requested: 0 });
    expect(faults.log).toEqual([]);
    world.clock.seconds += 24 * HOUR;
    expect(await get(world, archives)).toMatchObject({ waiting: 0, requested: 1 });
  });

  it('get: what another run asked for since the vault was looked at is not asked for twice', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a' });
    using _ = world;
    const [{ id: archiveId }] = archives as [Archive];
    const tally = emptyGetTally();
    await world.run(async (ports, halt) => {
      const { journal, clock } = ports;
      const whileWriting = async (work: (lent: Ports['journal']) => Promise<void>): Promise<void> => {
        await journal.append({ type: 'retrieve-job', at: clock.now(), archiveId, jobId: null });
        await work(journal);
      };
      await getNamed(
        archives,
        REQUEST,
        { ...ports, destination: toItsName(ports), acceptCost, whileWriting },
        tally,
        halt,
      );
    });
    expect(tally).toMatchObject({ requested: 0, waiting: 1 });
    expect(world.eventsOf('requested')).toEqual([]);
  });

  it('get: of a file that has changed, the older version comes to its place only when the place is free', async () => {
    const { world } = await lostWorld({ 'a.txt': 'old' });
    using _ = world;
    await keepBeside(world, 'a.txt', 'new');
    const [old] = await versionsOf(world, 'a.txt');
    await requestAll(world, [old!]);
    expect(await get(world, [old!])).toMatchObject({ got: 0, here: 0, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ code: 'FILE_UNWRITABLE', name: 'a.txt' }]);
    expect(world.read('a.txt')).toBe('new');
    world.remove('a.txt');
    expect(await get(world, [old!])).toMatchObject({ got: 1 });
    expect(world.read('a.txt')).toBe('old');
  });

  it('get: a file of the same content and another time is what is wanted; one of other content never is', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'abc' });
    using _ = world;
    world.write('a.txt', 'abc', 1_500_000_000);
    expect(await get(world, archives)).toMatchObject({ here: 1, requested: 0 });
    world.write('a.txt', 'abd', 1_500_000_000);
    expect(await get(world, archives)).toMatchObject({ here: 0, failed: 1, requested: 0 });
    world.write('a.txt', 'abcd', archives[0]!.mtime!);
    expect(await get(world, archives)).toMatchObject({ here: 0, failed: 1, requested: 0 });
    world.write('a.txt', '');
    expect(await get(world, archives)).toMatchObject({ here: 0, failed: 1, requested: 0 });
  });

  it('get: two versions of one file do not fight for its place: the first that is named gets it', async () => {
    const { world } = await lostWorld({ 'a.txt': 'old' });
    using _ = world;
    await keepBeside(world, 'a.txt', 'new');
    world.remove('a.txt');
    const [old, latest] = await versionsOf(world, 'a.txt');
    await requestAll(world, [old!, latest!]);
    expect(await get(world, [old!, latest!])).toMatchObject({ got: 1, failed: 1 });
    expect(world.read('a.txt')).toBe('old');
  });

  it('get: other content than the journal says is told, and no file appears', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a', 'b.txt': 'b' });
    using _ = world;
    await requestAll(world, archives);
    const [a, b] = archives as [Archive, Archive];
    const tally = await get(world, [{ ...a, treeHash: b.treeHash }, b]);
    expect(tally).toMatchObject({ got: 1, failed: 1, mismatches: 1 });
    expect(Object.keys(world.tree())).toEqual(['b.txt']);
  });

  it('get: one that fails is named, and the others are got', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a', 'b.txt': 'b' });
    using _ = world;
    const [a] = archives as [Archive, Archive];
    await world.vault.deleteArchive(a.id, new AbortController().signal);
    expect(await get(world, archives)).toMatchObject({ requested: 1, failed: 1 });
    expect(world.eventsOf('failed')).toMatchObject([{ name: 'a.txt', code: 'ARCHIVE_NOT_FOUND' }]);
  });

  it('get: a dry run says what would be fetched, asked for and waited for, and does nothing', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
    using _ = world;
    const [a, b] = archives as [Archive, Archive];
    await requestAll(world, [a]);
    await world.vault.requestRetrieval(b.id, wholeAt('Standard'), new AbortController().signal);
    const tally = emptyGetTally();
    const faults = new Faults();
    await world.run(
      (ports, halt) => planGetNamed(archives, { ...ports, destination: toItsName(ports) }, tally, halt),
      faults.meddle,
    );
    expect(tally).toMatchObject({ got: 1, waiting: 1, requested: 1 });
    const planned = world.eventsOf('planned').map((step) => [step.do, step.path]);
    expect(planned).toEqual([
      ['download', 'a.txt'],
      ['retrieve', 'c.txt'],
    ]);
    expect(faults.log).toEqual([]);
  });

  it('get: into a file of any name', async () => {
    const { world, archives } = await lostWorld({ 'a.txt': 'content' });
    using _ = world;
    await requestAll(world, archives);
    const into: Into = (ports) => {
      return intoFile((size) => ports.directory.land('elsewhere' as Archive['path'], size), SEGMENTS, ports);
    };
    expect(await get(world, archives, into)).toMatchObject({ got: 1 });
    expect(world.read('elsewhere')).toBe('content');
    expect(world.eventsOf('restored')).toMatchObject([{ path: 'a.txt' }]);
  });

  it('get: whatever effect fails, no file of other content appears, nothing is paid for twice, and further runs bring all', async () => {
    const files = { 'a.txt': 'a', 'large.bin': bytesOf(MIB + 1) };
    using twin = await World.create(files);
    const rounds = async (world: World, archives: readonly Archive[], meddle?: Meddle): Promise<string> => {
      let outcome = 'ended';
      for (let round = 0; round < 2; round++) {
        await get(world, archives, toItsName, meddle).catch((failure: Error) => {
          outcome = failure.message;
        });
        world.clock.seconds += 5 * HOUR;
      }
      return outcome;
    };
    const pristine = await lostWorld(files);
    using _ = pristine.world;
    const undisturbed = new Faults();
    expect(await rounds(pristine.world, pristine.archives, undisturbed.meddle)).toBe('ended');
    expect(pristine.world.tree()).toEqual(twin.tree());
    const requests = undisturbed.log.filter((effect) => effect === 'vault.requestRetrieval').length;
    expect(requests).toBe(2);

    for (const fault of everyFault(undisturbed.log.length)) {
      const { world, archives } = await lostWorld(files);
      using _ = world;
      const faults = new Faults(fault);
      await rounds(world, archives, faults.meddle);
      const what = `${JSON.stringify(fault)} (${faults.log[fault.nth - 1]})`;
      const wanted = twin.tree();
      for (const [path, content] of world.named()) expect(content, what).toBe(wanted[path]);
      await rounds(world, archives);
      expect(world.tree(), what).toEqual(wanted);
      expect(await retrievedTwice(world), `${what}: nothing is paid for twice`).toEqual([]);
    }
  });
});

describe('get to a stream', () => {
  /** Gets the archive, and gives what the stream was given. */
  async function poured(world: World, archive: Archive, segments = SEGMENTS, meddle?: Meddle) {
    const pieces: Buffer[] = [];
    const sink: Sink = async (bytes) => {
      pieces.push(Buffer.from(bytes));
      return 'taken';
    };
    const tally = await get(world, [archive], (ports) => intoStream(segments, { ...ports, sink }), meddle);
    return { tally, content: Buffer.concat(pieces) };
  }

  it.each([
    [1, 1, MIB],
    [MIB, 1, MIB],
    [MIB + 1, 3, MIB],
    [5 * MIB, 2, 2 * MIB],
    [7 * MIB + 3, 3, MIB],
    [3 * MIB, 4, Number.POSITIVE_INFINITY],
  ])(
    'get to a stream: %i bytes by %i lanes in segments of %d come whole and in order',
    async (size, width, segmentSize) => {
      const content = bytesOf(size, size);
      const { world, archives } = await lostWorld({ 'a.bin': content });
      using _ = world;
      await requestAll(world, archives);
      const got = await poured(world, archives[0]!, { segmentSize, width });
      expect(got.tally).toMatchObject({ got: 1, gotBytes: size });
      expect(Buffer.compare(got.content, content)).toBe(0);
    },
  );

  it('get to a stream: a segment that arrives broken is fetched again before anything of it is passed on', async () => {
    const content = bytesOf(3 * MIB);
    const { world, archives } = await lostWorld({ 'a.bin': content });
    using _ = world;
    await requestAll(world, archives);
    let broken = 0;
    const spoil = instead('vault', 'read', async (real, ...given) => {
      const answer = (await real(...given)) as { treeHash: TreeHash | null; body: AsyncIterable<Uint8Array> };
      if (++broken > 2) return answer;
      const pieces: Uint8Array[] = [];
      for await (const piece of answer.body) pieces.push(piece.map((byte) => byte ^ 1));
      return {
        ...answer,
        body: (async function* () {
          yield* pieces;
        })(),
      };
    });
    const got = await poured(world, archives[0]!, SEGMENTS, spoil);
    expect(got.tally).toMatchObject({ got: 1, failed: 0 });
    expect(Buffer.compare(got.content, content)).toBe(0);
    expect(world.eventsOf('retrying').length).toBe(2);
  });

  it('get to a stream: content that is not what the journal says never arrives complete', async () => {
    const { world, archives } = await lostWorld({ 'a.bin': bytesOf(2 * MIB + 5) });
    using _ = world;
    await requestAll(world, archives);
    const [archive] = archives as [Archive];
    const got = await poured(world, { ...archive, treeHash: TreeHash.parse('0'.repeat(64)) });
    expect(got.tally).toMatchObject({ got: 0, failed: 1, mismatches: 1 });
    expect(got.content.length).toBe(2 * MIB);
  });

  it('get to a stream: when its reader goes away the rest is not fetched, and that is no failure', async () => {
    const { world, archives } = await lostWorld({ 'a.bin': bytesOf(9 * MIB) });
    using _ = world;
    await requestAll(world, archives);
    const faults = new Faults();
    let taken = 0;
    const sink: Sink = async () => (++taken > 2 ? 'gone' : 'taken');
    const into: Into = (ports) => intoStream({ segmentSize: MIB, width: 2 }, { ...ports, sink });
    expect(await get(world, archives, into, faults.meddle)).toMatchObject({ got: 0, cutShort: 1, failed: 0 });
    expect(faults.log.filter((effect) => effect === 'vault.read').length).toBeLessThanOrEqual(4);
  });

  it('get to a stream: what is not ready is asked for, and the stream gets nothing', async () => {
    const { world, archives } = await lostWorld({ 'a.bin': 'a' });
    using _ = world;
    let opened = false;
    const into: Into = (ports) => ({
      ...intoStream(SEGMENTS, { ...ports, sink: nowhere }),
      put: async () => {
        opened = true;
        return 'whole';
      },
    });
    expect(await get(world, archives, into)).toMatchObject({ requested: 1, got: 0 });
    expect(opened).toBe(false);
  });
});
