// Archives of a vault in memory, all ready to be read, and a directory to bring them to, as often as it takes.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLanding } from '../../src/disk/landing.js';
import { diskFiles, type LandingFiles } from '../../src/disk/landing-files.js';
import { placeOf } from '../../src/disk/place.js';
import { fetch } from '../../src/flows/retrieving/fetch.js';
import type { Archive } from '../../src/model/archive.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { asFailure, type Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { VaultName } from '../../src/model/identifiers.js';
import type { ByteRange } from '../../src/model/parts.js';
import { RelPath } from '../../src/model/rel-path.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import { MemoryVaults } from '../../src/vault/memory.js';
import { type ReadyRetrieval, type RetrievedRange, type Retrieving, wholeAt } from '../../src/vault/retrieving-port.js';
import { bytesOf, hashed, MIB } from '../vault/bytes.js';

export const SEGMENTS = 5;
export const SIZE = (SEGMENTS - 1) * MIB + 77;

const never = new AbortController().signal;
const NAME = VaultName.parse('photos');
const AT_ONCE = { Expedited: 0, Standard: 0, Bulk: 0 };

export interface Stored {
  readonly archive: Archive;
  readonly ready: ReadyRetrieval;
  readonly content: Uint8Array;
}

export interface Fetched {
  readonly failure: Failure | null;
  /** First bytes of what was read from the vault, in order; a range that was read twice is there twice. */
  readonly reads: readonly number[];
  readonly events: readonly RunEvent[];
}

export interface Fetching {
  readonly segmentSize?: number;
  readonly width?: number;
  readonly root?: string;
  readonly files?: LandingFiles;
  /** Comes before each read, and may throw. @param nth from 1 */
  readonly beforeRead?: (nth: number, start: number) => Promise<void> | void;
  /** In the place of what the vault says. */
  readonly altered?: (read: RetrievedRange, start: number) => RetrievedRange;
  readonly signal?: AbortSignal;
}

export class Scene implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'mtglacier-fetching-'));
  readonly root = join(this.home, 'kept');
  readonly #vaults = new MemoryVaults({ now: () => Instant.ofSeconds(1_700_000_000) }, AT_ONCE);
  readonly #vault = this.#vaults.vault(NAME);

  constructor() {
    mkdirSync(this.root);
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A vault whose reads are told of, and can be meddled with. */
  reading({ beforeRead, altered }: Fetching, reads: number[]): Retrieving['read'] {
    return async (of, range, signal) => {
      const nth = reads.push(range.start);
      await beforeRead?.(nth, range.start);
      const read = await this.#vault.read(of, range, signal);
      return altered?.(read, range.start) ?? read;
    };
  }

  /** A range of what is stored, ready to be read. */
  async ready({ archive }: Stored, range: ByteRange): Promise<ReadyRetrieval> {
    const { jobId, at } = await this.#vault.requestRetrieval(archive.id, { ...wholeAt('Standard'), range }, never);
    return { state: 'ready', jobId, requestedAt: at, size: range.end - range.start, readableUntil: null };
  }

  async store(path: string, seed = 1, size = SIZE): Promise<Stored> {
    await this.#vaults.create(NAME, never);
    const content = bytesOf(size, seed);
    const { archiveId: id } = await this.#vault.uploadWhole(hashed(content), '', never);
    const { jobId, at } = await this.#vault.requestRetrieval(id, wholeAt('Standard'), never);
    const treeHash = treeHashOf(content, nodeEngine);
    const mtime = Instant.ofSeconds(1_234_567_890);
    const archive: Archive = { id, path: RelPath.parse(path), size, mtime, treeHash, createdAt: at };
    return { archive, ready: { state: 'ready', jobId, requestedAt: at, size, readableUntil: null }, content };
  }

  async fetch({ archive, ready }: Stored, fetching: Fetching = {}): Promise<Fetched> {
    const { segmentSize = MIB, width = 2, root = this.root, files = diskFiles } = fetching;
    const { signal = never } = fetching;
    const events: RunEvent[] = [];
    const reads: number[] = [];
    const report = (event: RunEvent): void => void events.push(event);
    const place = placeOf(root);
    const vault: Parameters<typeof createInlineTransfer>[0]['vault'] = {
      uploadWhole: () => Promise.reject(new Error('nothing is stored')),
      uploadPart: () => Promise.reject(new Error('nothing is stored')),
      read: this.reading(fetching, reads),
    };
    const transfer = createInlineTransfer({ place, vault, engine: nodeEngine, width: width + 1, report });
    const directory: Parameters<typeof fetch>[3]['directory'] = {
      land: (path, size, content) => openLanding(place, path, size, content, files),
    };
    const halt = { soon: signal, now: signal };
    const ports = { directory, transfer, engine: nodeEngine, report };
    const ended = await fetch(archive, ready, { segmentSize, width }, ports, halt).then(() => null, asFailure);
    return { failure: ended, reads, events };
  }

  /** What is in the directory, hidden or not. */
  names(root = this.root): string[] {
    return readdirSync(root).sort();
  }

  read(name: string, root = this.root): Buffer {
    return readFileSync(join(root, name));
  }

  /** The hidden files of the one landing that is kept. */
  kept(root = this.root): { readonly bytes: string; readonly record: string } {
    const [record, bytes, ...others] = this.names(root).filter((name) => name.startsWith('.mtglacier-'));
    if (record?.endsWith('.landed') !== true || bytes?.endsWith('.part') !== true || others.length > 0) {
      throw new Error(`no landing, or more: ${this.names(root).join(' ')}`);
    }
    return { bytes: join(root, bytes), record: join(root, record) };
  }
}

/** Bytes of the archive that a run has taken over from those before it. */
export function resumedOf({ events }: Fetched): number {
  return events.reduce((sum, event) => (event.event === 'restored' ? sum + event.resumed : sum), 0);
}
