// What a vault is getting ready, has ready and holds open, counted, and of what is ready the first that will be gone.

import { Instant } from '../../model/clock.js';
import { throwIfInterrupted } from '../../model/failure.js';
import { type Amount, NO_AMOUNT, plusOne } from '../../plan/early-deletion.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { UploadListing } from '../../vault/port.js';
import type { Expected, JobListing, VaultJob } from '../../vault/retrieving-port.js';
import { spanOf } from '../retrieving/expected.js';
import { stateOfJob } from '../retrieving/vault-jobs.js';

export interface VaultStanding {
  readonly retrievals: {
    readonly ready: Amount;
    /** Of those: gone in `SOON` or less. */
    readonly expiring: Amount;
    /** When the first of those that are ready is gone; null where the vault does not tell, or nothing is ready. */
    readonly readyUntil: Instant | null;
    readonly running: Amount;
    readonly expected: Expected | null;
    readonly failed: Amount;
  };
  readonly inventories: { readonly ready: number; readonly running: number; readonly failed: number };
  /** Archives that are ready, the first that will be gone before the others; no more than `FIRST_GONE`. */
  readonly firstGone: readonly VaultJob[];
  readonly uploads: { readonly count: number; readonly oldest: Instant | null };
}

/** What is ready is told apart when it is gone in so many seconds: a night is too long to wait then. */
export const SOON = 5 * 3600;

export const FIRST_GONE = 10;

/** Lists jobs and uploads, which costs nothing. Memory: a few jobs, whatever their number. @throws Failure INTERRUPTED */
export async function vaultStanding(
  vault: JobListing & UploadListing,
  now: Instant,
  halt: Halt,
): Promise<VaultStanding> {
  const jobs = new CountedJobs(now);
  for await (const job of vault.jobs(halt.now)) {
    throwIfInterrupted(halt.soon);
    jobs.add(job);
  }
  let count = 0;
  let oldest: Instant | null = null;
  for await (const { begunAt } of vault.unfinishedUploads(halt.now)) {
    throwIfInterrupted(halt.soon);
    count++;
    if (oldest === null || begunAt < oldest) oldest = begunAt;
  }
  return { ...jobs.standing, uploads: { count, oldest } };
}

class CountedJobs {
  readonly #now: Instant;
  readonly #inventories = { ready: 0, running: 0, failed: 0 };
  #firstGone: VaultJob[] = [];
  #ready = NO_AMOUNT;
  #expiring = NO_AMOUNT;
  #running = NO_AMOUNT;
  #failed = NO_AMOUNT;
  #expected: Expected | null = null;

  constructor(now: Instant) {
    this.#now = now;
  }

  add(job: VaultJob): void {
    const state = stateOfJob(job, this.#now);
    if (state === 'expired') return;
    if (job.kind === 'inventory') this.#inventories[state]++;
    if (job.kind !== 'archive') return;
    const size = bytesOf(job);
    switch (job.progress.state) {
      case 'ready':
        this.#ready = plusOne(this.#ready, size);
        if (goneAt(job) <= Instant.plusSeconds(this.#now, SOON)) this.#expiring = plusOne(this.#expiring, size);
        this.#firstGone = [...this.#firstGone, job].sort((a, b) => goneAt(a) - goneAt(b)).slice(0, FIRST_GONE);
        break;
      case 'running':
        this.#running = plusOne(this.#running, size);
        this.#expected = spanOf(this.#expected, job.progress.expected);
        break;
      case 'failed':
        this.#failed = plusOne(this.#failed, size);
    }
  }

  get standing(): Omit<VaultStanding, 'uploads'> {
    const [first] = this.#firstGone;
    const readyUntil = first?.progress.state === 'ready' ? first.progress.readableUntil : null;
    const [ready, expiring, running, failed] = [this.#ready, this.#expiring, this.#running, this.#failed];
    return {
      retrievals: { ready, expiring, readyUntil, running, expected: this.#expected, failed },
      inventories: this.#inventories,
      firstGone: this.#firstGone,
    };
  }
}

function bytesOf({ range, size }: VaultJob): number {
  return range === null ? (size ?? 0) : range.end - range.start;
}

/** What nobody tells the end of never ends. */
function goneAt({ progress }: VaultJob): number {
  return (progress.state === 'ready' ? progress.readableUntil : null) ?? Number.MAX_SAFE_INTEGER;
}
