// The body of an answer as exactly so many bytes: what is short, broken, stalled or too long is an error.

import type { Readable } from 'node:stream';
import { Failure } from '../model/failure.js';
import { type Pace, UNPACED } from '../model/pace.js';
import { translated } from './errors.js';
import type { Asked } from './server-errors.js';

/**
 * The bytes as they come; `length` is null when nobody has told how many, and their end then the sender's. Returning early, also before the first piece, gives the socket back.
 * Throws CONNECTION_BROKEN, TIMED_OUT or INTERRUPTED while it is read.
 */
export function exactly(
  stream: Readable,
  length: number | null,
  asked: Asked,
  signal: AbortSignal,
  pace: Pace = UNPACED,
): AsyncIterable<Uint8Array> {
  return returnable(counted(stream, length, asked, signal, pace), () => stream.destroy());
}

/** Pieces whose source is let go of also when nobody has begun to read: a generator would not clean up then. */
export function returnable<T>(pieces: AsyncGenerator<T, undefined>, letGo: () => unknown): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      return {
        next: () => pieces.next(),
        return: async () => {
          await letGo();
          return pieces.return(undefined);
        },
      };
    },
  };
}

async function* counted(
  stream: Readable,
  length: number | null,
  asked: Asked,
  signal: AbortSignal,
  pace: Pace,
): AsyncGenerator<Uint8Array, undefined> {
  let seen = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      seen += piece.length;
      if (length !== null && seen > length)
        throw new Failure('VAULT_REFUSED', `cannot ${asked.deed}: more than ${length} bytes came`);
      for (let at = 0; at < piece.length; ) {
        // One that is not cut stays the very piece that was lent: its reader may give it back.
        const slice = piece.length <= pace.slice ? piece : piece.subarray(at, at + pace.slice);
        const paced = pace.take(slice.length, signal);
        if (paced !== undefined) await paced;
        yield slice;
        at += slice.length;
      }
    }
  } catch (thrown) {
    throw translated(thrown, asked, signal);
  } finally {
    stream.destroy();
  }
  if (length !== null && seen < length) {
    throw new Failure('CONNECTION_BROKEN', `cannot ${asked.deed}: it ended after ${seen} of ${length} bytes`);
  }
}
