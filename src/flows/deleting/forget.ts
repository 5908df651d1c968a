// Deleting one archive: intent, vault, fact. Whoever finds the intent without the fact finishes the deletion.

import type { Intents } from '../../journal/intents.js';
import type { Journal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock, Instant } from '../../model/clock.js';
import type { Report, RunEvent } from '../../model/events.js';
import { asFailure, isUnanswered } from '../../model/failure.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Deleting } from '../../vault/port.js';

export interface ForgetPorts {
  readonly vault: Deleting;
  readonly journal: Journal;
  readonly intents: Intents;
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * When this ends, the fact is in the journal. The intent comes first: an archive that may have been deleted must never
 * pass for one that keeps a file, should the file come back before the next run.
 */
export async function forget(
  archive: Archive,
  why: Exclude<Why, 'superseded'>,
  ports: ForgetPorts,
  halt: Halt,
): Promise<void> {
  const { id, path, size, mtime, createdAt } = archive;
  // Old journals may hold sizes that no file has, and intents may not.
  const file = { path, size: Math.min(size, Number.MAX_SAFE_INTEGER), mtime: mtime ?? createdAt };
  const intent = await ports.intents.begin(ports.clock.now(), file, id, { step: 'stored' });
  const at = await ports.vault.deleteArchive(id, halt.now).catch(async (thrown: unknown) => {
    if (!isUnanswered(asFailure(thrown).code)) await ports.intents.settle(intent, 0);
    throw thrown;
  });
  await record(archive, at, why, ports);
  ports.intents.settleByFact(intent);
}

type Deleted = Pick<Archive, 'id' | 'path'>;
type Why = Extract<RunEvent, { event: 'deleted' }>['why'];

/** The same for an archive that an intent on disk names already. */
export async function forgetAnnounced(
  archive: Deleted,
  why: Why,
  ports: Pick<ForgetPorts, 'vault' | 'journal' | 'report'>,
  halt: Halt,
): Promise<void> {
  await record(archive, await ports.vault.deleteArchive(archive.id, halt.now), why, ports);
}

async function record(
  { id, path }: Deleted,
  at: Instant,
  why: Why,
  { journal, report }: Pick<ForgetPorts, 'journal' | 'report'>,
): Promise<void> {
  await journal.append({ type: 'deleted', at, archiveId: id, path });
  report({ event: 'deleted', path, archiveId: id, why });
}
