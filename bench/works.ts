// What is asked of the program: the works that are measured, in groups.

import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { BenchVault, type Served } from './local-vault.js';
import { makeLargeFile, makeSmallFiles } from './made-files.js';
import { RAW, type Raw, rawWalk } from './raw-figures.js';
import { type Entrance, SignedClient } from './signed-client.js';
import type { Ran, Stage } from './stage.js';
import { DOWN, type Load, ONE_DOWN, ONE_UP, SMALL_ARCHIVES, UP, WIDE } from './vault-loads.js';

/** Something that was done once or several times, each time from the same beginning. */
export interface Work {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly runs: readonly Ran[];
  /** Of the local vault's process, for each run; none where no vault was asked. */
  readonly servers: readonly Ran[];
  /** What memory must stay below; null where no limit is set. */
  readonly memoryLimit: number | null;
  /** The yardsticks that it can be held against. */
  readonly against: readonly Raw[];
}

export interface Group {
  /** What is typed after `npm run bench --`. */
  readonly name: string;
  readonly about: string;
  /** Makes the files to keep. */
  prepare(stage: Stage): void;
  /** The yardsticks, measured when the files are there. */
  readonly raw: readonly Raw[];
  run(stage: Stage, times: number, tell: (what: string) => void): AsyncGenerator<Work>;
}

const MIB = 1024 * 1024;
const LARGE = 1024 * MIB;
const SMALL = { count: 10_000, size: 4096 };
const MANY = { count: 100_000, size: 1024 };
const WALK = rawWalk('many');
const CONCURRENCY = 4;
const PART_SIZE = 16;

/** 200 MiB, and a buffer of one part for each transfer. */
const SYNC_MEMORY_LIMIT = (200 + CONCURRENCY * PART_SIZE) * MIB;
const SYNC = ['--concurrency', String(CONCURRENCY), '--partsize', String(PART_SIZE)];

export const GROUPS: readonly Group[] = [
  {
    name: 'vault',
    about: 'the local vault itself: bytes up and down, small archives, many large parts at once',
    prepare: () => undefined,
    raw: [RAW.bothHashes, RAW.putLarge, RAW.putSmall, RAW.append, RAW.write],
    async *run(stage, times, tell) {
      const large = [RAW.bothHashes, RAW.putLarge, RAW.write];
      yield await loaded(stage, times, tell, ONE_UP, { words: [], against: large });
      yield await loaded(stage, times, tell, UP, { words: [], against: large });
      yield await loaded(stage, times, tell, UP, { words: ['--discard'], against: large });
      yield await loaded(stage, times, tell, ONE_DOWN, { words: [], against: [RAW.putLarge] });
      yield await loaded(stage, times, tell, DOWN, { words: [], against: [RAW.putLarge] });
      yield await loaded(stage, times, tell, SMALL_ARCHIVES, { words: [], against: [RAW.putSmall, RAW.append] });
      yield await loaded(stage, times, tell, SMALL_ARCHIVES, {
        words: ['--discard'],
        against: [RAW.putSmall, RAW.append],
      });
      yield await loaded(stage, times, tell, WIDE, { words: [], against: large });
    },
  },
  {
    name: 'large',
    about: 'one file of 1 GiB: stored, restored, checked',
    raw: [RAW.hash, RAW.bothHashes, RAW.putLarge, RAW.write],
    prepare: (stage) => makeLargeFile(stage.path('large', 'file.bin'), LARGE),
    async *run(stage, times, tell) {
      const large = { files: 1, bytes: LARGE };
      const syncs = await firstSyncs(stage, 'large', times, tell);
      const against = [RAW.bothHashes, RAW.putLarge, RAW.write];
      yield { name: 'sync of one file of 1 GiB', ...large, ...syncs, against };

      const { vault } = syncs;
      mkdirSync(stage.path('back'));
      await vault.command('restore', 'back', ['--max-number-of-files', '1', '--tier', 'Expedited']);
      await wait(2000, undefined, { signal: stage.signal });
      const restores = await repeated(times, async (time) => {
        tell(`restore-completed, ${time}`);
        stage.remove('back/file.bin');
        return vault.command('restore-completed', 'back');
      });
      yield {
        name: 'restore-completed of it',
        ...large,
        ...restores,
        memoryLimit: null,
        against: [RAW.hash, RAW.write],
      };

      const checks: Ran[] = [];
      for (let time = 1; time <= times; time++) {
        tell(`check-local-hash, ${time}`);
        checks.push(await stage.run('check-local-hash', '--dir', 'back', '--journal', vault.journal));
      }
      const alone = { runs: checks, servers: [], memoryLimit: null };
      yield { name: 'check-local-hash of it', ...large, ...alone, against: [RAW.hash] };
      vault.remove();
      stage.remove('large', 'back');
    },
  },
  {
    name: 'small',
    about: '10,000 files of 4 KiB: stored',
    raw: [RAW.putSmall, RAW.append],
    prepare: (stage) => makeSmallFiles(stage.path('small'), SMALL.count, SMALL.size),
    async *run(stage, times, tell) {
      const { vault, ...syncs } = await firstSyncs(stage, 'small', times, tell);
      const small = { files: SMALL.count, bytes: SMALL.count * SMALL.size };
      yield { name: 'sync of 10,000 files of 4 KiB', ...small, ...syncs, against: [RAW.putSmall, RAW.append] };
      vault.remove();
      stage.remove('small');
    },
  },
  {
    name: 'many',
    about: '100,000 files of 1 KiB: stored once, then nothing to do',
    raw: [WALK],
    prepare: (stage) => makeSmallFiles(stage.path('many'), MANY.count, MANY.size),
    async *run(stage, times, tell) {
      const { vault, ...first } = await firstSyncs(stage, 'many', 1, tell);
      const bytes = MANY.count * MANY.size;
      yield { name: 'sync of 100,000 files of 1 KiB, once', files: MANY.count, bytes, ...first, against: [] };
      const again = await repeated(times, (time) => {
        tell(`sync with nothing to do, ${time}`);
        return vault.command('sync', 'many', [...SYNC, '--new', '--replace-modified', '--delete-removed']);
      });
      const nothing = { files: MANY.count, bytes: 0, memoryLimit: SYNC_MEMORY_LIMIT, against: [WALK] };
      yield { name: 'sync of them with nothing to do', ...again, ...nothing };
      vault.remove();
      stage.remove('many');
    },
  },
];

/** A load on a vault of its own, each time a new one: the seconds of the load, and what the vault took for it. */
async function loaded(
  stage: Stage,
  times: number,
  tell: (what: string) => void,
  load: Load,
  { words, against }: { readonly words: readonly string[]; readonly against: readonly Raw[] },
): Promise<Work> {
  const name = ['local vault', ...words, load.name].join(', ').replace(', --', ' --');
  const runs: Ran[] = [];
  let amount = 0;
  for (let time = 1; time <= times; time++) {
    tell(`${name}, ${time}`);
    const folder = `${name}, ${time}`;
    const server = await stage.serve('local-vault', '--data', folder, '--port', '0', ...words);
    using client = new SignedClient(entranceOf(stage.path(folder, 'glacier.cfg')), load.connections);
    const run = await load.prepare(client);
    const [began, used] = [performance.now(), server.cpuMs()];
    amount = await run();
    const [wallMs, cpuMs] = [performance.now() - began, server.cpuMs() - used];
    runs.push({ wallMs, cpuMs, peakMemory: (await server.stop()).peakMemory });
    // Small archives stay to the end: an ext4 without a journal makes files at half the speed for 5 s after many went.
    if (load.unit === 'bytes') stage.remove(folder);
  }
  const sizes = load.unit === 'bytes' ? { files: 1, bytes: amount } : { files: amount, bytes: amount * 4096 };
  return { name, ...sizes, runs, servers: [], memoryLimit: null, against };
}

function entranceOf(config: string): Entrance {
  const entry = (name: string): string =>
    new RegExp(`^${name} = (.*)$`, 'm').exec(readFileSync(config, 'utf8'))?.[1] ?? '';
  const [accessKeyId, secretAccessKey] = [entry('key'), entry('secret')];
  return { endpoint: entry('endpoint'), region: entry('region'), accessKeyId, secretAccessKey };
}

/** Each time into a vault of its own; the last stays. */
async function firstSyncs(stage: Stage, directory: string, times: number, tell: (what: string) => void) {
  const vaults: BenchVault[] = [];
  const { runs, servers } = await repeated(times, async (time) => {
    vaults.pop()?.remove();
    const vault = await BenchVault.create(stage, `vault-of-${directory}-${time}`);
    vaults.push(vault);
    tell(`first sync of ${directory}, ${time}`);
    return vault.command('sync', directory, SYNC);
  });
  const [vault] = vaults;
  if (vault === undefined) throw new Error('nothing was synced');
  return { vault, runs, servers, memoryLimit: SYNC_MEMORY_LIMIT };
}

async function repeated(
  times: number,
  once: (time: number) => Promise<Served>,
): Promise<Pick<Work, 'runs' | 'servers'>> {
  const served: Served[] = [];
  for (let time = 1; time <= times; time++) served.push(await once(time));
  return { runs: served.map(({ client }) => client), servers: served.map(({ server }) => server) };
}
