// The options that say how hard the machine works: they change how fast files are stored, and never what is stored.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mtglacier, start } from './program.js';
import { openWorkplace, type Workplace } from './workplace.js';

const MIB = 1024 * 1024;

async function placeWith(name: string, files: Readonly<Record<string, Buffer>>): Promise<Workplace> {
  const place = await openWorkplace(name);
  mkdirSync(place.at('kept'));
  for (const [file, content] of Object.entries(files)) writeFileSync(place.at('kept', file), content);
  await mtglacier('create-vault', 'photos', ...place.config);
  return place;
}

const wordsOf = (place: Workplace, directory = 'kept'): string[] => {
  return [...place.config, '--vault=photos', `--journal=${place.at('journal')}`, `--dir=${place.at(directory)}`];
};

/** Bytes that no two places of the file have in common. */
function bytes(size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += 4096) content.writeUInt32LE(at, at);
  return content;
}

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

interface Way {
  /** For every command that hashes. */
  readonly hashing: readonly string[];
  /** For those that work on many files. */
  readonly moving?: readonly string[];
  readonly storing?: readonly string[];
}

it.each<[string, Way]>([
  ['threads', { hashing: ['--threads', '2'] }],
  ['one thread', { hashing: ['--threads', '1'] }],
  ['streamed parts', { hashing: ['--concurrency', '2'], storing: ['--partsize', '64'] }],
  ['one reader', { hashing: ['--reader', 'sequential', '--buffers', '3'] }],
  ['another hash engine', { hashing: ['--hash-engine', 'wasm'], storing: ['--partsize', '4'] }],
  [
    'lanes',
    {
      hashing: [],
      moving: ['--small-file-workers', '64', '--large-file-workers', '1'],
      storing: ['--walk-concurrency', '4'],
    },
  ],
])('%s: what was stored comes back', async (_, { hashing, moving = [], storing = [] }) => {
  const small = Object.fromEntries(Array.from({ length: 40 }, (__, i) => [`small ${i}`, bytes(i * 100 + 4)]));
  const files = { ...small, large: bytes(80 * MIB + 12), middling: bytes(3 * MIB) };
  await using place = await placeWith('speed', files);
  const stored = await mtglacier('sync', ...wordsOf(place), ...hashing, ...moving, ...storing);
  expect([stored.exitCode, stored.stdout]).toEqual([0, expect.stringMatching(/^ {2}stored +42 /m)]);
  expect((await mtglacier('check-local-hash', ...wordsOf(place), ...hashing)).exitCode).toBe(0);

  mkdirSync(place.at('back'));
  await mtglacier('restore', ...wordsOf(place, 'back'), '--max-number-of-files=100');
  place.passHours(5);
  expect((await mtglacier('restore-completed', ...wordsOf(place, 'back'), ...hashing, ...moving)).exitCode).toBe(0);
  expect(readdirSync(place.at('back')).sort()).toEqual(Object.keys(files).sort());
  for (const [file, content] of Object.entries(files)) {
    expect([file, digest(readFileSync(place.at('back', file)))]).toEqual([file, digest(content)]);
  }
});

it('a large journal has an index beside it, unless it is switched off, and says the same with it and without', async () => {
  await using place = await placeWith('index', {});
  const id = (i: number): string => String(i).padStart(138, 'A');
  const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const line = (i: number): string => `B\t1700000000\tCREATED\t${id(i)}\t10\t1600000000\t${hash}\tdir/file ${i}\n`;
  writeFileSync(place.at('journal'), Array.from({ length: 20_000 }, (_, i) => line(i)).join(''));
  const list = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout } = await mtglacier('ls', '--journal', place.at('journal'), ...words);
    expect(exitCode).toBe(0);
    return stdout;
  };

  const without = await list('--index', 'off');
  expect(existsSync(place.at('journal.index'))).toBe(false);
  const [made, opened] = [await list(), await list()];
  expect(existsSync(place.at('journal.index'))).toBe(true);
  expect(without.split('\n').length).toBeGreaterThan(20_000);
  expect([made, opened]).toEqual([without, without]);

  writeFileSync(place.at('journal'), `B\t1700000001\tDELETED\t${id(7)}\tdir/file 7\n`, { flag: 'a' });
  const [later, laterWithout] = [await list(), await list('--index=off')];
  expect(later).toEqual(laterWithout);
  expect(later).not.toContain('dir/file 7\n');
  rmSync(place.at('journal.index'), { recursive: true });
  expect(await list()).toEqual(later);
});

it('looks that would wait for one another are told, with what to do', async () => {
  await using place = await placeWith('looks', { a: bytes(8) });
  const words = ['sync', ...wordsOf(place), '--walk-concurrency', '8'];
  const { stderr, stdout } = await mtglacier(...words);
  expect(stdout + stderr).toContain('set UV_THREADPOOL_SIZE=8 in the environment');
  const heeded = await start(words, { env: { UV_THREADPOOL_SIZE: '8' } }).ended;
  expect(heeded.stdout + heeded.stderr).not.toContain('UV_THREADPOOL_SIZE');
});
