// How fast bytes may go to the vault and come from it, in all threads together, and changing that while they move.

import type { Pace } from '../model/pace.js';
import { paceMemory, SharedPace } from './shared-pace.js';

/** Bytes a second; null where nothing is held back. */
export interface Bandwidth {
  readonly up: number | null;
  readonly down: number | null;
}

/** What threads are given, to keep the same paces: plain data. */
export interface SharedBandwidth {
  readonly up: SharedArrayBuffer;
  readonly down: SharedArrayBuffer;
}

/** Nothing is held back yet. */
export function sharedBandwidth(): SharedBandwidth {
  return { up: paceMemory(), down: paceMemory() };
}

/** From now on, in all threads. */
export function limitBandwidth(shared: SharedBandwidth, { up, down }: Bandwidth): void {
  new SharedPace(shared.up).set(up ?? 0);
  new SharedPace(shared.down).set(down ?? 0);
}

export function pacesOf({ up, down }: SharedBandwidth): { readonly up: Pace; readonly down: Pace } {
  return { up: new SharedPace(up), down: new SharedPace(down) };
}
