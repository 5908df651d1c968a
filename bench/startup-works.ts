// How long the program takes to say its version, beside Node that does nothing.

import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { median } from './medians.js';
import type { Ran, Stage } from './stage.js';
import type { Figure, Group } from './work.js';

/** Of each, for each run that is asked for: one start is short, and the machine is never quite alone. */
const STARTS = 4;
const ALLOWED_MS = 25;

export const STARTUP_GROUP: Group = {
  name: 'startup',
  about: 'mtglacier --version, beside node -e 0',
  raw: [],
  prepare: () => undefined,
  async *run(stage, times, tell) {
    const name = 'mtglacier --version';
    const [bareMs, versionMs]: [number[], number[]] = [[], []];
    for (let time = 1; time <= times; time++) {
      tell(`${name}, ${STARTS} times, ${time}`);
      await setImmediate(undefined, { signal: stage.signal });
      // In turn, so that what slows one down slows down the other.
      for (let start = 0; start < STARTS; start++) {
        bareMs.push(startedMs(stage, '-e', '0'));
        versionMs.push(startedMs(stage, stage.program, '--version'));
      }
    }
    yield { name, files: 1, bytes: 0, runs: versionMs.map(onlyWall), servers: [], figures: [longerThan(bareMs)] };
  },
};

/** Without what tells usage: loading it takes longer than the difference. */
function startedMs(stage: Stage, ...words: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, words, { cwd: stage.path(), env: {}, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
  return performance.now() - began;
}

function onlyWall(wallMs: number): Ran {
  return { wallMs, cpuMs: Number.NaN, peakMemory: Number.NaN, stallMs: null };
}

function longerThan(bareMs: readonly number[]): Figure {
  const bare = median(bareMs);
  return {
    what: `ms more than node -e 0, which takes ${Math.round(bare)}`,
    limit: { atMost: ALLOWED_MS },
    of: ({ runs }) => median(runs.map(({ wallMs }) => wallMs)) - bare,
  };
}
