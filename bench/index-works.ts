// What the index over a journal costs: made, opened as it was, brought up to date, and compared when nothing has changed.

import { appendFileSync, statSync } from 'node:fs';
import { makeJournal } from './index-journal.js';
import { milliseconds, peakMiB, peakOfSmaller, seconds } from './figures.js';
import type { Raw } from './raw-figures.js';
import { timed } from './raw-figures.js';
import type { Ran, Stage } from './stage.js';
import type { Figure, Group, Tell, Work } from './work.js';

const LINES = { million: 1_000_000, tenMillion: 10_000_000 };
const JOURNAL = 'million.journal';
const LONG_JOURNAL = 'ten-million.journal';

export const INDEX_GROUP: Group = {
  name: 'index',
  about: 'the index over journals of 1 and 10 million archives: made, opened, brought up to date, compared',
  raw: [],
  prepare(stage) {
    makeJournal(stage.path(JOURNAL), LINES.million);
    makeJournal(stage.path(LONG_JOURNAL), LINES.tenMillion);
  },
};
