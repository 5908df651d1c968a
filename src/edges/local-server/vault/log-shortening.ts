// Makes a vault's log shorter: leaves out the lines that mean nothing any more, and no others.

import type { FileHandle } from 'node:fs/promises';
import { linesOfLog, type Shorten } from '../folder/record-log.js';
import type { ShortenedRecord, VaultRecord } from '../folder/records.js';
import { jobIsOver } from '../notices/job-topics.js';
import { SettingsLines } from './settings-lines.js';
import { REMEMBERED_MS, type Upload, VaultState } from './vault-state.js';

const WRITTEN_AT_ONCE = 256 * 1024;

/**
 * What is left of a log is the same lines in the same order, with counts of those that are missing between them, so that
 * it means after `now` what it meant before: also where inventories are taken daily, and to clients that hold markers.
 * @param path for messages
 */
export function shorterAt(now: number, path: string): Shorten {
  return async (source, size, made) => {
    const needed = await neededLines(linesOfLog(source, path, size), now);
    return copyNeeded(linesOfLog(source, path, size), needed, made);
  };
}

type Needed = (record: VaultRecord, number: number) => boolean;

/** Reads the whole log, and tells which of its lines say something. Lines are numbered from 1. */
async function neededLines(lines: AsyncIterable<{ readonly record: unknown }>, now: number): Promise<Needed> {
  // Realistic, because such a vault remembers more: its last inventory.
  const state = new VaultState({ realistic: true });
  const settings = new SettingsLines();
  let [number, lastWrite, writeBeforeInventory, lastInventory] = [0, 0, 0, 0];
  for await (const { record } of lines as AsyncIterable<{ record: VaultRecord }>) {
    number += 1;
    const { taken } = state.inventories;
    state.apply(record);
    if (state.inventories.taken !== taken) writeBeforeInventory = lastWrite;
    if (isWrite(record)) lastWrite = number;
    if (record.type === 'inventory') lastInventory = number;
    settings.see(record, number);
  }
  const pinned = new Set([lastWrite, writeBeforeInventory, lastInventory, ...settings.needed()]);
  const speaksOfNeeded = subjectsOf(state, now);
  return (record, number) => pinned.has(number) || speaksOfNeeded(record);
}

function isWrite({ type }: VaultRecord): boolean {
  return type === 'archive' || type === 'upload-completed' || type === 'archive-deleted';
}

/** Whether a record is about something that is there, or is remembered. */
function subjectsOf(state: VaultState, now: number): (record: VaultRecord) => boolean {
  const jobs = state.jobs.remembered(now).filter((job) => !jobIsOver(state.settings, job, now));
  const archives = new Set([
    ...state.archives.keys(),
    ...(state.inventories.taken?.archives ?? []).map(({ id }) => id),
    ...jobs.flatMap(({ archive }) => archive?.id ?? []),
  ]);
  const uploads = new Map<string, Upload>();
  for (const upload of state.uploads.values()) {
    if (!archives.has(upload.archiveId) && !isRemembered(upload, now)) continue;
    uploads.set(upload.id, upload);
    archives.add(upload.archiveId);
  }
  const jobIds = new Set(jobs.map(({ record }) => record.id));
  const files = new Map([...uploads].map(([id, upload]) => [id, filesOf(upload)]));
  return (record) => {
    switch (record.type) {
      case 'vault':
        return true;
      case 'archive':
      case 'archive-deleted':
        return archives.has(record.id);
      case 'upload':
      case 'upload-completed':
      case 'upload-aborted':
        return uploads.has(record.id);
      case 'part':
        return files.get(record.upload)?.has(record.file) === true;
      case 'job':
      case 'job-ended':
      case 'job-noticed':
        return jobIds.has(record.id);
      // Over, or among the lines that are pinned.
      case 'upload-expired':
      case 'inventory':
      case 'shortened':
      case 'notifications':
      case 'notifications-deleted':
      case 'access-policy':
      case 'access-policy-deleted':
      case 'lock':
      case 'lock-completed':
      case 'lock-aborted':
      case 'tags-added':
      case 'tags-removed':
        return false;
    }
  };
}

function isRemembered({ state }: Upload, now: number): boolean {
  return state.is === 'open' || now < state.at + REMEMBERED_MS;
}

/** Of the parts that count: those that were sent again have another file. */
function filesOf({ state, parts }: Upload): ReadonlySet<string> {
  if (state.is === 'completed') return new Set(state.archive.parts?.files);
  return new Set([...parts.values()].map(({ file }) => file));
}

async function copyNeeded(
  lines: AsyncIterable<{ readonly bytes: Buffer; readonly record: unknown }>,
  needed: Needed,
  made: FileHandle,
): Promise<number> {
  const writer = new ShorterLog(made);
  let number = 0;
  for await (const { bytes, record } of lines as AsyncIterable<{ bytes: Buffer; record: VaultRecord }>) {
    number += 1;
    await (needed(record, number) ? writer.keep(bytes) : writer.leaveOut(record));
  }
  return number - (await writer.end());
}

/** Lines that are kept, and between them how many were not. */
class ShorterLog {
  readonly #file: FileHandle;
  #chunks: Buffer[] = [];
  #size = 0;
  #written = 0;
  #leftOut: ShortenedRecord | null = null;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async keep(line: Buffer): Promise<void> {
    this.#tellLeftOut();
    this.#put(line);
    if (this.#size >= WRITTEN_AT_ONCE) await this.#flush();
  }

  leaveOut(record: VaultRecord): void {
    const lines = (this.#leftOut?.lines ?? 0) + (record.type === 'shortened' ? record.lines : 1);
    this.#leftOut = { type: 'shortened', lines, at: Math.max(this.#leftOut?.at ?? record.at, record.at) };
  }

  /** Gives the count of lines that were written. */
  async end(): Promise<number> {
    this.#tellLeftOut();
    await this.#flush();
    return this.#written;
  }

  #tellLeftOut(): void {
    if (this.#leftOut !== null) this.#put(Buffer.from(`${JSON.stringify(this.#leftOut)}\n`));
    this.#leftOut = null;
  }

  #put(line: Buffer): void {
    this.#chunks.push(line);
    this.#size += line.length;
    this.#written += 1;
  }

  async #flush(): Promise<void> {
    if (this.#size > 0) await this.#file.appendFile(Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#size = 0;
  }
}
