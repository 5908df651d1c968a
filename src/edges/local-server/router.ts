// Which operation a method and a path mean.

import { deleteArchive, uploadArchive } from './archives.js';
import { ApiError, accessDenied, invalidParameter } from './errors.js';
import type { Operation, PathNames } from './exchange.js';
import { describeJob, initiateJob, listJobs } from './jobs.js';
import { getJobOutput } from './output.js';
import { uploadMultipartPart } from './upload-part.js';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  initiateMultipartUpload,
  listMultipartUploads,
  listParts,
} from './uploads.js';
import { createVault, deleteVault, describeVault, listVaults } from './vaults.js';

export interface Route {
  readonly names: PathNames;
  readonly run: Operation;
  /** Whether the body is an archive's bytes, to be streamed; all others are small. */
  readonly takesArchive: boolean;
}

interface Path {
  /** Segments below the account; those in braces are names. */
  readonly pattern: readonly string[];
  readonly methods: Readonly<Record<string, Operation>>;
}

const STREAMED: ReadonlySet<Operation> = new Set<Operation>([uploadArchive, uploadMultipartPart]);

const PATHS: readonly Path[] = [
  path('vaults', { GET: listVaults }),
  path('vaults/{vault}', { PUT: createVault, GET: describeVault, DELETE: deleteVault }),
  path('vaults/{vault}/archives', { POST: uploadArchive }),
  path('vaults/{vault}/archives/{archive}', { DELETE: deleteArchive }),
  path('vaults/{vault}/multipart-uploads', { POST: initiateMultipartUpload, GET: listMultipartUploads }),
  path('vaults/{vault}/multipart-uploads/{upload}', {
    PUT: uploadMultipartPart,
    POST: completeMultipartUpload,
    DELETE: abortMultipartUpload,
    GET: listParts,
  }),
  path('vaults/{vault}/jobs', { POST: initiateJob, GET: listJobs }),
  path('vaults/{vault}/jobs/{job}', { GET: describeJob }),
  path('vaults/{vault}/jobs/{job}/output', { GET: getJobOutput }),
  path('vaults/{vault}/notification-configuration', { PUT: notYet, GET: notYet, DELETE: notYet }),
  path('vaults/{vault}/access-policy', { PUT: notYet, GET: notYet, DELETE: notYet }),
  path('vaults/{vault}/lock-policy', { POST: notYet, GET: notYet, DELETE: notYet }),
  path('vaults/{vault}/lock-policy/{lock}', { POST: notYet }),
  path('vaults/{vault}/tags', { POST: notYet, GET: notYet }),
  path('policies/data-retrieval', { GET: notYet, PUT: notYet }),
  path('provisioned-capacity', { GET: notYet, POST: notYet }),
];

/** @throws ApiError for a path, a method or an account that is not served */
export function routeOf(method: string, url: string, accountId: string): Route {
  const [path = ''] = url.split('?', 1);
  const [, account = '', ...segments] = path.replace(/\/$/, '').split('/').map(decodeSegment);
  for (const { pattern, methods } of PATHS) {
    const names = match(pattern, segments);
    if (names === null) continue;
    if (account !== '-' && account !== accountId) {
      throw accessDenied(`The account ${account} is not the account of the credentials.`);
    }
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (run === undefined) throw new ApiError(405, 'UnknownOperationException', `${method} is not allowed on ${path}`);
    return { names, run, takesArchive: STREAMED.has(run) };
  }
  throw new ApiError(404, 'UnknownOperationException', `There is no operation ${method} ${path}`);
}

function path(pattern: string, methods: Record<string, Operation>): Path {
  return { pattern: pattern.split('/'), methods };
}

function match(pattern: readonly string[], segments: readonly string[]): PathNames | null {
  if (pattern.length !== segments.length) return null;
  const names: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const segment = segments[i] ?? '';
    if (expected.startsWith('{') && segment !== '') names[expected.slice(1, -1)] = segment;
    else if (expected !== segment) return null;
  }
  return { vault: '', archive: '', upload: '', job: '', ...names };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidParameter(`The path is not percent-encoded as it should be: ${segment}`);
  }
}

function notYet(): never {
  throw new ApiError(
    501,
    'NotImplementedException',
    'Glacier has this operation; this local vault does not have it yet.',
  );
}
