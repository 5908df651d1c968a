// The transfer tasks in worker threads, each of which reads, hashes and sends with a vault of its own.

import { type Place, unnameable } from '../disk/place.js';
import type { LocalFile } from '../model/local-file.js';
import { wholeOf } from '../model/parts.js';
import type { Transfer } from './port.js';
import { ThreadTasks, type ThreadTasksOptions } from './thread-tasks.js';

export interface ThreadedTransferOptions extends ThreadTasksOptions {
  /** Where the files are. */
  readonly place: Pick<Place, 'locate' | 'encoding'>;
  /** Fetches what is not to land in a file: only this thread can take it. */
  readonly inline: Pick<Transfer, 'fetchRange'>;
}

/**
 * Threads are started with the first task. One that dies is replaced, and its tasks are done again by others.
 * What disposes of it must have waited for its tasks.
 * @throws Failure THREAD_LOST, by all tasks, when threads keep dying
 */
export function createThreadedTransfer(options: ThreadedTransferOptions): Transfer & AsyncDisposable {
  const { place, inline } = options;
  const tasks = new ThreadTasks(options);
  const located = (file: LocalFile) => {
    const location = place.locate(file.path);
    if (location === null) throw unnameable(place, file.path);
    return { file, location };
  };

  const hashRange: Transfer['hashRange'] = async (file, range, signal) =>
    (await tasks.perform({ do: 'hash-range', ...located(file), range }, signal)).result;

  return {
    hashFile: (file, signal) => hashRange(file, wholeOf(file), signal),

    hashRange,

    async sendWhole(file, description, signal) {
      const task = { do: 'send-whole', ...located(file), description } as const;
      const { result, unanswered } = await tasks.perform(task, signal);
      const { stored, treeHash } = result;
      return { stored: { ...stored, unansweredRequests: stored.unansweredRequests + unanswered }, treeHash };
    },

    async sendPart(file, upload, range, held, signal) {
      return (await tasks.perform({ do: 'send-part', ...located(file), upload, range, held }, signal)).result;
    },

    async fetchRange(ready, range, into, signal) {
      if (into.file === undefined) return inline.fetchRange(ready, range, into, signal);
      return (await tasks.perform({ do: 'fetch-range', ready, range, into: into.file }, signal)).result;
    },

    async hasLanded(landed, range, treeHash, signal) {
      return (await tasks.perform({ do: 'has-landed', landed, range, treeHash }, signal)).result;
    },

    [Symbol.asyncDispose]: () => tasks[Symbol.asyncDispose](),
  };
}
