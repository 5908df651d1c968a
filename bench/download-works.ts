// One archive of 1 GiB brought home, beside the same bytes fetched by a client that proves nothing.

import { mkdirSync } from 'node:fs';
import { fetchedAndDropped, fetchedAndWritten } from './bare-receiving.js';
import { peakMiB, speedBesidesStart, speedOf } from './figures.js';
import { AT_ONCE, startOf } from './large-works.js';
import { makeLargeFile } from './made-files.js';
import { NullVault } from './null-vault-process.js';
import { RAW } from './raw-figures.js';
import type { Group } from './work.js';

const MIB = 1024 * 1024;
const LARGE = { files: 1, bytes: 1024 * MIB };
const FILE = 'large/file.bin';
const DROPPED = fetchedAndDropped(FILE);
const WRITTEN = fetchedAndWritten(FILE);

export const DOWNLOAD_GROUP: Group = {
  name: 'download',
  about: 'one archive of 1 GiB brought home, beside a bare ranged GET of the same bytes',
  raw: [DROPPED, WRITTEN, RAW.hash, RAW.write],
  prepare(stage) {
    makeLargeFile(stage.path(FILE), LARGE.bytes);
    mkdirSync(stage.path('nothing'));
    mkdirSync(stage.path('back'));
  },
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage, { content: FILE });
    const startMs = await startOf(vault, stage, times, tell);
    tell('sync');
    const sync = ['sync', '--dir', 'large', '--journal', 'large.journal', ...AT_ONCE];
    await vault.repeated(1, () => undefined, ...sync);
    for (const segment of ['16', '128', '0']) {
      const inSegments = segment === '0' ? 'in one piece' : `in segments of ${segment} MiB`;
      const name = `restore-completed of 1 GiB, ${inSegments}`;
      const gone = (time: number): void => {
        tell(`${name}, ${time}`);
        stage.remove('back/file.bin');
      };
      const words = ['--dir', 'back', '--journal', 'large.journal', '--segment-size', segment];
      const runs = await vault.repeated(times, gone, 'restore-completed', ...words);
      const figures = [
        speedBesidesStart(WRITTEN, startMs, segment === '16' ? 0.75 : null),
        speedOf(WRITTEN),
        speedOf(DROPPED),
        peakMiB(200),
      ];
      yield { name, ...LARGE, ...runs, figures };
    }
    stage.remove('back/file.bin');
  },
};
