// Topics, subscriptions, queues and messages on disk: one log, of which all of them follow.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../durable/durable-file.js';
import { LOG_FORMAT } from '../durable/log-lines.js';
import type { LogPlace } from '../durable/log-writer.js';
import { openLog } from '../durable/record-log.js';
import { ShortLog } from '../durable/short-log.js';
import { serviceUnavailable } from '../protocol/errors.js';
import type { NoticeRecord } from './notice-records.js';
import { shortenNotices } from './notice-shortening.js';
import { NoticeState } from './notice-state.js';

/** The state, and the log that it follows from. */
export class NoticeStore {
  readonly state: NoticeState;
  readonly #log: ShortLog;

  constructor(state: NoticeState, log: ShortLog) {
    this.state = state;
    this.#log = log;
  }

  /** The fact holds from now on; it may be told to nobody before `settled`. */
  record(record: NoticeRecord): void {
    this.state.apply(record);
    this.#log.append(record);
  }

  /** @throws ApiError when the log could not be written: nothing since is promised */
  async settled(): Promise<void> {
    try {
      await this.#log.settled();
    } catch (cause) {
      throw serviceUnavailable(`The log of notices cannot be written: ${(cause as Error).message}`);
    }
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/**
 * Opens the log in `directory`, which is made when it is not there.
 * @param tmp where half-made files lie, on the same file system
 * @throws Failure CONFIG when the log is damaged, or a newer program wrote it
 */
export async function openNoticeStore(directory: string, tmp: string, now: number): Promise<NoticeStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const place: LogPlace = { path: join(directory, 'log.ndjson'), first: 'notices', tmp };
  const state = new NoticeState();
  const log = await openLog(place, (record) => state.apply(record as NoticeRecord));
  const isNew = log.lines === 0;
  const short = new ShortLog({ log, place, shortener: shortenNotices, linesNeeded: state.linesNeeded });
  const store = new NoticeStore(state, short);
  await short.shorten(now);
  if (!isNew) return store;
  store.record({ type: 'notices', format: LOG_FORMAT, at: now });
  await store.settled();
  await syncDirectory(directory);
  await syncDirectory(join(directory, '..'));
  return store;
}
