// How much is held in memory until somebody takes it: the messages of all queues, and letters on their way.

import { overLimit } from './notice-errors.js';
import type { NoticeState } from './notice-state.js';

/** Of messages and letters together. */
export interface Room {
  readonly messages: number;
  readonly characters: number;
}

/** Below 256 MiB of memory, whatever they say: nobody who has a key can end the server by sending messages. */
export const DEFAULT_ROOM: Room = { messages: 100_000, characters: 64 * 1024 * 1024 };

/**
 * Called before `wanted` more are taken. They are counted before they are wrapped in letters, so somewhat more than
 * there is room for may get in.
 * @throws NoticeError OverLimit
 */
export function checkRoom(state: NoticeState, wanted: Room, { room, now }: { room: Room; now: number }): void {
  if (fits(heldIn(state), wanted, room)) return;
  for (const queue of state.queues.values()) queue.expire(now);
  if (fits(heldIn(state), wanted, room)) return;
  throw overLimit(`${room.messages} messages, or ${room.characters} characters of them, that nobody has taken`);
}

function fits(held: Room, wanted: Room, room: Room): boolean {
  const isFew = held.messages + wanted.messages <= room.messages;
  return isFew && held.characters + wanted.characters <= room.characters;
}

function heldIn({ queues, deliveries }: NoticeState): Room {
  let [messages, characters] = [deliveries.size, 0];
  for (const { message } of deliveries.values()) characters += message.length;
  for (const { held } of queues.values()) {
    messages += held.messages;
    characters += held.characters;
  }
  return { messages, characters };
}
