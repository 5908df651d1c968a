import { expect, it } from 'vitest';
import { type ExpiringKeys, KeyRing } from '../../../src/vault/direct/key-ring.js';

const MINUTE = 60_000;
const keysFor = (ms: number | undefined): ExpiringKeys => ({
  accessKeyId: 'k',
  secretAccessKey: 's',
  expiration: ms === undefined ? undefined : new Date(Date.now() + ms),
});

it('keys: there are none before they are asked for, and those that last are kept', async () => {
  let asked = 0;
  const ring = new KeyRing(async () => {
    asked++;
    return keysFor(undefined);
  });
  expect(ring.current()).toBeNull();
  const keys = await ring.renewed();
  expect(ring.current()).toBe(keys);
  expect(asked).toBe(1);
});

it('keys: those that expire within five minutes are not used', async () => {
  for (const [lastMs, usable] of [
    [6 * MINUTE, true],
    [4 * MINUTE, false],
    [-MINUTE, false],
  ] as const) {
    const ring = new KeyRing(async () => keysFor(lastMs));
    const keys = await ring.renewed();
    expect(ring.current()).toBe(usable ? keys : null);
  }
});

it('keys: whoever asks while they are fetched gets the same, and after a failure they are fetched again', async () => {
  let asked = 0;
  const ring = new KeyRing(async () => {
    if (++asked === 1) throw new Error('not now');
    return keysFor(MINUTE);
  });
  const failed = await Promise.allSettled([ring.renewed(), ring.renewed()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const [one, other] = await Promise.all([ring.renewed(), ring.renewed()]);
  expect(one).toBe(other);
  expect(asked).toBe(2);
  await ring.renewed();
  expect(asked).toBe(3);
});
