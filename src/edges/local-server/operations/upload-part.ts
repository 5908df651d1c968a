// UploadMultipartPart: one range of an archive under way.

import { renameSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AnnouncedBody,
  type CheckedBody,
  type ReceivedBody,
  receiveAndDiscard,
  receiveToFile,
} from '../bodies/body.js';
import { invalidParameter } from '../protocol/errors.js';
import { type Answer, announcedSize, type Call, requiredHeader, treeHashHeader } from '../protocol/exchange.js';
import { newSuffix } from '../protocol/ids.js';
import type { Vault } from '../vault/vault.js';
import type { Upload } from '../vault/vault-state.js';
import type { Service } from './service.js';
import { openUpload, vaultWithoutIdle } from './uploads.js';

const PARTS_MAX = 10_000;

interface PartPlace {
  readonly vault: Vault;
  readonly upload: Upload;
  readonly index: number;
}

/** The same range may come again; the last one that came whole holds. */
export async function uploadMultipartPart(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const upload = openUpload(vault, call.names.upload);
  const range = requiredHeader(call, 'content-range');
  const size = announcedSize(call, Number.MAX_SAFE_INTEGER);
  const index = indexOf(upload, range, size);
  const sha256 = requiredHeader(call, 'x-amz-content-sha256');
  const announced = { size, sha256, treeHash: treeHashHeader(call) };
  upload.receiving += 1;
  try {
    await receivePart(service, call, { vault, upload, index }, announced);
  } finally {
    upload.receiving -= 1;
  }
  return { status: 204, headers: { 'x-amz-sha256-tree-hash': announced.treeHash } };
}

async function receivePart(service: Service, call: Call, place: PartPlace, announced: AnnouncedBody): Promise<void> {
  if (place.upload.discarded === true) {
    const body = await receiveAndDiscard(call.incoming, announced, service.hashing);
    recordPart(service, place, body, fileNameOf(place));
    return;
  }
  const { vault, upload } = place;
  const replaced = await land(
    service,
    place,
    await receiveToFile(call.incoming, vault.tmp, announced, service.hashing),
  );
  if (replaced !== undefined) await removeReplaced(vault, upload, replaced);
}

/** Which part this range is. @throws ApiError when it is none of this upload */
function indexOf(upload: Upload, header: string, size: number): number {
  const [, first, last] = /^bytes (\d{1,15})-(\d{1,15})\/\*$/.exec(header) ?? [];
  const [start, end] = [Number(first), Number(last) + 1];
  if (first === undefined || end <= start) throw invalidParameter(`Invalid Content-Range: ${header}`);
  if (end - start !== size) {
    throw invalidParameter(`Content-Range: ${header} is incompatible with Content-Length: ${size}`);
  }
  if (start % upload.partSize !== 0 || size > upload.partSize) {
    throw invalidParameter(`Invalid Content-Range: ${header}`);
  }
  const index = start / upload.partSize;
  if (index < PARTS_MAX) return index;
  throw invalidParameter(
    `This is part number ${index + 1} for the current multipart upload. It exceeds the limit of ${PARTS_MAX} parts.`,
  );
}

/** A name of its own: until the record is written, the earlier part of this range is the true one. */
function fileNameOf({ index }: PartPlace): string {
  return `${String(index).padStart(5, '0')}~${newSuffix()}`;
}

/** Makes the body a part, and gives the file that it replaces. */
async function land(service: Service, place: PartPlace, body: ReceivedBody): Promise<string | undefined> {
  const { vault, upload } = place;
  const file = fileNameOf(place);
  const directory = join(vault.archives, upload.archiveId);
  try {
    if (body.leaves !== null) await writeFile(join(vault.leaves, upload.archiveId, file), body.leaves);
    renameSync(body.file, join(directory, file));
    return recordPart(service, place, body, file, directory);
  } catch (cause) {
    await rm(body.file, { force: true });
    await rm(join(directory, file), { force: true });
    await rm(join(vault.leaves, upload.archiveId, file), { force: true });
    // Aborting takes the folder away under a part that is on its way.
    openUpload(vault, upload.id);
    throw cause;
  }
}

function recordPart(
  service: Service,
  { vault, upload, index }: PartPlace,
  { size, treeHash }: CheckedBody,
  file: string,
  ...directories: readonly string[]
): string | undefined {
  const replaced = openUpload(vault, upload.id).parts.get(index)?.file;
  vault.record({ type: 'part', upload: upload.id, index, size, treeHash, file, at: service.now() }, ...directories);
  return replaced;
}

async function removeReplaced(vault: Vault, upload: Upload, file: string): Promise<void> {
  await vault.settled();
  await rm(join(vault.archives, upload.archiveId, file), { force: true });
  await rm(join(vault.leaves, upload.archiveId, file), { force: true });
}
