// Yardsticks of all cores: SHA-256 in as many threads as there are cores, of a warm file or of memory.

import { once } from 'node:events';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashLane } from './hash-lane.js';
import { type Raw, timed } from './raw-figures.js';
import type { Stage } from './stage.js';

const MIB = 1024 * 1024;
const PART = 16 * MIB;

/** Enough for half a second of each core. */
const FROM_MEMORY = 1024 * MIB;

/** Of a file on the stage, or of memory where none is named. @param both the linear hash besides that of each MiB */
export function hashOnAllCores(what: { readonly both: boolean; readonly file: string | null }): Raw {
  const passes = what.both ? 'both ways' : 'tree';
  const from = what.file === null ? '' : ', with reading';
  return {
    name: `SHA-256, all cores, ${passes}${from}`,
    unit: 'bytes',
    run: (stage) => hashed(stage, what.both, what.file),
  };
}

/** Starting the threads is not counted. */
async function hashed(stage: Stage, both: boolean, name: string | null) {
  const file = name === null ? null : stage.path(name);
  const size = file === null ? FROM_MEMORY : statSync(file).size;
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const workerData: HashLane = { both, file, taken, parts: size / PART, partSize: PART };
  const lanes = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./hash-lane.js', import.meta.url), { workerData }),
  );
  await Promise.all(lanes.map((lane) => once(lane, 'message')));
  const run = await timed(async () => {
    const done = lanes.map((lane) => once(lane, 'message'));
    for (const lane of lanes) lane.postMessage('go');
    await Promise.all(done);
    return size;
  });
  await Promise.all(lanes.map((lane) => lane.terminate()));
  return run;
}
