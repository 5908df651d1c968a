// Makes a vault's log shorter: leaves out the lines that mean nothing any more, and no others.

import type { LogLines } from '../durable/log-lines.js';
import { copyNeeded } from '../durable/log-writer.js';
import type { Shortener } from '../durable/short-log.js';
import { jobIsOver } from './job-topics.js';
import type { VaultRecord } from './records.js';
import { SettingsLines } from './settings-lines.js';
import { REMEMBERED_MS, type Upload, VaultState } from './vault-state.js';

/**
 * What is left of a log is the same lines in the same order, with counts of those that are missing between them, so that
 * it means after `now` what it meant before: also where inventories are taken daily, and to clients that hold markers.
 */
export const shortenVaultLog: Shortener = async (read, made, now) => {
  const needed = await neededLines(read(), now);
  return copyNeeded(read(), (record, number) => needed(record as VaultRecord, number), made);
};

type Needed = (record: VaultRecord, number: number) => boolean;

/** Reads the whole log, and tells which of its lines say something. Lines are numbered from 1. */
async function neededLines(pieces: AsyncIterable<LogLines>, now: number): Promise<Needed> {
  // Realistic, because such a vault remembers more: its last inventory.
  const state = new VaultState({ realistic: true });
  const settings = new SettingsLines();
  let [number, lastWrite, writeBeforeInventory, lastInventory] = [0, 0, 0, 0];
  for await (const { lines } of pieces) {
    for (const { record } of lines as readonly { readonly record: VaultRecord }[]) {
      number += 1;
      const { taken } = state.inventories;
      state.apply(record);
      if (state.inventories.taken !== taken) writeBeforeInventory = lastWrite;
      if (isWrite(record)) lastWrite = number;
      if (record.type === 'inventory') lastInventory = number;
      settings.see(record, number);
    }
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
      case 'outputs-expired':
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
