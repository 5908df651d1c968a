// The part of a Glacier vault that moves bytes: archives and parts on their way there, ranges on their way back.

import { Failure } from '../../model/failure.js';
import type { VaultName } from '../../model/identifiers.js';
import type { Pace } from '../../model/pace.js';
import type { ByteRange } from '../../model/parts.js';
import { TreeHash } from '../../model/tree-hash.js';
import { mustAgree, storedArchive } from '../confirmation.js';
import { exactly } from '../exact-body.js';
import type { Uploading } from '../port.js';
import type { ReadyRetrieval, RetrievedRange, Retrieving } from '../retrieving-port.js';
import type { Asked } from '../server-errors.js';
import type { DirectClient } from './direct-client.js';
import type { Answer } from './exchange.js';
import { getJobOutput, uploadArchive, uploadMultipartPart } from './vault-requests.js';

/** What is asked of a vault thousands of times a second, or with gigabytes. */
export type DirectVault = Pick<Uploading, 'uploadWhole' | 'uploadPart'> & Pick<Retrieving, 'read'>;

/** @param down how fast bytes may come */
export function directVault(client: DirectClient, vault: VaultName, down: Pace): DirectVault {
  const about = (deed: string, what: Asked['what']): Asked => ({ deed: `${deed} vault ${vault}`, what, vault });
  const anArchive = about('upload an archive to', 'upload');
  const aPart = about('upload a part to', 'upload');
  return {
    async uploadWhole(body, description, signal) {
      const answer = await client.send(uploadArchive(vault, description, body), anArchive, signal);
      const archiveId = answer.headers.get('x-amz-archive-id');
      return storedArchive({ archiveId, checksum: checksumOf(answer) }, body.treeHash, answer.at);
    },

    async uploadPart(upload, range, body, signal) {
      const answer = await client.send(uploadMultipartPart(vault, upload, range, body), aPart, signal);
      mustAgree({ checksum: checksumOf(answer) }, body.treeHash);
    },

    async read(ready, range, signal) {
      const asked = about(`read retrieval ${ready.jobId} of`, 'job');
      const answer = await client.send(getJobOutput(vault, ready.jobId, range), asked, signal);
      return rangeOf(answer, ready, range, { asked, down, signal });
    },
  };
}

function checksumOf({ headers }: Pick<Answer, 'headers'>): string | undefined {
  return headers.get('x-amz-sha256-tree-hash');
}

function rangeOf(
  answer: Answer,
  ready: ReadyRetrieval,
  range: ByteRange,
  { asked, down, signal }: { readonly asked: Asked; readonly down: Pace; readonly signal: AbortSignal },
): RetrievedRange {
  const { body } = answer;
  if (body === null) throw new Error('a success comes as it comes');
  if (!isExactly(range, ready.size, answer)) {
    body.destroy();
    const answered = answer.headers.get('content-range') ?? 'everything';
    const wanted = `bytes=${range.start}-${range.end - 1}`;
    throw new Failure('VAULT_REFUSED', `the vault answered with ${answered} where ${wanted} was asked for`);
  }
  const checksum = checksumOf(answer);
  const treeHash = checksum === undefined ? null : TreeHash.parse(checksum);
  return { treeHash, body: exactly(body, range.end - range.start, asked, signal, down) };
}

/** Whether the answer says that it is the range that was asked for. A whole output may come without saying so. */
function isExactly(range: ByteRange, size: number, { status, headers }: Answer): boolean {
  const told = headers.get('content-range');
  if (told !== undefined) return told === `bytes ${range.start}-${range.end - 1}/${size}`;
  return status === 200 && range.start === 0 && range.end === size;
}
