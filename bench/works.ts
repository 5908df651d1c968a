// What is asked of the program: the works that are measured, in groups.

import { readFileSync } from 'node:fs';
import { DOWNLOAD_GROUP } from './download-works.js';
import { speedOf } from './figures.js';
import { INDEX_GROUP } from './index-works.js';
import { JOURNAL_GROUP } from './journal-works.js';
import { LARGE_GROUP, TLS_GROUP } from './large-works.js';
import { MANY_GROUP } from './many-works.js';
import { PACE_GROUP } from './paced-works.js';
import { RAW, type Raw } from './raw-figures.js';
import { type Entrance, SignedClient } from './signed-client.js';
import { LATENCY_GROUP, SMALL_GROUP } from './small-works.js';
import type { Ran, Stage } from './stage.js';
import { STARTUP_GROUP } from './startup-works.js';
import { DOWN, type Load, ONE_DOWN, ONE_UP, SMALL_ARCHIVES, UP, WIDE } from './vault-loads.js';
import type { Group, Tell, Work } from './work.js';

export const GROUPS: readonly Group[] = [
  LARGE_GROUP,
  TLS_GROUP,
  DOWNLOAD_GROUP,
  SMALL_GROUP,
  LATENCY_GROUP,
  MANY_GROUP,
  INDEX_GROUP,
  JOURNAL_GROUP,
  STARTUP_GROUP,
  PACE_GROUP,
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
];

/** A load on a vault of its own, each time a new one: the seconds of the load, and what the vault took for it. */
async function loaded(
  stage: Stage,
  times: number,
  tell: Tell,
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
    runs.push({ wallMs, cpuMs, peakMemory: (await server.stop()).peakMemory, stallMs: null });
    // Small archives stay to the end: an ext4 without a journal makes files at half the speed for 5 s after many went.
    if (load.unit === 'bytes') stage.remove(folder);
  }
  const sizes = load.unit === 'bytes' ? { files: 1, bytes: amount } : { files: amount, bytes: amount * 4096 };
  return { name, ...sizes, runs, servers: [], figures: against.map((raw) => speedOf(raw)) };
}

function entranceOf(config: string): Entrance {
  const entry = (name: string): string =>
    new RegExp(`^${name} = (.*)$`, 'm').exec(readFileSync(config, 'utf8'))?.[1] ?? '';
  const [accessKeyId, secretAccessKey] = [entry('key'), entry('secret')];
  return { endpoint: entry('endpoint'), region: entry('region'), accessKeyId, secretAccessKey };
}
