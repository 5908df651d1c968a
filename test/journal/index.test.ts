// The index over a journal: whatever happens to either, it says what a plain reading of the journal says.

import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { encodeRecord } from '../../src/journal/codec.js';
import type { IndexLimits } from '../../src/journal/index/open-indexed.js';
import type { RunShape } from '../../src/journal/index/run-shape.js';
import type { LiveArchives } from '../../src/journal/journal.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import type { Archive } from '../../src/model/archive.js';
import { Failure } from '../../src/model/failure.js';
import type { ArchiveId } from '../../src/model/identifiers.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { RelPath } from '../../src/model/rel-path.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { at, created, deleted, failureOf, listener, listOf } from './records.js';

/** Everything goes into runs at once. */
const EAGER: IndexLimits = { worthKeeping: 1, worthAdding: 1, whileReading: 1, whileWriting: 1 };
/** A few facts make a run. */
const BRISK: IndexLimits = { worthKeeping: 1000, worthAdding: 1000, whileReading: 1000, whileWriting: 1000 };

function journalOf(content: string | Uint8Array): string {
  const file = join(folder(), 'photos.journal');
  writeFileSync(file, content);
  return file;
}

const NOW = at(5000);
const IDS = ['A', 'B', 'C', 'D', 'E', 'Ä', 'x'.repeat(138)];
const PATHS = ['a', 'a/b', 'a/', 'ab', 'a\u0000', 'тест', '😀', '\ue000', 'é'.repeat(3000), 'd/e/f', '.x'];

/** All that can be asked of the archives. */
async function answersOf(live: LiveArchives): Promise<unknown> {
  const all = await listOf(live.all());
  const latest = await listOf(live.latest());
  const some = all.filter((_, i) => i < 300 || i % 37 === 0);
  return {
    count: live.count,
    all,
    latest,
    batches: (await listOf(live.latestInBatches())).flat(),
    versions: [...PATHS, ...some.map(({ path }) => path)].map((path) => live.versionsOf(path as RelPath)),
    alive: [...IDS, ...some.map(({ id }) => id)].map((id) => live.has(id as ArchiveId)),
    retrievals: IDS.map((id) => live.activeRetrieval(id as ArchiveId, NOW)),
  };
}

async function reading(file: string, index: false | IndexLimits, encoding: TextEncoding = UTF_8): Promise<unknown> {
  const { events, report } = listener();
  try {
    await using journal = await openForReading(file, { encoding, index }, report);
    return { ...((await answersOf(journal.live)) as object), events };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  }
}

/** Reads with the index, made anew or continued, and asserts that a plain reading says the same. */
async function expectSame(file: string, limits = EAGER, encoding?: TextEncoding): Promise<void> {
  const plain = await reading(file, false, encoding);
  expect(await reading(file, limits, encoding)).toEqual(plain);
  expect(await reading(file, limits, encoding)).toEqual(plain);
}

function runsOf(file: string): string[] {
  return existsSync(`${file}.index`) ? readdirSync(`${file}.index`).filter((name) => name.endsWith('.run')) : [];
}

const anyId = fc.constantFrom(...IDS).map((text) => text as ArchiveId);
const anyPath = fc.constantFrom(...PATHS).map((text) => text as RelPath);
const anySecond = fc.integer({ min: -3, max: 5 }).map((n) => at(n + 3));
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ id: anyId, path: anyPath, createdAt: anySecond, mtime: fc.option(anySecond) })
      .map(({ id, path, ...times }) => created(id, path, times)),
  },
  { weight: 2, arbitrary: fc.tuple(anyId, anyPath).map(([id, path]) => deleted(id, path)) },
  fc.record({ type: fc.constant('retrieve-job' as const), at: anySecond, archiveId: anyId, jobId: fc.constant(null) }),
);

/** Of any records those that follow from one another. */
function lawful(records: readonly JournalRecord[]): JournalRecord[] {
  const alive = new Set<string>();
  return records.filter((record) => {
    if (record.type === 'retrieve-job') return true;
    const id = record.type === 'created' ? record.archive.id : record.archiveId;
    if (alive.has(id) === (record.type === 'created')) return false;
    if (record.type === 'created') alive.add(id);
    else alive.delete(id);
    return true;
  });
}

const anyHistory = fc.array(anyRecord, { maxLength: 30 }).map(lawful);

describe('index', () => {
  it('says what a plain reading says, of any lawful journal, however it has grown', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyHistory, { maxLength: 12 }),
        fc.constantFrom(EAGER, BRISK),
        async (stretches, limits) => {
          const file = journalOf('');
          for (const text of lawful(stretches.flat()).map(encodeRecord)) {
            appendFileSync(file, text);
            if (text.length % 3 === 0) await reading(file, limits);
          }
          await expectSame(file, limits);
        },
      ),
      { numRuns: 60 },
    );
  });

  const ODD_LINES = [
    '',
    '\r',
    'nonsense',
    'D\t1\tfuture',
    '1 CREATED A 5 hash a',
    '1 DELETED A a',
    '1 RETRIEVE_JOB A',
    'A\t1\tCREATED\tA\t5\t7\thash\tA',
    'A\t1\tCREATED\tB\t5\tNONE\thash\tb',
    'A\t1\tCREATED\tB\t5\t-7\thash\tb',
    'C\t1\tCREATED\tC\t5\t+7\thash\tc',
    'B\t1\tCREATED\tD\t5\t-0\thash\td',
    'B\t99999999999999999999\tCREATED\tE\t99999999999999999999\t7\thash\te',
    'B\t1\tCREATED\tA b\t5\t7\thash\ta',
    'B\t1\tCREATED\tA\t5\t7\thash\t../a',
    'B\t1\tCREATED\tA\t5\t7\thash\t',
    'B\t1\tCREATED\tA\t5\t7\thash\ta//b',
    'B\t1\tCREATED\tA\t5\t7\thash\ta/./b',
    'B\t1\tCREATED\tA\t5\t7\thash\ta\tb',
    'B\t1\tCREATED\tA\t\t7\thash\ta',
    'B\t\tCREATED\tA\t5\t7\thash\ta',
    'B\t1\tCREATED\tA\u00a0\t5\t7\thash\ta',
    'B\t1\tCREATED\tA\t5\t--7\thash\ta',
    'B\t1\tCREATED\tA\t5\tNON\thash\ta',
    'B\t1\tCREATED\tB\t5\t-7\thash\tb',
    'B\t1\tDELETED\tA',
    'B\t1\tDELETED\tA\t\t\r',
    'B\t1\tRETRIEVE_JOB\tA\t',
    'B\t1\tRETRIEVE_JOB\tA\tjob\tmore',
    'B\t4\tRETRIEVE_JOB\tÄ\tj',
    'B\t1\tCREATED\tÄ\t5\t7\thäsh\tä',
    'B\t1\tcreated\tA\t5\t7\thash\ta',
    'B 1\tCREATED\tA\t5\t7\thash\ta',
    'B\t1\tCREATED\tA\t5\t7\thash\ta\ufffd',
  ];
  const anyLine = fc.oneof(
    { weight: 5, arbitrary: anyRecord.map(encodeRecord) },
    fc.constantFrom(...ODD_LINES).map((line) => `${line}\n`),
    fc
      .tuple(anyRecord.map(encodeRecord), fc.nat(), fc.constantFrom('\t', ' ', '\r', '/', '.', 'x', '9', '\ufeff'))
      .map(([line, place, sign]) => {
        const index = place % line.length;
        return line.slice(0, index) + sign + line.slice(index + 1);
      }),
  );

  it('says what a plain reading says of any text: the same archives, or the same failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine, { maxLength: 8 }),
        fc.array(anyLine, { maxLength: 8 }),
        async (before, after) => {
          const file = journalOf(before.join(''));
          await expectSame(file);
          appendFileSync(file, after.join(''));
          await expectSame(file);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says what a plain reading says of any single line', async () => {
    for (const line of ODD_LINES) {
      for (const end of ['\n', '\r\n', ''])
        await expectSame(journalOf(`${encodeRecord(created('A', 'a'))}${line}${end}`));
    }
  });

  it('says the same of bytes that are no UTF-8, wherever they stand', async () => {
    const line = Buffer.from(encodeRecord(created('A', 'a/b')));
    for (let place = 0; place < line.length; place++) {
      for (const byte of [0x80, 0xc3, 0xed]) {
        const bytes = Buffer.from(line);
        bytes[place] = byte;
        await expectSame(journalOf(Buffer.concat([line, Buffer.from(encodeRecord(deleted('A', 'a'))), bytes])));
      }
    }
  });

  it('follows what a writer adds, over any number of runs of the program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyHistory, { maxLength: 12 }), async (stretches) => {
        const file = journalOf('');
        const alive = new Set<string>();
        for (const stretch of stretches) {
          await using open = await openForWriting(
            file,
            { create: true, encoding: UTF_8, index: EAGER },
            listener().report,
          );
          for (const record of stretch) {
            const id = record.type === 'created' ? record.archive.id : record.archiveId;
            if (record.type !== 'retrieve-job' && alive.has(id) === (record.type === 'created')) continue;
            await open.journal.append(record);
            if (record.type === 'created') alive.add(id);
            if (record.type === 'deleted') alive.delete(id);
            expect([open.journal.live.has(id), open.journal.live.count]).toEqual([alive.has(id), alive.size]);
          }
          await using plain = await openForReading(file, { encoding: UTF_8, index: false }, listener().report);
          expect(await answersOf(open.journal.live)).toEqual(await answersOf(plain.live));
        }
        await expectSame(file);
      }),
      { numRuns: 40 },
    );
  });

  it('holds in any encoding of the journal, and is made anew for another one', async () => {
    const [koi8, cp1251] = [await loadEncoding('KOI8-R'), await loadEncoding('CP1251')];
    const lines = [created('A', 'тест'), created('B', 'б'), created('C', 'а'), deleted('B', 'б')].map(encodeRecord);
    const file = journalOf(koi8.encode(lines.slice(0, 2).join('')) as Uint8Array);
    await expectSame(file, EAGER, koi8);
    appendFileSync(file, koi8.encode(lines.slice(2).join('')) as Uint8Array);
    await expectSame(file, EAGER, koi8);
    await expectSame(file, EAGER, cp1251);
    await expectSame(file, EAGER, koi8);
  });

  it('goes on noticing a journal in UTF-8 that is read in another encoding', async () => {
    const koi8 = { ...(await loadEncoding('KOI8-R')), excludesUtf8: true };
    const file = journalOf(encodeRecord(created('A', 'ab')));
    await expectSame(file, EAGER, koi8);
    appendFileSync(file, encodeRecord(created('B', 'é')));
    await expectSame(file, EAGER, koi8);
    appendFileSync(file, encodeRecord(created('C', 'тест')));
    expect(await reading(file, EAGER, koi8)).toMatchObject({ code: 'USAGE' });
    await expectSame(file, EAGER, koi8);
  });

  it('is not there for a journal that is read as fast without', async () => {
    const file = journalOf(encodeRecord(created('A', 'a')).repeat(1));
    await using _ = await openForReading(file, { encoding: UTF_8 }, listener().report);
    {
      await using open = await openForWriting(file, { create: false, encoding: UTF_8 }, listener().report);
      await open.journal.append(created('B', 'b'));
    }
    expect(readdirSync(join(file, '..'))).toEqual(['photos.journal']);
  });
});

/** Archives enough for several blocks and pages. */
function manyLines(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const n = ((from + i) * 7919) % 100_003;
    return encodeRecord(created(`id-${from + i}`, `d${n % 10}/x${'x'.repeat(n % 90)}/${n}`, { size: n }));
  }).join('');
}

describe('index: of many archives', () => {
  it('small runs become larger ones, and what they held is removed', async () => {
    const file = journalOf('');
    for (let stretch = 0; stretch < 20; stretch++) {
      appendFileSync(file, manyLines(stretch * 1000, 1000));
      if (stretch > 3) appendFileSync(file, encodeRecord(deleted(`id-${stretch * 137}`, 'elsewhere')));
      await using open = await openForWriting(
        file,
        { create: false, encoding: UTF_8, index: EAGER },
        listener().report,
      );
      expect(open.journal.live.count).toBe(1000 * (stretch + 1) - Math.max(0, stretch - 3));
    }
    expect(runsOf(file).length).toBeLessThan(8);
    await expectSame(file);
  });

  it('what was created and deleted again takes no room once its runs are merged', async () => {
    const file = journalOf('');
    const ids = Array.from({ length: 700 }, (_, i) => `id-${i}`);
    for (let stretch = 0; stretch < 7; stretch++) {
      appendFileSync(file, manyLines(stretch * 100, 100));
      await reading(file, EAGER);
    }
    appendFileSync(file, ids.map((id) => encodeRecord(deleted(id, 'x'))).join(''));
    await expectSame(file);
    const contents = readFileSync(join(`${file}.index`, 'contents'), 'utf8');
    const { runs } = JSON.parse(contents.slice(9)) as { runs: { shape: RunShape }[] };
    expect(runs.map(({ shape }) => [shape.blocksEnd, shape.ids.pairs])).toEqual([[0, 0]]);
  });

  it('who reads through it is not disturbed by what is added and replaced meanwhile', async () => {
    const file = journalOf(manyLines(0, 5000));
    await using open = await openForWriting(file, { create: false, encoding: UTF_8, index: BRISK }, listener().report);
    const seen: Archive[] = [];
    let next = 5000;
    for await (const batch of open.journal.live.latestInBatches()) {
      seen.push(...batch);
      const added = Array.from({ length: 50 }, () => created(`id-${next++}`, `a${next}`));
      await Promise.all(added.map((record) => open.journal.append(record)));
    }
    await using plain = await openForReading(
      journalOf(manyLines(0, 5000)),
      { encoding: UTF_8, index: false },
      listener().report,
    );
    expect(seen).toEqual(await listOf(plain.live.latest()));
    await using now = await openForReading(file, { encoding: UTF_8, index: false }, listener().report);
    expect(await listOf(open.journal.live.all())).toEqual(await listOf(now.live.all()));
  });

  it('a reader reads on while a writer works, and leaves the folder to it', async () => {
    const file = journalOf(manyLines(0, 500));
    await using open = await openForWriting(file, { create: false, encoding: UTF_8, index: BRISK }, listener().report);
    const before = readdirSync(`${file}.index`);
    appendFileSync(file, manyLines(500, 500));
    await expectSame(file);
    expect(readdirSync(`${file}.index`)).toEqual(before);
    expect(open.journal.live.count).toBe(500);
  });

  it('asking often makes filters, and they let nothing through that is there', async () => {
    const file = journalOf(manyLines(0, 3000));
    await using journal = await openForReading(file, { encoding: UTF_8, index: EAGER }, listener().report);
    const has = (n: number): boolean => journal.live.has(`id-${n}` as ArchiveId);
    const there = Array.from({ length: 6000 }, (_, n) => has(n));
    expect(there).toEqual(Array.from({ length: 6000 }, (_, n) => n < 3000));
    expect(journal.live.versionsOf(RelPath.parse('d0/none'))).toEqual([]);
  });
});

describe('index: when it and the journal do not belong together', () => {
  const LINES = manyLines(0, 400);
  const MORE = manyLines(400, 5);

  /** A journal with an index of all of it. */
  async function indexed(): Promise<string> {
    const file = journalOf(LINES);
    await expectSame(file);
    expect(runsOf(file)).toHaveLength(1);
    return file;
  }

  const EDITS: Record<string, (file: string) => void> = {
    'a byte in the middle is another': (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.indexOf('\tid-200\t') + 2] = 0x58;
      writeFileSync(file, bytes);
    },
    'a byte in the middle is another, and lines were added': (file) => {
      writeFileSync(file, LINES.replace('\tid-200\t', '\tXX-200\t') + MORE);
    },
    'a byte in the middle is another, and its times are as before': (file) => {
      const { atime, mtime } = statSync(file);
      writeFileSync(file, LINES.replace('\tid-200\t', '\tXX-200\t'));
      utimesSync(file, atime, mtime);
    },
    'a line is missing': (file) => writeFileSync(file, LINES.slice(LINES.indexOf('\n') + 1)),
    'it is cut off': (file) => writeFileSync(file, LINES.split('\n').slice(0, 300).join('\n')),
    'it is empty': (file) => writeFileSync(file, ''),
    'another one is in its place': (file) => {
      writeFileSync(`${file}.other`, manyLines(1000, 400));
      renameSync(`${file}.other`, file);
    },
    'lines were added': (file) => appendFileSync(file, MORE),
    'a torn line was added': (file) => appendFileSync(file, 'B\t17'),
    'it became damaged': (file) => writeFileSync(file, LINES.replace('\tid-200\t', '\tid-100\t')),
  };

  it.each(Object.entries(EDITS))('the journal: %s', async (_, edit) => {
    const file = await indexed();
    edit(file);
    await expectSame(file);
    if ((await reading(file, false)) instanceof Object && !('code' in ((await reading(file, false)) as object))) {
      await using open = await openForWriting(
        file,
        { create: false, encoding: UTF_8, index: EAGER },
        listener().report,
      );
      await open.journal.append(created('new', 'new'));
    }
    await expectSame(file);
  });

  const DAMAGES: Record<string, (run: string, contents: string) => void> = {
    'a run has another byte': (run) => {
      const bytes = readFileSync(run);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(run, bytes);
    },
    'a run is cut off': (run) => writeFileSync(run, readFileSync(run).subarray(0, 5000)),
    'a run is empty': (run) => writeFileSync(run, ''),
    'a run is gone': (run) => rmSync(run),
    'a run is a copy with the same bytes': (run) => {
      const bytes = readFileSync(run);
      rmSync(run);
      writeFileSync(run, bytes);
    },
    'the contents have another byte': (_, contents) =>
      writeFileSync(contents, readFileSync(contents, 'latin1').replace('id', 'iD')),
    'the contents are cut off': (_, contents) => writeFileSync(contents, readFileSync(contents).subarray(0, 100)),
    'the contents are empty': (_, contents) => writeFileSync(contents, ''),
    'the contents are gone': (_, contents) => rmSync(contents),
    'the contents are something else': (_, contents) => writeFileSync(contents, 'hello\n'),
  };

  it.each(Object.entries(DAMAGES))('the index: %s', async (_, damage) => {
    const file = await indexed();
    damage(join(`${file}.index`, runsOf(file)[0] as string), join(`${file}.index`, 'contents'));
    await expectSame(file);
    await using _open = await openForWriting(file, { create: false, encoding: UTF_8, index: EAGER }, listener().report);
    expect(runsOf(file)).toHaveLength(1);
    await expectSame(file);
  });

  it('an index of another version is made anew', async () => {
    const file = await indexed();
    const contents = join(`${file}.index`, 'contents');
    const { crc32 } = await import('node:zlib');
    const text = readFileSync(contents, 'utf8')
      .slice(9, -1)
      .replace('"version":"B"', '"version":"A"')
      .replace('"alive":400', '"alive":7');
    writeFileSync(contents, `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`);
    await expectSame(file);
    expect(readFileSync(contents, 'utf8')).toContain('"alive":400');
  });

  it('what it does not speak of is tidied away by a writer, and a removed index is made anew', async () => {
    const file = await indexed();
    writeFileSync(join(`${file}.index`, 'mtglacier-0.run'), 'rest of a crash');
    {
      await using _ = await openForWriting(file, { create: false, encoding: UTF_8, index: EAGER }, listener().report);
    }
    expect(readdirSync(`${file}.index`)).toHaveLength(2);
    rmSync(`${file}.index`, { recursive: true });
    await expectSame(file);
    expect(readdirSync(`${file}.index`)).toHaveLength(2);
  });

  it('nothing is written when nothing has changed', async () => {
    const file = await indexed();
    const contents = join(`${file}.index`, 'contents');
    const before = statSync(contents, { bigint: true }).ctimeNs;
    expect(await reading(file, EAGER)).toEqual(await reading(file, false));
    expect(statSync(contents, { bigint: true }).ctimeNs).toBe(before);
  });

  it('damage that shows only while it is read ends the run, says so, and is gone the next time', async () => {
    const file = await indexed();
    await using journal = await openForReading(file, { encoding: UTF_8, index: EAGER }, listener().report);
    const run = join(`${file}.index`, runsOf(file)[0] as string);
    const bytes = readFileSync(run);
    bytes[1000] = (bytes[1000] as number) ^ 1;
    writeFileSync(run, bytes);
    const failure = await failureOf(listOf(journal.live.all()));
    expect([failure.code, failure.message]).toEqual(['JOURNAL_DAMAGED', `${file}.index is damaged`]);
    expect(existsSync(join(`${file}.index`, 'contents'))).toBe(false);
    await expectSame(file);
  });

  it('lines that another program adds while a writer works are not taken for its own', async () => {
    const file = await indexed();
    {
      await using open = await openForWriting(
        file,
        { create: false, encoding: UTF_8, index: EAGER },
        listener().report,
      );
      await open.journal.append(created('ours', 'ours'));
      appendFileSync(file, MORE);
      await open.journal.append(created('ours-2', 'ours-2'));
    }
    await expectSame(file);
  });

  it('a journal that others change under a run ends it, instead of being misread', async () => {
    const file = await indexed();
    await using journal = await openForReading(file, { encoding: UTF_8, index: EAGER }, listener().report);
    writeFileSync(file, LINES.slice(10));
    expect(() => journal.live.has('id-7' as ArchiveId)).toThrow(/was changed by another program/);
  });
});

describe('index: where it cannot be written', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('runs are put where temporary files are, and leave nothing there', async () => {
    const [file, temporary] = [journalOf(manyLines(0, 500)), folder()];
    writeFileSync(`${file}.index`, 'no folder');
    vi.stubEnv('TMPDIR', temporary);
    await expectSame(file);
    {
      await using open = await openForWriting(
        file,
        { create: false, encoding: UTF_8, index: BRISK },
        listener().report,
      );
      for (let i = 0; i < 50; i++) await open.journal.append(created(`new-${i}`, `new-${i}`));
      expect(open.journal.live.count).toBe(550);
    }
    expect(readdirSync(temporary)).toEqual([]);
    expect(readFileSync(`${file}.index`, 'utf8')).toBe('no folder');
    await expectSame(file);
  });

  it('where that fails too, all is held in memory, and told once', async () => {
    const file = journalOf(manyLines(0, 500));
    writeFileSync(`${file}.index`, 'no folder');
    vi.stubEnv('TMPDIR', join(folder(), 'none'));
    const { events, report } = listener();
    await using open = await openForWriting(file, { create: false, encoding: UTF_8, index: BRISK }, report);
    for (let i = 0; i < 50; i++) await open.journal.append(created(`new-${i}`, `new-${i}`));
    expect(open.journal.live.count).toBe(550);
    expect(events.map((event) => event.event === 'notice' && event.topic)).toEqual(['index-unwritable']);
    await using plain = await openForReading(file, { encoding: UTF_8, index: false }, listener().report);
    expect(await answersOf(open.journal.live)).toEqual(await answersOf(plain.live));
  });
});
