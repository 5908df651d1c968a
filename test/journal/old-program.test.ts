// What we write is what mt-aws-glacier 1.120 reads: its grammar of a journal line, read here once more by hand.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { anyRecord } from './records.js';

const DIGITS = '0123456789';
const BLANKS = ' \t\n\v\f\r';

/** 1 to 20 decimal digits. */
function isNumber(text: string): boolean {
  return text.length >= 1 && text.length <= 20 && Array.from(text).every((character) => DIGITS.includes(character));
}

function isTime(text: string): boolean {
  return text === 'NONE' || isNumber(text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text);
}

function isWord(text: string): boolean {
  return text !== '' && !Array.from(text).some((character) => BLANKS.includes(character));
}

function isSafeName(text: string): boolean {
  const parts = text.split('/');
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\r\n\t]/.test(text);
}

/** The fields of a line of version B as the old program takes them, or why it would end there. */
function oldReading(text: string): readonly string[] | string {
  if (!text.endsWith('\n')) return 'not fully written';
  const line = text.slice(0, -1);
  if (line.includes('\n') || line.includes('\r')) return 'more than a line';
  const fields = line.split('\t');
  const [version, time, type, ...rest] = fields as [string, string, string, ...string[]];
  if (version !== 'B' || !isNumber(time)) return 'unknown format';
  if (type === 'CREATED') {
    const [id, size, mtime, treeHash, name, ...more] = rest as [string, string, string, string, string, ...string[]];
    const good = isWord(id) && isNumber(size) && isTime(mtime) && isWord(treeHash) && isSafeName(name);
    return good && more.length === 0 ? fields : 'broken';
  }
  if (type === 'DELETED') return rest.length === 2 && isWord(rest[0] as string) ? fields : 'broken';
  // The rest of the line is the job id; the TAB before it must be there even when it is empty.
  if (type === 'RETRIEVE_JOB') return rest.length >= 2 && isWord(rest[0] as string) ? fields : 'broken';
  return 'broken';
}

function fieldsOf(record: JournalRecord): readonly string[] {
  switch (record.type) {
    case 'created': {
      const { createdAt, id, size, mtime, treeHash, path } = record.archive;
      return ['B', `${createdAt}`, 'CREATED', id, `${size}`, mtime === null ? 'NONE' : `${mtime}`, treeHash, path];
    }
    case 'deleted':
      return ['B', `${record.at}`, 'DELETED', record.archiveId, record.path];
    case 'retrieve-job':
      return ['B', `${record.at}`, 'RETRIEVE_JOB', record.archiveId, record.jobId ?? ''];
  }
}

describe('the old program', () => {
  it('reads every line that we write, and reads it right', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(oldReading(encodeRecord(record))).toEqual(fieldsOf(record));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 'not fully written'],
    ['B\t1\tDELETED\tA\tx', 'not fully written'],
    ['D\t1\tDELETED\tA\tx\n', 'unknown format'],
    ['B\t1\tCREATED\tA\t1\t1\tH\t../c\n', 'broken'],
    ['B\t1\tCREATED\tA\t1\t1.5\tH\tc\n', 'broken'],
    ['B\t1\tCREATED\tA b\t1\t1\tH\tc\n', 'broken'],
    ['B\t1\tRETRIEVE_JOB\tA\n', 'broken'],
    ['B\t1\tDELETED\tA\tx\r\n', 'more than a line'],
  ])('would refuse %j', (line, why) => {
    expect(oldReading(line)).toBe(why);
  });
});
