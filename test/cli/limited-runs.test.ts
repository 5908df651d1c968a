// Limits as users set them: words, exit codes, summaries, against a local vault.

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/run-program.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { objectsOf, openWorkplace, type Workplace } from '../program/workplace.js';
import { FakeProcess, FakeStream } from './fakes.js';

const MIB = 1024 * 1024;

async function mtglacier(place: Workplace, command: string, ...more: readonly string[]) {
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const argv = [command, ...place.config, ...more];
  const outputs = { stdout: stdout.open(), stderr: stderr.open() };
  const process = new FakeProcess();
  const exitCode = await runProgram({ argv, environment: {}, commands: async () => COMMANDS, ...outputs, process });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

async function create(place: Workplace): Promise<void> {
  const { exitCode, stderr } = await mtglacier(place, 'create-vault', 'photos');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}

async function filled(): Promise<Workplace & { readonly kept: readonly string[] }> {
  const place = await openWorkplace('limits');
  mkdirSync(place.at('kept'));
  for (let file = 0; file < 4; file++) writeFileSync(place.at('kept', `f${file}`), Buffer.alloc(MIB, `${file}`));
  writeFileSync(place.at('kept', 'large'), Buffer.alloc(5 * MIB, 'large'));
  for (const name of ['f0', 'f1', 'f2', 'f3', 'large'])
    utimesSync(place.at('kept', name), 1_600_000_000, 1_600_000_000);
  await create(place);
  const kept = [
    '--vault',
    'photos',
    '--dir',
    place.at('kept'),
    '--journal',
    place.at('photos.journal'),
    '--partsize',
    '1',
    '--concurrency',
    '2',
  ];
  return { ...place, kept };
}

describe('a limited run', () => {
  it('ends with 8 and says which limit; the same command goes on until it ends with 0', async () => {
    await using place = await filled();
    const sync = (...more: string[]) => mtglacier(place, 'sync', ...place.kept, '--max-transfer', '3M', ...more);
    const first = await sync();
    expect(first.exitCode).toBe(8);
    expect(first.stderr).toContain('notice: the limit of --max-transfer is reached: nothing new is begun');
    expect(first.stdout).toContain('Ended by --max-transfer: run the same command again, and it goes on.\nexit code 8');
    const second = await sync('--json');
    expect(second.exitCode).toBe(8);
    const summary = objectsOf(second.stdout).at(-1);
    expect(summary).toMatchObject({ event: 'summary', outcome: { limitReached: true, limit: 'max-transfer' } });
    const third = await mtglacier(place, 'sync', ...place.kept, '--max-transfer', 'off');
    expect(third.exitCode).toBe(0);
    expect((await sync()).exitCode).toBe(0);
  });

  it('a dry run has all the time there is', async () => {
    await using place = await filled();
    const dry = await mtglacier(
      place,
      'sync',
      ...place.kept,
      '--dry-run',
      '--max-duration',
      '1s',
      '--max-transfer',
      '1B',
    );
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout).toContain('large');
    expect(dry.stdout + dry.stderr).not.toContain('max-');
  });

  it('the bandwidth is told, and kept', async () => {
    await using place = await filled();
    const startedMs = performance.now();
    const limited = await mtglacier(place, 'sync', ...place.kept, '--bwlimit', '20M:off', '--json');
    // Nine MiB, but for what may go in the first 40 ms, and the last slice.
    expect(performance.now() - startedMs).toBeGreaterThan(380);
    expect(limited.exitCode).toBe(0);
    expect(objectsOf(limited.stdout)[0]).toMatchObject({ event: 'start', options: { bwlimit: '20M:off' } });
    const told = objectsOf(limited.stdout).filter(({ event }) => event === 'bandwidth');
    expect(told).toMatchObject([{ up: 20 * MIB, down: null }]);
  });

  it('what comes through a pipe cannot be ended before its end', async () => {
    await using place = await filled();
    const pipe = [
      '--vault',
      'photos',
      '--stdin',
      '--set-rel-filename',
      'a',
      '--check-max-file-size',
      '1',
      '--journal',
      place.at('j'),
    ];
    const refused = await mtglacier(place, 'upload-file', ...pipe, '--max-duration', '1h');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('--stdin and --max-duration exclude each other');
  });
});
