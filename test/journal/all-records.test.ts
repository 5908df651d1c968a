// A journal read record by record.

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import { readRecords } from '../../src/journal/records.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { anyRecord, created, deleted, failureOf } from './records.js';

function journalOf(content: string | Uint8Array): string {
  const file = join(folder(), 'photos.journal');
  writeFileSync(file, content);
  return file;
}

const NEVER = new AbortController().signal;

async function recordsIn(file: string, encoding: TextEncoding = UTF_8): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  await readRecords(file, { encoding, signal: NEVER }, (record) => void records.push(record));
  return records;
}

describe('records of a journal', () => {
  it('come all, in order, those of deleted archives too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 20 }), async (records) => {
        expect(await recordsIn(journalOf(records.map(encodeRecord).join('')))).toEqual(records);
      }),
      { numRuns: 50 },
    );
  });

  it('come without a torn last line, and nothing is written', async () => {
    const records = [created('A', 'a'), deleted('A', 'a')];
    const file = journalOf(`${records.map(encodeRecord).join('')}B\t1`);
    const { size } = statSync(file);
    expect(await recordsIn(file)).toEqual(records);
    expect([statSync(file).size, readdirSync(dirname(file))]).toEqual([size, ['photos.journal']]);
  });

  it('come in the encoding of the journal', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const file = journalOf(koi8.encode(encodeRecord(created('A', 'тест'))) as Uint8Array);
    expect(await recordsIn(file, koi8)).toEqual([created('A', 'тест')]);
    expect((await failureOf(recordsIn(file))).code).toBe('JOURNAL_DAMAGED');
  });

  it('a line that is none, and a journal that is not there, are told', async () => {
    const file = journalOf(`${encodeRecord(created('A', 'a'))}nonsense\n`);
    expect((await failureOf(recordsIn(file))).message).toContain('line 2 is in no known format');
    expect((await failureOf(recordsIn(journalOf('hello')))).code).toBe('JOURNAL_DAMAGED');
    expect((await failureOf(recordsIn(`${file}.none`))).code).toBe('JOURNAL_MISSING');
    expect((await failureOf(recordsIn(dirname(file)))).code).toBe('USAGE');
  });

  it('what the taker throws ends the reading', async () => {
    const file = journalOf([created('A', 'a'), created('B', 'b')].map(encodeRecord).join(''));
    const seen: JournalRecord[] = [];
    const stopping = readRecords(file, { encoding: UTF_8, signal: NEVER }, (record) => {
      seen.push(record);
      throw new Error('enough');
    });
    await expect(stopping).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
  });
});
