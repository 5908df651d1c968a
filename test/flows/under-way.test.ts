// What a waiting run knows: what is under way, which wave it belongs to, and how long it rests.

import { describe, expect, it } from 'vitest';
import { silentCompletions } from '../../src/flows/retrieving/completions.js';
import { Rest } from '../../src/flows/retrieving/rest.js';
import { UnderWay } from '../../src/flows/retrieving/under-way.js';
import { wasAskedFor } from '../../src/flows/retrieving/unsettled.js';
import { Waves } from '../../src/flows/retrieving/waves.js';
import type { Archive } from '../../src/model/archive.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';

const at = (seconds: number): Instant => Instant.ofSeconds(seconds);

function archive(name: string, size = 10): Archive {
  const treeHash = TreeHash.parse('0'.repeat(64));
  const path = RelPath.parse(name);
  return { id: ArchiveId.parse(name), path, size, mtime: null, treeHash, createdAt: at(0) };
}

const job = (name: string): JobId => JobId.parse(`job-${name}`);

function running(name: string, to: number | null = 100) {
  const expected = to === null ? null : { from: at(to), to: at(to) };
  return { state: 'running', jobId: job(name), requestedAt: at(0), expected } as const;
}

function ready(name: string, until: number | null) {
  const readableUntil = until === null ? null : at(until);
  return { state: 'ready', jobId: job(name), requestedAt: at(0), size: 10, readableUntil } as const;
}

const failed = (name: string) => ({ state: 'failed', jobId: job(name), requestedAt: at(0), why: 'lost' }) as const;

function world() {
  const events: RunEvent[] = [];
  const waves = new Waves((event) => void events.push(event));
  const underWay = new UnderWay(waves);
  const told = (): string[] => events.flatMap((one) => (one.event === 'wave' ? [`${one.wave} ${one.state}`] : []));
  return { waves, underWay, told, events };
}

describe('under way', () => {
  it('under way: an archive counts once, whatever is said of it how often', () => {
    const { underWay } = world();
    const a = archive('a');
    underWay.put(a, running('a'), 1);
    underWay.put(a, running('another'), 2);
    underWay.put(a, ready('another', 500), 3);
    expect([underWay.count, underWay.bytes]).toEqual([1, 10]);
    expect(underWay.ofJob(job('a'))).toBeUndefined();
    expect(underWay.ofJob(job('another'))).toMatchObject({ wave: 1 });
    underWay.leave(a.id, 'here');
    underWay.leave(a.id, 'here');
    expect([underWay.count, underWay.bytes]).toEqual([0, 0]);
  });

  it('under way: what is gone soonest is fetched first, and what is gone or being fetched is not', () => {
    const { underWay } = world();
    for (const [name, until] of [
      ['late', 900],
      ['ever', null],
      ['over', 300],
      ['soon', 400],
      ['busy', 400],
    ] as const) {
      underWay.put(archive(name), ready(name, until), 1);
    }
    underWay.beginFetch(archive('busy').id);
    expect(underWay.ready(at(300)).map(({ archive: { path } }) => path)).toEqual(['soon', 'late', 'ever']);
    expect(underWay.over(at(400)).map(({ archive: { path } }) => path)).toEqual(['over', 'soon']);
    expect(underWay.isSettled(archive('busy').id)).toBe(true);
    underWay.endFetch(archive('busy').id);
    expect(underWay.over(at(400))).toHaveLength(3);
  });

  it('under way: the next is expected when the first of all can be', () => {
    const { underWay } = world();
    expect(underWay.nextExpected()).toBeNull();
    underWay.put(archive('a'), running('a', null), 1);
    expect(underWay.nextExpected()).toBeNull();
    underWay.put(archive('b'), running('b', 200), 1);
    underWay.put(archive('c'), running('c', 100), 1);
    expect(underWay.nextExpected()).toBe(100);
    underWay.put(archive('c'), ready('c', 900), 1);
    expect(underWay.nextExpected()).toBe(200);
  });

  it('under way: what was given up is settled for this run; what is gone is not', () => {
    const { underWay } = world();
    const [a, b] = [archive('a'), archive('b')];
    for (const one of [a, b]) underWay.put(one, running(one.path), 1);
    underWay.leave(a.id, 'given up');
    underWay.leave(b.id, 'gone');
    expect([underWay.isSettled(a.id), underWay.isSettled(b.id)]).toEqual([true, false]);
  });

  it('under way: a retrieval that failed counts once, however often it is seen', () => {
    const { underWay } = world();
    const { id } = archive('a');
    expect(underWay.noteFailed(id, job('first'))).toEqual({ isNew: true, count: 1 });
    expect(underWay.noteFailed(id, job('first'))).toEqual({ isNew: false, count: 1 });
    expect(underWay.noteFailed(id, job('second'))).toEqual({ isNew: true, count: 2 });
    expect(underWay.noteFailed(archive('b').id, job('third'))).toEqual({ isNew: true, count: 1 });
  });
});

describe('waves', () => {
  it('waves: each is told of when it is asked for, first and last ready, and at its end', () => {
    const { waves, underWay, told } = world();
    const names = ['a', 'b', 'c'];
    for (const name of names) underWay.put(archive(name), running(name), 1);
    waves.begun(1);
    for (const name of names) underWay.put(archive(name), ready(name, 900), 1);
    expect(told()).toEqual(['1 requested', '1 ready', '1 ready']);
    for (const name of names) underWay.leave(archive(name).id, 'here');
    expect(told()).toEqual(['1 requested', '1 ready', '1 ready', '1 ended']);
    expect(waves.next).toBe(2);
  });

  it('waves: what is gone ends its wave too, and is counted; a wave of nothing is none', () => {
    const { waves, underWay, told, events } = world();
    underWay.put(archive('a'), running('a'), 1);
    underWay.put(archive('b'), running('b'), 1);
    waves.begun(1);
    waves.begun(2);
    underWay.put(archive('b'), ready('b', 900), 1);
    underWay.leave(archive('a').id, 'gone');
    underWay.leave(archive('b').id, 'here');
    expect(told()).toEqual(['1 requested', '1 ready', '1 ended']);
    expect(events.at(-1)).toMatchObject({ files: 2, ready: 1, here: 1, lost: 1, hereBytes: 10, readableUntil: 900 });
    expect(waves.gone).toBe(1);
  });
});

describe('rest', () => {
  const trouble = new Failure('UNREACHABLE', 'no answer');

  it('rest: trouble after trouble it is waited twice as long, up to the poll interval, and then from the beginning', () => {
    const clock = { seconds: 0, now: () => at(clock.seconds) };
    const rest = new Rest(clock, 200);
    const pauses: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      rest.pauseFor(trouble);
      const until = rest.pausedUntil ?? at(0);
      pauses.push(until - clock.seconds);
      clock.seconds = until;
      expect(rest.pausedUntil).toBeNull();
    }
    rest.endTrouble();
    rest.pauseFor(trouble);
    expect([...pauses, rest.pausedUntil! - clock.seconds]).toEqual([60, 120, 200, 200, 60]);
  });

  it('rest: a bell that was rung before it was waited is heard, and once', async () => {
    const clock = { seconds: 0, now: () => at(clock.seconds) };
    const rest = new Rest(clock, 200);
    const completions = silentCompletions({
      async until(moment, signal) {
        if (!signal.aborted) clock.seconds = moment;
      },
    });
    rest.ring();
    await rest.until(at(50), completions);
    expect(clock.seconds).toBe(0);
    await rest.until(at(50), completions);
    expect(clock.seconds).toBe(50);
  });
});

describe('unsettled', () => {
  const asking = { at: at(100_000), archives: [] };
  const DAY = 24 * 3600;

  it.each([
    ['nothing is shown of it', { state: 'none' }, 0, false],
    ['nothing is shown of it, until a day is over', { state: 'none' }, DAY - 1, false],
    ['nothing is shown of it, and it may be over', { state: 'none' }, DAY, true],
    ['it failed', { ...failed('a'), requestedAt: at(100_001) }, 0, true],
    ['one before it failed, and nothing is shown of it', { ...failed('a'), requestedAt: at(99_699) }, 0, false],
    ['one before it failed, and it may be over', { ...failed('a'), requestedAt: at(99_699) }, DAY, true],
    ['it runs', { ...running('a'), requestedAt: at(100_001) }, 1, true],
    ['it runs by a clock that is five minutes slow', { ...running('a'), requestedAt: at(99_700) }, 1, true],
    ['it runs since before', { ...running('a'), requestedAt: at(99_699) }, 1, false],
    ['it is ready since before', ready('a', 900_000), 1, false],
  ] as const)('unsettled: %s', (_, retrieval, later, was) => {
    expect(wasAskedFor(asking, retrieval, at(100_000 + later))).toBe(was);
  });
});
