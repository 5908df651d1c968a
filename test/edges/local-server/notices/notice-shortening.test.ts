// The notices' log made shorter means what it meant, and is made shorter while messages come and go.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOG_FORMAT, lineOf } from '../../../../src/edges/local-server/durable/log-lines.js';
import { openLog } from '../../../../src/edges/local-server/durable/record-log.js';
import { shortenBy } from '../../../../src/edges/local-server/durable/short-log.js';
import type { NoticeRecord } from '../../../../src/edges/local-server/notices/notice-records.js';
import { shortenNotices } from '../../../../src/edges/local-server/notices/notice-shortening.js';
import { startLocalVault } from '../../../../src/edges/local-server/start.js';
import { compileServer, spawnVault } from '../spawned-vault.js';
import { queueOfTopic, receive, sns, sqs } from './notice-client.js';
import { NoticeHistorian, noticeHistories, noticesMeant, noticesOf } from './notice-history.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notice-shortening-'));
});
afterEach(() => rm(directory, { recursive: true }));

const place = () => ({ path: join(directory, 'log.ndjson'), first: 'notices' as const, tmp: directory });

async function shortened(records: readonly NoticeRecord[], now: number): Promise<NoticeRecord[]> {
  await writeFile(place().path, records.map(lineOf).join(''));
  const log = await openLog(place(), () => undefined);
  await log.rewrite(place(), shortenBy(shortenNotices, place(), now));
  const left: NoticeRecord[] = [];
  await (await openLog(place(), (record) => left.push(record as NoticeRecord))).close();
  expect(log.lines).toBe(left.length);
  await log.close();
  expect(await readdir(directory)).toEqual(['log.ndjson']);
  return left;
}

describe('a shortened log of notices', () => {
  test('means what it meant, also with all that comes after it', async () => {
    const property = fc.asyncProperty(noticeHistories(80), noticeHistories(30), async (steps, after) => {
      const historian = new NoticeHistorian(1_772_323_200_000);
      const before = [historian.begin(), ...historian.records(steps)];
      const { now } = historian;
      const left = await shortened(before, now);
      expect(noticesMeant(noticesOf(left), now)).toEqual(noticesMeant(noticesOf(before), now));
      expect(left.length).toBeLessThanOrEqual(noticesOf(before).linesNeeded);
      expect(await shortened(left, now)).toEqual(left);
      const more = historian.records(after);
      expect(noticesMeant(noticesOf([...left, ...more]), historian.now)).toEqual(
        noticesMeant(noticesOf([...before, ...more]), historian.now),
      );
    });
    await fc.assert(property, { numRuns: 150 });
  });

  test('has nothing of messages that were deleted, are too old, or were in a queue that is gone', async () => {
    const queue = (name: string, at: number): NoticeRecord => {
      const attributes = { MessageRetentionPeriod: '60', VisibilityTimeout: '30' };
      return { type: 'queue', arn: name, attributes, at };
    };
    const message = (name: string, id: string, at: number): NoticeRecord => {
      return { type: 'message', queue: name, id, body: id, sender: 's', at, delayMs: 0 };
    };
    const first: NoticeRecord = { type: 'notices', format: LOG_FORMAT, at: 0 };
    const records: NoticeRecord[] = [first, queue('q', 1), queue('gone', 1)];
    for (let i = 0; i < 200; i++) {
      records.push(message('q', `${i}`, i), { type: 'message-deleted', queue: 'q', id: `${i}`, at: i });
      records.push(message('gone', `g${i}`, i));
    }
    records.push({ type: 'queue-deleted', arn: 'gone', at: 300 });
    records.push(message('q', 'old', 1000), message('q', 'kept', 1001));
    expect(await shortened(records, 61_000)).toEqual([first, queue('q', 1), message('q', 'kept', 1001)]);
  });
});

describe('the log of notices', () => {
  let built: { script: string; folder: string };
  beforeAll(() => {
    built = compileServer();
  });
  afterAll(() => rm(built.folder, { recursive: true }));

  const linesOf = async (data: string): Promise<number> =>
    (await readFile(join(data, 'notices', 'log.ndjson'), 'utf8')).trimEnd().split('\n').length;

  test('is made shorter while messages come and go, and has all of them after kill -9', async () => {
    const data = join(directory, 'data');
    const vault = await spawnVault(built.script, { directory: data });
    const { topicArn, queueUrl } = await queueOfTopic(vault, 'jobs', true);
    const churn = async (lane: number): Promise<void> => {
      for (let i = 0; i < 120; i++) {
        await sns(vault, { Action: 'Publish', TopicArn: topicArn, Message: `${lane} ${i}` });
        const [message] = await receive(vault, queueUrl, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
        if (i < 115) await sqs(vault, 'DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: message!.ReceiptHandle });
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(churn));
    expect(await linesOf(data)).toBeLessThan(1100);
    await vault.kill();
    await using again = await startLocalVault({ directory: data });
    const left = new Set<string>();
    const url = `${again.endpoint}/${again.accountId}/jobs`;
    for (;;) {
      const messages = await receive(again, url, { VisibilityTimeout: 600 });
      if (messages.length === 0) break;
      for (const { Body } of messages) left.add(Body);
    }
    expect(left.size).toBe(8 * 5);
  });

  test('that is long is made shorter at the start', async () => {
    const data = join(directory, 'data');
    await (await startLocalVault({ directory: data })).close();
    const topics = Array.from({ length: 600 }, (_, i) => [
      { type: 'topic', arn: `${i}`, attributes: {}, at: i },
      { type: 'topic-deleted', arn: `${i}`, at: i },
    ]);
    const records = [{ type: 'notices', format: LOG_FORMAT, at: 0 }, ...topics.flat()];
    await writeFile(join(data, 'notices', 'log.ndjson'), records.map(lineOf).join(''));
    await (await startLocalVault({ directory: data })).close();
    expect(await linesOf(data)).toBe(1);
    expect(await readdir(join(data, 'tmp'))).toEqual([]);
  });
});
