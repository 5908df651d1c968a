// Damage to a log is noticed wherever it is, and what was only torn off is no damage.

import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogSource, lineOf, linesOfLog } from '../../../src/edges/local-server/durable/log-lines.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-lines-'));
});
afterEach(() => rm(directory, { recursive: true }));

const RECORDS = [
  { type: 'notices', format: 2, at: 1 },
  { type: 'topic-deleted', arn: 'ä€😀 "quoted", "sum":"00000000"}', at: 2 },
  { type: 'topic-deleted', arn: 'JZ*:', at: 3 },
];

async function read(bytes: Buffer, size?: number): Promise<unknown[]> {
  await writeFile(join(directory, 'log.ndjson'), bytes);
  await using file = await open(join(directory, 'log.ndjson'));
  return await recordsIn(file, size);
}

async function recordsIn(file: FileHandle, size?: number): Promise<unknown[]> {
  const source: LogSource = { path: join(directory, 'log.ndjson'), first: 'notices' };
  const records: unknown[] = [];
  for await (const { lines } of linesOfLog(file, source, size)) {
    expect(Buffer.concat(lines.map((line) => line.bytes)).length).toBeGreaterThan(0);
    records.push(...lines.map(({ record }) => record));
  }
  return records;
}

describe('the lines of a log', () => {
  test('have a checksum that any program can compute', async () => {
    // By Python: zlib.crc32(b'{"type":"notices","format":2,"at":1').
    expect(lineOf(RECORDS[0]!)).toBe('{"type":"notices","format":2,"at":1,"sum":"3a0b9dd8"}\n');
    expect(await read(Buffer.from(RECORDS.map(lineOf).join('')))).toEqual(RECORDS);
  });

  test('are damaged, by their number, when any single bit of the log is another', async () => {
    const lines = RECORDS.map((record) => Buffer.from(lineOf(record)));
    const log = Buffer.concat(lines);
    const ends = lines.map((_, i) => Buffer.concat(lines.slice(0, i + 1)).length);
    await writeFile(join(directory, 'log.ndjson'), log);
    await using file = await open(join(directory, 'log.ndjson'), 'r+');
    for (let bit = 0; bit < log.length * 8; bit++) {
      const at = bit >> 3;
      const line = 1 + ends.findIndex((end) => at < end);
      await file.write(Buffer.of(log.readUInt8(at) ^ (1 << (bit & 7))), 0, 1, at);
      await expect(recordsIn(file), `bit ${bit}`).rejects.toMatchObject({
        code: 'CONFIG',
        message: `${join(directory, 'log.ndjson')} is damaged at line ${line}`,
      });
      await file.write(log, at, 1, at);
    }
  });

  test('are those before the place where the log was torn, wherever that is', async () => {
    const lines = RECORDS.map((record) => Buffer.from(lineOf(record)));
    const log = Buffer.concat(lines);
    for (let size = 0; size <= log.length; size++) {
      const whole = lines.filter((_, i) => Buffer.concat(lines.slice(0, i + 1)).length <= size).length;
      expect(await read(log.subarray(0, size))).toEqual(RECORDS.slice(0, whole));
      expect(await read(log, size)).toEqual(RECORDS.slice(0, whole));
    }
  });

  test('are damaged where one is without its checksum, also the last', async () => {
    const log = RECORDS.map(lineOf).join('');
    for (const line of ['{"type":"topic-deleted","arn":"x","at":4}\n', '\n', '{}\n', 'null\n']) {
      await expect(read(Buffer.from(log + line))).rejects.toThrow('is damaged at line 4');
    }
  });

  test('are as many as were written, however long they are', async () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(700_000)), { maxLength: 8 });
    const property = fc.asyncProperty(lengths, async (sizes) => {
      const records = [RECORDS[0], ...sizes.map((size, i) => ({ type: 'message', body: 'é'.repeat(size), at: i }))];
      expect(await read(Buffer.from(records.map((record) => lineOf(record as object)).join('')))).toEqual(records);
    });
    await fc.assert(property, { numRuns: 15 });
  });

  test('of the format before checksums are read as they are; only the last may say nothing', async () => {
    const log = RECORDS.map((record) => `${JSON.stringify({ ...record, ...('format' in record && { format: 1 }) })}\n`);
    const records = [{ ...RECORDS[0], format: 1 }, ...RECORDS.slice(1)];
    expect(await read(Buffer.from(log.join('')))).toEqual(records);
    expect(await read(Buffer.from(`${log.join('')}{"type":`))).toEqual(records);
    expect(await read(Buffer.from(`${log.join('')}{"type":\n`))).toEqual(records);
    await expect(read(Buffer.from(`${log.join('')}{"type":\n${log[1]}`))).rejects.toThrow('is damaged at line 4');
    await expect(read(Buffer.from(log.join('').slice(0, -1).concat('\v')))).rejects.toThrow('is damaged at line 3');
  });

  test('of another kind of log are none', async () => {
    await expect(read(Buffer.from(lineOf({ type: 'vault', format: 2, name: 'V', at: 1 })))).rejects.toThrow(
      'at line 1',
    );
  });

  test('of a newer format are refused, and not read', async () => {
    const message = /log\.ndjson has format 3, this program knows formats 1 and 2$/;
    const newer = { type: 'notices', format: 3, at: 1 };
    await expect(read(Buffer.from(lineOf(newer)))).rejects.toThrow(message);
    await expect(read(Buffer.from(`${JSON.stringify({ ...newer, seal: 'x' })}\n`))).rejects.toThrow(message);
    expect(await readFile(join(directory, 'log.ndjson'), 'utf8')).toContain('"seal"');
  });
});
