// Finishing what an interrupted run left open, before anything new is begun.

import type { Intent } from '../journal/intents.js';
import { asFailure } from '../model/failure.js';
import { printable, type RelPath } from '../model/rel-path.js';
import type { Halt } from '../transfer/concurrently.js';
import { forget } from './forget.js';
import { abandon, type LeftUpload, recordStored, type StorePorts } from './store.js';

type LeftoverPorts = Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'report'>;

/** Uploads that can be gone on with, by the path of their file. */
export type Resumable = Map<RelPath, LeftUpload>;

/**
 * Learns the outcome of every upload that was being completed, deletes the versions that were already superseded,
 * and gives the uploads that have parts in the vault.
 */
export async function settleLeftovers(ports: LeftoverPorts, halt: Halt): Promise<Resumable> {
  const resumable: Resumable = new Map();
  for (const intent of ports.intents.left) {
    const { progress } = intent;
    switch (progress.step) {
      case 'stored':
        await finishSuperseding(intent, ports, halt);
        break;
      case 'completing':
        await learnOutcome(intent, progress, ports, halt);
        break;
      case 'parts':
        if (progress.uploadId !== null) resumable.set(intent.file.path, { ...intent, progress } as LeftUpload);
        break;
      case 'whole':
        break;
    }
  }
  tellOrphans(ports);
  return resumable;
}

/** Drops the uploads that nobody went on with: their files are gone, have changed, or are no longer wanted. */
export async function abandonLeftovers(resumable: Resumable, ports: LeftoverPorts, halt: Halt): Promise<void> {
  for (const left of resumable.values()) await abandon(left, left.progress.uploadId, ports, halt);
  resumable.clear();
}

async function finishSuperseding(intent: Intent, ports: LeftoverPorts, halt: Halt): Promise<void> {
  const { supersedes } = intent;
  if (supersedes !== null && ports.journal.live.has(supersedes)) {
    await forget({ id: supersedes, path: intent.file.path }, 'superseded', ports, halt);
  }
  await ports.intents.settle(intent, 0);
}

type Completing = Extract<Intent['progress'], { step: 'completing' }>;

/** Completing again gives the same archive, if the first time succeeded or the upload is still whole. */
async function learnOutcome(intent: Intent, asked: Completing, ports: LeftoverPorts, halt: Halt): Promise<void> {
  const { file } = intent;
  try {
    const stored = await ports.vault.completeUpload(asked.uploadId, file.size, asked.treeHash, halt.now);
    const archive = { ...file, id: stored.archiveId, treeHash: asked.treeHash, createdAt: stored.at };
    await recordStored(archive, ports);
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
  await finishSuperseding(await ports.intents.advance(intent, { step: 'stored' }), ports, halt);
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
    hint: 'the vault may hold an archive of each that the journal does not know; an inventory of the vault tells',
  });
}
