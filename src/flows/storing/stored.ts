// What a vault has confirmed: put into the journal, told, and settled.

import type { Intent, Intents } from '../../journal/intents.js';
import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { asFailure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { printable } from '../../model/rel-path.js';
import type { TreeHash } from '../../model/tree-hash.js';
import type { StoredArchive } from '../../vault/port.js';

/** What the vault has confirmed, and nothing else on this machine knows yet. */
export interface Sent {
  readonly stored: StoredArchive;
  readonly treeHash: TreeHash;
  readonly intent: Intent;
  /** Bytes that an earlier run had sent. */
  readonly resumed: number;
}

interface RecordPorts {
  readonly journal: Journal;
  readonly report: Report;
}

/**
 * Puts what the vault has confirmed into the journal, and tells it. Requests without an answer first: beside the fact
 * nothing would speak of them, so a crash between the two must find them listed. From then on the fact settles the intent.
 */
export async function recordSent(
  file: LocalFile,
  sent: Sent,
  ports: RecordPorts & { readonly intents: Pick<Intents, 'suspect'> },
): Promise<void> {
  const { stored, treeHash, resumed, intent } = sent;
  const { path, size, mtime } = file;
  const archive: Archive = { id: stored.archiveId, path, size, mtime, treeHash, createdAt: stored.at };
  try {
    if (stored.unansweredRequests > 0) await ports.intents.suspect(intent, stored.unansweredRequests);
    await ports.journal.append({ type: 'created', archive });
  } catch (thrown) {
    throw tellUnrecorded(archive, thrown, ports.report);
  }
  ports.report({ event: 'stored', path, size, treeHash, archiveId: archive.id, resumed });
}

/** Puts the fact into the journal. */
export async function recordStored(archive: Archive, { journal, report }: RecordPorts): Promise<void> {
  try {
    await journal.append({ type: 'created', archive });
  } catch (thrown) {
    throw tellUnrecorded(archive, thrown, report);
  }
}

/** When an archive cannot be recorded it is told: nothing else on this machine knows its id. Gives what was thrown. */
function tellUnrecorded({ path: name, id }: Archive, thrown: unknown, report: Report): unknown {
  const message = `${printable(name)} was stored as archive ${id}, which the journal could not take`;
  report({ event: 'failed', name, code: asFailure(thrown).code, message, hint: null });
  return thrown;
}
