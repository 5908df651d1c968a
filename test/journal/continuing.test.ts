// Old journals are read and continued; nothing that stands in them is ever changed, and none from the future touched.

import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { at, created, failureOf, hash, listener, listOf } from './records.js';

const KOI8 = await loadEncoding('KOI8-R');

type Vector = { readonly name: string; readonly text: string; readonly result: object };
const vectors = JSON.parse(readFileSync(new URL('../vectors/journal.json', import.meta.url), 'utf8')) as Vector[];
const accepted = vectors.filter(({ result }) => 'archives' in result).map(({ text }) => text);

/** Every line of every journal that the original accepts, with ids of its own, and some in Cyrillic. */
const OLD_LINES: readonly string[] = [
  ...accepted.flatMap((text) => text.split(/(?<=\n)/)).filter((line) => /CREATED/.test(line)),
  `1346179000 CREATED AID1 4096 ${hash} старый/файл один\n`,
  `A\t1356649940\tCREATED\tAID2\t11\t1356649000\t${hash}\tпапка/б.txt\n`,
  `B\t1373350000\tCREATED\tAID3\t11\tNONE\t${hash}\tтест\r\n`,
  `C\t1373350000\tCREATED\tAID4\t11\t-1\t${hash}\tВ\n`,
];
const OTHER_LINES = [
  '1346179002 RETRIEVE_JOB X\n',
  'B\t1373350002\tRETRIEVE_JOB\tX\tJOB-1\n',
  'A\t1\tRETRIEVE_JOB\tY\tZ\n',
];

const VERSIONS = { 0: /^\d/, A: /^A/, B: /^B/, C: /^C/ };

/** A journal of old lines in any order, each id once. */
const oldJournal = fc
  .array(fc.constantFrom(...OLD_LINES, ...OTHER_LINES), { maxLength: 12 })
  .map((lines) => lines.map((line, index) => line.replace(/(CREATED[\t ])\S+/, `$1OLD${index}`)).join(''));

interface Run {
  readonly deletions: readonly number[];
  readonly creations: number;
}
const run: fc.Arbitrary<Run> = fc.record({
  deletions: fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 5 }),
  creations: fc.nat({ max: 3 }),
});

function journalFile(bytes: Uint8Array): string {
  const file = join(folder(), 'old.journal');
  writeFileSync(file, bytes);
  return file;
}

function encoded(text: string, encoding: TextEncoding): Buffer {
  const bytes = encoding.encode(text);
  if (bytes === null) throw new Error(`no form: ${text}`);
  return Buffer.from(bytes);
}

/** Opens, deletes and stores something, closes. Gives what was added. */
async function goOn(file: string, encoding: TextEncoding, { deletions, creations }: Run): Promise<string> {
  await using open = await openForWriting(file, { create: false, encoding }, listener().report);
  const { journal } = open;
  const known = await listOf(journal.live.all());
  const gone = deletions.flatMap((index) => known[index] ?? []);
  const size = readFileSync(file).length;
  const added: JournalRecord[] = [
    ...gone.map(({ id, path }): JournalRecord => ({ type: 'deleted', at: at(3000), archiveId: id, path })),
    ...Array.from({ length: creations }, (_, index) => created(`NEW${size}-${index}`, `новый/${index}`)),
  ];
  for (const record of added) await journal.append(record);
  return added.map(encodeRecord).join('');
}

describe('journal of an older program', () => {
  it('the lines to try are of all versions', () => {
    for (const version of Object.values(VERSIONS)) expect(OLD_LINES.some((line) => version.test(line))).toBe(true);
    expect(OLD_LINES.length).toBeGreaterThan(15);
  });

  it.each([UTF_8, KOI8])('in $name: continuing it only adds lines, reading it does nothing', async (encoding) => {
    const journals = oldJournal.filter((text) => encoding.encode(text) !== null);
    const file = journalFile(Buffer.of());
    await fc.assert(
      fc.asyncProperty(journals, fc.array(run, { maxLength: 3 }), async (text, runs) => {
        let expected = encoded(text, encoding);
        writeFileSync(file, expected);
        for (const each of runs) {
          const added = await goOn(file, encoding, each);
          expected = Buffer.concat([expected, encoded(added, encoding)]);
          expect(readFileSync(file).equals(expected)).toBe(true);
        }
        const before = statSync(file).mtimeMs;
        await openForReading(file, { encoding }, listener().report);
        expect(readFileSync(file).equals(expected)).toBe(true);
        expect(statSync(file).mtimeMs).toBe(before);
        expect(readdirSync(dirname(file))).toEqual(['old.journal']);
      }),
      { numRuns: 60 },
    );
  });

  it.each(accepted)('vector %#: every byte stays', async (text) => {
    const file = journalFile(Buffer.from(text));
    const added = await goOn(file, UTF_8, { deletions: [0], creations: 2 });
    expect(added).not.toBe('');
    expect(readFileSync(file, 'utf8')).toBe(text + added);
  });
});

describe('journal from the future', () => {
  const good = encodeRecord(created('A', 'a'));
  it.each(['D', 'M', 'Z'])('with a line of version %s it is refused and left as it is', async (version) => {
    for (const text of [`${version}\t1\tANYTHING\n`, `${good}${version}\t1\tCREATED\tB\t1\t1\t${hash}\tb\n${good}`]) {
      const file = journalFile(Buffer.from(text));
      utimesSync(file, 1000, 1000);
      for (const encoding of [UTF_8, KOI8]) {
        const openings = [
          openForReading(file, { encoding }, listener().report),
          openForWriting(file, { create: true, encoding }, listener().report),
        ];
        for (const opening of openings) {
          const failure = await failureOf(opening);
          expect(failure.code).toBe('JOURNAL_DAMAGED');
          expect(failure.message).toContain('was written by a newer version of the program');
          expect(failure.hint).toContain('newer');
        }
      }
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(statSync(file).mtimeMs).toBe(1_000_000);
      expect(readdirSync(dirname(file))).toEqual(['old.journal']);
    }
  });
});
