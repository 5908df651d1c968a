// Lines with shared flushes, and what happens when a flush fails.

import { expect, test } from 'vitest';

import { Appender } from '../../src/journal/appender.js';
import { encodeRecord } from '../../src/journal/codec.js';
import { JournalFile } from '../../src/journal/journal-file.js';
import { MemoryArchives } from '../../src/journal/memory-archives.js';
import { Failure } from '../../src/model/failure.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { FakeFile } from './fake-file.js';
import { created, deleted, failureOf } from './records.js';

const bytesOf = (line: string): Uint8Array => Buffer.from(line);

function appenderOn(file: FakeFile, more: { length?: number; lost?: AbortSignal; cuts?: number[] } = {}): Appender {
  return new Appender({
    name: 'photos.journal',
    found: { length: more.length ?? file.content.length, size: file.content.length },
    open: file.open,
    lost: more.lost ?? new AbortController().signal,
    beforeCut: async (size) => void more.cuts?.push(size),
  });
}

test('appender: a line counts only when it is on stable storage', async () => {
  const file = new FakeFile();
  let open = (): void => undefined;
  file.gate = new Promise((resolve) => {
    open = resolve;
  });
  let isDone = false;
  const append = async (): Promise<void> => {
    await appenderOn(file).append(bytesOf('one\n'));
    isDone = true;
  };
  const syncing = new Promise<void>((resolve) => {
    file.onSync = resolve;
  });
  const appended = append();
  await syncing;
  expect([file.content.toString(), file.durable.toString(), isDone]).toEqual(['one\n', '', false]);
  open();
  await appended;
  expect(file.durable.toString()).toBe('one\n');
});

test('appender: what gathers while one flush runs shares the next', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  const lane = async (name: number): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      await appender.append(bytesOf(`${name} ${i}\n`));
      expect(file.durable.includes(`${name} ${i}\n`)).toBe(true);
    }
  };
  await Promise.all(Array.from({ length: 64 }, (_, name) => lane(name)));
  expect(file.durable.toString().split('\n').length - 1).toBe(6400);
  expect(file.syncs).toBeLessThanOrEqual(201);
  expect(file.opens).toBe(1);
});

test('appender: lines that come one after the other in a turn share one flush', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  const flushed: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    flushed.push(appender.append(bytesOf(`${i}\n`)));
    // Long enough for whatever waits for no more than promises.
    for (let step = 0; step < 20; step++) await Promise.resolve();
  }
  await Promise.all(flushed);
  expect(file.syncs).toBe(1);
  expect(file.durable.toString().split('\n')).toHaveLength(21);
});

test('appender: lines given in one go share one flush, in their order', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  await Promise.all(Array.from({ length: 1000 }, (_, i) => appender.append(bytesOf(`${i}\n`))));
  expect(file.syncs).toBe(1);
  expect(file.durable.toString()).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
});

test('appender: nothing is opened before the first line', async () => {
  const file = new FakeFile();
  {
    await using _appender = appenderOn(file);
  }
  expect(file.opens).toBe(0);
});

test('appender: a line that is left waits for no flush of its own, and keeps its place', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  await appender.append(bytesOf('one\n'));
  appender.leave(bytesOf('two\n'));
  expect([file.content.toString(), file.syncs]).toEqual(['one\n', 1]);
  await appender.append(bytesOf('three\n'));
  expect([file.durable.toString(), file.syncs]).toEqual(['one\ntwo\nthree\n', 2]);
});

test('appender: closing writes what was left, and makes no fuss where it cannot', async () => {
  const [file, full] = [new FakeFile(), new FakeFile()];
  full.room = 0;
  for (const one of [file, full]) {
    await using appender = appenderOn(one);
    appender.leave(bytesOf('line\n'));
  }
  expect([file.durable.toString(), full.content.toString()]).toEqual(['line\n', '']);
  expect([file.closed, full.closed]).toEqual([true, true]);
});

test('appender: short writes are carried on with', async () => {
  const file = new FakeFile();
  file.breath = 3;
  await appenderOn(file).append(bytesOf('a long line\n'));
  expect(file.durable.toString()).toBe('a long line\n');
});

test('appender: a full disk refuses all lines of the flush and all later ones, and leaves whole lines only', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  await appender.append(bytesOf('first\n'));
  file.room = 10;
  const both = [appender.append(bytesOf('second\n')), appender.append(bytesOf('third\n'))];
  for (const refused of both) expect((await failureOf(refused)).code).toBe('DISK_FULL');
  expect(file.content.toString()).toBe('first\n');
  file.room = Number.POSITIVE_INFINITY;
  expect((await failureOf(appender.append(bytesOf('fourth\n')))).code).toBe('DISK_FULL');
  expect(file.content.toString()).toBe('first\n');
});

test('appender: lines given during a flush that fails are refused', async () => {
  const file = new FakeFile();
  let fail = (): void => undefined;
  file.gate = new Promise((resolve) => {
    fail = resolve;
  });
  file.syncError = Object.assign(new Error('bad disk'), { code: 'EIO' });
  const appender = appenderOn(file);
  const syncing = new Promise<void>((resolve) => {
    file.onSync = resolve;
  });
  const first = failureOf(appender.append(bytesOf('first\n')));
  await syncing;
  const second = failureOf(appender.append(bytesOf('second\n')));
  fail();
  const failures = await Promise.all([first, second]);
  expect(failures.map(({ code }) => code)).toEqual(['JOURNAL_UNWRITABLE', 'JOURNAL_UNWRITABLE']);
  expect(failures[0]?.message).toBe('cannot write photos.journal (EIO)');
  expect(file.content.toString()).toBe('');
});

test('appender: a torn line is cut before the first write, and that is told', async () => {
  const file = new FakeFile();
  file.content = Buffer.from('whole\ntorn');
  const cuts: number[] = [];
  const appender = appenderOn(file, { length: 6, cuts });
  await appender.append(bytesOf('next\n'));
  await appender.append(bytesOf('last\n'));
  expect(file.durable.toString()).toBe('whole\nnext\nlast\n');
  expect(cuts).toEqual([4]);
});

test('appender: a file that somebody else has written to is left alone', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  file.content = Buffer.from('theirs');
  const failure = await failureOf(appender.append(bytesOf('ours\n')));
  expect([failure.code, failure.message]).toEqual([
    'JOURNAL_UNWRITABLE',
    'photos.journal was changed by another program while it was in use',
  ]);
  expect(file.content.toString()).toBe('theirs');
});

test('appender: nothing is written once the lock is lost', async () => {
  const file = new FakeFile();
  const lost = new AbortController();
  const appender = appenderOn(file, { lost: lost.signal });
  await appender.append(bytesOf('before\n'));
  lost.abort(new Failure('JOURNAL_LOCKED', 'lost'));
  expect((await failureOf(appender.append(bytesOf('after\n')))).code).toBe('JOURNAL_LOCKED');
  expect(file.content.toString()).toBe('before\n');
});

test('journal: a fact that could not be written is not believed', async () => {
  const file = new FakeFile();
  const journal = new JournalFile('photos.journal', new MemoryArchives(), UTF_8, appenderOn(file), 0);
  await journal.append(created('A', 'a'));
  file.room = file.content.length + 20;
  const refused = [journal.append(created('B', 'b')), journal.append(deleted('A', 'a'))];
  for (const record of refused) expect((await failureOf(record)).code).toBe('DISK_FULL');
  expect(journal.live.count).toBe(1);
  expect(file.content.toString()).toBe(encodeRecord(created('A', 'a')));
  expect((await failureOf(journal.append(created('C', 'c')))).code).toBe('DISK_FULL');
});

test('appender: closing waits for what is under way', async () => {
  const file = new FakeFile();
  const appender = appenderOn(file);
  const appended = appender.append(bytesOf('line\n'));
  await appender[Symbol.asyncDispose]();
  expect([file.durable.toString(), file.closed]).toEqual(['line\n', true]);
  await appended;
});
