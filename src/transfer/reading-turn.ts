// Reading files one after another, in the order in which their tasks began, while what was read before is still being sent.

import type { Medium } from '../disk/source.js';
import { Turns } from './turns.js';

/** One turn, for all who read where nobody else must. */
export type ReadingTurn = Turns<object>;

/** For disks that turn, which lose more by going to and fro than there is to win, and for network file systems. */
export function oneReader(): ReadingTurn {
  return new Turns(1, () => ({}));
}

/** Who reads in turns does so because what is read is slow. */
export function mediumOf(turn: ReadingTurn | undefined): Medium {
  return turn === undefined ? 'fast' : 'slow';
}

/** @param turn undefined where all may read at once. @throws Failure INTERRUPTED while it waits, or what `read` throws */
export function inReadingTurn<T>(
  turn: ReadingTurn | undefined,
  signal: AbortSignal,
  read: () => T | Promise<T>,
): T | Promise<T> {
  return turn === undefined ? read() : afterWaiting(turn, signal, read);
}

async function afterWaiting<T>(turn: ReadingTurn, signal: AbortSignal, read: () => T | Promise<T>): Promise<T> {
  using _ = await turn.take(signal);
  return await read();
}
