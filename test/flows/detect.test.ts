// The truth table of --detect, every cell once through a sync and once through its dry run.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { planSync } from '../../src/flows/storing/sync.js';
import { emptySyncTally } from '../../src/flows/storing/sync-tally.js';
import type { DetectMode } from '../../src/plan/detect.js';
import { request, syncOnce } from './syncing.js';
import { World } from './world.js';

type Column = 'size differs' | 'mtime same' | 'mtime differs' | 'mtime unknown';
type Deed = 'upload' | 'nothing' | 'hash';

/** As the specification of mt-aws-glacier 1.120 has it. */
const TABLE: Record<DetectMode, Record<Column, Deed>> = {
  'mtime-and-treehash': {
    'size differs': 'upload',
    'mtime same': 'nothing',
    'mtime differs': 'hash',
    'mtime unknown': 'nothing',
  },
  'mtime-or-treehash': {
    'size differs': 'upload',
    'mtime same': 'hash',
    'mtime differs': 'upload',
    'mtime unknown': 'hash',
  },
  mtime: { 'size differs': 'upload', 'mtime same': 'nothing', 'mtime differs': 'upload', 'mtime unknown': 'nothing' },
  treehash: { 'size differs': 'upload', 'mtime same': 'hash', 'mtime differs': 'hash', 'mtime unknown': 'hash' },
  'size-only': {
    'size differs': 'upload',
    'mtime same': 'nothing',
    'mtime differs': 'nothing',
    'mtime unknown': 'nothing',
  },
  'always-positive': {
    'size differs': 'upload',
    'mtime same': 'upload',
    'mtime differs': 'upload',
    'mtime unknown': 'upload',
  },
};

const STORED_AT = 1_600_000_500;

/** How the file comes to be what the column says, with the content it had or with another. */
const CHANGES: Record<Column, (world: World, content: string) => void> = {
  'size differs': (world, content) => world.write('f', `${content} and more`, STORED_AT),
  'mtime same': (world, content) => world.write('f', content, STORED_AT),
  'mtime differs': (world, content) => world.write('f', content, STORED_AT - 60),
  'mtime unknown': (world, content) => {
    world.write('f', content, STORED_AT - 60);
    const lines = readFileSync(world.journalFile, 'utf8');
    writeFileSync(world.journalFile, lines.replace(`\t${STORED_AT}\t`, '\tNONE\t'));
  },
};

const CELLS = Object.entries(TABLE).flatMap(([detect, row]) =>
  Object.entries(row).flatMap(([column, deed]) =>
    (['old', 'new'] as const).map((content) => ({
      detect: detect as DetectMode,
      column: column as Column,
      deed,
      content,
    })),
  ),
);

it.each(CELLS)('--detect $detect, $column, $content content: $deed', async ({ detect, column, deed, content }) => {
  using world = await World.create();
  world.write('f', 'old', STORED_AT);
  await syncOnce(world);
  CHANGES[column](world, content);
  world.events.length = 0;
  const asked = { new: false, replaceModified: true, detect };

  await world.run((ports, halt) => planSync(request(asked), ports, emptySyncTally(), halt));
  const planned = { upload: ['upload'], hash: ['verify-and-upload'], nothing: [] }[deed];
  expect(world.eventsOf('planned').map((step) => step.do)).toEqual(planned);

  const isChanged = content === 'new' || column === 'size differs';
  const isStored = deed === 'upload' || (deed === 'hash' && isChanged);
  expect(await syncOnce(world, asked)).toMatchObject({ stored: isStored ? 1 : 0, replaced: isStored ? 1 : 0 });
  expect(world.eventsOf('compared').map(({ same }) => same)).toEqual(deed === 'hash' ? [!isChanged] : []);
});
