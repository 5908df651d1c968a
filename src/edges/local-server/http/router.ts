// Which operation a method and a path mean.

import { checkAccess } from '../operations/access-control.js';
import { deleteVaultAccessPolicy, getVaultAccessPolicy, setVaultAccessPolicy } from '../operations/access-policy.js';
import { deleteArchive, uploadArchive } from '../operations/archives.js';
import { describeJob, initiateJob, listJobs } from '../operations/jobs.js';
import { deleteVaultNotifications, getVaultNotifications, setVaultNotifications } from '../operations/notifications.js';
import { getJobOutput } from '../operations/output.js';
import { listProvisionedCapacity, purchaseProvisionedCapacity } from '../operations/provisioned-capacity.js';
import { getDataRetrievalPolicy, setDataRetrievalPolicy } from '../operations/retrieval-policy.js';
import type { Operation } from '../operations/service.js';
import { addTagsToVault, listTagsForVault, removeTagsFromVault, tagChangeOf } from '../operations/tags.js';
import { uploadMultipartPart } from '../operations/upload-part.js';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  initiateMultipartUpload,
  listMultipartUploads,
  listParts,
} from '../operations/uploads.js';
import { abortVaultLock, completeVaultLock, getVaultLock, initiateVaultLock } from '../operations/vault-lock.js';
import { createVault, deleteVault, describeVault, listVaults } from '../operations/vaults.js';
import { ApiError, accessDenied, invalidParameter } from '../protocol/errors.js';
import type { PathNames } from '../protocol/exchange.js';
import type { OperationName } from '../protocol/operation-name.js';

/** An operation, and the names that its path has. */
export interface Route {
  readonly operation: OperationName;
  readonly names: PathNames;
  /** Asks the policies of the vault first. */
  readonly run: Operation;
  /** Whether the body is an archive's bytes, to be streamed; all others are small. */
  readonly takesArchive: boolean;
}

/** What is done for a method, and under which name. */
type Named = readonly [OperationName, Operation];

interface Path {
  /** Segments below the account; those in braces are names. */
  readonly pattern: readonly string[];
  readonly methods: Readonly<Record<string, Named | ((query: URLSearchParams) => Named)>>;
}

const STREAMED: ReadonlySet<OperationName> = new Set(['UploadArchive', 'UploadMultipartPart']);

const TAG_CHANGES = {
  add: ['AddTagsToVault', addTagsToVault],
  remove: ['RemoveTagsFromVault', removeTagsFromVault],
} as const satisfies Record<string, Named>;

const PATHS: readonly Path[] = [
  path('vaults', { GET: ['ListVaults', listVaults] }),
  path('vaults/{vault}', {
    PUT: ['CreateVault', createVault],
    GET: ['DescribeVault', describeVault],
    DELETE: ['DeleteVault', deleteVault],
  }),
  path('vaults/{vault}/archives', { POST: ['UploadArchive', uploadArchive] }),
  path('vaults/{vault}/archives/{archive}', { DELETE: ['DeleteArchive', deleteArchive] }),
  path('vaults/{vault}/multipart-uploads', {
    POST: ['InitiateMultipartUpload', initiateMultipartUpload],
    GET: ['ListMultipartUploads', listMultipartUploads],
  }),
  path('vaults/{vault}/multipart-uploads/{upload}', {
    PUT: ['UploadMultipartPart', uploadMultipartPart],
    POST: ['CompleteMultipartUpload', completeMultipartUpload],
    DELETE: ['AbortMultipartUpload', abortMultipartUpload],
    GET: ['ListParts', listParts],
  }),
  path('vaults/{vault}/jobs', { POST: ['InitiateJob', initiateJob], GET: ['ListJobs', listJobs] }),
  path('vaults/{vault}/jobs/{job}', { GET: ['DescribeJob', describeJob] }),
  path('vaults/{vault}/jobs/{job}/output', { GET: ['GetJobOutput', getJobOutput] }),
  path('vaults/{vault}/notification-configuration', {
    PUT: ['SetVaultNotifications', setVaultNotifications],
    GET: ['GetVaultNotifications', getVaultNotifications],
    DELETE: ['DeleteVaultNotifications', deleteVaultNotifications],
  }),
  path('vaults/{vault}/access-policy', {
    PUT: ['SetVaultAccessPolicy', setVaultAccessPolicy],
    GET: ['GetVaultAccessPolicy', getVaultAccessPolicy],
    DELETE: ['DeleteVaultAccessPolicy', deleteVaultAccessPolicy],
  }),
  path('vaults/{vault}/lock-policy', {
    POST: ['InitiateVaultLock', initiateVaultLock],
    GET: ['GetVaultLock', getVaultLock],
    DELETE: ['AbortVaultLock', abortVaultLock],
  }),
  path('vaults/{vault}/lock-policy/{lock}', { POST: ['CompleteVaultLock', completeVaultLock] }),
  path('vaults/{vault}/tags', {
    POST: (query) => TAG_CHANGES[tagChangeOf(query)],
    GET: ['ListTagsForVault', listTagsForVault],
  }),
  path('policies/data-retrieval', {
    GET: ['GetDataRetrievalPolicy', getDataRetrievalPolicy],
    PUT: ['SetDataRetrievalPolicy', setDataRetrievalPolicy],
  }),
  path('provisioned-capacity', {
    GET: ['ListProvisionedCapacity', listProvisionedCapacity],
    POST: ['PurchaseProvisionedCapacity', purchaseProvisionedCapacity],
  }),
];

/** @throws ApiError for a path, a method or an account that is not served */
export function routeOf(method: string, url: string, accountId: string): Route {
  const [path = '', ...query] = url.split('?');
  const [, account = '', ...segments] = path.replace(/\/$/, '').split('/').map(decodeSegment);
  for (const { pattern, methods } of PATHS) {
    const names = match(pattern, segments);
    if (names === null) continue;
    if (account !== '-' && account !== accountId) {
      throw accessDenied(`The account ${account} is not the account of the credentials.`);
    }
    const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (found === undefined)
      throw new ApiError(405, 'UnknownOperationException', `${method} is not allowed on ${path}`);
    const named = typeof found === 'function' ? found(new URLSearchParams(query.join('?'))) : found;
    return routeTo(named, names);
  }
  throw new ApiError(404, 'UnknownOperationException', `There is no operation ${method} ${path}`);
}

function routeTo([operation, perform]: Named, names: PathNames): Route {
  const run: Operation = (service, call) => {
    checkAccess(service, operation, call);
    return perform(service, call);
  };
  return { operation, names, run, takesArchive: STREAMED.has(operation) };
}

function path(pattern: string, methods: Path['methods']): Path {
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
  return { vault: '', archive: '', upload: '', job: '', lock: '', ...names };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidParameter(`The path is not percent-encoded as it should be: ${segment}`);
  }
}
