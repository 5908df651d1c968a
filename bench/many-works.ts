// 200,000 small files: stored once, then compared when nothing has changed.

import { peakMiB, timeOf } from './figures.js';
import { AT_ONCE } from './large-works.js';
import { makeSmallFiles } from './made-files.js';
import { NullVault } from './null-vault-process.js';
import { rawWalk } from './raw-figures.js';
import type { Group } from './work.js';

const MANY = { count: 200_000, size: 64 };
const WALK = rawWalk('many');
const SYNC = ['sync', '--dir', 'many', '--journal', 'many.journal', ...AT_ONCE];

export const MANY_GROUP: Group = {
  name: 'many',
  about: '200,000 files of 64 bytes: stored once, then nothing to do',
  raw: [WALK],
  prepare: (stage) => makeSmallFiles(stage.path('many'), MANY.count, MANY.size),
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage);
    const first = 'sync of 200,000 files of 64 bytes, once';
    const stored = await vault.repeated(1, () => tell(first), ...SYNC);
    yield { name: first, files: MANY.count, bytes: MANY.count * MANY.size, ...stored, figures: [] };
    const name = 'sync of them with nothing to do';
    const all = ['--new', '--replace-modified', '--delete-removed'];
    const runs = await vault.repeated(times, (time) => tell(`${name}, ${time}`), ...SYNC, ...all);
    yield {
      name,
      files: MANY.count,
      bytes: 0,
      ...runs,
      figures: [timeOf(WALK, 1.5), peakMiB(150)],
      tells: 'files compared',
    };
  },
};
