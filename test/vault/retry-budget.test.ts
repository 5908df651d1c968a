import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.js';
import { ordinaryPatience, type Patience, patiently } from '../../src/vault/patience.js';
import { RetryBudget } from '../../src/vault/retry-budget.js';
import { VirtualTime } from './virtual-time.js';

const signal = new AbortController().signal;
const MINUTE = 60_000;

describe('retry budget', () => {
  it('retry budget: so many retries may come at once, the rest one by one', () => {
    const budget = new RetryBudget();
    const waits = Array.from({ length: 70 }, () => budget.take(1e6));
    expect(waits.slice(0, 64)).toEqual(Array(64).fill(0));
    expect(waits.slice(64)).toEqual([125, 250, 375, 500, 625, 750]);
    expect(budget.take(1e6 + 875)).toBe(0);
  });

  it('retry budget: a success gives back what a retry took, and no more can be saved up than may come at once', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 1000; i++) {
      expect(budget.take(1e6)).toBe(0);
      budget.succeeded();
    }
    for (let i = 0; i < 1000; i++) budget.succeeded();
    const waits = Array.from({ length: 65 }, () => budget.take(1e6));
    expect(waits.filter((wait) => wait > 0)).toEqual([125]);
  });

  it('retry budget: an outage of minutes under 256 requests becomes no storm, and all of them survive it', async () => {
    const outage = await throughOutage(256, 5 * MINUTE);
    expect(outage.failed).toBe(0);
    // Each once before and once after it; between them what the budget allows. Without it they would be 6,000.
    expect(outage.attempts).toBeLessThan(256 + 256 + 64 + 8 * 5 * 60 + 10);
    // Back within a minute of the server's return.
    expect(outage.endedMs).toBeLessThan(6 * MINUTE);
  });

  it('retry budget: nothing is given up that would not have been without it', async () => {
    const outage = await throughOutage(256, 9 * MINUTE);
    expect(outage.failed).toBe(0);
    expect((await throughOutage(256, 11 * MINUTE)).failed).toBe(256);
  });
});

/** So many requests at once to a server that is down from the beginning. */
async function throughOutage(lanes: number, downMs: number) {
  const time = new VirtualTime(lanes);
  const patience: Patience = {
    ...ordinaryPatience(() => {}),
    contact: { made: true },
    elapsedMs: () => time.nowMs,
    sleep: (ms) => time.sleep(ms),
  };
  let attempts = 0;
  let failed = 0;
  const lane = async (): Promise<void> => {
    await patiently('ask', patience, signal, async () => {
      attempts++;
      if (time.nowMs < downMs) throw new Failure('VAULT_UNAVAILABLE', 'down');
    }).catch(() => failed++);
  };
  await time.run(Array.from({ length: lanes }, lane));
  return { attempts, failed, endedMs: time.nowMs };
}
