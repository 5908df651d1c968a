// What a vault says of bytes that it has taken, and whether it can be believed.

import type { Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { ArchiveId } from '../model/identifiers.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { StoredArchive } from './port.js';

interface Confirmed {
  readonly archiveId?: string | undefined;
  /** The tree hash of what was received. */
  readonly checksum?: string | undefined;
}

/** An answer that cannot be believed is none: the archive may have been made all the same. @throws Failure CONNECTION_BROKEN */
export function storedArchive({ archiveId = '', checksum }: Confirmed, treeHash: TreeHash, at: Instant): StoredArchive {
  if (archiveId === '' || (checksum ?? treeHash) !== treeHash) {
    const told = `archive ${JSON.stringify(archiveId)} of tree hash ${checksum ?? treeHash}`;
    throw new Failure('CONNECTION_BROKEN', `the vault confirmed ${told} where ${treeHash} was sent`);
  }
  return { archiveId: ArchiveId.parse(archiveId), at, unansweredRequests: 0 };
}

/** The server tells the hash of what it has received; if it tells none, it has at least checked ours. @throws Failure HASH_MISMATCH */
export function mustAgree({ checksum }: Confirmed, treeHash: TreeHash): void {
  if (checksum === undefined || checksum === treeHash) return;
  throw new Failure('HASH_MISMATCH', `the vault received tree hash ${checksum} where ${treeHash} was sent`);
}
