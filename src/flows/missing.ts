// The archives whose files are not here: what restore asks for and restore-completed fetches.

import type { KeptDirectory } from '../disk/kept-directory.js';
import type { ReadableJournal } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import type { Report } from '../model/events.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import type { Halt } from '../transfer/concurrently.js';
import { type Failures, reportUnforeseen } from './items.js';

export interface MissingPorts {
  readonly directory: Pick<KeptDirectory, 'look'>;
  readonly journal: ReadableJournal;
  readonly report: Report;
}

/** What was come upon besides the missing: files that are here, and places that could not be looked at. */
export interface MissingTally extends Failures {
  here: number;
}

/**
 * The latest version of every path with no file in its place, by path. An empty file counts as one: it is the user's,
 * and nothing of the user's is ever written over.
 */
export async function* missingArchives(ports: MissingPorts, tally: MissingTally, halt: Halt): AsyncGenerator<Archive> {
  for await (const archive of ports.journal.live.latest()) {
    throwIfInterrupted(halt.soon);
    const looked = ports.directory.look(archive.path);
    switch (looked.kind) {
      case 'missing':
        yield archive;
        break;
      case 'other':
        tally.failed++;
        reportUnforeseen(archive.path, inTheWay(archive), ports.report);
        break;
      case 'file':
      case 'empty':
        tally.here++;
        break;
      case 'unseen':
        tally.failed++;
        reportUnforeseen(archive.path, looked.failure, ports.report);
        break;
    }
  }
}

/** Nothing could be landed there: to ask the vault for it would cost money for nothing. */
function inTheWay({ path }: Archive): Failure {
  return new Failure('FILE_UNWRITABLE', `something that is no file is in the place of ${printable(path)}`, {
    hint: 'move it away to restore the file',
  });
}
