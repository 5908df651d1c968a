// A job as DescribeJob shows it, ListJobs lists it, and its notice tells of it.

import { timeOf } from '../protocol/exchange.js';
import { type Job, statusOf } from '../vault/job-book.js';
import type { InventoryWork } from '../vault/records.js';
import type { Vault } from '../vault/vault.js';
import { arnOf, type Service } from './service.js';

const MESSAGES = { InProgress: 'Operation in progress.', Succeeded: 'Succeeded' };

/** With its fields in the order of their names, as the service has them. */
export function descriptionOfJob(service: Service, vault: Vault, job: Job): object {
  const { record, archive } = job;
  const status = statusOf(job, service.now());
  const [ended, ready] = [status !== 'InProgress', status === 'Succeeded'];
  const retrieval = record.action === 'archive-retrieval' ? record : null;
  const whole = retrieval !== null && archive !== null && retrieval.end - retrieval.start === archive.size;
  return {
    Action: retrieval === null ? 'InventoryRetrieval' : 'ArchiveRetrieval',
    ArchiveId: retrieval?.archiveId ?? null,
    ArchiveSHA256TreeHash: archive?.treeHash ?? null,
    ArchiveSizeInBytes: archive?.size ?? null,
    Completed: ended,
    CompletionDate: ended ? timeOf(job.readyAt) : null,
    CreationDate: timeOf(record.at),
    InventoryRetrievalParameters: record.action === 'inventory-retrieval' ? parametersOf(record, ready) : null,
    InventorySizeInBytes: record.action === 'inventory-retrieval' && ready ? record.size : null,
    JobDescription: record.description,
    JobId: record.id,
    RetrievalByteRange: retrieval === null ? null : `${retrieval.start}-${retrieval.end - 1}`,
    SHA256TreeHash: ready || whole ? (retrieval?.treeHash ?? null) : null,
    SNSTopic: record.snsTopic,
    StatusCode: status,
    StatusMessage: status === 'Failed' ? job.failure : MESSAGES[status],
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
