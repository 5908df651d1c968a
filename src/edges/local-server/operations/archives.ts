// UploadArchive and DeleteArchive.

import { renameSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnnouncedBody, receiveAndDiscard, receiveToFile } from '../bodies/body.js';
import { invalidParameter } from '../protocol/errors.js';
import {
  type Answer,
  announcedSize,
  type Call,
  descriptionOf,
  requiredHeader,
  treeHashHeader,
} from '../protocol/exchange.js';
import { isArchiveId, newArchiveId } from '../protocol/ids.js';
import type { Vault } from '../vault/vault.js';
import { arnOf, locationOf, type Service, vaultOf } from './service.js';

const ARCHIVE_MAX = 4 * 1024 ** 3;

export async function uploadArchive(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  const description = descriptionOf(call);
  const announced = {
    size: announcedSize(call, ARCHIVE_MAX),
    sha256: requiredHeader(call, 'x-amz-content-sha256'),
    treeHash: treeHashHeader(call),
  };
  const id = newArchiveId();
  if (vault.options.discards) await receiveAndDiscard(call.incoming, announced, service.hashing);
  else await receiveAs(id, vault, announced, service, call);
  const { size, treeHash } = announced;
  const discarded = vault.options.discards ? { discarded: true as const } : {};
  vault.record({ type: 'archive', id, size, treeHash, description, ...discarded, at: service.now() }, vault.archives);
  return {
    status: 201,
    headers: {
      Location: locationOf(service, `${call.names.vault}/archives/${id}`),
      'x-amz-archive-id': id,
      'x-amz-sha256-tree-hash': treeHash,
    },
  };
}

/** Lands the body under its name. */
async function receiveAs(
  id: string,
  vault: Vault,
  announced: AnnouncedBody,
  service: Service,
  call: Call,
): Promise<void> {
  const body = await receiveToFile(call.incoming, vault.tmp, announced, service.hashing);
  try {
    if (body.leaves !== null) await writeFile(join(vault.leaves, id), body.leaves);
    // Here and now: to hand it to another thread takes longer than to do it.
    renameSync(body.file, join(vault.archives, id));
  } catch (cause) {
    await rm(body.file, { force: true });
    await rm(join(vault.leaves, id), { force: true });
    // Deleting the vault takes the folder away under an archive that is on its way.
    vaultOf(service, call);
    throw cause;
  }
}

/** An archive that is not there is deleted already. Its bytes stay while a job reads them. */
export async function deleteArchive(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  const id = call.names.archive;
  if (!isArchiveId(id)) throw invalidParameter(`Invalid archive ID: ${id}`);
  if (vault.state.archives.has(id)) {
    vault.record({ type: 'archive-deleted', id, at: service.now() });
    await vault.settled();
    await vault.removeBytes(id);
  } else if ([...service.folder.vaults.values()].some((other) => other.state.archives.has(id))) {
    throw invalidParameter(`Invalid vault name: ${arnOf(service, call.names.vault)}`);
  }
  return { status: 204 };
}
