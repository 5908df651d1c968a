// A vault's log that is made shorter means what it meant, at every moment and whenever the machine stops.

import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOG_FORMAT, lineOf } from '../../../src/edges/local-server/durable/log-lines.js';
import { openLog } from '../../../src/edges/local-server/durable/record-log.js';
import { shortenBy } from '../../../src/edges/local-server/durable/short-log.js';
import { shortenVaultLog } from '../../../src/edges/local-server/vault/log-shortening.js';
import type { VaultRecord } from '../../../src/edges/local-server/vault/records.js';
import { Historian, histories, meaningOf, stateOf } from './vault-history.js';

const BEGUN = Date.parse('2026-03-01T00:00:00Z');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-shortening-'));
});
afterEach(() => rm(directory, { recursive: true }));

const path = () => join(directory, 'log.ndjson');
const place = () => ({ path: path(), first: 'vault' as const, tmp: directory });
const shorterAt = (now: number) => shortenBy(shortenVaultLog, place(), now);
const BEGINNING: VaultRecord = { type: 'vault', format: LOG_FORMAT, name: 'V', at: 1 };
const textOf = (records: readonly VaultRecord[]) => records.map(lineOf).join('');

async function recordsIn(): Promise<VaultRecord[]> {
  const records: VaultRecord[] = [];
  await (await openLog(place(), (record) => records.push(record as VaultRecord))).close();
  return records;
}

async function shortened(records: readonly VaultRecord[], now: number): Promise<VaultRecord[]> {
  await writeFile(path(), textOf(records));
  const log = await openLog(place(), () => undefined);
  await log.rewrite(place(), shorterAt(now));
  const left = await recordsIn();
  expect(log.lines).toBe(left.length);
  await log.close();
  expect(await readdir(directory)).toEqual(['log.ndjson']);
  return left;
}

describe('a shortened log', () => {
  test('means what it meant, to all that is asked, and with all that comes after it', async () => {
    const given = [histories(60), histories(25), fc.boolean(), fc.constantFrom(0, 3_600_000, 90_000_000)] as const;
    const property = fc.asyncProperty(...given, async (steps, after, realistic, idleMs) => {
      const historian = new Historian(BEGUN);
      const before = [historian.begin(), ...historian.records(steps)];
      const now = (historian.now += idleMs);
      const left = await shortened(before, now);
      expect(meaningOf(stateOf(left, realistic), now)).toEqual(meaningOf(stateOf(before, realistic), now));
      const more = historian.records(after);
      expect(meaningOf(stateOf([...left, ...more], realistic), historian.now)).toEqual(
        meaningOf(stateOf([...before, ...more], realistic), historian.now),
      );
      const again = await shortened(left, now);
      expect(again).toEqual(left);
    });
    await fc.assert(property, { numRuns: 80 });
  });

  test('has a line for each archive, and one for all that is over', async () => {
    const stored = (id: string, at: number): VaultRecord => ({
      type: 'archive',
      id,
      size: 1,
      treeHash: 'ab'.repeat(32),
      description: '',
      at,
    });
    const records: VaultRecord[] = [{ type: 'vault', format: LOG_FORMAT, name: 'V', at: 0 }];
    for (let i = 0; i < 1000; i++) records.push(stored(`${i}`, i), { type: 'archive-deleted', id: `${i}`, at: i });
    records.push(stored('last', 5000));
    const left = await shortened(records, 6000);
    expect(left).toEqual([records[0], { type: 'shortened', lines: 2000, at: 999 }, records.at(-1)]);
  });

  test('takes the lines that come while it is written, and waits for none of them', async () => {
    const historian = new Historian(BEGUN);
    const before: VaultRecord[] = [historian.begin()];
    for (let i = 0; i < 50; i++) {
      before.push(...historian.records([{ laterMs: 1, deed: i % 2 === 0 ? 0 : 2, which: 0, other: 1 }]));
    }
    await writeFile(path(), textOf(before));
    const log = await openLog(place(), () => undefined);
    const came = historian.records(Array.from({ length: 20 }, () => ({ laterMs: 5, deed: 0, which: 0, other: 2 })));
    const shorten = shorterAt(historian.now);
    await log.rewrite(place(), async (source, size, made) => {
      for (const record of came.slice(0, 10)) log.append(record, []);
      await log.settled();
      for (const record of came.slice(10)) log.append(record, []);
      return shorten(source, size, made);
    });
    const last: VaultRecord = { type: 'inventory', at: historian.now };
    log.append(last, []);
    await log.settled();
    const left = await recordsIn();
    expect(log.lines).toBe(left.length);
    expect(left.length).toBeLessThan(30);
    expect(meaningOf(stateOf(left, true), historian.now)).toEqual(
      meaningOf(stateOf([...before, ...came, last], true), historian.now),
    );
    await log.close();
  });

  test('that cannot be written leaves the long one as it is, and in use', async () => {
    await writeFile(path(), lineOf(BEGINNING));
    const log = await openLog(place(), () => undefined);
    const full = log.rewrite(place(), async (_source, _size, file) => {
      await file.appendFile('{"type":');
      throw new Error('ENOSPC');
    });
    await expect(full).rejects.toThrow('ENOSPC');
    const readOnly = log.rewrite(place(), async (_source, _size, file) => {
      await file.close();
      return 0;
    });
    await expect(readOnly).rejects.toThrow();
    log.append({ type: 'inventory', at: 2 }, []);
    await log.settled();
    await log.close();
    expect((await recordsIn()).length).toBe(2);
    expect(await readdir(directory)).toEqual(['log.ndjson']);
  });

  test('is the long one or the short one, whole, whenever the machine stops', async () => {
    const historian = new Historian(BEGUN);
    const steps = Array.from({ length: 200 }, (_, i) => ({ laterMs: i, deed: (i * 7) % 23, which: i, other: i % 4 }));
    const before = [historian.begin(), ...historian.records(steps)];
    const seen: string[] = [];
    await writeFile(path(), textOf(before));
    const log = await openLog(place(), () => undefined);
    const shorten = shorterAt(historian.now);
    const look = async () => seen.push(await readFile(path(), 'utf8'));
    await log.rewrite(place(), async (source, size, made) => {
      await look();
      const dropped = await shorten(source, size, made);
      await look();
      return dropped;
    });
    await look();
    await log.close();
    expect(seen.slice(0, 2)).toEqual([textOf(before), textOf(before)]);
    const left = await recordsIn();
    expect(left.length).toBeLessThan(before.length);
    expect(meaningOf(stateOf(left, true), historian.now)).toEqual(meaningOf(stateOf(before, true), historian.now));
  });
});

describe('a log', () => {
  test('is cut at the last whole line, wherever the last one was torn', async () => {
    const lines = [lineOf(BEGINNING), lineOf({ type: 'tags-added', tags: { ä: 'ö€😀' }, at: 2 })];
    const whole = Buffer.from(lines.join(''));
    const first = Buffer.byteLength(lines[0] ?? '');
    for (let size = first; size <= whole.length; size++) {
      await writeFile(path(), whole.subarray(0, size));
      const records = await recordsIn();
      expect(records.length).toBe(size === whole.length ? 2 : 1);
      const file = await open(path());
      expect((await file.stat()).size).toBe(size === whole.length ? size : first);
      await file.close();
    }
  });
});
