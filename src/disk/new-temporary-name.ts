// Names of the hidden files in which downloads land, as they are made.

import { createHash, randomBytes } from 'node:crypto';
import { pid } from 'node:process';
import type { ArchiveId } from '../model/identifiers.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { LandingKey } from './temporary-name.js';

/** A new name that says which process it belongs to: the landing ends with its process. */
export function temporaryName(): string {
  return `.mtglacier-${pid}-${randomBytes(6).toString('hex')}.part`;
}

/** @param name what the file is to be called in its directory */
export function landingKeyOf(name: Buffer, archive: ArchiveId, size: number, treeHash: TreeHash): LandingKey {
  const hash = createHash('sha256').update(`${archive}\n${size}\n${treeHash}\n`).update(name);
  return hash.digest('hex').slice(0, 32) as LandingKey;
}
