// When jobs are told of, that anybody can say anything of.

import { describe, expect, it } from 'vitest';
import { ToldJobs } from '../../../src/flows/notifying/told-jobs.js';
import { Instant } from '../../../src/model/clock.js';
import { JobId } from '../../../src/model/identifiers.js';

const at = (seconds: number): Instant => Instant.ofSeconds(1_800_000_000 + seconds);
const [ONE, OTHER] = [JobId.parse('one'), JobId.parse('other')];

describe('told jobs', () => {
  it('told jobs: each is told of once, in the order of what was said, however often it is said', () => {
    const jobs = new ToldJobs();
    for (const job of [ONE, OTHER, ONE]) jobs.said(job, at(0));
    expect(jobs.take(at(0))).toEqual([ONE, OTHER]);
    expect(jobs.take(at(100_000))).toEqual([]);
    expect(jobs.nextAt()).toBeNull();
  });

  it('told jobs: one of which something is said all the time is told of ever more seldom, up to once an hour', () => {
    const jobs = new ToldJobs();
    const times: number[] = [];
    for (let second = 0; second < 20_000; second++) {
      jobs.said(ONE, at(second));
      if (jobs.take(at(second)).length > 0) times.push(second);
    }
    const pauses = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(pauses).toEqual([0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
  });

  it('told jobs: what is said right after something false is told of later, and not lost', () => {
    const jobs = new ToldJobs();
    jobs.said(ONE, at(0));
    expect(jobs.take(at(0))).toEqual([ONE]);
    jobs.said(ONE, at(1));
    jobs.said(OTHER, at(1));
    expect(jobs.nextAt()).toBe(at(1));
    expect(jobs.take(at(1))).toEqual([OTHER]);
    expect(jobs.nextAt()).toBe(at(60));
    expect(jobs.take(at(59))).toEqual([]);
    expect(jobs.take(at(60))).toEqual([ONE]);
  });

  it('told jobs: of a hundred thousand that are said it remembers some, the last ones', () => {
    const jobs = new ToldJobs();
    for (let i = 0; i < 100_000; i++) {
      jobs.said(JobId.parse(`job-${i}`), at(0));
      jobs.take(at(0));
    }
    jobs.said(JobId.parse('job-99999'), at(1));
    expect(jobs.take(at(1))).toEqual([]);
    jobs.said(JobId.parse('job-0'), at(1));
    expect(jobs.take(at(1))).toEqual(['job-0']);
  });
});
