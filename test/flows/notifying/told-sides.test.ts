// Word from the file beside the journal, and from several sides at once.

import { describe, expect, it } from 'vitest';
import { eitherCompletions } from '../../../src/flows/notifying/either-completions.js';
import { followedCompletions } from '../../../src/flows/notifying/followed-completions.js';
import { queueCompletions } from '../../../src/flows/notifying/queue-completions.js';
import { SharedWord } from '../../../src/flows/notifying/shared-word.js';
import { type Completions, silentCompletions } from '../../../src/flows/retrieving/completions.js';
import type { Completion } from '../../../src/journal/completions-file.js';
import type { RunEvent } from '../../../src/model/events.js';
import { Failure } from '../../../src/model/failure.js';
import { JobId } from '../../../src/model/identifiers.js';
import type { Receiving } from '../../../src/vault/notices/notices-port.js';
import { JumpingTime } from './notice-world.js';

const signal = new AbortController().signal;
const job = (name: string): JobId => JobId.parse(name);

/** A file to which something is added at the look of that number. */
function followed(time: JumpingTime, additions: Readonly<Record<number, readonly string[]>>, events: RunEvent[] = []) {
  let looks = 0;
  return followedCompletions({
    async added() {
      looks++;
      const names = additions[looks] ?? [];
      if (names.includes('FAILS')) throw new Failure('JOURNAL_UNWRITABLE', 'cannot read it');
      return names.map(
        (name): Completion => ({ at: time.now(), vault: name.startsWith('other') ? 'w' : 'v', jobId: job(name) }),
      );
    },
    vault: 'v',
    clock: time,
    alarm: time,
    report: (event) => void events.push(event),
  });
}

describe('followed completions', () => {
  it('followed completions: looks every two seconds, hands on what is of its vault, and each once', async () => {
    const time = new JumpingTime();
    const begun = time.seconds;
    const completions = followed(time, { 2: ['other-1'], 4: ['a', 'b', 'a', 'other-2'] });
    expect(await completions.next(time.in(600), signal)).toEqual(['a', 'b']);
    expect(time.seconds - begun).toBe(6);
    expect(await completions.next(time.in(3), signal)).toEqual([]);
    expect(time.seconds - begun).toBe(9);
  });

  it('followed completions: told to stop they end', async () => {
    const time = new JumpingTime();
    const stop = AbortSignal.abort();
    expect(await followed(time, {}).next(time.in(600), stop)).toEqual([]);
  });

  it('followed completions: a file that cannot be read is told of once, and read when it can be', async () => {
    const time = new JumpingTime();
    const events: RunEvent[] = [];
    const completions = followed(time, { 1: ['FAILS'], 2: ['FAILS'], 3: ['a'] }, events);
    expect(await completions.next(time.in(600), signal)).toEqual(['a']);
    expect(events).toEqual([{ event: 'notice', topic: 'completions', message: 'cannot read it', hint: null }]);
  });
});

describe('completions, and a clock that is set back', () => {
  const YEAR = 365 * 24 * 3600;

  /** Waits once, while which the clock is set back. */
  const setBack = (time: JumpingTime): JumpingTime => {
    let waits = 0;
    time.until = async () => {
      if (++waits > 1) throw new Error('it is waited for the same once more');
      time.seconds -= YEAR;
    };
    return time;
  };

  it('followed completions: a clock that is set back lets nobody wait for another year', async () => {
    const time = setBack(new JumpingTime());
    expect(await followed(time, {}).next(time.in(600), signal)).toEqual([]);
  });

  it('completions from a queue: a clock that is set back lets nobody wait for another year', async () => {
    const time = setBack(new JumpingTime());
    const queues = { findQueue: async () => null } as Partial<Receiving> as Receiving;
    const listening = { queues, vault: 'v', clock: time, alarm: time, report: () => undefined };
    const completions = queueCompletions(async () => null, listening);
    expect(await completions.next(time.in(600), signal)).toEqual([]);
  });
});

describe('shared word', () => {
  const once = (...jobs: readonly string[]): Completions => {
    const left = [jobs.map(job)];
    return { next: async () => left.shift() ?? [], async [Symbol.asyncDispose]() {} };
  };

  it('shared word: what one run takes from the queue the others hear, and it itself but once', async () => {
    const time = new JumpingTime();
    const file: Completion[] = [];
    const sharing = {
      vault: 'v',
      clock: time,
      report: () => undefined,
      append: async (one: Completion) => void file.push(one),
    };
    const [one, other] = [new SharedWord(sharing), new SharedWord(sharing)];
    expect(await one.noting(once('a', 'b')).next(time.in(600), signal)).toEqual(['a', 'b']);
    expect(await other.noting(once('c')).next(time.in(600), signal)).toEqual(['c']);
    expect(file.map(({ jobId, vault }) => [jobId, vault])).toEqual([
      ['a', 'v'],
      ['b', 'v'],
      ['c', 'v'],
    ]);
    expect(one.ofOthers(file).map(({ jobId }) => jobId)).toEqual(['c']);
    expect(other.ofOthers(file).map(({ jobId }) => jobId)).toEqual(['a', 'b']);
  });

  it('shared word: where it cannot be noted, that is told once and the word is heard all the same', async () => {
    const time = new JumpingTime();
    const events: RunEvent[] = [];
    const append = async (): Promise<void> => {
      throw new Failure('DISK_FULL', 'no space left to write j.completions');
    };
    const shared = new SharedWord({ vault: 'v', clock: time, report: (event) => void events.push(event), append });
    for (const name of ['a', 'b']) {
      expect(await shared.noting(once(name)).next(time.in(600), signal)).toEqual([name]);
    }
    expect(events).toEqual([
      { event: 'notice', topic: 'completions', message: 'no space left to write j.completions', hint: null },
    ]);
  });
});

describe('either side', () => {
  it('either side: whoever tells first ends it, and the other is told to stop and may still have its word', async () => {
    const time = new JumpingTime();
    const late: Completions = {
      next: (_, told) =>
        new Promise((resolve) => told.addEventListener('abort', () => resolve([job('late'), job('a')]))),
      async [Symbol.asyncDispose]() {},
    };
    const both = eitherCompletions([followed(time, { 1: ['a'] }), late]);
    expect(await both.next(time.in(600), signal)).toEqual(['a', 'late']);
  });

  it('either side: with no word from any it ends when it is time, or when told to stop', async () => {
    const time = new JumpingTime();
    const begun = time.seconds;
    const both = eitherCompletions([followed(time, {}), silentCompletions(time)]);
    expect(await both.next(time.in(600), signal)).toEqual([]);
    expect(time.seconds - begun).toBe(600);
    expect(await both.next(time.in(600), AbortSignal.abort())).toEqual([]);
  });

  it('either side: closing closes all', async () => {
    const closed: number[] = [];
    const side = (number: number): Completions => ({
      next: async () => [],
      async [Symbol.asyncDispose]() {
        closed.push(number);
      },
    });
    await eitherCompletions([side(1), side(2)])[Symbol.asyncDispose]();
    expect(closed).toEqual([1, 2]);
  });
});
