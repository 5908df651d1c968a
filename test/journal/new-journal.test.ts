// A journal that is written anew: all of it or nothing.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import { writeNewJournal } from '../../src/journal/new-journal.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import type { Archive } from '../../src/model/archive.js';
import { RelPath } from '../../src/model/rel-path.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { FakeFile } from './fake-file.js';
import { folder } from './folder.js';
import { anyArchive, archive, failureOf, listener, listOf } from './records.js';

const newFile = (): string => join(folder(), 'new.journal');
const begin = (file: string) => writeNewJournal(file, { encoding: UTF_8 });
const lineOf = (one: Archive): string => encodeRecord({ type: 'created', archive: one });
const beside = (file: string): string[] => readdirSync(dirname(file)).toSorted();

describe('new journal', () => {
  it('holds what was added, in that order, and is read like any other', async () => {
    const file = newFile();
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyArchive, { maxLength: 20, selector: ({ id }) => id }), async (archives) => {
        writeFileSync(file, '');
        {
          await using journal = await begin(file);
          for (const each of archives) await journal.add(each);
          await journal.finish();
        }
        expect(readFileSync(file, 'utf8')).toBe(archives.map(lineOf).join(''));
        const { live } = await openForReading(file, { encoding: UTF_8 }, listener().report);
        expect(new Set(await listOf(live.all()))).toEqual(new Set(archives));
        expect(beside(file)).toEqual(['new.journal']);
      }),
      { numRuns: 40 },
    );
  });

  it('does not appear before it is finished, and no other writer can come between', async () => {
    const file = newFile();
    await using journal = await begin(file);
    await journal.add(archive('A', 'a'));
    expect(existsSync(file)).toBe(false);
    expect((await failureOf(begin(file))).code).toBe('JOURNAL_LOCKED');
    const writing = openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
    expect((await failureOf(writing)).code).toBe('JOURNAL_LOCKED');
    await journal.finish();
    expect(readFileSync(file, 'utf8')).toBe(lineOf(archive('A', 'a')));
  });

  it('may be empty: a vault without archives has a journal too', async () => {
    const file = newFile();
    await using journal = await begin(file);
    await journal.finish();
    expect(statSync(file).size).toBe(0);
  });

  it('nothing is left of one that was given up', async () => {
    const file = newFile();
    {
      await using journal = await begin(file);
      for (let i = 0; i < 3000; i++) await journal.add(archive(`A${i}`, `path/${i}`));
      // More than what is gathered: some of it is on the disk by now.
      expect(statSync(`${file}.new`).size).toBeGreaterThan(100_000);
    }
    expect(beside(file)).toEqual([]);
  });

  it('what a crash left is of no consequence', async () => {
    const file = newFile();
    writeFileSync(`${file}.new`, 'half a line');
    await using journal = await begin(file);
    await journal.add(archive('A', 'a'));
    await journal.finish();
    expect(readFileSync(file, 'utf8')).toBe(lineOf(archive('A', 'a')));
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it('lines are written as they gather, so that memory does not grow', async () => {
    const file = newFile();
    const fake = new FakeFile();
    await using journal = await writeNewJournal(file, { encoding: UTF_8 }, fake.open);
    let given = 0;
    for (let i = 0; i < 5000; i++) {
      const each = archive(`A${i}`, `path/${i}`);
      given += lineOf(each).length;
      await journal.add(each);
      expect(given - fake.content.length).toBeLessThan(257 * 1024);
    }
    expect(fake.syncs).toBe(0);
  });

  it('it is on stable storage before it gets its name', async () => {
    const file = newFile();
    const fake = new FakeFile();
    await using journal = await writeNewJournal(file, { encoding: UTF_8 }, fake.open);
    await journal.add(archive('A', 'a'));
    fake.onSync = () => expect([fake.content.toString(), existsSync(file)]).toEqual([lineOf(archive('A', 'a')), false]);
    // The fake has no name that could be changed: that fails, after the flush.
    expect((await failureOf(journal.finish())).code).toBe('JOURNAL_UNWRITABLE');
    expect([fake.syncs, fake.closed]).toEqual([1, true]);
    expect(fake.durable.toString()).toBe(lineOf(archive('A', 'a')));
  });
});

describe('new journal in the place of another', () => {
  it('is refused where one stands with anything in it, and that stays as it is', async () => {
    const file = newFile();
    writeFileSync(file, lineOf(archive('OLD', 'old')));
    const failure = await failureOf(begin(file));
    expect([failure.code, failure.message]).toEqual(['USAGE', `journal ${file} exists and is not empty`]);
    expect(failure.hint).toContain('--new-journal');
    expect(beside(file)).toEqual(['new.journal']);
    expect(readFileSync(file, 'utf8')).toBe(lineOf(archive('OLD', 'old')));
  });

  it('is refused at the end too, when one has appeared meanwhile', async () => {
    const file = newFile();
    {
      await using journal = await begin(file);
      await journal.add(archive('A', 'a'));
      writeFileSync(file, 'theirs\n');
      expect((await failureOf(journal.finish())).code).toBe('USAGE');
    }
    expect(readFileSync(file, 'utf8')).toBe('theirs\n');
    expect(beside(file)).toEqual(['new.journal']);
  });

  it('takes the place of an empty one, also behind a link', async () => {
    const file = newFile();
    const link = join(folder(), 'link.journal');
    writeFileSync(file, '');
    symlinkSync(file, link);
    await using journal = await begin(link);
    await journal.add(archive('A', 'a'));
    await journal.finish();
    expect(readFileSync(file, 'utf8')).toBe(lineOf(archive('A', 'a')));
    expect(readFileSync(link, 'utf8')).toBe(lineOf(archive('A', 'a')));
  });

  it('is refused where no file can be', async () => {
    const directory = folder();
    expect((await failureOf(begin(directory))).message).toBe(`journal ${directory} is a directory`);
    expect((await failureOf(begin(join(directory, 'none', 'x.journal')))).code).toBe('USAGE');
  });
});

describe('new journal that cannot be written', () => {
  it.each([10, 300_000])('a disk that is full after %i bytes leaves nothing, and nothing is finished', async (room) => {
    const file = newFile();
    const fake = new FakeFile();
    fake.room = room;
    {
      await using journal = await writeNewJournal(file, { encoding: UTF_8 }, fake.open);
      const addAll = async (): Promise<void> => {
        for (let i = 0; i < 6000; i++) await journal.add(archive(`A${i}`, `path/${i}`));
      };
      expect((await failureOf(addAll())).code).toBe('DISK_FULL');
      fake.room = Number.POSITIVE_INFINITY;
      expect((await failureOf(journal.finish())).code).toBe('DISK_FULL');
    }
    expect(fake.closed).toBe(true);
    expect(beside(file)).toEqual([]);
  });

  it('a flush that fails is told, and the journal does not appear', async () => {
    const file = newFile();
    const fake = new FakeFile();
    fake.syncError = Object.assign(new Error('bad disk'), { code: 'EIO' });
    {
      await using journal = await writeNewJournal(file, { encoding: UTF_8 }, fake.open);
      await journal.add(archive('A', 'a'));
      const failure = await failureOf(journal.finish());
      expect([failure.code, failure.message]).toEqual(['JOURNAL_UNWRITABLE', `cannot write ${file} (EIO)`]);
    }
    expect(beside(file)).toEqual([]);
  });

  it('a temporary file that cannot be made is told, and the lock is free again', async () => {
    const file = newFile();
    mkdirSync(`${file}.new`);
    expect((await failureOf(begin(file))).code).toBe('JOURNAL_UNWRITABLE');
    rmdirSync(`${file}.new`);
    await using journal = await begin(file);
    await journal.finish();
  });

  it('a name that its encoding has no form for is refused, and the others are kept', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const file = newFile();
    await using journal = await writeNewJournal(file, { encoding: koi8 });
    expect([journal.canHold(RelPath.parse('тест')), journal.canHold(RelPath.parse('é'))]).toEqual([true, false]);
    await journal.add(archive('A', 'тест'));
    expect((await failureOf(journal.add(archive('B', 'é')))).code).toBe('NAME_REFUSED');
    await journal.finish();
    expect(readFileSync(file).equals(Buffer.from(koi8.encode(lineOf(archive('A', 'тест'))) as Uint8Array))).toBe(true);
  });
});
