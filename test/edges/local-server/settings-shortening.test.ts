// What holds for an account is the same after its log was made shorter, at the start and while it is served.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOG_FORMAT, lineOf } from '../../../src/edges/local-server/durable/log-lines.js';
import { openLog } from '../../../src/edges/local-server/durable/record-log.js';
import { shortenBy } from '../../../src/edges/local-server/durable/short-log.js';
import {
  type AccountRecord,
  openAccountSettings,
  shortenSettings,
} from '../../../src/edges/local-server/folder/account-settings.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'settings-shortening-'));
});
afterEach(() => rm(directory, { recursive: true }));

const place = () => ({ path: join(directory, 'settings.ndjson'), first: 'settings' as const, tmp: directory });
const linesIn = async () => (await readFile(place().path, 'utf8')).trimEnd().split('\n');
const opened = (now: number) => openAccountSettings(directory, directory, now);

/** Gaps and kinds of settings, as they follow one another. */
const HISTORY = fc.array(fc.tuple(fc.nat(50), fc.nat(2)), { minLength: 1, maxLength: 60, size: 'max' });

function recordsOf(history: readonly (readonly [number, number])[], from = 0): AccountRecord[] {
  let at = from;
  return history.map(([laterMs, kind], i) => {
    at += laterMs;
    if (kind === 0) return { type: 'retrieval-policy', strategy: 'BytesPerHour', bytesPerHour: i + 1, at };
    if (kind === 1) return { type: 'retrieval-policy', strategy: 'None', at };
    return { type: 'capacity-unit', id: `${from}.${i}`, at, until: at + 100 };
  });
}

async function meant(records: readonly AccountRecord[], now: number): Promise<object> {
  await writeFile(place().path, records.map(lineOf).join(''));
  const settings = await opened(now);
  const { retrievalPolicy, latestAt } = settings;
  const units = settings.unitsAt(now);
  await settings.close();
  return { retrievalPolicy, latestAt, units };
}

async function shortened(records: readonly AccountRecord[], now: number): Promise<AccountRecord[]> {
  await writeFile(place().path, records.map(lineOf).join(''));
  const log = await openLog(place(), () => undefined);
  await log.rewrite(place(), shortenBy(shortenSettings, place(), now));
  await log.close();
  const left: AccountRecord[] = [];
  await (await openLog(place(), (record) => left.push(record as AccountRecord))).close();
  return left;
}

describe('a shortened log of settings', () => {
  test('means what it meant, also with all that comes after it', async () => {
    const first: AccountRecord = { type: 'settings', format: LOG_FORMAT, at: 0 };
    const property = fc.asyncProperty(HISTORY, HISTORY, fc.nat(200), async (history, after, idleMs) => {
      const before = [first, ...recordsOf(history)];
      const now = (before.at(-1)?.at ?? 0) + idleMs;
      const left = await shortened(before, now);
      expect(await meant(left, now)).toEqual(await meant(before, now));
      expect(left.filter(({ type }) => type === 'retrieval-policy').length).toBeLessThanOrEqual(1);
      expect(await shortened(left, now)).toEqual(left);
      const more = recordsOf(after, now);
      const end = more.at(-1)?.at ?? now;
      expect(await meant([...left, ...more], end)).toEqual(await meant([...before, ...more], end));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('is made while settings come, and at the start', async () => {
    const settings = await opened(0);
    const policy = (at: number) =>
      ({ type: 'retrieval-policy', strategy: 'BytesPerHour', bytesPerHour: at, at }) as const;
    for (let at = 1; at <= 2500; at++) {
      const recorded = settings.record(policy(at));
      if (at % 10 === 0) await recorded;
    }
    await settings.close();
    expect((await linesIn()).length).toBeLessThan(1200);
    const records = [
      { type: 'settings', format: LOG_FORMAT, at: 0 },
      ...Array.from({ length: 1200 }, (_, i) => policy(i)),
    ];
    await writeFile(place().path, records.map(lineOf).join(''));
    const again = await opened(5000);
    expect(again.retrievalPolicy).toMatchObject({ bytesPerHour: 1199 });
    await again.close();
    expect(await linesIn()).toEqual([
      lineOf(records[0]!).trimEnd(),
      lineOf({ type: 'shortened', lines: 1199, at: 1198 }).trimEnd(),
      lineOf(policy(1199)).trimEnd(),
    ]);
    expect(await readdir(directory)).toEqual(['settings.ndjson']);
  });
});
