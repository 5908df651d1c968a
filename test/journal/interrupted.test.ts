// The reading of a journal that is interrupted: it ends, and leaves nothing that is wrong.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import type { Contents } from '../../src/journal/index/contents.js';
import type { IndexLimits } from '../../src/journal/index/open-indexed.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { created, deleted, failureOf, listener, listOf } from './records.js';

/** Each mebibyte becomes a run, and eight of them one. */
const EAGER: IndexLimits = { worthKeeping: 1, worthAdding: 1, whileReading: 1, whileWriting: 1 };
const MEBIBYTES = 10;

/** Says that it is aborted from the look after so many on. */
function stoppedAfter(looks: number): AbortSignal {
  let left = looks;
  const { signal } = new AbortController();
  return Object.defineProperty(signal, 'aborted', { get: () => left-- <= 0 });
}

let text = '';

beforeAll(() => {
  const name = 'long/'.repeat(400);
  const lines = Array.from({ length: MEBIBYTES * 480 }, (_, i) => {
    const line = encodeRecord(created(`id-${i}`, `${(i * 7919) % 5003}/${name}${i}`));
    return i % 5 === 0 ? line + encodeRecord(deleted(`id-${i}`, 'any')) : line;
  });
  text = lines.join('');
});

function journal(): string {
  const file = join(folder(), 'photos.journal');
  writeFileSync(file, text);
  return file;
}

function contentsOf(file: string): Contents {
  return JSON.parse(readFileSync(join(`${file}.index`, 'contents'), 'utf8').slice(9)) as Contents;
}

async function archivesIn(file: string, index: false | IndexLimits): Promise<readonly string[]> {
  await using open = await openForReading(file, { encoding: UTF_8, index }, listener().report);
  return (await listOf(open.live.all())).map(({ id }) => id);
}

describe('a journal whose reading is interrupted', () => {
  it('has in its index what was read by then', async () => {
    const file = journal();
    const { events, report } = listener();
    const options = { encoding: UTF_8, index: EAGER, signal: stoppedAfter(6) };
    expect(await failureOf(openForReading(file, options, report))).toMatchObject({ code: 'INTERRUPTED' });
    expect(events).toEqual([]);
    const { covered } = contentsOf(file);
    expect(covered.lines).toBeGreaterThan(1000);
    expect(covered.length).toBeLessThan(text.length);
    expect(await archivesIn(file, EAGER)).toEqual(await archivesIn(file, false));
  });

  it.each([10, 12, 16])('leaves runs as they are that were being merged, at look %i', async (looks) => {
    const file = journal();
    const { events, report } = listener();
    const options = { encoding: UTF_8, index: EAGER, signal: stoppedAfter(looks) };
    expect(await failureOf(openForReading(file, options, report))).toMatchObject({ code: 'INTERRUPTED' });
    expect(events).toEqual([]);
    const { covered, runs } = contentsOf(file);
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(covered.length).toBeGreaterThan(8.5 * 1024 * 1024);
    const left = readdirSync(`${file}.index`).filter((name) => name !== 'contents');
    expect(left.sort()).toEqual(runs.map(({ name }) => name).sort());
    expect(await archivesIn(file, EAGER)).toEqual(await archivesIn(file, false));
  });

  it('ends without an index too, and its lock is free', async () => {
    const file = journal();
    const plain = { encoding: UTF_8, index: false as const, signal: stoppedAfter(3) };
    expect(await failureOf(openForReading(file, plain, listener().report))).toMatchObject({ code: 'INTERRUPTED' });
    const writing = { create: false, encoding: UTF_8, index: EAGER, signal: stoppedAfter(3) };
    expect(await failureOf(openForWriting(file, writing, listener().report))).toMatchObject({ code: 'INTERRUPTED' });
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('is compared with its index no longer than it is wanted', async () => {
    const file = journal();
    await archivesIn(file, EAGER);
    writeFileSync(file, text + encodeRecord(created('one-more', 'b')));
    const options = { encoding: UTF_8, index: EAGER, signal: stoppedAfter(2) };
    expect(await failureOf(openForReading(file, options, listener().report))).toMatchObject({ code: 'INTERRUPTED' });
    expect(await archivesIn(file, EAGER)).toEqual(await archivesIn(file, false));
  });
});
