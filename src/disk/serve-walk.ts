// The walk as a thread of its own does it.

import { parentPort, workerData } from 'node:worker_threads';
import { asFailure } from '../model/failure.js';
import { EVERYTHING, type Selection } from '../model/selection.js';
import { loadEncoding } from '../model/text-encoding.js';
import { pack, packFailure } from './packed-findings.js';
import { placeOf } from './place.js';
import { batchesOf } from './walk.js';
import { takeCredit, type WalkNews, type WalkOrders } from './walk-thread.js';

/**
 * Walks as the thread that began this one ordered, and ends. A defect ends the thread, and is told by that.
 * @param selectionOf makes a selection of the rules in the orders
 */
export async function serveWalk(selectionOf: (rules: unknown) => Selection | Promise<Selection>): Promise<void> {
  const orders = workerData as WalkOrders;
  try {
    for await (const batch of await ordered(orders, selectionOf)) {
      takeCredit(orders.credits);
      const packed = pack(batch);
      tell({ news: 'found', batch: packed }, [packed.numbers.buffer]);
    }
    tell({ news: 'end' });
  } catch (thrown) {
    tell({ news: 'failed', failure: packFailure(asFailure(thrown)) });
  }
}

async function ordered(
  { root, filenames, journal, rules, follow, concurrency }: WalkOrders,
  selectionOf: (rules: unknown) => Selection | Promise<Selection>,
) {
  const [encoding, journalEncoding] = await Promise.all([loadEncoding(filenames), loadEncoding(journal)]);
  const selection = rules === null ? EVERYTHING : await selectionOf(rules);
  return batchesOf(placeOf(root, encoding), { selection, follow, journalEncoding, concurrency });
}

function tell(news: WalkNews, moved: readonly ArrayBuffer[] = []): void {
  if (parentPort === null) throw new Error('this is no thread that a walk was ordered from');
  parentPort.postMessage(news, moved);
}
