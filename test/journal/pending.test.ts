// What interrupted runs leave, and what becomes of it when the journal is opened again.

import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { encodeRecord } from '../../src/journal/codec.js';
import type { Intent, UploadProgress } from '../../src/journal/intents.js';
import { MemoryArchives } from '../../src/journal/memory-archives.js';
import { type OpenJournal, openForWriting } from '../../src/journal/open.js';
import { openIntents } from '../../src/journal/pending.js';
import { decodePending, encodePending, type PendingLine } from '../../src/journal/pending-codec.js';
import { ArchiveId, UploadId } from '../../src/model/identifiers.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { anyArchive, at, created, deleted, failureOf, hash, listener, localFile } from './records.js';

const opened = (file: string): Promise<OpenJournal> =>
  openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);

const uploadId = UploadId.parse('upload');
const whole: UploadProgress = { step: 'whole' };
const asked: UploadProgress = { step: 'parts', partSize: 1048576, uploadId: null };
const parts: UploadProgress = { step: 'parts', partSize: 1048576, uploadId };
const completing: UploadProgress = { step: 'completing', partSize: 1048576, uploadId, treeHash: hash };
const stored: UploadProgress = { step: 'stored' };

const old = ArchiveId.parse('OLD');
const BEGUN = at(2000);
const none: JournalRecord[] = [];
const oldLives = [created('OLD', 'a', { mtime: at(1), createdAt: at(1) })];
const oldIsGone = [...oldLives, deleted('OLD', 'a')];
const fact = created('NEW', 'a', { createdAt: BEGUN });

type Becomes = 'vanishes' | 'stays' | 'stored' | 'possible orphan';
const TABLE: [progress: UploadProgress, supersedes: ArchiveId | null, what: string, JournalRecord[], Becomes][] = [
  [whole, null, 'no fact', none, 'possible orphan'],
  [whole, null, 'its fact', [fact], 'vanishes'],
  [whole, old, 'its fact, old version alive', [...oldLives, fact], 'stored'],
  [whole, old, 'its fact, old version gone', [...oldIsGone, fact], 'vanishes'],
  [whole, old, 'no fact, old version alive', oldLives, 'possible orphan'],
  [whole, null, 'a fact of another path', [created('NEW', 'b')], 'possible orphan'],
  [whole, null, 'a fact of another size', [created('NEW', 'a', { size: 12 })], 'possible orphan'],
  [whole, null, 'a fact of another time', [created('NEW', 'a', { mtime: at(1001) })], 'possible orphan'],
  [whole, null, 'a fact without a time', [created('NEW', 'a', { mtime: null })], 'possible orphan'],
  [whole, null, 'a fact from before', [created('NEW', 'a', { createdAt: at(1999) })], 'possible orphan'],
  [whole, null, 'a fact that was deleted', [fact, deleted('NEW', 'a')], 'possible orphan'],
  [whole, old, 'only its old version, as young', [created('OLD', 'a', { createdAt: BEGUN })], 'possible orphan'],
  [asked, null, 'no fact', none, 'vanishes'],
  [asked, old, 'no fact, old version alive', oldLives, 'vanishes'],
  [parts, null, 'no fact', none, 'stays'],
  [parts, null, 'its fact', [fact], 'vanishes'],
  [parts, old, 'its fact, old version alive', [...oldLives, fact], 'stored'],
  [completing, null, 'no fact', none, 'stays'],
  [completing, null, 'its fact', [fact], 'vanishes'],
  [completing, old, 'its fact, old version alive', [...oldLives, fact], 'stored'],
  [stored, null, 'no fact', none, 'vanishes'],
  [stored, old, 'old version alive', [...oldLives, fact], 'stored'],
  [stored, old, 'old version gone', [...oldIsGone, fact], 'vanishes'],
];

describe('intents: what an interrupted run left', () => {
  test.each(TABLE)('%j superseding %j, with %s in the journal', async (progress, supersedes, _, records, becomes) => {
    const file = join(folder(), 'photos.journal');
    writeFileSync(file, records.map(encodeRecord).join(''));
    const intent: Intent = { key: 7, at: BEGUN, file: localFile('a'), supersedes, progress };
    writeFileSync(`${file}.pending`, encodePending({ type: 'intent', ...intent }));
    const left = becomes === 'stays' ? [intent] : becomes === 'stored' ? [{ ...intent, progress: stored }] : [];
    const orphans = becomes === 'possible orphan' ? [{ file: intent.file, at: BEGUN }] : [];
    // The second opening sees what the first made of it.
    for (let opening = 0; opening < 2; opening++) {
      await using open = await opened(file);
      expect(open.intents.left).toEqual(left);
      expect(open.intents.possibleOrphans).toEqual(orphans);
    }
    expect(existsSync(`${file}.pending`)).toBe(becomes !== 'vanishes');
  });
});

test('intents: a life from beginning to end leaves no file but the journal, which was opened before', async () => {
  const file = join(folder(), 'photos.journal');
  {
    await using open = await opened(file);
    expect(existsSync(`${file}.pending`)).toBe(false);
    const { intents } = open;
    const begun = await intents.begin(at(5), localFile('a'), old, asked);
    expect(readFileSync(`${file}.pending`, 'utf8')).toBe(encodePending({ type: 'intent', ...begun }));
    const withId = await intents.advance(begun, parts);
    const last = await intents.advance(withId, completing);
    expect(last).toEqual({ ...begun, progress: completing });
    expect(intents.left).toEqual([]);
    await intents.settle(await intents.advance(last, stored), 0);
  }
  expect(readdirSync(join(file, '..'))).toEqual(['photos.journal']);
});

test('intents: each is durable when its promise ends, in any number at once', async () => {
  const file = join(folder(), 'photos.journal');
  await using open = await opened(file);
  const begun = await Promise.all(
    Array.from({ length: 200 }, (_, i) => open.intents.begin(at(i), localFile(`f${i}`), null, whole)),
  );
  expect(new Set(begun.map(({ key }) => key)).size).toBe(200);
  expect(readFileSync(`${file}.pending`, 'utf8').match(/\n/g)).toHaveLength(200);
});

test('intents: what the journal settles is written with the next change, and a crash before that changes nothing', async () => {
  const file = join(folder(), 'photos.journal');
  const pending = (): string => readFileSync(`${file}.pending`, 'utf8');
  await using open = await opened(file);
  const { intents, journal } = open;
  const first = await intents.begin(BEGUN, localFile('a'), null, whole);
  await journal.append(fact);
  intents.settleByFact(first);
  expect(pending()).toBe(encodePending({ type: 'intent', ...first }));

  const { live } = journal;
  const crashed = join(folder(), 'crashed.pending');
  writeFileSync(crashed, pending());
  await using after = await openIntents(crashed, live, new AbortController().signal);
  expect([after.left, after.possibleOrphans]).toEqual([[], []]);

  await intents.begin(BEGUN, localFile('b'), null, parts);
  expect(pending().split('\n')[1]).toBe(`{"version":"A","type":"settled","key":${first.key},"possibleOrphans":0}`);
});

test('intents: a suspicion is durable before the fact, and stays when the fact settles the intent', async () => {
  const file = join(folder(), 'photos.journal');
  await using open = await opened(file);
  const { intents, journal } = open;
  const begun = await intents.begin(BEGUN, localFile('a'), null, whole);
  await intents.suspect(begun, 2);
  const orphan = { file: begun.file, at: begun.at };
  const line = encodePending({ type: 'possible-orphan', ...orphan });
  expect(readFileSync(`${file}.pending`, 'utf8')).toBe(encodePending({ type: 'intent', ...begun }) + line + line);
  await journal.append(fact);
  intents.settleByFact(begun);

  const crashed = join(folder(), 'crashed.pending');
  writeFileSync(crashed, readFileSync(`${file}.pending`));
  await using after = await openIntents(crashed, journal.live, new AbortController().signal);
  expect([after.left, after.possibleOrphans]).toEqual([[], [orphan, orphan]]);
});

test('intents: what the journal settled last is written when the file is closed', async () => {
  const file = join(folder(), 'photos.journal');
  let stays: Intent;
  {
    await using open = await opened(file);
    stays = await open.intents.begin(BEGUN, localFile('big'), null, parts);
    open.intents.settleByFact(await open.intents.begin(BEGUN, localFile('a'), null, whole));
  }
  await using again = await opened(file);
  expect([again.intents.left, again.intents.possibleOrphans]).toEqual([[stays], []]);
});

test('intents: keys are not given twice while an old one is open', async () => {
  const file = join(folder(), 'photos.journal');
  {
    await using open = await opened(file);
    await open.intents.settle(await open.intents.begin(at(1), localFile('a'), null, whole), 0);
    await open.intents.begin(at(1), localFile('b'), null, parts);
  }
  await using open = await opened(file);
  const next = await open.intents.begin(at(2), localFile('c'), null, whole);
  expect(next.key).toBeGreaterThan(open.intents.left[0]?.key as number);
});

test('intents: possible orphans stay listed, as many as there may be', async () => {
  const file = join(folder(), 'photos.journal');
  const orphan = { file: localFile('a'), at: 5 };
  {
    await using open = await opened(file);
    const intent = await open.intents.begin(at(5), localFile('a'), null, whole);
    await open.intents.settle(intent, 2);
    expect(open.intents.possibleOrphans).toHaveLength(2);
  }
  for (let opening = 0; opening < 2; opening++) {
    await using open = await opened(file);
    expect(open.intents.left).toEqual([]);
    expect(open.intents.possibleOrphans).toEqual([orphan, orphan]);
  }
});

test('intents: opening to write shrinks the file to what is open', async () => {
  const file = join(folder(), 'photos.journal');
  const open = await opened(file);
  const { intents } = open;
  const stays = await intents.begin(at(5), localFile('big'), null, asked);
  const nowWithId = await intents.advance(stays, parts);
  for (let i = 0; i < 50; i++) await intents.settle(await intents.begin(at(5), localFile(`f${i}`), null, whole), 0);
  await open[Symbol.asyncDispose]();
  expect(readFileSync(`${file}.pending`, 'utf8').match(/\n/g)).toHaveLength(102);
  await using _open = await opened(file);
  expect(readFileSync(`${file}.pending`, 'utf8')).toBe(encodePending({ type: 'intent', ...nowWithId }));
  expect(readdirSync(join(file, '..')).sort()).toEqual(
    ['photos.journal', 'photos.journal.lock', 'photos.journal.lock.d', 'photos.journal.pending'].sort(),
  );
});

test('intents: in a long run the file is written anew now and then, and says the same', async () => {
  const file = join(folder(), 'photos.journal.pending');
  const { signal } = new AbortController();
  const nothing = new MemoryArchives();
  const intents = await openIntents(file, nothing, signal, { renewAfter: 2000 });
  const left: Intent[] = [];
  let largest = 0;
  const lane = async (lane: number): Promise<void> => {
    left.push(await intents.begin(at(lane), localFile(`left-${lane}`), null, parts));
    for (let i = 0; i < 100; i++) {
      const begun = await intents.begin(at(i), localFile(`f${lane}-${i}`), null, whole);
      const text = readFileSync(file, 'utf8');
      largest = Math.max(largest, text.length);
      const keys = text.split('\n').filter((line) => line.includes(`"key":${begun.key},`));
      expect(keys).toHaveLength(1);
      await intents.settle(begun, i === 99 ? 1 : 0);
    }
  };
  await Promise.all([1, 2, 3, 4].map(lane));
  await intents[Symbol.asyncDispose]();
  expect(largest).toBeLessThan(10_000);
  await using again = await openIntents(file, nothing, signal);
  expect(new Set(again.left)).toEqual(new Set(left));
  expect(again.possibleOrphans).toHaveLength(4);
});

test('intents: a torn last line is as if it had not been begun', async () => {
  const file = join(folder(), 'photos.journal');
  const first = encodePending({
    type: 'intent',
    key: 1,
    at: at(1),
    file: localFile('a'),
    supersedes: null,
    progress: parts,
  });
  const second = encodePending({ type: 'progress', key: 1, progress: completing });
  for (let end = 0; end < second.length; end++) {
    writeFileSync(`${file}.pending`, first + second.slice(0, end));
    await using open = await opened(file);
    expect(open.intents.left.map(({ progress }) => progress)).toEqual([parts]);
    await open.intents.advance(open.intents.left[0] as Intent, completing);
    expect(readFileSync(`${file}.pending`, 'utf8')).toBe(first + second);
  }
});

test.each([
  ['not json', /line 2 is broken: "not json"/],
  ['{"version":"B","type":"intent"}', /line 2 was written by a newer version/],
  ['{"type":"intent"}', /line 2 is in no known format/],
  ['{"version":"A","type":"odd"}', /line 2 is broken/],
  ['{"version":"A","type":"settled","key":9,"possibleOrphans":0}', /line 2 speaks of an intent that is not open/],
  [
    '{"version":"A","type":"possible-orphan","at":1,"file":{"path":"../x","size":1,"mtime":1}}',
    /line 2 is broken: name "..\/x" is not a plain relative path/,
  ],
])('intents: the damaged line %s stops with file and line, and nothing is changed', async (line, message) => {
  const file = join(folder(), 'photos.journal');
  const first = encodePending({ type: 'possible-orphan', file: localFile('a'), at: at(1) });
  writeFileSync(`${file}.pending`, first);
  appendFileSync(`${file}.pending`, `${line}\n`);
  const failure = await failureOf(opened(file));
  expect(failure.code).toBe('JOURNAL_DAMAGED');
  expect(failure.message).toContain(`${file}.pending: `);
  expect(failure.message).toMatch(message);
  expect(readFileSync(`${file}.pending`, 'utf8')).toBe(`${first}${line}\n`);
  expect(readdirSync(join(file, '..'))).toEqual(['photos.journal.pending']);
});

test('intents: what contradicts is a defect and is not written', async () => {
  const file = join(folder(), 'photos.journal');
  await using open = await opened(file);
  const intent = await open.intents.begin(at(1), localFile('a'), null, whole);
  await open.intents.settle(intent, 0);
  await expect(open.intents.settle(intent, 0)).rejects.toThrow(/not open/);
  expect(() => open.intents.settleByFact(intent)).toThrow(/not open/);
  await expect(open.intents.advance(intent, stored)).rejects.toThrow(/not open/);
});

test('intents: a line is read back as it was written', () => {
  const file = anyArchive.map(({ path, size, createdAt }) => ({ path, size, mtime: createdAt }));
  const progress = fc.constantFrom(whole, asked, parts, completing, stored);
  const line: fc.Arbitrary<PendingLine> = fc.oneof(
    fc.record({
      type: fc.constant('intent' as const),
      key: fc.nat(),
      at: fc.nat().map(at),
      file,
      supersedes: fc.option(fc.constant(old)),
      progress,
    }),
    fc.record({ type: fc.constant('progress' as const), key: fc.nat(), progress }),
    fc.record({ type: fc.constant('settled' as const), key: fc.nat(), possibleOrphans: fc.nat() }),
    fc.record({ type: fc.constant('possible-orphan' as const), file, at: fc.nat().map(at) }),
  );
  fc.assert(
    fc.property(line, (line) => {
      const text = encodePending(line);
      expect(text.indexOf('\n')).toBe(text.length - 1);
      expect(decodePending(text)).toEqual(line);
    }),
  );
});
