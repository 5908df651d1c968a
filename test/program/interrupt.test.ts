import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate } from './gate.js';
import { type Ended, mtglacier, sees, start } from './program.js';
import { openWorkplace, pathsIn, readJournal, type Workplace, writeConfig } from './workplace.js';

const FILES = Array.from({ length: 250 }, (_, index) => `d${index % 9}/f${index}`).sort();
const LARGE = Array.from({ length: 5 }, (_, index) => `large-${index}`);
const MIB = 1024 * 1024;

/** Grace is three seconds; the rest is for a machine that has more to do. */
const SOON_MS = 10_000;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('interrupt');
  for (const name of FILES) write(name, `content of ${name}`);
  for (const vault of ['int', 'term', 'held']) {
    expect((await mtglacier('create-vault', vault, ...place.config)).exitCode).toBe(0);
  }
});

afterAll(() => place[Symbol.asyncDispose]());

function write(name: string, content: string | Buffer, directory = 'kept'): void {
  const file = place.at(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Runs a command until it prints the word, then sends the signal. */
async function interrupted(signal: NodeJS.Signals, word: string, argv: readonly string[]): Promise<Ended> {
  const started = start(argv);
  await sees(started, word);
  const since = performance.now();
  started.process.kill(signal);
  const ended = await started.ended;
  expect(performance.now() - since).toBeLessThan(SOON_MS);
  return ended;
}

function expectGoodEnd({ exitCode, stdout, stderr }: Ended, signal: 'SIGINT' | 'SIGTERM'): void {
  expect(stderr).toBe(
    'notice: interrupted: ending what is in flight, which takes a few seconds\n' +
      'hint: a second Ctrl-C quits at once\n' +
      `ERROR: interrupted by ${signal}\n` +
      'hint: nothing is lost: type the same command again, and it goes on where this run stopped\n',
  );
  const code = signal === 'SIGINT' ? 130 : 143;
  expect(exitCode).toBe(code);
  expect(stdout).toContain(`\nexit code ${code}: interrupted\n`);
  expect(stdout).not.toContain('OK DONE');
}

/** The files beside a journal that say that somebody is writing. */
function locks(vault: string): string[] {
  return readdirSync(place.at('.')).filter((name) => name.startsWith(`${vault}.journal.lock`));
}

describe.each([
  ['int', 'SIGINT'],
  ['term', 'SIGTERM'],
] as const)('interrupt %s', (vault, signal) => {
  const journal = () => place.at(`${vault}.journal`);
  const online = () => [...place.config, '--vault', vault, '--journal', journal()];
  const withDirectory = () => [...online(), '--dir', place.at(vault === 'int' ? 'kept' : 'kept-too')];

  beforeAll(() => {
    if (vault === 'term') for (const name of FILES) write(name, `content of ${name}`, 'kept-too');
  });

  it(`interrupt: sync ends soon after ${signal}, and a second run completes`, async () => {
    expectGoodEnd(await interrupted(signal, 'Finished', ['sync', ...withDirectory()]), signal);
    expect(locks(vault)).toEqual([]);
    const half = (await pathsIn(await readJournal(journal()))).length;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(FILES.length);
    const { exitCode, stdout } = await mtglacier('sync', ...withDirectory());
    expect(exitCode).toBe(0);
    expect(stdout.match(/^Finished /gm)).toHaveLength(FILES.length - half);
    expect(await pathsIn(await readJournal(journal()))).toEqual(FILES);
  });

  it(`interrupt: restore-completed ends soon after ${signal}, and a second run completes`, async () => {
    const [directory] = withDirectory().slice(-1) as [string];
    renameSync(directory, `${directory}-lost`);
    mkdirSync(directory);
    const asked = await mtglacier('restore', ...withDirectory(), '--max-number-of-files', '1000');
    expect(asked.exitCode).toBe(75);
    place.passHours(5);
    const ended = await interrupted(signal, 'Downloaded', ['restore-completed', ...withDirectory()]);
    expectGoodEnd(ended, signal);
    const there = namesIn(directory);
    expect(there.length).toBeLessThan(FILES.length);
    expect(there.filter((name) => !FILES.includes(name))).toEqual([]);
    expect((await mtglacier('restore-completed', ...withDirectory())).exitCode).toBe(0);
    expect(namesIn(directory)).toEqual(FILES);
    expect((await mtglacier('check-local-hash', '--dir', directory, '--journal', journal())).exitCode).toBe(0);
  });

  it(`interrupt: purge-vault ends soon after ${signal}, and a second run completes`, async () => {
    expectGoodEnd(await interrupted(signal, 'Deleted', ['purge-vault', ...online()]), signal);
    expect(locks(vault)).toEqual([]);
    const left = (await readJournal(journal())).live.count;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(FILES.length);
    const { exitCode, stdout } = await mtglacier('purge-vault', ...online());
    expect(exitCode).toBe(0);
    expect(stdout.match(/^Deleted /gm)?.length).toBeGreaterThanOrEqual(left);
    expect((await readJournal(journal())).live.count).toBe(0);
  });
});

function namesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(directory.length + 1))
    .sort();
}

describe('interrupt while a part hangs', () => {
  const argv = (config: string) => [
    'sync',
    '--config',
    place.at(config),
    '--vault',
    'held',
    '--journal',
    place.at('held.journal'),
    '--dir',
    place.at('large'),
    '--partsize',
    '1',
  ];

  beforeAll(() => {
    for (const name of LARGE) write(name, Buffer.alloc(3 * MIB, name), 'large');
  });

  it('interrupt: what hangs is dropped after a few seconds, and its parts are not sent again', async () => {
    const isLastPart = (header = '') => header.startsWith(`bytes ${2 * MIB}-`);
    await using gate = await openGate(place.server.endpoint, ({ headers }) => isLastPart(headers['content-range']));
    writeConfig(place.at('gate.cfg'), place.server, gate.endpoint);
    const started = start(argv('gate.cfg'));
    await gate.holding;
    const since = performance.now();
    started.process.kill('SIGINT');
    const ended = await started.ended;
    expect(performance.now() - since).toBeLessThan(SOON_MS);
    expectGoodEnd(ended, 'SIGINT');
    expect(locks('held')).toEqual([]);
  });

  it('interrupt: a second signal quits at once', async () => {
    await using gate = await openGate(place.server.endpoint, ({ method }) => method === 'PUT');
    writeConfig(place.at('gate.cfg'), place.server, gate.endpoint);
    const started = start([...argv('gate.cfg'), '--rebind-journal']);
    const told = new Promise((resolve) => started.process.stderr?.once('data', resolve));
    await gate.holding;
    started.process.kill('SIGINT');
    await told;
    const since = performance.now();
    started.process.kill('SIGINT');
    const { exitCode, stdout } = await started.ended;
    expect(exitCode).toBe(130);
    expect(performance.now() - since).toBeLessThan(2500);
    expect(stdout).not.toContain('OK DONE');
  });

  it('interrupt: after both, the next run completes and sends only what is missing', async () => {
    const config = [...argv('glacier.cfg'), '--rebind-journal'];
    const { exitCode, stdout, stderr } = await mtglacier(...config);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Resumed large-\d: [12]\.0 MiB were in the vault already$/m);
    expect(await pathsIn(await readJournal(place.at('held.journal')))).toEqual(LARGE);
  });
});
