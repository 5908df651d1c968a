// Retrievals at Glacier: jobs asked for, listed, and read.

import type { Readable } from 'node:stream';
import { GetJobOutputCommand, InitiateJobCommand } from '@aws-sdk/client-glacier';
import type { Archive } from '../model/archive.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { ArchiveId, JobId, type VaultName } from '../model/identifiers.js';
import type { ByteRange } from '../model/parts.js';
import { TreeHash } from '../model/tree-hash.js';
import { betterRetrieval } from './best-retrieval.js';
import { exactly } from './exact-body.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { expectedOf, retrievalOf } from './glacier-jobs.js';
import { listedJobs } from './glacier-listings.js';
import type { ReadyRetrieval, Retrieval, RetrievedRange, Retrieving } from './port.js';
import type { Asked } from './server-errors.js';

export function glacierRetrieving(connection: GlacierConnection, vaultName: VaultName): Retrieving {
  return {
    async requestRetrieval(archiveId, tier, signal) {
      const jobParameters = { Type: 'archive-retrieval', ArchiveId: archiveId, Tier: tier };
      const command = new InitiateJobCommand({ accountId, vaultName, jobParameters });
      const deed = `request archive ${archiveId} from vault ${vaultName}`;
      const asked: Asked = { deed, what: 'archive', vault: vaultName };
      const { output, at, retrievalDelays } = await connection.send(command, asked, signal);
      return { jobId: JobId.parse(output.jobId ?? ''), at, expected: expectedOf(tier, at * 1000, retrievalDelays) };
    },

    retrievals: (wanted, signal) => retrievals(connection, vaultName, wanted, signal),
    read: (ready, range, signal) => read(connection, vaultName, ready, range, signal),
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

async function read(
  connection: GlacierConnection,
  vaultName: VaultName,
  ready: ReadyRetrieval,
  range: ByteRange,
  signal: AbortSignal,
): Promise<RetrievedRange> {
  const wanted = `bytes=${range.start}-${range.end - 1}`;
  const command = new GetJobOutputCommand({ accountId, vaultName, jobId: ready.jobId, range: wanted });
  const asked: Asked = { deed: `read retrieval ${ready.jobId} of vault ${vaultName}`, what: 'job', vault: vaultName };
  const { output } = await connection.send(command, asked, signal);
  // The SDK types it for browsers too.
  const stream = output.body as unknown as Readable;
  if (!isExactly(range, ready.size, output)) {
    stream.destroy();
    const answered = output.contentRange ?? 'everything';
    throw new Failure('VAULT_REFUSED', `the vault answered with ${answered} where ${wanted} was asked for`);
  }
  const treeHash = output.checksum === undefined ? null : TreeHash.parse(output.checksum);
  return { treeHash, body: exactly(stream, range.end - range.start, asked, signal) };
}

/** Whether the answer says that it is the range that was asked for. A whole output may come without saying so. */
function isExactly(
  range: ByteRange,
  size: number,
  { status, contentRange }: { status?: number | undefined; contentRange?: string | undefined },
): boolean {
  if (contentRange !== undefined) return contentRange === `bytes ${range.start}-${range.end - 1}/${size}`;
  return status === 200 && range.start === 0 && range.end === size;
}
