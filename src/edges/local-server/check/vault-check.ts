// Whether the files of one vault are those that its log speaks of, byte for byte.

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LEAF_SIZE } from '../../../model/tree-hash.js';
import { ifThere } from '../durable/if-there.js';
import type { Archive } from '../vault/archive.js';
import { bytesOfFile } from '../vault/archive-bytes.js';
import { LeafHasher, treeHashOfLeaves } from '../vault/leaves.js';
import type { VaultRecord } from '../vault/records.js';
import { type Upload, VaultState } from '../vault/vault-state.js';
import { type Finding, fault, leftover } from './finding.js';
import { checkLog } from './log-check.js';

/** What was looked at. */
export interface VaultChecked {
  /** Those that are deleted and can still be read by a job are counted too. */
  readonly archives: number;
  /** Archives whose bytes were never kept. */
  readonly discarded: number;
  readonly uploads: number;
  readonly bytes: number;
}

export const NOTHING_CHECKED: VaultChecked = { archives: 0, discarded: 0, uploads: 0, bytes: 0 };

const OF_VAULT = new Set(['log.ndjson', 'archives', 'leaves', 'staged']);

/** What two checks looked at together. */
export function sumOf(a: VaultChecked, b: VaultChecked): VaultChecked {
  return {
    archives: a.archives + b.archives,
    discarded: a.discarded + b.discarded,
    uploads: a.uploads + b.uploads,
    bytes: a.bytes + b.bytes,
  };
}

/**
 * @param named folders of the account's vaults so far, by their names: this one's is added
 * @param now what the vaults' clock shows: what is over by then need not be there
 */
export async function* checkVault(
  directory: string,
  named: Map<string, string>,
  now: number,
  signal: AbortSignal,
): AsyncGenerator<Finding, VaultChecked> {
  const state = yield* readState(join(directory, 'log.ndjson'));
  if (state === null) return NOTHING_CHECKED;
  const other = named.get(state.name);
  if (other !== undefined) yield fault(directory, `is the vault ${state.name}, as is ${other}`);
  named.set(state.name, directory);
  state.expire(Math.max(now, state.latestAt));
  return yield* new VaultCheck(directory, state, signal).all();
}

/** Null for a log that is not whole: what it says of files is not all that there is to say. */
async function* readState(log: string): AsyncGenerator<Finding, VaultState | null> {
  const state = new VaultState({ realistic: true });
  const found = yield* checkLog({ path: log, first: 'vault' }, (record) => state.apply(record as VaultRecord));
  if (found === 'missing') yield fault(log, 'is missing');
  if (found !== 'whole') return null;
  if (state.name !== '') return state;
  yield fault(log, 'is empty');
  return null;
}

/** A file that must be there, with what its tree hash must be, if that is known for it alone. */
interface Expected {
  readonly file: string;
  readonly size: number;
  readonly treeHash: string | null;
}

class VaultCheck {
  readonly #directory: string;
  readonly #state: VaultState;
  readonly #signal: AbortSignal;
  #bytes = 0;

  constructor(directory: string, state: VaultState, signal: AbortSignal) {
    this.#directory = directory;
    this.#state = state;
    this.#signal = signal;
  }

  async *all(): AsyncGenerator<Finding, VaultChecked> {
    yield* this.#strayFiles();
    const archives = this.#archives();
    const kept = archives.filter(({ discarded }) => !discarded);
    for (const archive of kept) yield* this.#archive(archive);
    const uploads = [...this.#state.uploads.values()].filter(({ state }) => state.is === 'open');
    for (const upload of uploads.filter(({ discarded }) => discarded !== true)) yield* this.#upload(upload);
    for (const job of this.#state.jobs.all()) {
      const { record } = job;
      if (record.action !== 'inventory-retrieval') continue;
      const { size, treeHash = null } = record;
      yield* this.#staged({ file: this.#path('staged', record.id), size, treeHash });
    }
    const counts = { archives: archives.length, discarded: archives.length - kept.length, uploads: uploads.length };
    return { ...counts, bytes: this.#bytes };
  }

  /** Those that are there, and those that only jobs read any more. */
  #archives(): Archive[] {
    const read = [...this.#state.jobs.all()].flatMap(({ archive }) => archive ?? []);
    return [...new Map([...this.#state.archives.values(), ...read].map((archive) => [archive.id, archive])).values()];
  }

  async *#archive(archive: Archive): AsyncGenerator<Finding> {
    const own = this.#path('archives', archive.id);
    const leaves: Buffer[] = [];
    for (const expected of filesOf(own, archive)) {
      const found = yield* this.#file(expected, archive.id);
      if (found === null) return;
      leaves.push(found);
    }
    if (treeHashOfLeaves(Buffer.concat(leaves)) !== archive.treeHash)
      yield fault(own, 'has other bytes than were stored');
  }

  async *#upload(upload: Upload): AsyncGenerator<Finding> {
    for (const { file, size, treeHash } of upload.parts.values()) {
      yield* this.#file({ file: this.#path('archives', upload.archiveId, file), size, treeHash }, upload.archiveId);
    }
  }

  /** Gives its leaves; null when it is not there, or not whole. */
  async *#file({ file, size, treeHash }: Expected, archiveId: string): AsyncGenerator<Finding, Buffer | null> {
    this.#signal.throwIfAborted();
    const found = await sizeOf(file);
    if (found !== size) {
      yield otherSize(file, found, size);
      return null;
    }
    const leaves = await leavesOfFile(file, size, this.#signal);
    this.#bytes += size;
    if (treeHash !== null && treeHashOfLeaves(leaves) !== treeHash)
      yield fault(file, 'has other bytes than were stored');
    yield* this.#keptLeaves(file, archiveId, leaves);
    return leaves;
  }

  /** Leaves that are missing, or not as many as they should be, are made again when they are needed. */
  async *#keptLeaves(file: string, archiveId: string, leaves: Buffer): AsyncGenerator<Finding> {
    if (leaves.length === 0 || leaves.length === 32) return;
    const name = basename(file);
    const path = this.#path('leaves', ...(name === archiveId ? [name] : [archiveId, name]));
    const kept = await readFile(path).catch(() => null);
    if (kept?.length === leaves.length && !kept.equals(leaves)) yield fault(path, 'has other hashes than the bytes');
  }

  /** Inventories of older logs have no tree hash. */
  async *#staged({ file, size, treeHash }: Expected): AsyncGenerator<Finding> {
    const found = await sizeOf(file);
    if (found !== size) yield otherSize(file, found, size);
    else if (treeHash !== null && treeHashOfLeaves(await leavesOfFile(file, size, this.#signal)) !== treeHash)
      yield fault(file, 'has other bytes than were stored');
  }

  async *#strayFiles(): AsyncGenerator<Finding> {
    const names = await readdir(this.#directory);
    for (const name of names) if (!OF_VAULT.has(name)) yield fault(this.#path(name), 'is no file of a vault');
    // Those that are missing are made again, and what they should have had is told one by one.
    const isThere = (room: string) => names.includes(room);
    for (const room of ['archives', 'leaves'].filter(isThere)) {
      for (const entry of await readdir(this.#path(room), { withFileTypes: true })) {
        if (!this.#state.needs(entry.name)) yield leftover(this.#path(room, entry.name));
        else if (entry.isDirectory()) yield* this.#strayParts(room, entry.name);
      }
    }
    for (const name of isThere('staged') ? await readdir(this.#path('staged')) : []) {
      if (this.#state.jobs.get(name) === undefined) yield leftover(this.#path('staged', name));
    }
  }

  async *#strayParts(room: string, archiveId: string): AsyncGenerator<Finding> {
    const known = this.#state.partsOf(archiveId);
    if (known === null) return;
    for (const file of await readdir(this.#path(room, archiveId))) {
      if (!known.has(file)) yield leftover(this.#path(room, archiveId, file));
    }
  }

  #path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }
}

function filesOf(own: string, { parts, size }: Archive): Expected[] {
  if (parts === null) return [{ file: own, size, treeHash: null }];
  const { partSize, files } = parts;
  return files.map((file, index) => ({
    file: join(own, file),
    size: Math.min(partSize, size - index * partSize),
    treeHash: null,
  }));
}

/** @param found null where there is no file */
function otherSize(file: string, found: number | null, size: number): Finding {
  return fault(file, found === null ? 'is missing' : `has ${found} bytes and should have ${size}`);
}

/** Null where there is no file. */
async function sizeOf(file: string): Promise<number | null> {
  const found = await ifThere(stat(file));
  return found?.isFile() === true ? found.size : null;
}

async function leavesOfFile(file: string, size: number, signal: AbortSignal): Promise<Buffer> {
  const hasher = new LeafHasher();
  let hashed = 0;
  for await (const bytes of bytesOfFile(file, 0, size)) {
    if (hashed % LEAF_SIZE === 0) signal.throwIfAborted();
    hashed += bytes.length;
    hasher.update(bytes);
  }
  return hasher.digest();
}
