// Flushes while more comes: when they begin, who waits for them, and what becomes of their failures.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EarlyFlushes } from '../../src/disk/early-flush.js';

const MIB = 1024 * 1024;

/** A file whose flushes end when they are told to. */
class SlowFile {
  readonly #ends: ((failure: Error | null) => void)[] = [];
  begun = 0;

  datasync(): Promise<void> {
    this.begun++;
    return new Promise((resolve, reject) => {
      this.#ends.push((failure) => (failure === null ? resolve() : reject(failure)));
    });
  }

  async end(failure: Error | null = null): Promise<void> {
    this.#ends.shift()?.(failure);
    await setImmediate();
  }
}

async function isPending(work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(
    () => false,
    () => false,
  );
  return Promise.race([ended, setImmediate(true)]);
}

describe('early flush', () => {
  it('early flush: begins when 64 MiB have gathered, and nobody waits for it', async () => {
    const file = new SlowFile();
    const flush = new EarlyFlushes().of(file);
    for (let i = 0; i < 63; i++) await flush.landed(MIB);
    expect(file.begun).toBe(0);
    await flush.landed(MIB);
    expect(file.begun).toBe(1);
    expect(await isPending(flush.landed(MIB))).toBe(false);
    await file.end();
    await flush.settled();
  });

  it('early flush: the next begins when one has ended and 64 MiB more are there', async () => {
    const file = new SlowFile();
    const flush = new EarlyFlushes().of(file);
    await flush.landed(64 * MIB);
    await flush.landed(63 * MIB);
    await file.end();
    expect(file.begun).toBe(1);
    await flush.landed(MIB);
    expect(file.begun).toBe(2);
  });

  it('early flush: what comes waits for a disk that is 256 MiB behind', async () => {
    const file = new SlowFile();
    const flush = new EarlyFlushes().of(file);
    await flush.landed(64 * MIB);
    await flush.landed(255 * MIB);
    const waiting = flush.landed(MIB);
    expect(await isPending(waiting)).toBe(true);
    await file.end();
    await waiting;
    expect(file.begun).toBe(2);
  });

  it('early flush: at its end it is waited for', async () => {
    const file = new SlowFile();
    const flush = new EarlyFlushes().of(file);
    await flush.settled();
    await flush.landed(64 * MIB);
    const settled = flush.settled();
    expect(await isPending(settled)).toBe(true);
    await file.end();
    await settled;
  });

  it('early flush: of all files of a process one is flushed at a time', async () => {
    const flushes = new EarlyFlushes();
    const [first, second] = [new SlowFile(), new SlowFile()];
    const [a, b] = [flushes.of(first), flushes.of(second)];
    await a.landed(64 * MIB);
    await b.landed(300 * MIB);
    expect([first.begun, second.begun]).toEqual([1, 0]);
    await first.end();
    await b.landed(MIB);
    expect([first.begun, second.begun]).toEqual([1, 1]);
  });

  it('early flush: what a disk has lost is told from then on, however often it is asked', async () => {
    const file = new SlowFile();
    const flushes = new EarlyFlushes();
    const flush = flushes.of(file);
    await flush.landed(64 * MIB);
    await file.end(new Error('the disk is gone'));
    for (let i = 0; i < 2; i++) {
      await expect(flush.landed(64 * MIB)).rejects.toThrow('the disk is gone');
      await expect(flush.settled()).rejects.toThrow('the disk is gone');
    }
    expect(file.begun).toBe(1);
    const other = new SlowFile();
    await flushes.of(other).landed(64 * MIB);
    expect(other.begun).toBe(1);
  });
});
