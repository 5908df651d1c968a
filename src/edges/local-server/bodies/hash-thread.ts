// A thread that hashes the bodies it is given, piece by piece; its messages are in hash-threads.ts.

import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { LeafHasher } from '../vault/leaves.js';
import type { HashTaken, HashTask } from './hash-threads.js';

interface OpenBody {
  readonly whole: Hash;
  readonly leaves: LeafHasher;
}

const bodies = new Map<number, OpenBody>();

parentPort?.on('message', (task: HashTask) => {
  const taken = take(task);
  if (taken !== null) parentPort?.postMessage(taken);
});

function take(task: HashTask): HashTaken | null {
  const body = bodies.get(task.body) ?? { whole: createHash('sha256'), leaves: new LeafHasher() };
  switch (task.do) {
    case 'update': {
      const piece = Buffer.from(task.memory, 0, task.size);
      body.whole.update(piece);
      body.leaves.update(piece);
      bodies.set(task.body, body);
      return { body: task.body };
    }
    case 'digest':
      bodies.delete(task.body);
      return { body: task.body, sha256: body.whole.digest('hex'), leaves: body.leaves.digest() };
    case 'forget':
      bodies.delete(task.body);
      return null;
  }
}
