// Deleting one archive: the vault first, then the fact.

import type { Journal } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import type { Report } from '../model/events.js';
import type { Halt } from '../transfer/concurrently.js';
import type { Deleting } from '../vault/port.js';

export interface ForgetPorts {
  readonly vault: Deleting;
  readonly journal: Journal;
  readonly report: Report;
}

/** When this ends, the fact is in the journal. Deleting an archive that is gone is no failure: a crash may have come between. */
export async function forget(
  archive: Pick<Archive, 'id' | 'path'>,
  why: 'superseded' | 'removed' | 'purged',
  ports: ForgetPorts,
  halt: Halt,
): Promise<void> {
  const at = await ports.vault.deleteArchive(archive.id, halt.now);
  await ports.journal.append({ type: 'deleted', at, archiveId: archive.id, path: archive.path });
  ports.report({ event: 'deleted', path: archive.path, archiveId: archive.id, why });
}
