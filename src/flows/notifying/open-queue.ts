// Opens the queue that a user names, or that `notify setup` made, to be told by it.

import { asFailure, Failure, reachOf } from '../../model/failure.js';
import type { QueueName, QueueReference } from '../../model/queue-reference.js';
import type { Queue, QueueMessage, Receiving } from '../../vault/notices/notices-port.js';
import type { Completions } from '../retrieving/completions.js';
import { type QueueListening, queueCompletions } from './queue-completions.js';

/** How long somebody who waits looks for a queue that may not be there. */
const LOOK_MS = 30_000;

/**
 * One that is named must be there, and let itself be read; then is the time to say so, before anything is asked for. The
 * vault's own is taken where there is one, now or later.
 * @param own name of the queue that `notify setup` makes
 * @returns null when no queue is wanted
 * @throws Failure QUEUE_NOT_FOUND, ACCESS_DENIED, USAGE
 */
export async function openQueueCompletions(
  wanted: QueueReference,
  own: QueueName,
  listening: QueueListening,
  signal: AbortSignal,
): Promise<Completions | null> {
  const { queues } = listening;
  const finding = (name: QueueName) => (until: AbortSignal) =>
    queues.findQueue(name, AbortSignal.any([until, AbortSignal.timeout(LOOK_MS)]));
  switch (wanted.is) {
    case 'off':
      return null;
    case 'auto':
      return queueCompletions(finding(own), listening);
    case 'name': {
      const queue = (await queues.findQueue(wanted.name, signal)) ?? missing(wanted.name);
      return queueCompletions(finding(wanted.name), listening, await firstOf(queues, queue, signal));
    }
    case 'address': {
      const queue = queues.queueAt(wanted.address);
      return queueCompletions(async () => queue, listening, await firstOf(queues, queue, signal));
    }
  }
}

function missing(name: QueueName): never {
  throw new Failure('QUEUE_NOT_FOUND', `there is no queue ${name}`, {
    hint: 'check its name, the region and the account; mtglacier notify setup makes one, --queue off does without',
  });
}

/** What will be over by itself is left to the waiting. */
async function firstOf(
  queues: Receiving,
  queue: Queue,
  signal: AbortSignal,
): Promise<{ queue: Queue; messages: readonly QueueMessage[] }> {
  try {
    return { queue, messages: await queues.receive(queue, 0, signal) };
  } catch (thrown) {
    if (reachOf(asFailure(thrown).code) !== 'retry') throw thrown;
    return { queue, messages: [] };
  }
}
