// A thread that hashes and writes the bodies it is given, piece by piece; its messages are in hash-threads.ts.

import { parentPort } from 'node:worker_threads';
import { RunningBody } from './body-hashes.js';
import type { HashTaken, HashTask } from './hash-threads.js';

const bodies = new Map<number, RunningBody>();

parentPort?.on('message', (task: HashTask) => {
  const taken = take(task);
  if (taken !== null) parentPort?.postMessage(taken, 'memory' in taken ? [taken.memory] : []);
});

function take(task: HashTask): HashTaken | null {
  const { id } = task;
  switch (task.do) {
    case 'begin':
      bodies.set(id, new RunningBody(task.file));
      return null;
    case 'take':
      return {
        id,
        memory: task.memory,
        failure: failureOf(() => bodies.get(id)?.take(new Uint8Array(task.memory, 0, task.size))),
      };
    case 'digest':
      return { id, ...(bodies.get(id) as RunningBody).digest() };
    case 'forget':
      bodies.delete(id);
      return null;
  }
}

/** What could not be done, such as writing to a full disk; null when all could. */
function failureOf(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (cause) {
    return cause as Error;
  }
}
