// Topics, subscriptions, queues and messages on disk: one log, of which all of them follow.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openLog, type RecordLog, syncDirectory } from '../folder/record-log.js';
import { serviceUnavailable } from '../http/errors.js';
import type { NoticeRecord } from './notice-records.js';
import { NoticeState } from './notice-state.js';

export class NoticeStore {
  readonly state: NoticeState;
  readonly #log: RecordLog;

  constructor(state: NoticeState, log: RecordLog) {
    this.state = state;
    this.#log = log;
  }

  /** The fact holds from now on; it may be told to nobody before `settled`. */
  record(record: NoticeRecord): void {
    this.state.apply(record);
    this.#log.append(record, []);
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
 * @throws Failure CONFIG when the log is damaged, or a newer program wrote it
 */
export async function openNoticeStore(directory: string, now: number): Promise<NoticeStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'log.ndjson');
  const state = new NoticeState();
  let isNew = true;
  const log = await openLog(path, (record) => {
    isNew = false;
    state.apply(record as NoticeRecord);
  });
  const store = new NoticeStore(state, log);
  if (!isNew) return store;
  store.record({ type: 'notices', format: 1, at: now });
  await store.settled();
  await syncDirectory(directory);
  await syncDirectory(join(directory, '..'));
  return store;
}
