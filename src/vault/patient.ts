// Vaults that do not give up at the first failure that trying again may cure.

import { asFailure, Failure, isUnanswered } from '../model/failure.js';
import { type Patience, patiently } from './patience.js';
import { patientInventorying } from './patient-inventory.js';
import { completedListing, resumedListing, resumedRetrievals } from './patient-listings.js';
import { endedWithoutAnswer, requestRetrieval } from './patient-requests.js';
import type { Body, StoredArchive, Vault, Vaults } from './port.js';

/** What `read` gives is not watched over: a body that breaks is its reader's to fetch again. Inventories are. */
export function patientVault(vault: Vault, patience: Patience): Vault {
  return {
    uploadWhole: (body, description, signal) => uploadWhole(vault, patience, body, description, signal),
    beginUpload: (partSize, description, signal) =>
      patiently('begin upload', patience, signal, () => vault.beginUpload(partSize, description, signal)),
    uploadPart: (upload, range, body, signal) =>
      patiently('upload part', patience, signal, () => vault.uploadPart(upload, range, body, signal)),
    uploadedParts: (upload, signal) =>
      resumedListing(
        'list parts',
        patience,
        signal,
        ({ range }) => range.start,
        () => vault.uploadedParts(upload, signal),
      ),
    completeUpload: (upload, size, treeHash, signal) =>
      patiently('complete upload', patience, signal, () => vault.completeUpload(upload, size, treeHash, signal)),
    abandonUpload: (upload, signal) =>
      patiently('abandon upload', patience, signal, () => vault.abandonUpload(upload, signal)),
    deleteArchive: (archive, signal) =>
      remembering(
        'delete archive',
        patience,
        signal,
        () => vault.deleteArchive(archive, signal),
        (at) => at,
      ),
    requestRetrieval: (archive, terms, signal) => requestRetrieval(vault, patience, archive, terms, signal),
    retrievals: (wanted, signal) => resumedRetrievals(vault, patience, wanted, signal),
    read: (ready, range, signal) =>
      patiently('read retrieval', patience, signal, () => vault.read(ready, range, signal)),
    ...patientInventorying(vault, patience),
    jobs: (signal) =>
      completedListing(
        'list jobs',
        patience,
        signal,
        ({ jobId }) => jobId,
        () => vault.jobs(signal),
      ),
    job: (id, signal) => patiently('look up job', patience, signal, () => vault.job(id, signal)),
    notifications: (signal) => patiently('read notifications', patience, signal, () => vault.notifications(signal)),
    notify: (notifications, signal) =>
      patiently('set notifications', patience, signal, () => vault.notify(notifications, signal)),
    stopNotifying: (signal) => patiently('delete notifications', patience, signal, () => vault.stopNotifying(signal)),
    unfinishedUploads: (signal) =>
      completedListing(
        'list uploads',
        patience,
        signal,
        ({ uploadId }) => uploadId,
        () => vault.unfinishedUploads(signal),
      ),
  };
}

export function patientVaults(vaults: Vaults, patience: Patience): Vaults {
  return {
    create: (name, signal) => patiently('create vault', patience, signal, () => vaults.create(name, signal)),
    describe: (name, signal) => patiently('describe vault', patience, signal, () => vaults.describe(name, signal)),
    list: (signal) =>
      resumedListing(
        'list vaults',
        patience,
        signal,
        ({ name }) => name,
        () => vaults.list(signal),
      ),
    retrievalPolicy: (signal) =>
      patiently('read retrieval policy', patience, signal, () => vaults.retrievalPolicy(signal)),
    delete: (name, signal) => patiently('delete vault', patience, signal, () => vaults.delete(name, signal)),
  };
}

/** Counts the attempts that may have stored the archive without telling. */
function uploadWhole(
  vault: Vault,
  patience: Patience,
  body: Body,
  description: string,
  signal: AbortSignal,
): Promise<StoredArchive> {
  return remembering(
    'upload archive',
    patience,
    signal,
    () => vault.uploadWhole(body, description, signal),
    (stored, unanswered) =>
      unanswered === 0 ? stored : { ...stored, unansweredRequests: stored.unansweredRequests + unanswered },
  );
}

/**
 * What `told` makes of the first answer, and of how many attempts before it ended without one. If all fail, none of
 * those is forgotten.
 */
async function remembering<T, R>(
  request: string,
  patience: Patience,
  signal: AbortSignal,
  perform: () => Promise<T>,
  told: (answer: T, unanswered: number) => R,
): Promise<R> {
  const unanswered: Failure[] = [];
  try {
    const answer = await patiently(request, patience, signal, perform, (failure) => {
      if (endedWithoutAnswer(failure)) unanswered.push(failure);
    });
    return told(answer, unanswered.length);
  } catch (thrown) {
    throw stillUnanswered(asFailure(thrown), unanswered);
  }
}

/** A clear refusal at the end says nothing of the attempts before it: their outcome is what stays unknown. */
function stillUnanswered(last: Failure, unanswered: readonly Failure[]): Failure {
  const before = unanswered.at(-1);
  if (before === undefined || isUnanswered(last.code)) return last;
  const message = `${last.message}; earlier requests ended without an answer: ${before.message}`;
  return new Failure(before.code, message, { hint: last.hint, cause: last });
}
