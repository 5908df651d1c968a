// Facts that 64 writers add to a journal, each waiting until its own is on stable storage.

import { perSecond, speedOf } from './figures.js';
import { RAW } from './raw-figures.js';
import type { Ran } from './stage.js';
import type { Group } from './work.js';

const COUNT = 200_000;
const WRITERS = 64;

export const JOURNAL_GROUP: Group = {
  name: 'journal',
  about: 'facts made durable in a journal, 64 writers waiting',
  raw: [RAW.append],
  prepare: () => undefined,
  async *run(stage, times, tell) {
    const name = `journal of ${COUNT.toLocaleString('en')} facts, ${WRITERS} writers waiting`;
    const runs: Ran[] = [];
    for (let time = 1; time <= times; time++) {
      tell(`${name}, ${time}`);
      const ran = await stage.runScript('journal-load.js', 'facts.journal', String(COUNT), String(WRITERS));
      runs.push({ ...ran, wallMs: Number(ran.said) });
      stage.forgetJournal('facts.journal');
    }
    yield {
      name,
      files: COUNT,
      bytes: 0,
      runs,
      servers: [],
      figures: [perSecond('facts', 50_000), speedOf(RAW.append)],
    };
  },
};
