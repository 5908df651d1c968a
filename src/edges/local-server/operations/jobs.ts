// InitiateJob, DescribeJob, ListJobs.

import { invalidParameter, notFound } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import { newJobId } from '../protocol/ids.js';
import { pageOf, parsePage, positionOf } from '../protocol/paging.js';
import type { Archive } from '../vault/archive.js';
import { rangeTreeHash } from '../vault/archive-bytes.js';
import { stageInventory } from '../vault/inventory.js';
import { type Job, type JobStatus, statusOf } from '../vault/job-book.js';
import type { JobWork } from '../vault/records.js';
import type { Vault } from '../vault/vault.js';
import { archivesOf, type InventoryRequest } from './inventory-request.js';
import { descriptionOfJob } from './job-description.js';
import { type JobRequest, parseJobRequest, parseRetrievalRange } from './job-request.js';
import { checkCapacity } from './provisioned-capacity.js';
import { checkRetrievalPolicy } from './retrieval-policy.js';
import { arnOf, locationOf, type Service, vaultOf } from './service.js';

const PAGE_MAX = 50;

export async function initiateJob(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  await vault.expire(service.now());
  const request = parseJobRequest(call.body);
  const id = newJobId();
  const work = await workOf(service, vault, request, id);
  // While a hash was read or a list written, the archive or the vault may have gone.
  if (work.action === 'archive-retrieval') archiveOf(vaultOf(service, call), work.archiveId);
  checkCapacity(service, work);
  checkRetrievalPolicy(service, work);
  const delayMs = service.delaysMs[work.action === 'archive-retrieval' ? work.tier : 'Inventory'];
  const { description, snsTopic } = request;
  const at = service.now();
  const written = work.action === 'inventory-retrieval' ? [vault.staged] : [];
  vault.record({ type: 'job', id, at, delayMs, description, snsTopic, ...work }, ...written);
  const headers = { Location: locationOf(service, `${call.names.vault}/jobs/${id}`), 'x-amz-job-id': id };
  return { status: 202, headers: { ...headers, ...delaysHeader(service) } };
}

export async function describeJob(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  const job = await jobOf(service, vault, call.names.job);
  return { status: 200, headers: delaysHeader(service), json: descriptionOfJob(service, vault, job) };
}

export async function listJobs(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  await vault.expire(service.now());
  const { limit, marker } = parsePage(call.query, PAGE_MAX);
  const first = positionOf(marker);
  const wanted = wantedStatus(call.query);
  const jobs = [...vault.state.jobs.all()].filter(
    (job) => job.sequence >= first && wanted.has(statusOf(job, service.now())),
  );
  const { page, next } = pageOf(jobs, limit, (job) => String(job.sequence));
  const list = page.map((job) => descriptionOfJob(service, vault, job));
  return { status: 200, headers: delaysHeader(service), json: { JobList: list, Marker: next } };
}

/** @throws ApiError when the job is unknown, or was finished more than 24 hours ago */
export async function jobOf(service: Service, vault: Vault, id: string): Promise<Job> {
  await vault.expire(service.now());
  const job = vault.state.jobs.get(id);
  if (job === undefined) throw notFound(`The job ID was not found: ${id}`);
  return job;
}

/** Our one addition to the protocol: how long retrievals and inventories take here, in ms of real time. */
function delaysHeader(service: Service): Record<string, string> {
  const delays = Object.entries(service.delaysMs).map(([what, ms]) => `${what}=${Math.ceil(ms / service.clock.speed)}`);
  return { 'x-mtglacier-retrieval-delays': delays.join(';') };
}

function workOf(service: Service, vault: Vault, request: JobRequest, id: string): Promise<JobWork> {
  switch (request.type) {
    case 'archive-retrieval':
      return retrievalOf(vault, request);
    case 'inventory-retrieval':
      return inventoryOf(service, vault, request, id);
  }
}

async function retrievalOf(vault: Vault, request: JobRequest & { type: 'archive-retrieval' }): Promise<JobWork> {
  const archive = archiveOf(vault, request.archiveId);
  if (archive.discarded) throw notFound(`The bytes of this archive were not kept, as was asked for: ${archive.id}`);
  const whole = { start: 0, end: archive.size };
  const { start, end } = request.range === null ? whole : parseRetrievalRange(request.range, archive.size);
  const treeHash = await rangeTreeHash(vault, archive, start, end);
  return { action: 'archive-retrieval', archiveId: archive.id, tier: request.tier, start, end, treeHash };
}

function archiveOf(vault: Vault, id: string): Archive {
  const archive = vault.state.archives.get(id);
  if (archive === undefined) throw notFound(`The archive ID was not found: ${id}`);
  return archive;
}

/** A vault that inventories at once has an empty list before its first archive; one that does so daily has none. */
async function inventoryOf(
  service: Service,
  vault: Vault,
  { format, part }: InventoryRequest,
  id: string,
): Promise<JobWork> {
  const live = { at: vault.state.createdAt, archives: [], size: 0 };
  const inventory = vault.state.inventories.inventory(service.now()) ?? (service.realistic ? null : live);
  if (inventory === null) {
    throw notFound('Initial inventory collection is not complete; no inventory is available at this time.');
  }
  const { archives, next } = archivesOf(part, inventory.archives);
  const arn = arnOf(service, vault.state.name);
  const staged = await stageInventory(vault, id, { arn, at: inventory.at, archives, format });
  return { action: 'inventory-retrieval', ...staged, format, part, next };
}

function wantedStatus(query: URLSearchParams): Set<JobStatus> {
  const [status, completed] = [query.get('statuscode'), query.get('completed')];
  if (status !== null && !/^(InProgress|Succeeded|Failed)$/.test(status)) {
    throw invalidParameter(`The job status code is not valid: ${status}`);
  }
  if (completed !== null && !/^(true|false)$/.test(completed)) {
    throw invalidParameter(`The completed parameter is not valid: ${completed}`);
  }
  const all: readonly JobStatus[] = ['InProgress', 'Succeeded', 'Failed'];
  return new Set(
    all.filter(
      (one) =>
        (status === null || one === status) &&
        (completed === null || (one !== 'InProgress') === (completed === 'true')),
    ),
  );
}
