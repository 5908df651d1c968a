// The archives whose files are not here: what restore asks for and restore-completed fetches.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import { nameOfNoFile } from '../../model/refused-name.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import { type Failures, reportUnforeseen } from '../items.js';
import { latestSelected, type SelectedPorts } from '../selected.js';

export interface MissingPorts extends SelectedPorts {
  readonly directory: Pick<KeptDirectory, 'look'>;
  readonly report: Report;
}

/** What was come upon besides the missing: files that are here, and places that could not be looked at. */
export interface MissingTally extends Failures {
  here: number;
}

/**
 * The latest version of every selected path with no file in its place, by path. An empty file counts as one: it is the user's,
 * and nothing of the user's is ever written over.
 */
export async function* missingArchives(ports: MissingPorts, tally: MissingTally, halt: Halt): AsyncGenerator<Archive> {
  for await (const archive of latestSelected(ports)) {
    throwIfInterrupted(halt.soon);
    const looked = ports.directory.look(archive.path);
    switch (looked.kind) {
      case 'missing':
        // To ask the vault for what can never be landed would cost money for nothing.
        if (RelPath.canNameAFile(archive.path)) yield archive;
        else fail(archive, nameOfNoFile(archive.path), ports, tally);
        break;
      case 'other':
        fail(archive, inTheWay(archive), ports, tally);
        break;
      case 'file':
      case 'empty':
        tally.here++;
        break;
      case 'unseen':
        fail(archive, looked.failure, ports, tally);
        break;
    }
  }
}

function fail({ path }: Archive, failure: Failure, { report }: MissingPorts, tally: MissingTally): void {
  tally.failed++;
  reportUnforeseen(path, failure, report);
}

function inTheWay({ path }: Archive): Failure {
  return new Failure('FILE_UNWRITABLE', `something that is no file is in the place of ${printable(path)}`, {
    hint: 'move it away to restore the file',
  });
}
