// Storing one file: intent, bytes, fact, and only then the end of the version before it. The order is the promise.

import type { Intent, Intents, UploadProgress } from '../../journal/intents.js';
import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import { encodeDescription } from '../../model/description.js';
import type { Report } from '../../model/events.js';
import { asFailure, isUnanswered } from '../../model/failure.js';
import type { HashEngine } from '../../model/hash-engine.js';
import type { ArchiveId, UploadId } from '../../model/identifiers.js';
import type { LocalFile } from '../../model/local-file.js';
import { type ByteRange, MIB, partSizeFor, rangesOf } from '../../model/parts.js';
import { printable } from '../../model/rel-path.js';
import { combineTreeHashes, type TreeHash } from '../../model/tree-hash.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import type { Deleting, Uploading } from '../../vault/port.js';
import { forgetAnnounced } from '../deleting/forget.js';
import { recordSent, type Sent } from './stored.js';

export interface StorePorts {
  readonly vault: Uploading & Deleting;
  readonly journal: Journal;
  readonly intents: Intents;
  readonly transfer: Transfer;
  readonly engine: HashEngine;
  readonly clock: Clock;
  readonly report: Report;
}

export interface StoreRequest {
  readonly file: LocalFile;
  /** The version that this one replaces. */
  readonly old: Pick<Archive, 'id' | 'path'> | null;
  /** An upload of this very file that an earlier run left unfinished. */
  readonly left: LeftUpload | null;
  /** Wished-for bytes a part; raised where the file needs it. */
  readonly partSize: number;
  /** Parts of this file that may be under way at once. */
  readonly width: number;
  /** Told of bytes when they begin to be sent. */
  readonly spend?: (bytes: number) => void;
}

/** An intent whose upload can be gone on with. */
export type LeftUpload = Intent & { readonly progress: { readonly step: 'parts'; readonly uploadId: UploadId } };

/** Above this many bytes content goes in parts even where one part would hold it: a broken request then costs less. */
export const WHOLE_MAX = 64 * MIB;

/**
 * Stores the file, then forgets the old version. When this ends, both facts are in the journal.
 * @throws Failure; whatever instant it fails at, the fact or the intent is on disk
 */
export async function store(request: StoreRequest, ports: StorePorts, halt: Halt): Promise<void> {
  const { file, old } = request;
  const sent =
    file.size <= Math.min(request.partSize, WHOLE_MAX) && request.left === null
      ? await sendWhole(request, ports, halt)
      : await sendInParts(request, ports, halt);
  await recordSent(file, sent, ports);
  const { intent } = sent;
  if (old !== null) {
    const done = await ports.intents.advance(intent, { step: 'stored' });
    await forgetAnnounced(old, 'superseded', ports, halt);
    return ports.intents.settleByFact(done);
  }
  ports.intents.settleByFact(intent);
}

async function sendWhole(request: StoreRequest, ports: StorePorts, halt: Halt): Promise<Sent> {
  const { file } = request;
  const description = encodeDescription({ filename: file.path, mtime: file.mtime });
  request.spend?.(file.size);
  return inOneRequest(request, ports, () => ports.transfer.sendWhole(file, description, halt.now));
}

/** Announces the one request that `send` makes. */
export async function inOneRequest(
  request: Pick<StoreRequest, 'file' | 'old'>,
  ports: Pick<StorePorts, 'intents' | 'clock'>,
  send: () => Promise<Pick<Sent, 'stored' | 'treeHash'>>,
): Promise<Sent> {
  const intent = await beginIntent(request, { step: 'whole' }, ports);
  try {
    const { stored, treeHash } = await send();
    return { stored, treeHash, intent, resumed: 0 };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (!isUnanswered(failure.code)) await ports.intents.settle(intent, 0);
    throw failure;
  }
}

async function sendInParts(request: StoreRequest, ports: StorePorts, halt: Halt): Promise<Sent> {
  const { vault, intents } = ports;
  const { file } = request;
  const { intent: begun, uploadId, partSize, held } = await openUpload(request, ports, halt);
  let intent = begun;
  try {
    const { treeHash, resumed } = await sendParts(request, uploadId, partSize, held, ports, halt);
    intent = await intents.advance(begun, { step: 'completing', partSize, uploadId, treeHash });
    const stored = await vault.completeUpload(uploadId, file.size, treeHash, halt.now);
    return { stored, treeHash, intent, resumed };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'FILE_CHANGED' || failure.code === 'FILE_VANISHED')
      await abandon(intent, uploadId, ports, halt);
    // An upload that is gone when it is to be completed may have been completed by a request whose answer was lost.
    else if (failure.code === 'UPLOAD_NOT_FOUND') await intents.settle(intent, intent === begun ? 0 : 1);
    throw failure;
  }
}

/** Drops an upload that can never be completed. */
export async function abandon(
  intent: Intent,
  uploadId: UploadId,
  ports: { readonly vault: Pick<Uploading, 'abandonUpload'>; readonly intents: Intents },
  halt: Halt,
): Promise<void> {
  await ports.vault.abandonUpload(uploadId, halt.now);
  await ports.intents.settle(intent, 0);
}

interface OpenUpload {
  readonly intent: Intent;
  readonly uploadId: UploadId;
  readonly partSize: number;
  /** Parts that the vault has already, by the offset of their first byte. */
  readonly held: ReadonlyMap<number, TreeHash>;
}

/** The upload that an earlier run left, if the vault still has it; else a new one. */
async function openUpload(request: StoreRequest, ports: StorePorts, halt: Halt): Promise<OpenUpload> {
  const { left } = request;
  if (left !== null) {
    const held = await heldParts(left.progress.uploadId, ports, halt);
    if (held !== null) {
      const { uploadId, partSize } = left.progress;
      return { intent: left, uploadId, partSize, held };
    }
    await ports.intents.settle(left, 0);
  }
  return beginUpload(request, ports, halt);
}

async function heldParts(upload: UploadId, ports: StorePorts, halt: Halt): Promise<Map<number, TreeHash> | null> {
  const held = new Map<number, TreeHash>();
  try {
    for await (const part of ports.vault.uploadedParts(upload, halt.now)) held.set(part.range.start, part.treeHash);
    return held;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'UPLOAD_NOT_FOUND') return null;
    throw failure;
  }
}

async function beginUpload(request: StoreRequest, ports: StorePorts, halt: Halt): Promise<OpenUpload> {
  const { file } = request;
  const description = encodeDescription({ filename: file.path, mtime: file.mtime });
  const partSize = partSizeFor(file.size, request.partSize);
  if (partSize > request.partSize) noticeRaised(file, partSize, ports.report);
  const intent = await beginIntent(request, { step: 'parts', partSize, uploadId: null }, ports);
  const uploadId = await ports.vault.beginUpload(partSize, description, halt.now);
  const begun = await ports.intents.advance(intent, { step: 'parts', partSize, uploadId });
  ports.report({ event: 'upload-begun', path: file.path, uploadId });
  return { intent: begun, uploadId, partSize, held: new Map() };
}

function noticeRaised(file: LocalFile, partSize: number, report: Report): void {
  const mib = partSize / MIB;
  report({
    event: 'notice',
    topic: 'part-size-raised',
    message: `${printable(file.path)} is sent in parts of ${mib} MiB, so that it needs no more than 10,000`,
    hint: null,
  });
}

function beginIntent(
  request: Pick<StoreRequest, 'file' | 'old'>,
  progress: UploadProgress,
  ports: Pick<StorePorts, 'intents' | 'clock'>,
): Promise<Intent> {
  const supersedes: ArchiveId | null = request.old?.id ?? null;
  const { path, size, mtime } = request.file;
  return ports.intents.begin(ports.clock.now(), { path, size, mtime }, supersedes, progress);
}

/** Sends the parts that are not there yet, many at a time, and gives the tree hash of the whole. */
async function sendParts(
  request: StoreRequest,
  upload: UploadId,
  partSize: number,
  held: ReadonlyMap<number, TreeHash>,
  ports: StorePorts,
  halt: Halt,
): Promise<{ treeHash: TreeHash; resumed: number }> {
  const { file, width, spend } = request;
  const hashes: TreeHash[] = [];
  let resumed = 0;
  await forEachConcurrently(rangesOf(file.size, partSize), width, halt, async (range: ByteRange) => {
    const heldHash = held.get(range.start) ?? null;
    const size = range.end - range.start;
    // What the vault has is mostly not sent again.
    if (heldHash === null) spend?.(size);
    const part = await ports.transfer.sendPart(file, upload, range, heldHash, halt.now);
    hashes[range.start / partSize] = part.treeHash;
    if (part.sent && heldHash !== null) spend?.(size);
    if (part.sent) ports.report({ event: 'part-sent', path: file.path, at: range.start });
    else resumed += size;
  });
  return { treeHash: combineTreeHashes(hashes, ports.engine), resumed };
}
