import { expect, test } from 'vitest';
import { untilSettled } from '../../src/disk/settled.js';
import { Instant } from '../../src/model/clock.js';
import { RelPath } from '../../src/model/rel-path.js';
import { never } from './temporary-directory.js';

const file = { path: RelPath.parse('a'), size: 1, mtime: Instant.ofSeconds(1_700_000_000) };

/** How long it waits for the file when it is so late, in milliseconds. */
async function waited(nowMs: number): Promise<number[]> {
  const waits: number[] = [];
  await untilSettled(file, never, { nowMs: () => nowMs, wait: async (ms) => void waits.push(ms) });
  return waits;
}

test('settled: a file that was changed in this second is waited for, to the end of the second', async () => {
  expect(await waited(1_700_000_000_000)).toEqual([1020]);
  expect(await waited(1_700_000_001_019)).toEqual([1]);
});

test('settled: one that was changed before, or will be by its time, is not waited for', async () => {
  expect(await waited(1_700_000_001_020)).toEqual([]);
  expect(await waited(1_699_999_999_999)).toEqual([]);
});

test('settled: the wait ends when it is told to', async () => {
  const stop = AbortSignal.abort();
  const recent = { ...file, mtime: Instant.ofMs(Date.now()) };
  const waiting = untilSettled(recent, stop, {
    nowMs: () => recent.mtime * 1000,
    wait: () => Promise.reject(stop.reason),
  });
  await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
