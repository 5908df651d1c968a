// The story of uploads --resume: bring unfinished uploads to their end with the files that they were begun for.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Intent, Intents } from '../../journal/intents.js';
import type { Report } from '../../model/events.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import type { UploadId } from '../../model/identifiers.js';
import type { LocalFile } from '../../model/local-file.js';
import { printable } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { UploadListing } from '../../vault/port.js';
import { attempt, attemptUnforeseen, type Failures, reportUnforeseen } from '../items.js';
import { learnOutcome } from './leftovers.js';
import { type Continuation, continuationOf, type Holder, notResumable } from './resumable-upload.js';
import { type LeftUpload, type StorePorts, store } from './store.js';
import {
  type FoundUpload,
  intentsOf,
  isAmong,
  noSuchUpload,
  type UploadsPorts,
  unfinishedUploads,
  type WhichUploads,
} from './unfinished-uploads.js';

export interface ResumePorts extends StorePorts {
  readonly vault: StorePorts['vault'] & UploadListing;
  readonly directory: Pick<KeptDirectory, 'look' | 'settled'>;
}

export interface PlanResumePorts extends UploadsPorts {
  readonly directory: Pick<KeptDirectory, 'look'>;
  readonly journal: Holder;
  readonly report: Report;
}

export interface ResumeTally extends Failures {
  stored: number;
  storedBytes: number;
}

export function emptyResumeTally(): ResumeTally {
  return { stored: 0, storedBytes: 0, failed: 0 };
}

/**
 * Goes on with each upload whose file is there as it was. Parts that the vault has are compared by their tree hash and
 * sent again only where they differ. What cannot be gone on with is named, and left alone.
 * @param width parts under way at once
 * @throws Failure when it concerns the run
 */
export async function resumeUploads(
  which: WhichUploads,
  width: number,
  ports: ResumePorts,
  tally: ResumeTally,
  halt: Halt,
): Promise<void> {
  const { live } = ports.journal;
  const journal: Holder = { live, canHold: (path) => ports.journal.canHold(path) };
  const completing = beingCompleted(which, ports.intents.left);
  for (const upload of completing) {
    throwIfInterrupted(halt.soon);
    await attempt(upload.file.path, tally, ports.report, () => complete(upload, ports, tally, halt));
  }
  for (const upload of await mostHeldFirst(which, completing, { ...ports, left: ports.intents.left }, tally, halt)) {
    throwIfInterrupted(halt.soon);
    const next = await continuation(upload, { ...ports, journal }, tally);
    if (next === null) continue;
    await attempt(next.file.path, tally, ports.report, async () => {
      await resume(upload, next, width, ports, halt);
      tally.stored++;
      tally.storedBytes += next.file.size;
    });
  }
}

/** What it would go on with, as 'planned' events. The vault is asked what it holds; nothing is written. */
export async function planResumeUploads(
  which: WhichUploads,
  ports: PlanResumePorts,
  tally: ResumeTally,
  halt: Halt,
): Promise<void> {
  const planned = new Set<string>();
  const plan = (uploadId: UploadId, { path, size }: LocalFile): void => {
    planned.add(path);
    ports.report({ event: 'planned', do: 'resume', path, size, uploadId });
    tally.stored++;
    tally.storedBytes += size;
  };
  const completing = beingCompleted(which, ports.left);
  for (const { asked, file } of completing) plan(asked.uploadId, file);
  for (const upload of await mostHeldFirst(which, completing, ports, tally, halt)) {
    const next = await continuation(upload, ports, tally, planned);
    if (next !== null) plan(upload.uploadId, next.file);
  }
}

/** Of several uploads of one file the one that saves most is taken. Those that are being completed are passed over. */
async function mostHeldFirst(
  which: WhichUploads,
  completing: readonly BeingCompleted[],
  ports: UploadsPorts & { readonly report: Report },
  tally: ResumeTally,
  halt: Halt,
): Promise<FoundUpload[]> {
  const passedOver = new Set<string>(completing.map(({ asked }) => asked.uploadId));
  const found: FoundUpload[] = [];
  for await (const upload of unfinishedUploads(which, ports, halt)) {
    if (!passedOver.has(upload.uploadId)) found.push(upload);
  }
  for (const id of which === 'all' ? [] : which.ids) {
    if (passedOver.has(id) || found.some(({ uploadId }) => uploadId === id)) continue;
    tally.failed++;
    reportUnforeseen(id, noSuchUpload(id), ports.report);
  }
  return found.sort((a, b) => b.heldBytes - a.heldBytes);
}

interface BeingCompleted {
  readonly intent: Intent;
  readonly asked: Extract<Intent['progress'], { step: 'completing' }>;
  readonly file: LocalFile;
}

/**
 * Uploads whose completion was asked for. The vault may not list them any more, because it has completed them, and then
 * nothing else on this machine knows the archive.
 */
function beingCompleted(which: WhichUploads, left: readonly Intent[]): BeingCompleted[] {
  return left.flatMap((intent) => {
    const { progress, file } = intent;
    return progress.step === 'completing' && isAmong(which, progress.uploadId)
      ? [{ intent, asked: progress, file }]
      : [];
  });
}

/** It needs no file: asking again gives the same archive. */
async function complete(
  { intent, asked, file }: BeingCompleted,
  ports: ResumePorts,
  tally: ResumeTally,
  halt: Halt,
): Promise<void> {
  ports.report({ event: 'ahead', files: 1, bytes: 0 });
  await learnOutcome(intent, asked, ports, halt);
  for (const other of intentsOf(asked.uploadId, ports.intents.left)) {
    if (other !== intent) await ports.intents.settle(other, 0);
  }
  const isStored = ports.journal.live.versionsOf(file.path).some(({ treeHash }) => treeHash === asked.treeHash);
  if (!isStored) throw new Failure('VAULT_REFUSED', `the vault could not complete upload ${asked.uploadId}`);
  tally.stored++;
  tally.storedBytes += file.size;
}

/**
 * Null when it cannot be gone on with, which is told and counted.
 * @param planned files that another upload is to store
 */
async function continuation(
  upload: FoundUpload,
  ports: Pick<PlanResumePorts, 'directory' | 'journal' | 'report'>,
  tally: ResumeTally,
  planned: ReadonlySet<string> = new Set(),
): Promise<Continuation | null> {
  let next: Continuation | null = null;
  await attemptUnforeseen(upload.described?.filename ?? upload.uploadId, tally, ports.report, async () => {
    const found = continuationOf(upload, ports.directory, ports.journal);
    if (planned.has(found.file.path)) throw notResumable(upload, 'another upload of its file has more');
    next = found;
  });
  return next;
}

async function resume(
  upload: FoundUpload,
  { file, old, older }: Continuation,
  width: number,
  ports: ResumePorts,
  halt: Halt,
): Promise<void> {
  ports.report({ event: 'ahead', files: 1, bytes: file.size });
  await ports.directory.settled(file, halt.soon);
  const left = await announced(upload, file, ports);
  await store({ file, old, left, partSize: upload.partSize, width }, ports, halt);
  if (older !== null) {
    ports.report({
      event: 'notice',
      topic: 'older-version-remains',
      message: `an older version of ${printable(file.path)} remains: archive ${older.id}`,
      hint: `mtglacier rm --id=${older.id} deletes it`,
    });
  }
}

/** The intent that was begun for the upload, or a new one: nothing is sent before it is on disk. */
async function announced(
  { uploadId, partSize, intents: [known] }: FoundUpload,
  file: Continuation['file'],
  { intents, clock }: { readonly intents: Intents; readonly clock: ResumePorts['clock'] },
): Promise<LeftUpload> {
  const progress = { step: 'parts', partSize, uploadId } as const;
  if (known !== undefined) return { ...known, progress };
  const { path, size, mtime } = file;
  const begun = await intents.begin(clock.now(), { path, size, mtime }, null, {
    step: 'parts',
    partSize,
    uploadId: null,
  });
  return { ...(await intents.advance(begun, progress)), progress };
}
