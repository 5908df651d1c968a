// Where archives go that are got one by one: to their names in a directory, to one file, or out as a stream.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { Landing, LandingContent } from '../../disk/landing.js';
import type { Archive } from '../../model/archive.js';
import { Failure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { nameOfNoFile } from '../../model/refused-name.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { Transfer } from '../../transfer/port.js';
import type { ReadyRetrieval } from '../../vault/retrieving-port.js';
import { type FetchPorts, type FetchRequest, fetch } from './fetch.js';
import { type PourPorts, pour } from './pour.js';

export interface Destination {
  /**
   * Whether this very content is there already.
   * @throws Failure when it cannot go there, because something else is in its place or no file can have its name
   */
  has(archive: Archive, halt: Halt): Promise<boolean>;
  /** Brings it there, proven; 'cut short' when nobody takes it any more. */
  put(archive: Archive, ready: ReadyRetrieval, halt: Halt): Promise<'whole' | 'cut short'>;
}

export interface DirectoryPorts extends FetchPorts {
  readonly directory: Pick<KeptDirectory, 'look' | 'land'>;
  readonly transfer: FetchPorts['transfer'] & Pick<Transfer, 'hashFile'>;
}

/** Each under the name that the journal has for it. */
export function intoDirectory(request: FetchRequest, ports: DirectoryPorts): Destination {
  return {
    has: (archive, halt) => hasFile(archive, ports, halt),
    async put(archive, ready, halt) {
      await fetch(archive, ready, request, ports, halt);
      return 'whole';
    },
  };
}

/** @param land opens the file to be, of so many bytes; `content` as `KeptDirectory.land` takes it */
export function intoFile(
  land: (size: number, content?: LandingContent | null) => Promise<Landing>,
  request: FetchRequest,
  ports: Omit<FetchPorts, 'directory'>,
): Destination {
  const directory: FetchPorts['directory'] = { land: (_path, size, content) => land(size, content) };
  return {
    has: async () => false,
    async put(archive, ready, halt) {
      await fetch(archive, ready, request, { ...ports, directory }, halt);
      return 'whole';
    },
  };
}

/** Out, in order, to whoever reads; it never has anything already. */
export function intoStream(request: FetchRequest, ports: PourPorts): Destination {
  return {
    has: async () => false,
    put: (archive, ready, halt) => pour(archive, ready, request, ports, halt),
  };
}

async function hasFile(archive: Archive, ports: DirectoryPorts, halt: Halt): Promise<boolean> {
  const { path } = archive;
  const looked = ports.directory.look(path);
  switch (looked.kind) {
    case 'missing':
      if (RelPath.canNameAFile(path)) return false;
      throw nameOfNoFile(path);
    case 'file':
      if (await isContentOf(archive, looked.file, ports, halt)) return true;
      throw isTaken(path, 'other content');
    case 'empty':
      throw isTaken(path, 'an empty file');
    case 'other':
      throw isTaken(path, 'something that is no file');
    case 'unseen':
      throw looked.failure;
  }
}

/** Size and time are taken for the content, as a sync takes them; where the time differs the content is hashed. */
async function isContentOf(archive: Archive, file: LocalFile, ports: DirectoryPorts, halt: Halt): Promise<boolean> {
  if (file.size !== archive.size) return false;
  if (file.mtime === archive.mtime) return true;
  ports.report({ event: 'ahead', files: 0, bytes: file.size });
  return (await ports.transfer.hashFile(file, halt.soon)) === archive.treeHash;
}

function isTaken(path: RelPath, by: string): Failure {
  return new Failure('FILE_UNWRITABLE', `${by} is in the place of ${printable(path)}, and is left as it is`, {
    hint: 'move it away, or get the archive elsewhere with --output',
  });
}
