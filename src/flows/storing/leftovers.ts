// Finishing what an interrupted run left open, before anything new is begun.

import type { Intent } from '../../journal/intents.js';
import { asFailure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { printable } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import { forgetAnnounced } from '../deleting/forget.js';
import { attempt, type Failures } from '../items.js';
import { abandon, type LeftUpload, type StorePorts } from './store.js';
import { recordStored } from './stored.js';

type LeftoverPorts = Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'report'>;

/** Uploads that can be gone on with. A file that has changed between runs may have several. */
export type Resumable = Set<LeftUpload>;

/**
 * Learns the outcome of every upload that was being completed, finishes the deletions that were begun, and gives the
 * uploads that have parts in the vault.
 * @param tally counts what could not be finished; its intent stays for the next run
 */
export async function settleLeftovers(ports: LeftoverPorts, tally: Failures, halt: Halt): Promise<Resumable> {
  const resumable: Resumable = new Set();
  for (const intent of ports.intents.left) {
    const { progress } = intent;
    if (progress.step === 'parts' && progress.uploadId !== null) resumable.add({ ...intent, progress } as LeftUpload);
    else await attempt(intent.file.path, tally, ports.report, () => settle(intent, ports, halt));
  }
  tellOrphans(ports);
  return resumable;
}

async function settle(intent: Intent, ports: LeftoverPorts, halt: Halt): Promise<void> {
  const { progress } = intent;
  switch (progress.step) {
    case 'stored':
      return finishDeletion(intent, ports, halt);
    case 'completing':
      return learnOutcome(intent, progress, ports, halt);
    case 'parts':
    case 'whole':
      return;
  }
}

/** The unfinished upload of exactly this file, if there is one; one of an older state of it stays to be abandoned. */
export function takeLeft({ path, size, mtime }: LocalFile, resumable: Resumable): LeftUpload | null {
  for (const left of resumable) {
    const { file } = left;
    if (file.path === path && file.size === size && file.mtime === mtime && resumable.delete(left)) return left;
  }
  return null;
}

/** Drops the uploads that nobody went on with: their files are gone, have changed, or are no longer wanted. */
export async function abandonLeftovers(
  resumable: Iterable<LeftUpload>,
  ports: LeftoverPorts,
  tally: Failures,
  halt: Halt,
): Promise<void> {
  for (const left of resumable) {
    await attempt(left.file.path, tally, ports.report, () => abandon(left, left.progress.uploadId, ports, halt));
  }
}

async function finishDeletion(intent: Intent, ports: LeftoverPorts, halt: Halt): Promise<void> {
  const { supersedes: id, file } = intent;
  const { live } = ports.journal;
  if (id !== null && live.has(id)) {
    const why = live.versionsOf(file.path).length > 1 ? 'superseded' : 'removed';
    await forgetAnnounced({ id, path: file.path }, why, ports, halt);
  }
  await ports.intents.settle(intent, 0);
}

type Completing = Extract<Intent['progress'], { step: 'completing' }>;

/** Completing again gives the same archive, if the first time succeeded or the upload is still whole. */
export async function learnOutcome(intent: Intent, asked: Completing, ports: LeftoverPorts, halt: Halt): Promise<void> {
  const { file } = intent;
  try {
    const stored = await ports.vault.completeUpload(asked.uploadId, file.size, asked.treeHash, halt.now);
    const archive = { ...file, id: stored.archiveId, treeHash: asked.treeHash, createdAt: stored.at };
    // A clock that went back hides from the reconciliation that the fact is there.
    if (!ports.journal.live.has(archive.id)) await recordStored(archive, ports);
    const { path, size } = file;
    ports.report({ event: 'stored', path, size, treeHash: asked.treeHash, archiveId: archive.id, resumed: size });
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'UPLOAD_NOT_FOUND') return ports.intents.settle(intent, 1);
    if (failure.code === 'HASH_MISMATCH' || failure.code === 'VAULT_REFUSED') {
      return abandon(intent, asked.uploadId, ports, halt);
    }
    throw failure;
  }
  await finishDeletion(await ports.intents.advance(intent, { step: 'stored' }), ports, halt);
}

function tellOrphans(ports: LeftoverPorts): void {
  const { possibleOrphans } = ports.intents;
  const [first] = possibleOrphans;
  if (first === undefined) return;
  const others = possibleOrphans.length === 1 ? '' : ` and ${possibleOrphans.length - 1} more`;
  ports.report({
    event: 'notice',
    topic: 'possible-orphans',
    message: `uploads of earlier runs ended without an answer: ${printable(first.file.path)}${others}`,
    hint: 'the vault may hold an archive of each that the journal does not know; mtglacier verify-remote --adopt settles it',
  });
}
