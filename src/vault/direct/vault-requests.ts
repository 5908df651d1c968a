// The requests that go over our own client, as Glacier wants them.

import type { ArchiveId, JobId, UploadId, VaultName } from '../../model/identifiers.js';
import type { ByteRange } from '../../model/parts.js';
import type { TreeHash } from '../../model/tree-hash.js';
import type { Body } from '../port.js';
import { encoded } from './signature.js';

type Header = readonly [name: string, value: string];

/** What tells one request from another: the rest is the same for all. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the endpoint. */
  readonly path: string;
  /** Those before `host`, those after it, and those after `x-amz-glacier-version`, each in the order of their names. */
  readonly headers: {
    readonly before: readonly Header[];
    readonly after: readonly Header[];
    readonly late: readonly Header[];
  };
  readonly body: Body | null;
  /** Of the body, or of what the request is about. */
  readonly treeHash: TreeHash | null;
  readonly streamed: boolean;
  readonly repeatable: boolean;
}

const NO_HEADERS = { before: [], after: [], late: [] };
const BARE = { headers: NO_HEADERS, body: null, treeHash: null, streamed: false } as const;
const OCTETS: Header = ['content-type', 'application/octet-stream'];
const OCTETS_ALONE: readonly Header[] = [OCTETS];

/** Repeated it makes a second archive. */
export function uploadArchive(vault: VaultName, description: string, body: Body): VaultRequest {
  return {
    method: 'POST',
    path: `${pathOf(vault)}/archives`,
    headers: { before: OCTETS_ALONE, after: describedAs(description), late: [] },
    body,
    treeHash: body.treeHash,
    streamed: false,
    repeatable: false,
  };
}

export function uploadMultipartPart(
  vault: VaultName,
  upload: UploadId,
  { start, end }: ByteRange,
  body: Body,
): VaultRequest {
  const range: Header = ['content-range', `bytes ${start}-${end - 1}/*`];
  return {
    method: 'PUT',
    path: pathOfUpload(vault, upload),
    headers: { before: [range, OCTETS], after: [], late: [] },
    body,
    treeHash: body.treeHash,
    streamed: false,
    repeatable: true,
  };
}

export function getJobOutput(vault: VaultName, job: JobId, { start, end }: ByteRange): VaultRequest {
  const range: Header = ['range', `bytes=${start}-${end - 1}`];
  return {
    method: 'GET',
    path: `${pathOf(vault)}/jobs/${encoded(job)}/output`,
    headers: { before: [], after: [range], late: [] },
    body: null,
    treeHash: null,
    streamed: true,
    repeatable: true,
  };
}

/** Repeated it begins a second upload. */
export function initiateMultipartUpload(vault: VaultName, partSize: number, description: string): VaultRequest {
  const size: Header = ['x-amz-part-size', String(partSize)];
  const headers = { before: [], after: describedAs(description), late: [size] };
  return { ...BARE, method: 'POST', path: `${pathOf(vault)}/multipart-uploads`, headers, repeatable: false };
}

/** What a repeated one is told of an upload that is gone is for others to judge. */
export function completeMultipartUpload(
  vault: VaultName,
  upload: UploadId,
  size: number,
  treeHash: TreeHash,
): VaultRequest {
  const headers = { before: [], after: [['x-amz-archive-size', String(size)]], late: [] } as const;
  return { ...BARE, method: 'POST', path: pathOfUpload(vault, upload), headers, treeHash, repeatable: false };
}

export function abortMultipartUpload(vault: VaultName, upload: UploadId): VaultRequest {
  return { ...BARE, method: 'DELETE', path: pathOfUpload(vault, upload), repeatable: true };
}

export function deleteArchive(vault: VaultName, archive: ArchiveId): VaultRequest {
  return { ...BARE, method: 'DELETE', path: `${pathOf(vault)}/archives/${encoded(archive)}`, repeatable: true };
}

export function describeVault(vault: VaultName): VaultRequest {
  return { ...BARE, method: 'GET', path: pathOf(vault), repeatable: true };
}

/** None is not sent as an empty one. */
function describedAs(description: string): readonly Header[] {
  return description === '' ? [] : [['x-amz-archive-description', description]];
}

function pathOfUpload(vault: VaultName, upload: UploadId): string {
  return `${pathOf(vault)}/multipart-uploads/${encoded(upload)}`;
}

/** `-` is the account of the credentials. */
function pathOf(vault: VaultName): string {
  return `/-/vaults/${encoded(vault)}`;
}
