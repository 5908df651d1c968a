// The story of upload-file: one file, or one stream, is stored under a name that the journal does not have yet.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { ReadableJournal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { Failure } from '../../model/failure.js';
import type { LocalFile } from '../../model/local-file.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import type { Halt } from '../../transfer/concurrently.js';
import { Budget, type Limit, type RunLimits } from '../budget.js';
import type { Failures } from '../items.js';
import { abandonLeftovers, type Resumable, settleLeftovers, takeLeft } from './leftovers.js';
import { type StorePorts, type StoreRequest, store } from './store.js';
import { isOfStream, type StreamPorts, type StreamRequest, storeStream } from './store-stream.js';

export interface UploadFilePorts extends StorePorts {
  readonly directory: Pick<KeptDirectory, 'settled'>;
}

export interface UploadRequest extends Pick<StoreRequest, 'file' | 'partSize' | 'width'> {
  readonly limits?: RunLimits;
}

export interface UploadTally {
  stored: number;
  storedBytes: number;
  /** What ended the run before the file was stored, if anything did: the rest is for a later run. */
  limit: Limit | null;
  /** What earlier runs left and could not be finished. */
  readonly leftovers: Failures;
}

export function emptyUploadTally(): UploadTally {
  return { stored: 0, storedBytes: 0, limit: null, leftovers: { failed: 0 } };
}

/**
 * Stores the file; an upload of it that an earlier run left is gone on with.
 * @throws Failure NAME_TAKEN before anything is sent, or as storing a file
 */
export async function uploadFile(
  request: UploadRequest,
  ports: UploadFilePorts,
  tally: UploadTally,
  halt: Halt,
): Promise<void> {
  const budget = new Budget(null, request.limits);
  await budget.within(halt, (halt) => uploadWithin(budget, request, ports, tally, halt));
  tally.limit = budget.exceeded;
}

async function uploadWithin(
  budget: Budget,
  request: UploadRequest,
  ports: UploadFilePorts,
  tally: UploadTally,
  halt: Halt,
): Promise<void> {
  const { file } = request;
  ports.report({ event: 'ahead', files: 1, bytes: file.size });
  assertFree(file.path, ports.journal);
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  const isThere = isStored(file, ports.journal);
  const left = isThere ? null : takeLeft(file, resumable);
  await abandonUseless(file.path, resumable, ports, tally, halt);
  if (!isThere) {
    assertFree(file.path, ports.journal);
    await ports.directory.settled(file, halt.soon);
    await store({ ...request, old: null, left, spend: (bytes) => budget.spend(bytes) }, ports, halt);
  }
  tally.stored++;
  tally.storedBytes += file.size;
}

/**
 * Stores what comes in, with the present time as that of the file.
 * @throws Failure as uploadFile
 */
export async function uploadStream(
  { path, width }: Omit<StreamRequest, 'mtime'>,
  ports: StreamPorts,
  tally: UploadTally,
  halt: Halt,
): Promise<void> {
  const mtime = ports.clock.now();
  ports.report({ event: 'ahead', files: 1, bytes: 0 });
  assertFree(path, ports.journal);
  const resumable = await settleLeftovers(ports, tally.leftovers, halt);
  await abandonUseless(path, resumable, ports, tally, halt);
  assertFree(path, ports.journal);
  tally.storedBytes += await storeStream({ path, mtime, width }, ports, halt);
  tally.stored++;
}

/**
 * What an upload would do, as a 'planned' event. The vault is not asked.
 * @param size null where it is known only when all has come
 * @throws Failure NAME_TAKEN
 */
export function planUpload(
  path: RelPath,
  size: number | null,
  { journal, report }: { readonly journal: ReadableJournal; readonly report: Report },
): void {
  assertFree(path, journal);
  report({ event: 'planned', do: 'upload', path, size });
}

function assertFree(path: RelPath, { live }: ReadableJournal): void {
  const taken = live.versionsOf(path).at(-1);
  if (taken === undefined) return;
  throw new Failure('NAME_TAKEN', `the journal has ${printable(path)} already, of ${taken.size} bytes`, {
    hint:
      'give another name; mtglacier sync --replace-modified stores a file that has changed, ' +
      'and mtglacier rm deletes what is stored',
  });
}

/** An earlier run may have been interrupted after all was sent; its outcome is known only when it is asked for. */
function isStored(file: LocalFile, { live }: ReadableJournal): boolean {
  const isSame = ({ size, mtime }: Archive): boolean => size === file.size && mtime === file.mtime;
  return live.versionsOf(file.path).some(isSame);
}

/** Drops what nobody will go on with: what is left of other content of this name, and of streams. */
async function abandonUseless(
  path: RelPath,
  resumable: Resumable,
  ports: Pick<StorePorts, 'vault' | 'journal' | 'intents' | 'report'>,
  tally: UploadTally,
  halt: Halt,
): Promise<void> {
  const useless = [...resumable].filter((left) => left.file.path === path || isOfStream(left));
  await abandonLeftovers(useless, ports, tally.leftovers, halt);
}
