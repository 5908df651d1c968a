// What a log promises of the lines that are appended to it.

import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOG_FORMAT } from '../../../src/edges/local-server/durable/log-lines.js';
import { openLog, RecordLog } from '../../../src/edges/local-server/durable/record-log.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'record-log-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('a record log', () => {
  test('lines that come together are written together, and in order', async () => {
    const place = { path: join(directory, 'log'), first: 'notices' as const, tmp: directory };
    const log = await openLog(place, () => undefined);
    const records = Array.from({ length: 100 }, (_, i) => ({ type: 'notices', format: LOG_FORMAT, i }));
    for (const record of records) log.append(record, []);
    await log.settled();
    const read: unknown[] = [];
    await log.close();
    await (await openLog(place, (record) => read.push(record))).close();
    expect(read).toEqual(records);
  });

  test('after a write that failed nothing is promised any more', async () => {
    await writeFile(join(directory, 'log'), '');
    const log = new RecordLog(await open(join(directory, 'log'), 'r'), {
      size: 0,
      lines: 0,
    });
    log.append({ one: 1 }, []);
    await expect(log.settled()).rejects.toThrow(/EBADF/);
    log.append({ two: 2 }, []);
    await expect(log.settled()).rejects.toThrow(/EBADF/);
    await log.close();
  });
});
