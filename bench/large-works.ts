// One file of 1 GiB and a tree of 4 GiB: stored, restored, checked, in the clear and over TLS.

import { linkSync, mkdirSync } from 'node:fs';
import { hashOnAllCores } from './all-cores.js';
import { readAndSent } from './bare-sending.js';
import { cpuSecondsPerGiB, peakMiB, speedBesidesStart, speedOf, stallMs } from './figures.js';
import { makeLargeFile } from './made-files.js';
import { wallMsOf } from './medians.js';
import { NullVault } from './null-vault-process.js';
import { RAW } from './raw-figures.js';
import type { Ran, Stage } from './stage.js';
import type { Figure, Group, Tell, Work } from './work.js';

const MIB = 1024 * 1024;
const LARGE = { files: 1, bytes: 1024 * MIB };
const FILE = 'large/file.bin';
const BOTH_HASHES = hashOnAllCores({ both: true, file: FILE });
const BOTH_HASHES_OF_MEMORY = hashOnAllCores({ both: true, file: null });
const SENDING = readAndSent(FILE);

/** Links to one file, so that a tree of 4 GiB needs 256 MiB of disk and of the system's cache. */
const TREE = { files: 16, bytes: 4096 * MIB };
const TREE_FILE = 'tree/file-00.bin';
const TREE_HASH = hashOnAllCores({ both: false, file: TREE_FILE });

export const LARGE_GROUP: Group = {
  name: 'large',
  about: 'one file of 1 GiB, stored in parts of 16 and of 256 MiB and restored; a tree of 4 GiB, checked',
  raw: [BOTH_HASHES, BOTH_HASHES_OF_MEMORY, SENDING, TREE_HASH, RAW.write],
  prepare(stage) {
    makeLargeFile(stage.path(FILE), LARGE.bytes);
    makeLargeFile(stage.path(TREE_FILE), TREE.bytes / TREE.files);
    for (let n = 1; n < TREE.files; n++) linkSync(stage.path(TREE_FILE), stage.path(`tree/file-${n}.bin`));
    mkdirSync(stage.path('nothing'));
    mkdirSync(stage.path('back'));
  },
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage, { content: FILE });
    const startMs = await startOf(vault, stage, times, tell);
    const start = { stage, vault, times, tell };
    const inParts = await stored(start, [], {
      name: 'sync of one file of 1 GiB',
      figures: [
        speedBesidesStart(BOTH_HASHES, startMs, 0.75),
        speedOf(BOTH_HASHES),
        speedOf(BOTH_HASHES_OF_MEMORY),
        speedOf(SENDING),
        cpuSecondsPerGiB(1.5),
        peakMiB(170),
        stallMs(20),
      ],
    });
    yield { ...inParts, tells: 'bytes stored' };
    yield await restored(start);
    yield await stored(start, ['--partsize', '256'], {
      name: 'the same in parts of 256 MiB',
      figures: [speedBesidesStart(BOTH_HASHES, startMs, null), peakMiB(120)],
    });
    yield await checked(start);
  },
};

export const TLS_GROUP: Group = {
  name: 'tls',
  about: 'one file of 1 GiB, stored over TLS',
  raw: [BOTH_HASHES],
  prepare(stage) {
    makeLargeFile(stage.path(FILE), LARGE.bytes);
    mkdirSync(stage.path('nothing'));
  },
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage, { tls: true });
    const startMs = await startOf(vault, stage, times, tell);
    yield await stored({ stage, vault, times, tell }, [], {
      name: 'sync of one file of 1 GiB over TLS',
      figures: [
        speedBesidesStart(BOTH_HASHES, startMs, 0.45),
        speedOf(BOTH_HASHES),
        cpuSecondsPerGiB(1.9),
        peakMiB(170),
        stallMs(20),
      ],
    });
  },
};

/** Where a disk says of itself that it turns, as virtual ones like to, one reader would be chosen: that is not what is measured. */
export const AT_ONCE = ['--reader', 'parallel'];

interface Start {
  readonly stage: Stage;
  readonly vault: NullVault;
  readonly times: number;
  readonly tell: Tell;
}

/** Milliseconds of a sync that finds nothing, asked of the same vault. */
export async function startOf(vault: NullVault, stage: Stage, times: number, tell: Tell): Promise<number> {
  tell('sync of nothing');
  const forget = () => stage.forgetJournal('nothing.journal');
  return wallMsOf(
    await vault.repeated(times, forget, 'sync', '--dir', 'nothing', '--journal', 'nothing.journal', ...AT_ONCE),
  );
}

async function stored(
  { stage, vault, times, tell }: Start,
  words: readonly string[],
  { name, figures }: { readonly name: string; readonly figures: readonly Figure[] },
): Promise<Work> {
  const anew = (time: number): void => {
    tell(`${name}, ${time}`);
    stage.forgetJournal('large.journal');
  };
  const sync = ['sync', '--dir', 'large', '--journal', 'large.journal', ...AT_ONCE, ...words];
  return { name, ...LARGE, ...(await vault.repeated(times, anew, ...sync)), figures };
}

/** What is in the journal of the last sync. */
async function restored({ stage, vault, times, tell }: Start): Promise<Work> {
  const gone = (time: number): void => {
    tell(`restore-completed, ${time}`);
    stage.remove('back/file.bin');
  };
  const restore = ['restore-completed', '--dir', 'back', '--journal', 'large.journal'];
  const runs = await vault.repeated(times, gone, ...restore);
  stage.remove('back/file.bin');
  const figures = [speedOf(RAW.write, 0.5)];
  return { name: 'restore-completed of it', ...LARGE, ...runs, figures };
}

async function checked({ stage, vault, times, tell }: Start): Promise<Work> {
  tell('sync of the tree');
  await vault.repeated(1, () => undefined, 'sync', '--dir', 'tree', '--journal', 'tree.journal', ...AT_ONCE);
  const runs: Ran[] = [];
  for (let time = 1; time <= times; time++) {
    tell(`check-local-hash, ${time}`);
    runs.push(await stage.run('check-local-hash', '--dir', 'tree', '--journal', 'tree.journal', ...AT_ONCE));
  }
  const figures = [speedOf(TREE_HASH, 0.85)];
  return { name: 'check-local-hash of 4 GiB', ...TREE, runs, servers: [], figures };
}
