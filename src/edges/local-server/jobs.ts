// InitiateJob, DescribeJob, ListJobs.

import { rangeTreeHash } from './archive-bytes.js';
import { invalidParameter, notFound } from './errors.js';
import { type Answer, arnOf, type Call, locationOf, type Service, timeOf, vaultOf } from './exchange.js';
import { newJobId } from './ids.js';
import { stageInventory } from './inventory.js';
import { archivesOf, type InventoryRequest } from './inventory-request.js';
import { type JobRequest, parseJobRequest, parseRetrievalRange } from './job-request.js';
import { pageOf, parsePage, positionOf } from './paging.js';
import type { InventoryWork, JobWork } from './records.js';
import type { Vault } from './vault.js';
import type { Archive, Job } from './vault-state.js';

const PAGE_MAX = 50;

export async function initiateJob(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  await vault.expire(service.now());
  const request = parseJobRequest(call.body);
  const id = newJobId();
  const work = await workOf(service, vault, request, id);
  // While a hash was read or a list written, the archive or the vault may have gone.
  if (work.action === 'archive-retrieval') archiveOf(vaultOf(service, call), work.archiveId);
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
  const wanted = wantedReadiness(call.query);
  const jobs = [...vault.state.jobs.values()].filter(
    (job) => job.sequence >= first && wanted.has(job.readyAt <= service.now()),
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

/** Our one addition to the protocol: how long retrievals and inventories take here, in ms. */
function delaysHeader(service: Service): Record<string, string> {
  const delays = Object.entries(service.delaysMs).map(([speed, ms]) => `${speed}=${ms}`);
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
  const inventory = vault.state.inventory(service.now()) ?? (service.realistic ? null : live);
  if (inventory === null) {
    throw notFound('Initial inventory collection is not complete; no inventory is available at this time.');
  }
  const { archives, next } = archivesOf(part, inventory.archives);
  const size = await stageInventory(service, vault, { at: inventory.at, archives }, format, id);
  return { action: 'inventory-retrieval', size, format, part, next };
}

/** Which jobs are asked for: those that are ready, those that are not, both, or (Failed) none of ours. */
function wantedReadiness(query: URLSearchParams): Set<boolean> {
  const [status, completed] = [query.get('statuscode'), query.get('completed')];
  if (status !== null && !/^(InProgress|Succeeded|Failed)$/.test(status)) {
    throw invalidParameter(`The job status code is not valid: ${status}`);
  }
  if (completed !== null && !/^(true|false)$/.test(completed)) {
    throw invalidParameter(`The completed parameter is not valid: ${completed}`);
  }
  const wanted = new Set([true, false]);
  if (status !== null && status !== 'Succeeded') wanted.delete(true);
  if (status !== null && status !== 'InProgress') wanted.delete(false);
  if (completed !== null) wanted.delete(completed === 'false');
  return wanted;
}

function descriptionOfJob(service: Service, vault: Vault, job: Job): object {
  const { record, archive } = job;
  const ready = job.readyAt <= service.now();
  const retrieval = record.action === 'archive-retrieval' ? record : null;
  const whole = retrieval !== null && archive !== null && retrieval.end - retrieval.start === archive.size;
  return {
    Action: retrieval === null ? 'InventoryRetrieval' : 'ArchiveRetrieval',
    ArchiveId: retrieval?.archiveId ?? null,
    ArchiveSHA256TreeHash: archive?.treeHash ?? null,
    ArchiveSizeInBytes: archive?.size ?? null,
    Completed: ready,
    CompletionDate: ready ? timeOf(job.readyAt) : null,
    CreationDate: timeOf(record.at),
    InventoryRetrievalParameters: record.action === 'inventory-retrieval' ? parametersOf(record, ready) : null,
    InventorySizeInBytes: record.action === 'inventory-retrieval' && ready ? record.size : null,
    JobDescription: record.description,
    JobId: record.id,
    RetrievalByteRange: retrieval === null ? null : `${retrieval.start}-${retrieval.end - 1}`,
    SHA256TreeHash: ready || whole ? (retrieval?.treeHash ?? null) : null,
    SNSTopic: record.snsTopic,
    StatusCode: ready ? 'Succeeded' : 'InProgress',
    StatusMessage: ready ? 'Succeeded' : 'Operation in progress.',
    Tier: retrieval?.tier ?? null,
    VaultARN: arnOf(service, vault.state.name),
  };
}

/** Once it is ready, the marker is the one to go on with. */
function parametersOf({ format = 'JSON', part = null, next = null }: InventoryWork, ready: boolean): object {
  return {
    EndDate: part?.endDate ?? null,
    Format: format,
    Limit: part?.limit ?? null,
    Marker: ready ? next : (part?.marker ?? null),
    StartDate: part?.startDate ?? null,
  };
}
