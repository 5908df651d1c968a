import { describe, expect, it } from 'vitest';
import { jobAnswers } from '../../src/cli/report/job-table.js';
import type { NamedJob } from '../../src/flows/retrieving/vault-jobs.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';

const at = (seconds: number): Instant => Instant.ofSeconds(1_700_000_000 + seconds);
const NOW = at(0);
const DAY = 86_400;

function job(path: string | null, progress: NamedJob['progress'], more: Partial<NamedJob> = {}): NamedJob {
  const archiveId = ArchiveId.parse(`id-${path ?? 'of-nobody'}`);
  const rest = { size: 5, mtime: null, treeHash: TreeHash.recorded('0'), createdAt: at(0) };
  const archive = path === null ? null : { id: archiveId, path: RelPath.parse(path), ...rest };
  const asked = { jobId: JobId.parse('job'), kind: 'archive', requestedAt: at(-3 * DAY), description: '' } as const;
  return { ...asked, archiveId, size: 1536, range: null, tier: 'Standard', archive, progress, ...more };
}

const READY = { state: 'ready', completedAt: at(-60), readableUntil: at(DAY) } as const;
const RUNNING = { state: 'running', expected: { from: at(DAY), to: at(DAY + 60) } } as const;

const linesOf = (...jobs: NamedJob[]) => jobAnswers(jobs, NOW).flatMap(({ lines }) => lines);

describe('job table', () => {
  it('job table: columns are aligned below their headings, once', () => {
    const lines = linesOf(job('2024/cat.jpg', READY), job('b', RUNNING));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^STATE +REQUESTED +SIZE +WHAT$/);
    const column = lines[0]!.indexOf('WHAT');
    expect(lines.slice(1).map((line) => line.slice(column))).toEqual(['2024/cat.jpg', 'b']);
    expect(lines[1]).toMatch(/^ready until \S+ \S+ .* 1\.5 KiB /);
    expect(lines[2]).toMatch(/^expected by \S+ \S+ /);
  });

  it('job table: a name of 17 characters fits a line of 80, with every date written out', () => {
    const lines = linesOf(job('a'.repeat(17), READY), job('b', RUNNING));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('job table: names cannot play tricks, and what has no name goes by its id', () => {
    const inventory = job(null, READY, { kind: 'inventory', archiveId: null, size: null });
    const lines = linesOf(job('\u202e\u001b[2J', READY), job(null, READY), inventory);
    expect(lines.join('')).not.toMatch(/[\u001b\u202e]/);
    expect(lines[2]).toMatch(/id-of-nobody$/);
    expect(lines[3]).toMatch(/ - +inventory$/);
  });

  it('job table: states that have no time, are due, failed or over are said in words', () => {
    const lines = linesOf(
      job('a', { state: 'ready', completedAt: null, readableUntil: null }),
      job('b', { state: 'running', expected: null }),
      job('c', { state: 'running', expected: { from: at(-9), to: at(-1) } }),
      job('d', { state: 'failed', why: 'no\nsuch archive' }),
      job('e', { state: 'ready', completedAt: null, readableUntil: at(-1) }),
    );
    const states = lines.slice(1).map((line) => line.split('  ')[0]);
    expect(states).toEqual(['ready', 'running', 'due', 'failed', '', 'expired']);
    expect(lines[5]).toBe('  because: no\\u000asuch archive');
  });

  it('job table: of a part of an archive the range is told, as get takes it', () => {
    const [, line] = linesOf(job('a', READY, { range: { start: 0, end: 2 * 1024 * 1024 } }));
    expect(line).toMatch(/2\.0 MiB {2}a \(bytes 0-2M\)$/);
  });

  it('job table: tiers are told where one is not Standard', () => {
    const inventory = job(null, READY, { kind: 'inventory', archiveId: null, size: null, tier: null });
    expect(linesOf(job('a', READY), inventory)[0]).not.toContain('TIER');
    const lines = linesOf(job('a', READY), job('b', READY, { tier: 'Bulk' }), inventory);
    const column = lines[0]!.indexOf('TIER');
    expect(lines.slice(1).map((line) => line.slice(column).split(' ')[0])).toEqual(['Standard', 'Bulk', '-']);
  });

  it('job table: programs get the same as fields, times in UTC', () => {
    const [ready, running] = jobAnswers([job('a', READY), job('b', RUNNING)], NOW);
    expect(ready).toMatchObject({ event: 'job', fields: { state: 'ready', path: 'a', archiveId: 'id-a', size: 1536 } });
    expect(ready?.fields).toMatchObject({ readableUntil: '2023-11-15T22:13:20Z', expected: null, why: null });
    expect(running?.fields).toMatchObject({ state: 'running', expected: { from: '2023-11-15T22:13:20Z' } });
  });
});
