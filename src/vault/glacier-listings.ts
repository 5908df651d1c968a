// What a Glacier vault lists page by page: its jobs, and the uploads that are under way.

import {
  DescribeJobCommand,
  type GlacierJobDescription,
  ListJobsCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-glacier';
import { Instant } from '../model/clock.js';
import { UploadId, type VaultName } from '../model/identifiers.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { vaultJobOf } from './glacier-jobs.js';
import type { UploadListing } from './port.js';
import type { JobListing } from './retrieving-port.js';
import type { Asked } from './server-errors.js';

/** A job, and how long jobs take at this server where it tells (`x-mtglacier-retrieval-delays`). */
export interface ListedJob {
  readonly job: GlacierJobDescription;
  readonly delays: string | null;
}

export function glacierListings(connection: GlacierConnection, vaultName: VaultName): JobListing & UploadListing {
  return {
    async *jobs(signal) {
      for await (const { job, delays } of listedJobs(connection, vaultName, 'list jobs', signal)) {
        const found = vaultJobOf(job, delays, connection.clock.now());
        if (found !== null) yield found;
      }
    },

    async job(jobId, signal) {
      const asked: Asked = { deed: `look up job ${jobId} of vault ${vaultName}`, what: 'job', vault: vaultName };
      const command = new DescribeJobCommand({ accountId, vaultName, jobId });
      const answer = await connection.send(command, asked, signal).catch(unless('JOB_NOT_FOUND'));
      if (answer === undefined) return null;
      return vaultJobOf(answer.output, answer.retrievalDelays, connection.clock.now());
    },

    async *unfinishedUploads(signal) {
      const asked: Asked = { deed: `list uploads to vault ${vaultName}`, what: 'vault', vault: vaultName };
      let marker: string | undefined;
      do {
        const command = new ListMultipartUploadsCommand({ accountId, vaultName, ...pageAt(marker) });
        const { output } = await connection.send(command, asked, signal);
        for (const upload of output.UploadsList ?? []) {
          const begunMs = Date.parse(upload.CreationDate ?? '');
          yield {
            uploadId: UploadId.parse(upload.MultipartUploadId ?? ''),
            description: upload.ArchiveDescription ?? '',
            partSize: upload.PartSizeInBytes ?? 0,
            begunAt: Number.isNaN(begunMs) ? connection.clock.now() : Instant.ofMs(begunMs),
          };
        }
        marker = output.Marker;
      } while (marker !== undefined);
    },
  };
}

/** All that the vault still knows, finished or not. */
export async function* listedJobs(
  connection: GlacierConnection,
  vaultName: VaultName,
  deed: string,
  signal: AbortSignal,
): AsyncGenerator<ListedJob> {
  const asked: Asked = { deed: `${deed} of vault ${vaultName}`, what: 'vault', vault: vaultName };
  let marker: string | undefined;
  do {
    const command = new ListJobsCommand({ accountId, vaultName, ...pageAt(marker) });
    const { output, retrievalDelays: delays } = await connection.send(command, asked, signal);
    for (const job of output.JobList ?? []) yield { job, delays };
    marker = output.Marker;
  } while (marker !== undefined);
}

function pageAt(marker: string | undefined): { marker?: string } {
  return marker === undefined ? {} : { marker };
}
