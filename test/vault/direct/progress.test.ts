import { expect, it } from 'vitest';
import { Progress } from '../../../src/vault/direct/progress.js';
import { MIB } from '../bytes.js';

const TIMEOUT = 180_000;
const QUARTER = 15 * 60_000;

/** A request, and the clock that its test moves. */
function begun() {
  const clock = { nowMs: 1e9 };
  const progress = new Progress({ inactivityMs: TIMEOUT, elapsedMs: () => clock.nowMs });
  const after = (ms: number): string | null => {
    clock.nowMs += ms;
    return progress.overdue(clock.nowMs);
  };
  return { progress, after };
}

it('progress: silence is borne so long and no longer', () => {
  const { progress, after } = begun();
  expect(after(TIMEOUT)).toBeNull();
  expect(after(1)).toBe(`after ${TIMEOUT} ms of inactivity`);
  progress.moved();
  expect(after(TIMEOUT)).toBeNull();
});

it('progress: a body that is taken slowly and steadily is no silence', () => {
  const { progress, after } = begun();
  progress.ahead(10 * MIB);
  for (let slice = 0; slice < 10; slice++) {
    progress.ownTurn();
    progress.theirTurn();
    expect(after(TIMEOUT - 1)).toBeNull();
  }
});

it('progress: what the system may hold back of a body is given time to leave', () => {
  const small = begun();
  small.progress.handedOver(4096);
  expect(small.after(TIMEOUT * 1.01)).not.toBeNull();
  const large = begun();
  large.progress.handedOver(16 * MIB);
  expect(large.after(TIMEOUT * 2)).toBeNull();
  expect(large.after(1)).not.toBeNull();
  large.progress.moved();
  expect(large.after(TIMEOUT + 1)).not.toBeNull();
});

it('progress: what we take our time for is not held against the server', () => {
  const { progress, after } = begun();
  progress.ownTurn();
  expect(after(10 * QUARTER)).toBeNull();
  progress.theirTurn();
  expect(after(TIMEOUT)).toBeNull();
  expect(after(1)).toContain('inactivity');
});

it('progress: however much moves, a request ends, the later the more bytes it has', () => {
  for (const [bytes, most] of [
    [0, QUARTER],
    [64 * MIB, QUARTER + 16 * 1024 * 1024],
  ] as const) {
    const { progress, after } = begun();
    progress.ahead(bytes);
    let passed = 0;
    for (; passed + 60_000 <= most; passed += 60_000) {
      expect(after(60_000)).toBeNull();
      progress.moved();
    }
    expect(after(most - passed + 1)).toBe('as it goes on and on');
  }
});

it('progress: where nobody knows how much is to come, only silence ends it', () => {
  const { progress, after } = begun();
  progress.ahead(null);
  for (let day = 0; day < 24 * 60; day++) {
    expect(after(60_000)).toBeNull();
    progress.moved();
  }
});
