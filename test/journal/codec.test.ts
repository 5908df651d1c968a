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
