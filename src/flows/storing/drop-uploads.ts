// The story of uploads --abort: drop unfinished uploads and the parts that they hold, and settle what was begun for them.

import type { Intent, Intents } from '../../journal/intents.js';
import { decodeDescription } from '../../model/description.js';
import type { Report } from '../../model/events.js';
import type { UploadId } from '../../model/identifiers.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Uploading, UploadListing } from '../../vault/port.js';
import { attempt, type Failures, reportUnforeseen } from '../items.js';
import { intentsOf, isAmong, noSuchUpload, type WhichUploads } from './unfinished-uploads.js';

export interface DropPorts {
  readonly vault: UploadListing & Pick<Uploading, 'abandonUpload'>;
  /** Those of the journal, where one is given. */
  readonly intents: Intents | null;
  readonly report: Report;
}

export interface DropTally extends Failures {
  dropped: number;
}

export function emptyDropTally(): DropTally {
  return { dropped: 0, failed: 0 };
}

/** @throws Failure when it concerns the run */
export async function dropUploads(
  which: WhichUploads,
  width: number,
  ports: DropPorts,
  tally: DropTally,
  halt: Halt,
): Promise<void> {
  const left = ports.intents?.left ?? [];
  const found = await uploadsToDrop(which, { ...ports, left }, tally, halt);
  ports.report({ event: 'ahead', files: found.length, bytes: 0 });
  await forEachConcurrently(found, width, halt, (upload) =>
    attempt(upload.path ?? upload.uploadId, tally, ports.report, async () => {
      await drop(upload, ports, halt);
      tally.dropped++;
    }),
  );
}

/** What it would drop, as 'planned' events. */
export async function planDropUploads(
  which: WhichUploads,
  ports: FindPorts,
  tally: DropTally,
  halt: Halt,
): Promise<void> {
  for (const upload of await uploadsToDrop(which, ports, tally, halt)) {
    ports.report({ event: 'planned', do: 'abandon', ...upload });
    tally.dropped++;
  }
}

interface FindPorts {
  readonly vault: UploadListing;
  /** What the journal's pending file holds; empty without a journal. */
  readonly left: readonly Intent[];
  readonly report: Report;
}

interface UploadToDrop {
  readonly uploadId: UploadId;
  /** The name that it was begun with, if any. */
  readonly path: string | null;
}

/** Also those that the vault no longer has but that the journal's pending file still counts on. */
async function uploadsToDrop(
  which: WhichUploads,
  { vault, left, report }: FindPorts,
  tally: DropTally,
  halt: Halt,
): Promise<UploadToDrop[]> {
  const found = new Map<string, UploadToDrop>();
  for await (const { uploadId, description } of vault.unfinishedUploads(halt.now)) {
    if (!isAmong(which, uploadId)) continue;
    found.set(uploadId, { uploadId, path: decodeDescription(description)?.filename ?? null });
  }
  for (const id of which === 'all' ? [] : which.ids.filter((id) => !found.has(id))) {
    const [intent] = intentsOf(id, left);
    if (intent !== undefined) found.set(id, { uploadId: id as UploadId, path: intent.file.path });
    else refuse(id, tally, report);
  }
  return [...found.values()];
}

function refuse(id: string, tally: DropTally, report: Report): void {
  tally.failed++;
  reportUnforeseen(id, noSuchUpload(id), report);
}

async function drop(
  { uploadId, path }: UploadToDrop,
  { vault, intents, report }: DropPorts,
  halt: Halt,
): Promise<void> {
  await vault.abandonUpload(uploadId, halt.now);
  for (const intent of intentsOf(uploadId, intents?.left ?? [])) {
    // A completion that was asked for and never answered may have made an archive before the upload was dropped.
    await intents?.settle(intent, intent.progress.step === 'completing' ? 1 : 0);
  }
  report({ event: 'abandoned', path, uploadId });
}
