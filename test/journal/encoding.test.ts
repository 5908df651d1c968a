// Journals that are not UTF-8.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { RelPath } from '../../src/model/rel-path.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { archive, at, created, deleted, failureOf, hash, listener, listOf, localFile } from './records.js';

const [KOI8, ASCII, EUC_JP] = await Promise.all([
  loadEncoding('KOI8-R'),
  loadEncoding('ASCII'),
  loadEncoding('EUC-JP'),
]);

/** Any character that KOI8-R has and a name may hold, and any that it has not. */
const koiCharacter = fc
  .integer({ min: 0, max: 255 })
  .map((byte) => KOI8.decode(Uint8Array.of(byte)) as string)
  .filter((character) => !/[\t\r\n/]/.test(character));
const koiPath = fc
  .string({ unit: koiCharacter, minLength: 1, maxLength: 20 })
  .filter((text) => RelPath.whyNot(text) === null);

function journalOf(content: string | Uint8Array): string {
  const file = join(folder(), 'old.journal');
  writeFileSync(file, content);
  return file;
}

const inKoi8 = (text: string): Buffer => Buffer.from(KOI8.encode(text) as Uint8Array);

describe('journal in another encoding', () => {
  it('is read and continued in it, whatever its names', async () => {
    const file = journalOf('');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(koiPath, { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 8 }),
        async (paths, n) => {
          const records = paths.map((path, index) => created(`A${index}`, path));
          const [before, after] = [records.slice(0, n), records.slice(n)];
          writeFileSync(file, inKoi8(before.map(encodeRecord).join('')));
          {
            await using open = await openForWriting(file, { create: false, encoding: KOI8 }, listener().report);
            for (const record of after) await open.journal.append(record);
            expect((await listOf(open.journal.live.all())).map(({ path }) => path).toSorted()).toEqual(
              paths.toSorted(),
            );
          }
          expect(readFileSync(file).equals(inKoi8(records.map(encodeRecord).join('')))).toBe(true);
          const { live } = await openForReading(file, { encoding: KOI8 }, listener().report);
          const read = new Map((await listOf(live.all())).map(({ id, path }) => [String(id), String(path)]));
          expect(read).toEqual(new Map(paths.map((path, index) => [`A${index}`, path])));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('opened in the wrong one is refused at the line, naming the encoding and the option', async () => {
    const file = journalOf(inKoi8([created('A', 'ascii'), created('B', 'тест')].map(encodeRecord).join('')));
    const failure = await failureOf(openForReading(file, { encoding: UTF_8 }, listener().report));
    expect(failure.code).toBe('JOURNAL_DAMAGED');
    expect(failure.message).toContain('line 2 is not UTF-8: "B\\t2000\\tCREATED\\tB\\t');
    expect(failure.message).toContain('\\xd4\\xc5\\xd3\\xd4');
    expect(failure.hint).toContain('--journal-encoding');
    const writing = openForWriting(file, { create: false, encoding: ASCII }, listener().report);
    expect((await failureOf(writing)).message).toContain('line 2 is not ASCII');
  });

  it('opened in another one although it is UTF-8 is refused, and nothing is written', async () => {
    const names = ['тест', 'файл', '日本', 'ascii'];
    const text = names.map((name, index) => encodeRecord(created(`A${index}`, name))).join('');
    const file = journalOf(text);
    for (const named of [KOI8, await loadEncoding('ISO-8859-5'), await loadEncoding('GB18030')]) {
      const encoding = { ...named, excludesUtf8: true };
      for (const opening of [
        openForReading(file, { encoding }, listener().report),
        openForWriting(file, { create: false, encoding }, listener().report),
      ]) {
        expect(await failureOf(opening)).toMatchObject({
          code: 'USAGE',
          message: `old.journal is in UTF-8, not in ${encoding.name}`,
          hint: expect.stringContaining('--journal-encoding') as string,
        });
      }
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is taken at its word where it is not all UTF-8, or too little to tell', async () => {
    const inUtf8 = Buffer.from(encodeRecord(created('A', 'файл')));
    const mixed = Buffer.concat([inUtf8, inKoi8(encodeRecord(created('B', 'тест')))]);
    for (const content of [mixed, Buffer.from(encodeRecord(created('A', 'été')))]) {
      const encoding = { ...KOI8, excludesUtf8: true };
      const { live } = await openForReading(journalOf(content), { encoding }, listener().report);
      expect(live.has(archive('A', 'x').id)).toBe(true);
    }
  });

  it('a name that it cannot hold is refused, nothing of it is written, and others go on', async () => {
    const file = journalOf('');
    await using open = await openForWriting(file, { create: true, encoding: KOI8 }, listener().report);
    const { journal } = open;
    expect(['тест', 'café', '日本', 'a?'].map((name) => journal.canHold(RelPath.parse(name)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    await journal.append(created('A', 'до'));
    const failure = await failureOf(journal.append(created('B', 'café')));
    expect([failure.code, failure.message]).toEqual([
      'NAME_REFUSED',
      'name "café" cannot be written in KOI8-R, the encoding of the journal',
    ]);
    expect((await failureOf(journal.append(deleted('A', 'café')))).code).toBe('NAME_REFUSED');
    await journal.append(created('B', 'после'));
    expect(
      readFileSync(file).equals(inKoi8([created('A', 'до'), created('B', 'после')].map(encodeRecord).join(''))),
    ).toBe(true);
  });

  it('a UTF-8 journal holds every name', async () => {
    await using open = await openForWriting(
      join(folder(), 'new.journal'),
      { create: true, encoding: UTF_8 },
      listener().report,
    );
    for (const name of ['тест', 'café', '日本😀', '\u0001'])
      expect(open.journal.canHold(RelPath.parse(name))).toBe(true);
  });

  it('what lies beside it stays UTF-8', async () => {
    const file = journalOf(inKoi8(encodeRecord(created('A', 'старый'))));
    await using open = await openForWriting(file, { create: false, encoding: KOI8 }, listener().report);
    await open.intents.begin(at(1), localFile('файл'), null, { step: 'whole' });
    expect(readFileSync(`${file}.pending`, 'utf8')).toContain('"path":"файл"');
  });

  it('a torn last line is cut in any encoding, in the middle of a character too', async () => {
    const whole = Buffer.from(EUC_JP.encode(encodeRecord(created('A', '日本'))) as Uint8Array);
    for (const cut of [1, 2, 3]) {
      const file = journalOf(Buffer.concat([whole, whole.subarray(0, -1 - cut)]));
      await using open = await openForWriting(file, { create: false, encoding: EUC_JP }, listener().report);
      await open.journal.append(deleted('A', '日本'));
      const end = EUC_JP.encode(encodeRecord(deleted('A', '日本'))) as Uint8Array;
      expect(readFileSync(file).equals(Buffer.concat([whole, end]))).toBe(true);
    }
  });

  it('lines end at LF and CR LF only, not at what other tables call an end', async () => {
    // 0x85 is NEL in ISO-8859-1 and a letter or a line drawing elsewhere.
    const latin = await loadEncoding('ISO-8859-1');
    const record: JournalRecord = { type: 'created', archive: archive('A', 'a\u0085b\u00a0', { treeHash: hash }) };
    const file = journalOf(Buffer.from(latin.encode(encodeRecord(record).replace('\n', '\r\n')) as Uint8Array));
    const { live } = await openForReading(file, { encoding: latin }, listener().report);
    expect((await listOf(live.all())).map(({ path }) => path)).toEqual(['a\u0085b\u00a0']);
  });
});
