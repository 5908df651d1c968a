// InitiateMultipartUpload, CompleteMultipartUpload, AbortMultipartUpload, ListParts, ListMultipartUploads.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeEngine } from '../../../model/hash-engine.js';
import { combineTreeHashes, TreeHash } from '../../../model/tree-hash.js';
import { invalidParameter, notFound } from '../protocol/errors.js';
import { type Answer, type Call, descriptionOf, requiredHeader, timeOf, treeHashHeader } from '../protocol/exchange.js';
import { newArchiveId, newUploadId } from '../protocol/ids.js';
import { pageOf, parsePage, positionOf } from '../protocol/paging.js';
import type { Archive } from '../vault/archive.js';
import type { Vault } from '../vault/vault.js';
import { REMEMBERED_MS, type Upload } from '../vault/vault-state.js';
import { arnOf, locationOf, type Service, vaultOf } from './service.js';

const MIB = 1024 * 1024;
const PART_SIZE_MAX = 4096 * MIB;
const PAGE_MAX = 50;

export async function initiateMultipartUpload(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const partSize = parsePartSize(requiredHeader(call, 'x-amz-part-size'));
  const description = descriptionOf(call);
  const [id, archiveId] = [newUploadId(), newArchiveId()];
  const { discards } = vault.options;
  if (!discards) for (const parent of [vault.archives, vault.leaves]) await mkdir(join(parent, archiveId));
  const discarded = discards ? { discarded: true as const } : {};
  vault.record(
    { type: 'upload', id, archiveId, partSize, description, ...discarded, at: service.now() },
    vault.archives,
  );
  const headers = {
    Location: locationOf(service, `${call.names.vault}/multipart-uploads/${id}`),
    'x-amz-multipart-upload-id': id,
  };
  return { status: 201, headers };
}

export async function completeMultipartUpload(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const size = requiredHeader(call, 'x-amz-archive-size');
  const treeHash = treeHashHeader(call);
  const upload = rememberedUpload(service, vault, call.names.upload);
  if (upload.state.is === 'aborted') throw uploadNotFound(upload.id);
  if (upload.state.is === 'completed') {
    checkRepeated(upload.state.archive, size, treeHash);
    return completed(service, call, upload.state.archive);
  }
  checkComplete(upload, size, treeHash);
  vault.record({ type: 'upload-completed', id: upload.id, size: Number(size), treeHash, at: service.now() });
  return completed(service, call, { id: upload.archiveId, treeHash });
}

/** Aborting twice is aborting once; what is complete cannot be aborted. */
export async function abortMultipartUpload(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const upload = rememberedUpload(service, vault, call.names.upload);
  if (upload.state.is === 'completed') throw uploadNotFound(upload.id);
  if (upload.state.is === 'open') {
    vault.record({ type: 'upload-aborted', id: upload.id, at: service.now() });
    await vault.settled();
    await vault.removeBytes(upload.archiveId);
  }
  return { status: 204 };
}

export async function listParts(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const upload = openUpload(vault, call.names.upload);
  const { limit, marker } = parsePage(call.query, PAGE_MAX);
  const first = positionOf(marker);
  const parts = [...upload.parts.values()]
    .filter((part) => part.index * upload.partSize >= first)
    .sort((a, b) => a.index - b.index);
  const { page, next } = pageOf(parts, limit, (part) => String(part.index * upload.partSize));
  const json = {
    ...descriptionOfUpload(service, vault, upload),
    Marker: next,
    Parts: page.map(({ index, size, treeHash }) => ({
      RangeInBytes: `${index * upload.partSize}-${index * upload.partSize + size - 1}`,
      SHA256TreeHash: treeHash,
    })),
  };
  return { status: 200, json };
}

export async function listMultipartUploads(service: Service, call: Call): Promise<Answer> {
  const vault = await vaultWithoutIdle(service, call);
  const { limit, marker } = parsePage(call.query, PAGE_MAX);
  const first = positionOf(marker);
  const open = [...vault.state.uploads.values()].filter(
    (upload) => upload.state.is === 'open' && upload.sequence >= first,
  );
  const { page, next } = pageOf(open, limit, (upload) => String(upload.sequence));
  const uploads = page.map((upload) => descriptionOfUpload(service, vault, upload));
  return { status: 200, json: { Marker: next, UploadsList: uploads } };
}

/** The vault, in which no upload is left that stood still for too long. @throws ApiError when there is none */
export async function vaultWithoutIdle(service: Service, call: Call): Promise<Vault> {
  const vault = vaultOf(service, call);
  await vault.expire(service.now());
  return vault;
}

/** @throws ApiError when the upload is unknown here, or has ended */
export function openUpload(vault: Vault, id: string): Upload {
  const upload = vault.state.uploads.get(id);
  if (upload?.state.is !== 'open') throw uploadNotFound(id);
  return upload;
}

function rememberedUpload(service: Service, vault: Vault, id: string): Upload {
  const upload = vault.state.uploads.get(id);
  if (upload === undefined) throw uploadNotFound(id);
  if (upload.state.is !== 'open' && upload.state.at + REMEMBERED_MS <= service.now()) throw uploadNotFound(id);
  return upload;
}

function uploadNotFound(id: string): Error {
  return notFound(`The upload ID was not found: ${id}`);
}

function parsePartSize(text: string): number {
  const size = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (size >= MIB && size <= PART_SIZE_MAX && Number.isInteger(Math.log2(size))) return size;
  throw invalidParameter(
    `Invalid part size: ${text}. Part size must not be null, must be a power of two and be between ` +
      `${MIB} and ${PART_SIZE_MAX} bytes.`,
  );
}

/** The parts must lie one after another, all but the last of the part size, and give this size and tree hash. */
function checkComplete(upload: Upload, size: string, treeHash: string): void {
  const parts = [...upload.parts.values()].sort((a, b) => a.index - b.index);
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const gap = parts.some((part, i) => part.index !== i || (i < parts.length - 1 && part.size !== upload.partSize));
  if (parts.length === 0 || gap) {
    throw invalidParameter('The parts uploaded so far do not cover the archive without a gap.');
  }
  if (!/^\d{1,15}$/.test(size) || Number(size) !== total) {
    throw invalidParameter(`Invalid x-amz-archive-size: ${size}. The parts uploaded so far have ${total} bytes.`);
  }
  const computed = combineTreeHashes(
    parts.map((part) => TreeHash.parse(part.treeHash)),
    nodeEngine,
  );
  if (computed !== treeHash) throw invalidParameter(`Invalid x-amz-sha256-tree-hash: ${treeHash}`);
}

/** What is complete can be completed again as it was, and not as something else. */
function checkRepeated(archive: Archive, size: string, treeHash: string): void {
  if (Number(size) !== archive.size) {
    throw invalidParameter(`Invalid x-amz-archive-size: ${size}. The archive has ${archive.size} bytes.`);
  }
  if (treeHash !== archive.treeHash) throw invalidParameter(`Invalid x-amz-sha256-tree-hash: ${treeHash}`);
}

function completed(service: Service, call: Call, archive: Pick<Archive, 'id' | 'treeHash'>): Answer {
  const headers = {
    Location: locationOf(service, `${call.names.vault}/archives/${archive.id}`),
    'x-amz-archive-id': archive.id,
    'x-amz-sha256-tree-hash': archive.treeHash,
  };
  return { status: 201, headers };
}

function descriptionOfUpload(service: Service, vault: Vault, upload: Upload): object {
  return {
    ArchiveDescription: upload.description === '' ? null : upload.description,
    CreationDate: timeOf(upload.at),
    MultipartUploadId: upload.id,
    PartSizeInBytes: upload.partSize,
    VaultARN: arnOf(service, vault.state.name),
  };
}
