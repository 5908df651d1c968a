// Opening journals: torn ends, damage, what is created when, and what is refused.

import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { encodeRecord } from '../../src/journal/codec.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { archive, at, created, deleted, failureOf, hash, listener, listOf } from './records.js';

const LINES = [created('A', 'a'), created('B', 'тест/日本 😀'), deleted('A', 'a')].map(encodeRecord);

function journalOf(...pieces: (string | Buffer)[]): string {
  const file = join(folder(), 'photos.journal');
  writeFileSync(file, Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  return file;
}

test('journal: a torn last line is ignored wherever it is torn, and cut at the next write', async () => {
  const whole = Buffer.from(LINES.slice(0, -1).join(''));
  const last = Buffer.from(LINES.at(-1) as string);
  const before = Buffer.from(LINES[0] as string);
  const middle = Buffer.from(LINES[1] as string);
  const cases = [
    ...Array.from({ length: last.length }, (_, end) => ({ kept: whole, torn: last.subarray(0, end), count: 2 })),
    ...Array.from({ length: middle.length }, (_, end) => ({ kept: before, torn: middle.subarray(0, end), count: 1 })),
    ...Array.from({ length: before.length }, (_, end) => ({
      kept: Buffer.alloc(0),
      torn: before.subarray(0, end),
      count: 0,
    })),
    { kept: whole, torn: Buffer.alloc(100), count: 2 },
  ];
  const file = join(folder(), 'photos.journal');
  let cut = '';
  for (const { kept, torn, count } of cases) {
    writeFileSync(file, Buffer.concat([kept, torn]));
    const reader = listener();
    expect((await openForReading(file, { encoding: UTF_8 }, reader.report)).live.count).toBe(count);
    expect(reader.events.map((event) => event.event === 'notice' && event.topic)).toEqual(
      torn.length > 0 ? ['journal-torn'] : [],
    );
    expect(readFileSync(file)).toEqual(Buffer.concat([kept, torn]));

    const writer = listener();
    {
      await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, writer.report);
      expect(readFileSync(file)).toEqual(Buffer.concat([kept, torn]));
      await open.journal.append(created('C', 'c'));
    }
    expect(readFileSync(file, 'utf8')).toBe(kept.toString() + encodeRecord(created('C', 'c')));
    expect(writer.events.map((event) => event.event === 'notice' && event.topic)).toEqual(
      torn.length > 0 ? ['journal-torn', 'journal-cut'] : [],
    );
    if (torn.length > 0) cut += `${torn.toString('latin1')}\n`;
    if (cut !== '') expect(readFileSync(`${file}.cut`, 'latin1')).toBe(cut);
  }
});

test('journal: what is no journal is never taken for a torn one', async () => {
  for (const text of ['hello', '{"a":1}', '\u007fELF', 'D\t1', 'B 1', 'Bob']) {
    const file = journalOf(text);
    const failure = await failureOf(openForWriting(file, { create: true, encoding: UTF_8 }, listener().report));
    expect(failure.code).toBe('JOURNAL_DAMAGED');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(readdirSync(join(file, '..'))).toEqual(['photos.journal']);
  }
});

test('journal: damage names the file, the line and its bytes in a safe form', async () => {
  const escape = '\u001b[31m\u202e';
  const file = journalOf(LINES[0] as string, `B\tnonsense ${escape}${'x'.repeat(5000)}\n`, LINES[1] as string);
  const failure = await failureOf(openForReading(file, { encoding: UTF_8 }, listener().report));
  expect(failure.code).toBe('JOURNAL_DAMAGED');
  expect(failure.message).toContain(`${file}: line 2 is broken: "B\\tnonsense \\u001b[31m\\u202exxx`);
  expect(failure.message).toMatch(/^[\x20-\x7e…]*$/);
  expect(failure.message.length).toBeLessThan(400 + file.length);
  expect(failure.hint).toContain('docs/journal-format.md');
});

test('journal: bytes that are no UTF-8 are damage, shown byte by byte', async () => {
  const file = journalOf(
    LINES[0] as string,
    Buffer.from([0x42, 0x09, 0xff, 0xc3, 0x28, 0x0d, 0x0a]),
    LINES[1] as string,
  );
  const failure = await failureOf(openForReading(file, { encoding: UTF_8 }, listener().report));
  expect([failure.code, failure.message]).toEqual([
    'JOURNAL_DAMAGED',
    `${file}: line 2 is not UTF-8: "B\\t\\xff\\xc3("`,
  ]);
});

test('journal: a line without an end in sight is damage, not a reason to fill the memory', async () => {
  const failure = await failureOf(
    openForReading(journalOf(Buffer.alloc(3 * 1024 * 1024, 0x31)), { encoding: UTF_8 }, listener().report),
  );
  expect(failure.message).toMatch(/line 1 does not end within 1 MiB/);
});

test('journal: lines are whole wherever the chunks are cut', async () => {
  const line = (i: number, length: number): string =>
    encodeRecord(created(`A${i}`, `${'é'.repeat(length)}${String(i).padStart(7, '0')}`));
  const text = Array.from({ length: 6000 }, (_, i) => line(i, 150 + (i % 37))).join('');
  expect(Buffer.byteLength(text)).toBeGreaterThan(2.5 * 1024 * 1024);
  for (const eol of ['\n', '\r\n']) {
    const { live } = await openForReading(
      journalOf(text.replaceAll('\n', eol)),
      { encoding: UTF_8 },
      listener().report,
    );
    expect(live.count).toBe(6000);
    expect((await listOf(live.all())).every(({ path }) => /^é+\d{7}$/.test(path))).toBe(true);
  }
});

test('journal: a missing one is refused, or created by the first record only', async () => {
  const directory = folder();
  const file = join(directory, 'photos.journal');
  expect((await failureOf(openForReading(file, { encoding: UTF_8 }, listener().report))).code).toBe('JOURNAL_MISSING');
  expect((await failureOf(openForWriting(file, { create: false, encoding: UTF_8 }, listener().report))).code).toBe(
    'JOURNAL_MISSING',
  );
  expect(readdirSync(directory)).toEqual([]);
  {
    await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
    expect(open.journal.live.count).toBe(0);
    expect(existsSync(file)).toBe(false);
  }
  expect(readdirSync(directory)).toEqual([]);
  {
    await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
    await open.journal.append(created('A', 'a'));
    expect(readFileSync(file, 'utf8')).toBe(LINES[0]);
  }
  expect(readdirSync(directory)).toEqual(['photos.journal']);
});

test('journal: nothing is announced, and so nothing sent, when facts cannot be written', async () => {
  const file = join(folder(), 'photos.journal');
  await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, () => undefined);
  mkdirSync(file);
  const { path, size, mtime } = archive('A', 'a');
  const failure = await failureOf(
    open.intents.begin(at(1), { path, size, mtime: mtime ?? at(0) }, null, { step: 'whole' }),
  );
  expect(failure.code).toBe('JOURNAL_UNWRITABLE');
  expect(existsSync(open.sidecars.pending)).toBe(false);
});

test('journal: a directory or an impossible place is refused, and nothing is created', async () => {
  const directory = folder();
  const file = join(directory, 'photos.journal');
  mkdirSync(file);
  expect((await failureOf(openForReading(file, { encoding: UTF_8 }, listener().report))).message).toBe(
    `journal ${file} is a directory`,
  );
  expect((await failureOf(openForWriting(file, { create: true, encoding: UTF_8 }, listener().report))).code).toBe(
    'USAGE',
  );
  const nowhere = join(directory, 'no', 'such', 'place.journal');
  expect((await failureOf(openForWriting(nowhere, { create: true, encoding: UTF_8 }, listener().report))).code).toBe(
    'USAGE',
  );
  writeFileSync(join(directory, 'file'), '');
  const below = join(directory, 'file', 'x.journal');
  expect((await failureOf(openForWriting(below, { create: true, encoding: UTF_8 }, listener().report))).code).toBe(
    'USAGE',
  );
  expect(readdirSync(directory).sort()).toEqual(['file', 'photos.journal']);
});

test('journal: reached through a link it is the same journal, with the same lock', async () => {
  const file = journalOf(LINES[0] as string);
  const link = join(folder(), 'link.journal');
  symlinkSync(file, link);
  await using open = await openForWriting(link, { create: false, encoding: UTF_8 }, listener().report);
  expect(open.sidecars.lock).toBe(`${file}.lock`);
  expect((await failureOf(openForWriting(file, { create: false, encoding: UTF_8 }, listener().report))).code).toBe(
    'JOURNAL_LOCKED',
  );
});

test('journal: a link to a journal that is not there yet leads to where it is made', async () => {
  const home = folder();
  const link = join(home, 'link.journal');
  mkdirSync(join(home, 'far'));
  symlinkSync('far/photos.journal', link);
  await using open = await openForWriting(link, { create: true, encoding: UTF_8 }, listener().report);
  await open.journal.append(created('A', 'a'));
  expect(open.sidecars.lock).toBe(join(home, 'far', 'photos.journal.lock'));
  expect(readFileSync(join(home, 'far', 'photos.journal'), 'utf8')).toMatch(/^B\t\d+\tCREATED\tA\t/);
});

test('journal: a link that leads nowhere is refused before anything is done', async () => {
  const home = folder();
  symlinkSync('nowhere/photos.journal', join(home, 'link.journal'));
  const opening = openForWriting(join(home, 'link.journal'), { create: true, encoding: UTF_8 }, listener().report);
  const { code, message } = await failureOf(opening);
  expect([code, message]).toEqual(['USAGE', expect.stringContaining(`no directory ${join(home, 'nowhere')} for`)]);
  expect(readdirSync(home)).toEqual(['link.journal']);
});

test('journal: a fact that contradicts it is never written', async () => {
  const file = journalOf(LINES[0] as string);
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  await expect(open.journal.append(created('A', 'other'))).rejects.toThrow(/contradicts the journal/);
  await expect(open.journal.append(deleted('Z', 'z'))).rejects.toThrow(/contradicts the journal/);
  const both = await Promise.allSettled([
    open.journal.append(deleted('A', 'a')),
    open.journal.append(deleted('A', 'a')),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await open.journal.append(created('A', 'a'));
  expect(readFileSync(file, 'utf8')).toBe([LINES[0], LINES[2], LINES[0]].join(''));
});

test('journal: a program that writes beside us loses nothing', async () => {
  const file = journalOf(LINES[0] as string);
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  await open.journal.append(created('B', 'b'));
  appendFileSync(file, encodeRecord(created('T', 'theirs')));
  await open.journal.append(created('C', 'c'));
  expect((await openForReading(file, { encoding: UTF_8 }, listener().report)).live.count).toBe(4);
});

test('journal: live archives follow what is appended, once it is durable', async () => {
  const file = journalOf();
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  const { journal } = open;
  const appended = journal.append(created('A', 'a'));
  expect(journal.live.has(ArchiveId.parse('A'))).toBe(false);
  await appended;
  expect(journal.live.has(ArchiveId.parse('A'))).toBe(true);
});

test('journal: a new path stands in its place the next time that all are gone through', async () => {
  const file = journalOf(encodeRecord(created('B', 'b')), encodeRecord(created('D', 'd')));
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  const { live } = open.journal;
  expect((await listOf(live.latest())).map(({ path }) => path)).toEqual(['b', 'd']);
  await open.journal.append(created('C', 'c'));
  await open.journal.append(deleted('B', 'b'));
  expect((await listOf(live.latest())).map(({ path }) => path)).toEqual(['c', 'd']);
  await open.journal.append(created('A', 'a'));
  await open.journal.append(created('B', 'b'));
  expect((await listOf(live.all())).map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd']);
});

test('journal: deleting while going through all archives skips none', async () => {
  const file = journalOf(Array.from({ length: 50 }, (_, i) => encodeRecord(created(`A${i}`, `f${i % 20}`))).join(''));
  await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
  for await (const { id, path } of open.journal.live.all()) {
    await open.journal.append({ type: 'deleted', at: at(5), archiveId: id, path });
  }
  expect(open.journal.live.count).toBe(0);
});

/** Paths whose order by bytes is not their order by UTF-16 units. */
const PATHS = ['a', 'a/b', 'a b', 'B', 'я', '\uffee', '😀', 'a-b'];

test('journal: any history gives the same archives as a plain reading of it', async () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 12 }).map((n) => `ID${n}`),
    path: fc.constantFrom(...PATHS),
    mtime: fc.option(fc.integer({ min: 0, max: 5 }).map(at)),
    createdAt: fc.integer({ min: 0, max: 5 }).map(at),
    size: fc.integer({ min: 0, max: 9 }),
  });
  const file = join(folder(), 'photos.journal');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat({ max: 40 }), async (steps, split) => {
      const alive = new Map<string, ReturnType<typeof archive>>();
      const records = steps.map(({ id, path, ...more }): JournalRecord => {
        const old = alive.get(id);
        if (old !== undefined) {
          alive.delete(id);
          return deleted(id, old.path);
        }
        alive.set(id, archive(id, path, more));
        return created(id, path, more);
      });
      writeFileSync(file, records.slice(0, split).map(encodeRecord).join(''));
      await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
      await Promise.all(records.slice(split).map((record) => open.journal.append(record)));
      const reread = await openForReading(file, { encoding: UTF_8 }, listener().report);

      const key = (a: ReturnType<typeof archive>): number => (a.mtime ?? a.createdAt) * 100 + a.createdAt;
      const due = [...alive.values()].sort(
        (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)) || key(a) - key(b),
      );
      for (const { live } of [open.journal, reread]) {
        const all = await listOf(live.all());
        expect(all.map((a) => [a.path, key(a)])).toEqual(due.map((a) => [a.path, key(a)]));
        expect(new Set(all.map(({ id }) => id))).toEqual(new Set(alive.keys()));
        expect(live.count).toBe(alive.size);
        const latest = await listOf(live.latest());
        expect(latest.map((a) => a.id)).toEqual(all.filter((a, i) => all[i + 1]?.path !== a.path).map((a) => a.id));
        for (const path of PATHS) expect(live.versionsOf(path as never)).toEqual(all.filter((a) => a.path === path));
      }
    }),
    { numRuns: 150 },
  );
});

test('journal: the newest retrieval counts, for a day', async () => {
  const line = (time: number, job: string): string => `B\t${time}\tRETRIEVE_JOB\tA\t${job}\n`;
  const file = journalOf(line(1000, 'first'), line(5000, 'newest'), line(3000, 'late'));
  const { live } = await openForReading(file, { encoding: UTF_8 }, listener().report);
  const id = ArchiveId.parse('A');
  expect(live.activeRetrieval(id, at(5000 + 86_399))).toEqual({ jobId: 'newest', at: 5000 });
  expect(live.activeRetrieval(id, at(5000 + 86_400))).toBeNull();
  expect(live.activeRetrieval(id, at(0))).toEqual({ jobId: 'newest', at: 5000 });
});

test('journal: a million lines are read in seconds', { timeout: 180_000 }, async () => {
  const id = 'x'.repeat(131);
  const lines = (from: number): string =>
    Array.from({ length: 10_000 }, (_, i) => {
      const n = from + i;
      return `B\t1373350000\tCREATED\t${id}${n}\t4096\t1300000000\t${hash}\tphotos/${n % 1000}/image${n}.jpg\n`;
    }).join('');
  const file = journalOf();
  for (let from = 0; from < 1_000_000; from += 10_000) appendFileSync(file, lines(from));
  const before = process.cpuUsage();
  const { live } = await openForReading(file, { encoding: UTF_8 }, listener().report);
  const { user } = process.cpuUsage(before);
  expect(live.count).toBe(1_000_000);
  expect(user / 1e6).toBeLessThan(15);
});
