// Records and their lines.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeRecord, encodeRecord } from '../../src/journal/codec.js';
import { type JournalRecord } from '../../src/model/journal-record.js';
import type { RelPath } from '../../src/model/rel-path.js';
import { anyRecord, created } from './records.js';

test('codec: a record is read back from its line', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const line = encodeRecord(record);
      expect(line.endsWith('\n')).toBe(true);
      expect(decodeRecord(line.slice(0, -1))).toEqual(record);
    }),
    { numRuns: 1000 },
  );
});

test('codec: whatever is given, its line reads back the same, or is never written', () => {
  const sign = fc.constantFrom(
    'a',
    'Z',
    '9',
    '/',
    '.',
    ' ',
    '\t',
    '\r',
    '\n',
    '\0',
    '\u007f',
    '\u00a0',
    '\u2028',
    'é',
    '😀',
    '\ud800',
  );
  const text = fc.string({ unit: sign, maxLength: 4 });
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 0, 2 ** 53, 1e21, -1));
  const fields = fc.record({
    id: text,
    path: text,
    treeHash: text,
    size: number,
    mtime: fc.option(number),
    createdAt: number,
  });
  fc.assert(
    fc.property(fields, (archive) => {
      const record = { type: 'created', archive } as JournalRecord;
      let line: string;
      try {
        line = encodeRecord(record);
      } catch {
        return;
      }
      expect(line.slice(0, -1)).not.toMatch(/[\r\n]/);
      const read = decodeRecord(line.slice(0, -1));
      expect(JSON.stringify(read)).toBe(
        JSON.stringify(record, ['type', 'archive', 'id', 'path', 'size', 'mtime', 'treeHash', 'createdAt']),
      );
    }),
    { numRuns: 3000 },
  );
});

test('codec: any text is a record or unreadable, never a crash', () => {
  const pieces = fc.constantFrom('A', 'B', 'D', '1', '\t', ' ', 'CREATED', 'DELETED', 'RETRIEVE_JOB', 'x', '-', 'NONE');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces).map((some) => some.join('')),
      ),
      (line) => {
        const record = decodeRecord(line);
        expect(['created', 'deleted', 'retrieve-job', 'unreadable']).toContain(record.type);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each(['a\nb', 'a\tb', 'a\rb', 'end\r', '../x', '', '\ud800'])('codec: never writes the name %j', (name) => {
  const record = created('A', 'x', { path: name as RelPath });
  expect(() => encodeRecord(record)).toThrow(/no journal line can hold/);
});

test.each<Partial<Extract<JournalRecord, { type: 'created' }>['archive']>>([
  { size: -1 },
  { size: 1.5 },
  { size: Number.NaN },
  { id: 'a b' as never },
  { treeHash: '' as never },
  { createdAt: -1 as never },
])('codec: never writes %j', (wrong) => {
  expect(() => encodeRecord(created('A', 'x', wrong))).toThrow(/no journal line can hold/);
});
