// What an inventory can be believed to know of: it takes a while to be taken, and nobody says how long.

import { Instant } from '../../model/clock.js';

/**
 * The date of an inventory is that of its end, it is taken about once a day, and what is stored or deleted meanwhile may
 * be in it or not. The times of a journal are those of the requests, by the clock of this machine. Seconds.
 * Source: Glacier developer guide, "Get Job Output": InventoryDate is when the inventory was completed.
 */
const ABOUT = 24 * 3600;

/** Whether the inventory must show what happened then; no where it does not say when it was taken. */
export function surelyReflects(takenAt: Instant | null, happenedAt: Instant): boolean {
  return takenAt !== null && happenedAt < Instant.plusSeconds(takenAt, -ABOUT);
}
