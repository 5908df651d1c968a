// How evenly bytes go under a limit of bandwidth: slow and fast, in threads that keep it together.

import { median } from './medians.js';
import type { Evenness } from './paced-lanes.js';
import type { Ran, Stage } from './stage.js';
import type { Figure, Group, Tell, Work } from './work.js';

const KIB = 1024;
const SECONDS = 10;
const THREADS = 2;
/** A few percent. */
const SLACK = 0.05;

export const PACE_GROUP: Group = {
  name: 'pace',
  about: `limits of bandwidth, kept by ${THREADS} threads for ${SECONDS} s: how far a second is from what is allowed`,
  raw: [],
  prepare: () => undefined,
  async *run(stage, times, tell) {
    yield await paced({ name: '256 KiB/s', rate: 256 * KIB }, stage, times, tell);
    yield await paced({ name: '500 MB/s', rate: 500e6 }, stage, times, tell);
  },
};

async function paced(
  { name, rate }: { readonly name: string; readonly rate: number },
  stage: Stage,
  times: number,
  tell: Tell,
): Promise<Work> {
  const runs: Ran[] = [];
  const found: Evenness[] = [];
  for (let time = 1; time <= times; time++) {
    tell(`${name}, ${time}`);
    const { said, ...ran } = await stage.runScript('paced-lanes.js', String(SECONDS), String(rate), String(THREADS));
    runs.push(ran);
    found.push(JSON.parse(said) as Evenness);
  }
  const of = (what: string, part: keyof Evenness, limit: Figure['limit']): Figure => {
    return { what, limit, of: () => median(found.map((one) => one[part])) };
  };
  const figures = [
    of('of what is allowed, over all', 'mean', { atLeast: 1 - SLACK }),
    of('the same in the slowest second', 'least', { atLeast: 1 - SLACK }),
    of('the same in the fastest second', 'most', { atMost: 1 + SLACK }),
  ];
  return { name, files: 1, bytes: rate * SECONDS, runs, servers: [], figures };
}
