// Retrievals at Glacier: jobs asked for and listed.

import { InitiateJobCommand } from '@aws-sdk/client-glacier';
import type { Archive } from '../model/archive.js';
import { throwIfInterrupted } from '../model/failure.js';
import { ArchiveId, JobId, type VaultName } from '../model/identifiers.js';
import { betterRetrieval } from './best-retrieval.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { expectedOf, retrievalOf } from './glacier-jobs.js';
import { listedJobs } from './glacier-listings.js';
import type { Retrieval, Retrieving } from './retrieving-port.js';
import type { Asked } from './server-errors.js';

export function glacierRetrieving(connection: GlacierConnection, vaultName: VaultName): Omit<Retrieving, 'read'> {
  return {
    async requestRetrieval(archiveId, { tier, range, topic }, signal) {
      const jobParameters = {
        Type: 'archive-retrieval',
        ArchiveId: archiveId,
        Tier: tier,
        ...(range === null ? {} : { RetrievalByteRange: `${range.start}-${range.end - 1}` }),
        ...(topic === null ? {} : { SNSTopic: topic }),
      };
      const command = new InitiateJobCommand({ accountId, vaultName, jobParameters });
      const deed = `request archive ${archiveId} from vault ${vaultName}`;
      const asked: Asked = { deed, what: 'archive', vault: vaultName };
      const { output, at, retrievalDelays } = await connection.send(command, asked, signal);
      return { jobId: JobId.parse(output.jobId ?? ''), at, expected: expectedOf(tier, at * 1000, retrievalDelays) };
    },

    retrievals: (wanted, signal) => retrievals(connection, vaultName, wanted, signal),
  };
}

/** Jobs are listed once, when the first archive is asked about. Memory: one retrieval for each archive that has jobs. */
async function* retrievals<A extends Pick<Archive, 'id'>>(
  connection: GlacierConnection,
  vaultName: VaultName,
  wanted: AsyncIterable<A> | Iterable<A>,
  signal: AbortSignal,
): AsyncGenerator<{ archive: A; retrieval: Retrieval }> {
  let found: Map<ArchiveId, Retrieval> | undefined;
  for await (const archive of wanted) {
    throwIfInterrupted(signal);
    found ??= await allRetrievals(connection, vaultName, signal);
    yield { archive, retrieval: found.get(archive.id) ?? { state: 'none' } };
  }
}

async function allRetrievals(
  connection: GlacierConnection,
  vaultName: VaultName,
  signal: AbortSignal,
): Promise<Map<ArchiveId, Retrieval>> {
  const best = new Map<ArchiveId, Retrieval>();
  for await (const { job, delays } of listedJobs(connection, vaultName, 'list retrievals', signal)) {
    const retrieval = retrievalOf(job, delays, connection.clock.now());
    if (retrieval === null || job.ArchiveId === undefined) continue;
    const id = ArchiveId.parse(job.ArchiveId);
    best.set(id, betterRetrieval(best.get(id) ?? { state: 'none' }, retrieval));
  }
  return best;
}
