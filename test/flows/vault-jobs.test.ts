import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobsByReadiness, stateOfJob } from '../../src/flows/retrieving/vault-jobs.js';
import { Instant } from '../../src/model/clock.js';
import { JobId } from '../../src/model/identifiers.js';
import { type VaultJob, wholeAt } from '../../src/vault/retrieving-port.js';
import { keep } from './keeping.js';
import { World } from './world.js';

const NEVER = new AbortController().signal;
const HALT = { soon: NEVER, now: NEVER };
const NOW = Instant.ofSeconds(1_700_000_000);

const instant = fc.integer({ min: NOW - 9, max: NOW + 9 }).map((seconds) => Instant.ofSeconds(seconds));
const progress: fc.Arbitrary<VaultJob['progress']> = fc.oneof(
  fc.record({
    state: fc.constant('running' as const),
    expected: fc.option(instant.map((at) => ({ from: at, to: at }))),
  }),
  fc.record({
    state: fc.constant('ready' as const),
    completedAt: fc.constant(null),
    readableUntil: fc.option(instant),
  }),
  fc.record({ state: fc.constant('failed' as const), why: fc.constant('broken') }),
);
const jobs = fc.array(progress).map((all) =>
  all.map((progress, index): VaultJob => {
    const asked = { jobId: JobId.parse(`job-${index}`), kind: 'other', requestedAt: null, description: '' } as const;
    return { ...asked, archiveId: null, size: null, range: null, tier: null, progress };
  }),
);

function listing(all: readonly VaultJob[]) {
  return {
    async *jobs() {
      yield* all;
    },
  };
}

describe('jobs', () => {
  it('jobs: ready ones come first, by their end; then those under way, by when they are expected; none is lost', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, async (all) => {
        const sorted = await jobsByReadiness(listing(all), null, NOW, HALT);
        expect(sorted.map(({ jobId }) => jobId).toSorted()).toEqual(all.map(({ jobId }) => jobId).toSorted());
        const states = sorted.map((job) => stateOfJob(job, NOW));
        const order = ['ready', 'running', 'failed', 'expired'];
        expect(states).toEqual(states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
        const ends = sorted.map(({ progress }) => (progress.state === 'ready' ? progress.readableUntil : null));
        const known = ends.filter((end, index) => end !== null && states[index] === 'ready');
        expect(known).toEqual(known.toSorted((a, b) => Number(a) - Number(b)));
        expect(known.every((end) => Number(end) > NOW)).toBe(true);
      }),
    );
  });

  it('jobs: an archive goes by what the journal knows of it, and an inventory is told too', async () => {
    using world = await World.create({ 'a.txt': 'content' });
    await keep(world);
    const [archive] = await world.recorded();
    await world.vault.requestRetrieval(archive!.id, wholeAt('Bulk'), NEVER);
    await world.vault.requestInventory('JSON', 'mine', NEVER);
    await world.run(async ({ journal }) => {
      const told = await jobsByReadiness(world.vault, journal.live, world.clock.now(), HALT);
      expect(new Map(told.map(({ kind, archive }) => [kind, archive?.path]))).toEqual(
        new Map([
          ['archive', 'a.txt'],
          ['inventory', undefined],
        ]),
      );
    });
    const unnamed = await jobsByReadiness(world.vault, null, world.clock.now(), HALT);
    expect(unnamed.map(({ archive }) => archive)).toEqual([null, null]);
  });
});
