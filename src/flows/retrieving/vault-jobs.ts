// What a vault is getting ready or has ready, in the order in which it matters.

import type { LiveArchives } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { JobListing, VaultJob } from '../../vault/retrieving-port.js';
import { archivesWithIds } from '../named-archives.js';

export interface NamedJob extends VaultJob {
  /** What the journal knows of its archive, where there is a journal and it does. */
  readonly archive: Archive | null;
}

/** The state of a job, beyond which nobody promises that it can be read. */
export type JobState = VaultJob['progress']['state'] | 'expired';

/**
 * Ready ones first, that which ends soonest before the others; then those under way, the soonest expected first; then
 * those that failed and those whose time is over.
 */
export async function jobsByReadiness(
  vault: Pick<JobListing, 'jobs'>,
  live: LiveArchives | null,
  now: Instant,
  halt: Halt,
): Promise<NamedJob[]> {
  const jobs: VaultJob[] = [];
  for await (const job of vault.jobs(halt.now)) jobs.push(job);
  const ids = jobs.flatMap(({ archiveId }) => archiveId ?? []);
  const archives = live === null ? new Map<string, Archive>() : await archivesWithIds(ids, live);
  const named = jobs.map((job) => withArchive(job, archives.get(job.archiveId ?? '') ?? null));
  return named.sort((a, b) => compareJobs(a, b, now));
}

function withArchive(job: VaultJob, archive: Archive | null): NamedJob {
  return { ...job, archive };
}

export function stateOfJob({ progress }: VaultJob, now: Instant): JobState {
  const isOver = progress.state === 'ready' && progress.readableUntil !== null && progress.readableUntil <= now;
  return isOver ? 'expired' : progress.state;
}

const RANK = { ready: 0, running: 1, failed: 2, expired: 3 } as const satisfies Record<JobState, number>;

function compareJobs(a: VaultJob, b: VaultJob, now: Instant): number {
  const byState = RANK[stateOfJob(a, now)] - RANK[stateOfJob(b, now)];
  return byState || compareTimes(timeOf(a), timeOf(b)) || compareTimes(a.requestedAt, b.requestedAt);
}

/** When it ends to be readable, or is expected to begin. */
function timeOf({ progress }: VaultJob): Instant | null {
  if (progress.state === 'ready') return progress.readableUntil;
  return progress.state === 'running' ? (progress.expected?.to ?? null) : null;
}

/** Those without a time last. */
function compareTimes(a: Instant | null, b: Instant | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}
