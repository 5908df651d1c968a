// What a signal does to a run.

import { describe, expect, it } from 'vitest';
import { Interrupts } from '../../src/cli/interrupts.js';
import { FakeProcess } from './fakes.js';

function listen() {
  const process = new FakeProcess();
  const waits: { delayMs: number; elapse: () => void; disposed: boolean }[] = [];
  const told = { first: 0, second: 0 };
  const interrupts = new Interrupts({
    process,
    after(delayMs, elapse) {
      const wait = { delayMs, elapse, disposed: false };
      waits.push(wait);
      return { [Symbol.dispose]: () => void (wait.disposed = true) };
    },
    onFirst: () => void (told.first += 1),
    onSecond: () => void (told.second += process.exited === null ? 1 : 0),
  });
  return { process, waits, interrupts, told };
}

describe('interrupts', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('interrupts: %s halts soon, after three seconds now, and gives %d', (signal, exitCode) => {
    const { process, waits, interrupts, told } = listen();
    expect([interrupts.halt.soon.aborted, interrupts.exitCode, told]).toEqual([false, null, { first: 0, second: 0 }]);
    process.send(signal);
    expect([interrupts.halt.soon.aborted, interrupts.halt.now.aborted, told.first]).toEqual([true, false, 1]);
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([3000]);
    waits[0]?.elapse();
    expect(interrupts.halt.now.aborted).toBe(true);
    expect([interrupts.exitCode, process.exited]).toEqual([exitCode, null]);
    expect(interrupts.failure('again')).toMatchObject({
      code: 'INTERRUPTED',
      message: `interrupted by ${signal}`,
      hint: 'again',
    });
  });

  it('interrupts: a second signal is told, and quits at once with the code of that signal', () => {
    const { process, told } = listen();
    process.send('SIGTERM');
    process.send('SIGINT');
    expect([process.exited, told]).toEqual([130, { first: 1, second: 1 }]);
  });

  it('interrupts: as many may listen as there are transfers, and Node warns of none', async () => {
    const { interrupts } = listen();
    const warnings: string[] = [];
    const hear = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', hear);
    const { soon, now } = interrupts.halt;
    for (const signal of [soon, now]) for (let i = 0; i < 64; i++) signal.addEventListener('abort', () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });

  it('interrupts: when disposed, signals and waits are let go of', () => {
    const { process, waits, interrupts } = listen();
    process.send('SIGINT');
    interrupts[Symbol.dispose]();
    expect([process.listeners.size, waits[0]?.disposed]).toEqual([0, true]);
  });
});
