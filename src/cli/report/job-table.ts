// The jobs of a vault as a table for people, and each as fields for programs.

import { type JobState, type NamedJob, stateOfJob } from '../../flows/retrieving/vault-jobs.js';
import type { Instant } from '../../model/clock.js';
import type { Tier } from '../../model/tier.js';
import { shownWantedBytes } from '../words/wanted-bytes.js';
import { sizeText, timestamp, timestamps, timeText } from './quantities.js';
import type { Answer } from './reporter.js';
import { oneLine, shownName } from './safe-text.js';

/** One answer a job; the first begins with the headings. What names the job comes last, as it may be long. */
export function jobAnswers(jobs: readonly NamedJob[], now: Instant): Answer[] {
  const rows = [HEADINGS, ...jobs.map((job) => cellsOf(job, now))];
  const lines = aligned(jobs.some(({ tier }) => isUnusual(tier)) ? rows : rows.map(withoutTier));
  return jobs.map((job, index) => ({
    event: 'job',
    fields: fieldsOf(job, now),
    lines: [...(index === 0 ? lines.slice(0, 1) : []), lines[index + 1] ?? '', ...reasonOf(job)],
  }));
}

const HEADINGS: readonly string[] = ['STATE', 'REQUESTED', 'TIER', 'SIZE', 'WHAT'];

/** Where all are Standard, as they are unless somebody says otherwise, a column of it would tell nothing. */
function isUnusual(tier: Tier | null): boolean {
  return tier !== null && tier !== 'Standard';
}

function withoutTier(row: readonly string[]): readonly string[] {
  return row.toSpliced(HEADINGS.indexOf('TIER'), 1);
}

function cellsOf(job: NamedJob, now: Instant): readonly string[] {
  const requested = job.requestedAt === null ? '-' : timeText(job.requestedAt, now);
  const size = sizeOf(job);
  return [stateText(job, now), requested, job.tier ?? '-', size === null ? '-' : sizeText(size), whatText(job)];
}

/** Every column as wide as it needs, except the last. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const [first = []] = rows;
  const widths = first.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
  );
}

function stateText(job: NamedJob, now: Instant): string {
  const { progress } = job;
  if (stateOfJob(job, now) === 'expired') return 'expired';
  switch (progress.state) {
    case 'ready':
      return progress.readableUntil === null ? 'ready' : `ready until ${timeText(progress.readableUntil, now)}`;
    case 'running':
      if (progress.expected === null) return 'running';
      return progress.expected.to <= now ? 'due' : `expected by ${expectedText(progress.expected.to, now)}`;
    case 'failed':
      return 'failed';
  }
}

/** Of a wait of two minutes or less the seconds count. */
function expectedText(at: Instant, now: Instant): string {
  return timeText(at, now, at - now <= 120 ? 'seconds' : 'minutes');
}

function whatText(job: NamedJob): string {
  const { kind, archive, archiveId, range } = job;
  if (kind === 'inventory') return 'inventory';
  const name = archive === null ? (archiveId ?? 'something else') : shownName(archive.path);
  return range === null ? name : `${name} (bytes ${shownWantedBytes(range)})`;
}

function reasonOf({ progress }: NamedJob): string[] {
  return progress.state === 'failed' ? [`  because: ${oneLine(progress.why)}`] : [];
}

function sizeOf({ size, range, archive }: NamedJob): number | null {
  return range === null ? (size ?? archive?.size ?? null) : range.end - range.start;
}

function fieldsOf(job: NamedJob, now: Instant): Readonly<Record<string, unknown>> {
  const { jobId, kind, archiveId, archive, range, tier, description, requestedAt, progress } = job;
  const state: JobState = stateOfJob(job, now);
  return {
    jobId,
    kind,
    state,
    archiveId,
    path: archive?.path ?? null,
    size: sizeOf(job),
    range,
    tier,
    description,
    requestedAt: timeOrNull(requestedAt),
    expected: progress.state === 'running' ? timestamps(progress.expected) : null,
    completedAt: progress.state === 'ready' ? timeOrNull(progress.completedAt) : null,
    readableUntil: progress.state === 'ready' ? timeOrNull(progress.readableUntil) : null,
    why: progress.state === 'failed' ? progress.why : null,
  };
}

function timeOrNull(at: Instant | null): string | number | null {
  return at === null ? null : timestamp(at);
}
