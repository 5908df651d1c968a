// Word from several sides: whoever tells first.

import type { Completions } from '../retrieving/completions.js';

export function eitherCompletions(sides: readonly Completions[]): Completions {
  return {
    async next(until, signal) {
      const ended = new AbortController();
      const stop = (): void => ended.abort();
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        const words = sides.map(async (side) => {
          const jobs = await side.next(until, ended.signal);
          stop();
          return jobs;
        });
        return [...new Set((await Promise.all(words)).flat())];
      } finally {
        stop();
        signal.removeEventListener('abort', stop);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const side of sides) await side[Symbol.asyncDispose]();
    },
  };
}
