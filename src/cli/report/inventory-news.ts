// What the commands about inventories say of one that is not there yet.

import type { InventoryStanding, RunningInventory } from '../../flows/inventories/inventory-standing.js';
import type { Instant } from '../../model/clock.js';
import type { CommandContext } from '../command-context.js';
import { CLEAN } from '../exit-codes.js';
import { expectation, whenToReturn } from '../words/expectation.js';
import { timestamp, timestamps, timeText } from './quantities.js';
import type { Answer, Summary } from './reporter.js';

type State = 'requested' | 'under-way';

/** For programs, and in `lines` for people. */
export function inventoryAnswer(state: State, inventory: RunningInventory, lines: readonly string[]): Answer {
  const { jobId, requestedAt, expected } = inventory;
  const fields = { state, jobId, requestedAt: timestamp(requestedAt), expected: timestamps(expected) };
  return { event: 'inventory', fields, lines };
}

/** What the next sync makes of archives that came into the journal from an inventory. */
export const COUNT_AS_REMOVED =
  'To sync --delete-removed, a file that only the journal has was removed: its archive goes, unless its id is its name.';

/** When it can be expected, as a sentence. */
export function inventoryExpectation({ expected }: RunningInventory, now: Instant): string {
  return expectation('The inventory', expected, now, 'is');
}

/** Tells that there is nothing to read yet, and gives the summary of a run that could only find that out. */
export function notReadyYet(
  inventory: RunningInventory,
  { clock, answer }: Pick<CommandContext, 'clock' | 'answer'>,
): Summary {
  const now = clock.now();
  const line = `Not ready yet: the inventory that was asked for at ${timeText(inventory.requestedAt, now)}`;
  answer(inventoryAnswer('under-way', inventory, [line]));
  return {
    tables: [],
    outcome: { ...CLEAN, waiting: 1 },
    next: [
      inventoryExpectation(inventory, now),
      `Run the same command again ${whenToReturn(inventory.expected, now)}.`,
    ],
  };
}

/** Where a newer inventory is under way than the one that is read. */
export function tellNewer(
  { underWay }: InventoryStanding,
  { clock, report }: Pick<CommandContext, 'clock' | 'report'>,
): void {
  if (underWay === null) return;
  const message = `a newer inventory is under way, asked for at ${timeText(underWay.requestedAt, clock.now())}`;
  report({ event: 'notice', topic: 'newer-inventory', message, hint: 'run the same command again when it is ready' });
}
