// The three requests that carry bytes, as Glacier wants them.

import type { JobId, UploadId, VaultName } from '../../model/identifiers.js';
import type { ByteRange } from '../../model/parts.js';
import type { Body } from '../port.js';
import { encoded } from './signature.js';

type Header = readonly [name: string, value: string];

/** What tells one request from another: the rest is the same for all. */
export interface HotRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the endpoint. */
  readonly path: string;
  /** Those before `host` and those after it in the order of their names. */
  readonly headers: { readonly before: readonly Header[]; readonly after: readonly Header[] };
  readonly body: Body | null;
  readonly streamed: boolean;
  readonly repeatable: boolean;
}

/** None is not sent as an empty one. Repeated it makes a second archive. */
export function uploadArchive(vault: VaultName, description: string, body: Body): HotRequest {
  const described: Header[] = description === '' ? [] : [['x-amz-archive-description', description]];
  return {
    method: 'POST',
    path: `${pathOf(vault)}/archives`,
    headers: { before: [OCTETS], after: described },
    body,
    streamed: false,
    repeatable: false,
  };
}

export function uploadMultipartPart(
  vault: VaultName,
  upload: UploadId,
  { start, end }: ByteRange,
  body: Body,
): HotRequest {
  const range: Header = ['content-range', `bytes ${start}-${end - 1}/*`];
  return {
    method: 'PUT',
    path: `${pathOf(vault)}/multipart-uploads/${encoded(upload)}`,
    headers: { before: [range, OCTETS], after: [] },
    body,
    streamed: false,
    repeatable: true,
  };
}

export function getJobOutput(vault: VaultName, job: JobId, { start, end }: ByteRange): HotRequest {
  return {
    method: 'GET',
    path: `${pathOf(vault)}/jobs/${encoded(job)}/output`,
    headers: { before: [], after: [['range', `bytes=${start}-${end - 1}`]] },
    body: null,
    streamed: true,
    repeatable: true,
  };
}

const OCTETS: Header = ['content-type', 'application/octet-stream'];

/** `-` is the account of the credentials. */
function pathOf(vault: VaultName): string {
  return `/-/vaults/${encoded(vault)}`;
}
