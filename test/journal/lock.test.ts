// One writer a journal, whatever happens to the one before.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { loadKernelLock, noKernelLock } from '../../src/journal/kernel-lock.js';
import { lockJournal } from '../../src/journal/lock.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import { sidecarsOf } from '../../src/journal/sidecars.js';
import { type Clock, Instant, systemClock } from '../../src/model/clock.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { compile, run } from './compiled.js';
import { folder } from './folder.js';
import { at, created, failureOf, listener, localFile } from './records.js';

let full: ReturnType<typeof compile>;
/** Where the addon with the kernel's locks is not installed. */
let bare: ReturnType<typeof compile>;

beforeAll(() => {
  full = compile(['proper-lockfile', 'fs-native-extensions']);
  bare = compile(['proper-lockfile']);
});
afterAll(() => {
  full.remove();
  bare.remove();
});

/** Holds the journal until its standard input ends. */
const HOLD = `
  import { openForWriting } from './journal/open.js';
  import { UTF_8 } from './model/text-encoding.js';
  const open = await openForWriting(process.argv[1], { create: true, encoding: UTF_8 }, () => undefined);
  console.log('held');
  process.stdin.resume().on('end', () => open[Symbol.asyncDispose]());
`;

/** The same, trying until it gets in. */
const HOLD_WHEN_FREE = `
  import { openForWriting } from './journal/open.js';
  import { UTF_8 } from './model/text-encoding.js';
  let open;
  while (open === undefined) {
    try {
      open = await openForWriting(process.argv[1], { create: true, encoding: UTF_8 }, () => undefined);
    } catch (failure) {
      if (failure.code !== 'JOURNAL_LOCKED') throw failure;
    }
  }
  console.log('held');
  process.stdin.resume().on('end', () => open[Symbol.asyncDispose]());
`;

/** Tries to get the journal and says how that went. */
const TRY = `
  import { openForWriting } from './journal/open.js';
  import { UTF_8 } from './model/text-encoding.js';
  try {
    const open = await openForWriting(process.argv[1], { create: true, encoding: UTF_8 }, () => undefined);
    await open[Symbol.asyncDispose]();
    console.log('got in');
  } catch (failure) { console.log(failure.code + ': ' + failure.message); }
  process.stdin.resume();
`;

/** Adds archives without end, naming each once it is durable. */
const FILL = `
  import { openForWriting } from './journal/open.js';
  import { UTF_8 } from './model/text-encoding.js';
  const { journal, intents } = await openForWriting(process.argv[1], { create: true, encoding: UTF_8 }, () => undefined);
  const first = journal.live.count;
  const lane = async (name) => {
    for (let i = 0; ; i++) {
      const path = 'f' + first + '-' + name + '-' + i;
      const intent = await intents.begin(1, { path, size: 1, mtime: 1 }, null, { step: 'whole' });
      await journal.append({ type: 'created', archive: { id: 'ID' + path, path, size: 1, mtime: 1, treeHash: 'h', createdAt: 1 } });
      console.log('ID' + path);
      await intents.settle(intent, 0);
    }
  };
  for (let name = 0; name < 8; name++) lane(name);
`;

const places = [
  ['with the kernel', () => full.directory],
  ['without the kernel', () => bare.directory],
] as const;

test.each(places)('lock: a second process is told who holds the journal (%s)', async (_, directory) => {
  const file = join(folder(), 'photos.journal');
  const holder = run(directory(), HOLD, file);
  expect(await holder.line()).toBe('held');
  const said = await run(directory(), TRY, file).line();
  expect(said).toMatch(
    new RegExp(`^JOURNAL_LOCKED: journal is locked by pid ${holder.pid} since \\d\\d:\\d\\d \\(photos.journal\\)$`),
  );
  expect((await failureOf(openForWriting(file, { create: true, encoding: UTF_8 }, listener().report))).code).toBe(
    'JOURNAL_LOCKED',
  );
  expect(await holder.end()).toBe(0);
  expect(await run(directory(), TRY, file).line()).toBe('got in');
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test.each(places)('lock: after a kill of the holder the next gets in at once (%s)', async (_, directory) => {
  const file = join(folder(), 'photos.journal');
  const holder = run(directory(), HOLD, file);
  await holder.line();
  await holder.kill();
  expect(existsSync(`${file}.lock.d`)).toBe(true);
  expect(await run(directory(), TRY, file).line()).toBe('got in');
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('lock: one with the kernel and one without respect each other', async () => {
  for (const [first, second] of [
    [full, bare],
    [bare, full],
  ] as const) {
    const file = join(folder(), 'photos.journal');
    const holder = run(first.directory, HOLD, file);
    await holder.line();
    expect(await run(second.directory, TRY, file).line()).toContain(
      `JOURNAL_LOCKED: journal is locked by pid ${holder.pid}`,
    );
    await holder.kill();
    expect(await run(second.directory, TRY, file).line()).toBe('got in');
  }
});

test('lock: of many processes at the lock of a dead one, one gets in at a time', async () => {
  const file = join(folder(), 'photos.journal');
  const dead = run(full.directory, HOLD, file);
  await dead.line();
  await dead.kill();
  const many = Array.from({ length: 6 }, () => run(full.directory, HOLD_WHEN_FREE, file));
  const waiting = new Map(many.map((process) => [process, process.line().then(() => process)]));
  while (waiting.size > 0) {
    const first = await Promise.race(waiting.values());
    waiting.delete(first);
    expect(JSON.parse(readFileSync(`${file}.lock`, 'utf8'))).toMatchObject({ pid: first.pid, host: hostname() });
    expect((await failureOf(openForWriting(file, { create: true, encoding: UTF_8 }, listener().report))).code).toBe(
      'JOURNAL_LOCKED',
    );
    expect(await first.end()).toBe(0);
  }
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('journal: what was acknowledged before a kill is there, and the next run goes on', async () => {
  const file = join(folder(), 'photos.journal');
  const acknowledged = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const writer = run(full.directory, FILL, file);
    for (let i = 0; i < 40 + round * 37; i++) acknowledged.add(await writer.line());
    await writer.kill();
    const { live } = await openForReading(file, { encoding: UTF_8 }, listener().report);
    expect([...acknowledged].filter((id) => !live.has(id as never))).toEqual([]);
  }
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  expect(open.intents.left).toEqual([]);
  expect(open.journal.live.count).toBeGreaterThanOrEqual(acknowledged.size);
  const orphans = open.intents.possibleOrphans.map(({ file }) => file.path);
  expect(orphans.filter((path) => acknowledged.has(`ID${path}`))).toEqual([]);
});

const clock = (iso: string): Clock => ({ now: () => Instant.ofMs(new Date(iso).getTime()) });

test('lock: the holder of another day or another machine is told with both', async () => {
  const sidecars = await sidecarsOf(join(folder(), 'photos.journal'));
  mkdirSync(sidecars.lockMarker);
  const holder = {
    version: 'A',
    pid: 4121,
    host: 'attic',
    since: clock('2026-11-19T10:02:33').now(),
    command: 'mtglacier sync',
  };
  writeFileSync(sidecars.lock, JSON.stringify(holder));
  const today = { kernelLock: await loadKernelLock(), clock: clock('2026-11-19T23:00:00') };
  const first = await failureOf(lockJournal(sidecars, today));
  expect(first.message).toBe('journal is locked by pid 4121 on "attic" since 10:02 (photos.journal)');
  expect(first.hint).toContain('mtglacier sync');
  const tomorrow = { ...today, clock: clock('2026-11-20T00:10:00') };
  const second = await failureOf(lockJournal(sidecars, tomorrow));
  expect(second.message).toBe('journal is locked by pid 4121 on "attic" since 2026-11-19 10:02 (photos.journal)');
  expect(JSON.parse(readFileSync(sidecars.lock, 'utf8'))).toEqual(holder);
});

test('lock: a marker that nobody renews is taken over after 30 seconds, whoever made it', async () => {
  const sidecars = await sidecarsOf(join(folder(), 'photos.journal'));
  mkdirSync(sidecars.lockMarker);
  expect((await failureOf(lockJournal(sidecars))).message).toBe(
    'journal is locked by another process (photos.journal)',
  );
  expect(existsSync(sidecars.lock)).toBe(false);
  const old = Date.now() / 1000 - 31;
  utimesSync(sidecars.lockMarker, old, old);
  await using lock = await lockJournal(sidecars);
  expect(lock.lost.aborted).toBe(false);
});

test('lock: the addon is in use on this machine, and is not needed', async () => {
  const sidecars = await sidecarsOf(join(folder(), 'photos.journal'));
  {
    await using _lock = await lockJournal(sidecars);
    expect(JSON.parse(readFileSync(sidecars.lock, 'utf8'))).toMatchObject({ version: 'A', kernelLock: true });
  }
  {
    await using _lock = await lockJournal(sidecars, { clock: systemClock, kernelLock: noKernelLock });
    expect(JSON.parse(readFileSync(sidecars.lock, 'utf8'))).toMatchObject({ version: 'A', kernelLock: false });
    expect((await failureOf(lockJournal(sidecars))).message).toContain(`locked by pid ${process.pid} since`);
  }
  expect(readdirSync(join(sidecars.journal, '..'))).toEqual([]);
});

test('lock: once it is lost, appending fails and nothing is written', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const file = join(folder(), 'photos.journal');
    await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
    await open.journal.append(created('A', 'a'));
    const before = readFileSync(file, 'utf8');
    rmdirSync(open.sidecars.lockMarker);
    const lost = new Promise((resolve) => {
      open.lost.addEventListener('abort', resolve);
    });
    vi.advanceTimersByTime(5_000);
    await lost;
    expect((await failureOf(open.journal.append(created('B', 'b')))).code).toBe('JOURNAL_LOCKED');
    const begun = open.intents.begin(
      Instant.ofSeconds(1),
      { path: 'a' as never, size: 1, mtime: Instant.ofSeconds(1) },
      null,
      {
        step: 'whole',
      },
    );
    expect((await failureOf(begun)).code).toBe('JOURNAL_LOCKED');
    expect(readFileSync(file, 'utf8')).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});

test('lock: marks that cannot be removed are left to be found, and keep nobody from ending', async () => {
  const file = join(folder(), 'photos.journal');
  const sidecars = await sidecarsOf(file);
  const open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
  await open.intents.settle(await open.intents.begin(at(1), localFile('a'), null, { step: 'whole' }), 0);
  // As on a disk that has become read-only.
  writeFileSync(join(sidecars.lockMarker, 'in the way'), '');
  rmSync(sidecars.pending);
  mkdirSync(sidecars.pending);
  await open[Symbol.asyncDispose]();
  expect(existsSync(sidecars.lockMarker)).toBe(true);
});
