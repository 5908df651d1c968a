// One vault on disk: its folder, its log, and what the log says it holds.

import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { syncDirectory } from '../durable/durable-file.js';
import { LOG_FORMAT } from '../durable/log-lines.js';
import type { LogPlace } from '../durable/log-writer.js';
import { openLog, type RecordLog } from '../durable/record-log.js';
import { ShortLog } from '../durable/short-log.js';
import { notFound, serviceUnavailable } from '../protocol/errors.js';
import { newSuffix } from '../protocol/ids.js';
import type { Archive } from './archive.js';
import type { Job } from './job-book.js';
import { shortenVaultLog } from './log-shortening.js';
import type { VaultRecord } from './records.js';
import { VaultState } from './vault-state.js';

const LOG = 'log.ndjson';

/** How vaults of a folder work. */
export interface VaultOptions {
  readonly realistic: boolean;
  /** Where half-made things lie; emptied at every start. */
  readonly tmp: string;
  /** How long an upload may stand still before it is over. Ms of the vault's clock. */
  readonly uploadIdleMs: number;
  /** Whether the bytes of archives are thrown away once they are checked. */
  readonly discards: boolean;
}

/** What is recorded holds at once, and may be told when it is on stable storage. */
export class Vault {
  readonly state: VaultState;
  readonly directory: string;
  readonly archives: string;
  readonly leaves: string;
  readonly staged: string;
  readonly options: VaultOptions;
  readonly #log: ShortLog;
  #removed = false;
  /** No upload can have stood still for too long before. */
  #nextIdleAt = 0;

  constructor(directory: string, state: VaultState, log: RecordLog, options: VaultOptions) {
    this.directory = directory;
    this.archives = join(directory, 'archives');
    this.leaves = join(directory, 'leaves');
    this.staged = join(directory, 'staged');
    this.options = options;
    this.state = state;
    const place = logOf(directory, options.tmp);
    this.#log = new ShortLog({ log, place, shortener: shortenVaultLog, linesNeeded: state.linesNeeded });
  }

  get tmp(): string {
    return this.options.tmp;
  }

  /** The fact holds from now on; it may be told to nobody before `settled`. */
  record(record: VaultRecord, ...directories: readonly string[]): void {
    if (this.#removed) throw notFound('Vault was deleted while the request was under way.');
    this.state.apply(record);
    this.#log.append(record, directories);
  }

  /** @throws ApiError when the log could not be written: nothing since is promised */
  async settled(): Promise<void> {
    try {
      await this.#log.settled();
    } catch (cause) {
      throw serviceUnavailable(`The vault's log cannot be written: ${(cause as Error).message}`);
    }
  }

  /** Files of an archive, in order. */
  filesOf(archive: Archive): string[] {
    const own = join(this.archives, archive.id);
    return archive.parts === null ? [own] : archive.parts.files.map((file) => join(own, file));
  }

  /** Deletes bytes that neither an archive, an open upload nor a job's output needs any more. */
  async removeBytes(archiveId: string): Promise<void> {
    if (this.state.needs(archiveId)) return;
    await rm(join(this.archives, archiveId), { recursive: true, force: true });
    await rm(join(this.leaves, archiveId), { recursive: true, force: true });
  }

  /**
   * Ends uploads to which nothing came for too long, and jobs whose output is 24 hours old, with the bytes that only
   * they kept.
   * Source: Glacier developer guide, "Uploading Large Archives in Parts": an upload is gone 24 hours after its last part
   * at the earliest.
   */
  async expire(now: number): Promise<void> {
    await this.#expireUploads(now);
    const over = this.state.expire(now).filter((job) => this.#keptBytes(job));
    if (over.length === 0) return;
    // No later start may show an earlier time, at which these bytes would still be asked for.
    this.record({ type: 'outputs-expired', at: now });
    await this.settled();
    for (const job of over) {
      if (job.archive === null) await rm(join(this.staged, job.record.id), { force: true });
      else await this.removeBytes(job.archive.id);
    }
  }

  /** Takes the whole folder away at one instant. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.close();
    const grave = join(this.tmp, `vault.${newSuffix()}`);
    try {
      await rename(this.directory, grave);
      await syncDirectory(join(this.directory, '..'));
    } catch (cause) {
      this.#removed = false;
      throw cause;
    }
    // It is gone by now; what is left of it lies where the next start clears away all.
    await rm(grave, { recursive: true, force: true }).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  /** Clears away what is over, and what a crash left. */
  async tidy(now: number): Promise<void> {
    await this.#makeRooms();
    await this.expire(now);
    await this.#sweep();
    await this.#log.shorten(now);
  }

  /**
   * Directories that need not be there: a power cut takes those of leaves, and many programs that copy folders leave out
   * empty ones. One that should have something in it is not made: what it had is missed.
   */
  async #makeRooms(): Promise<void> {
    const { archives, uploads } = this.state;
    const rooms = [this.leaves, this.staged];
    if (archives.size === 0) rooms.push(this.archives);
    for (const { archiveId, parts, state, discarded } of uploads.values()) {
      if (state.is !== 'open' || discarded === true) continue;
      rooms.push(join(this.leaves, archiveId));
      if (parts.size === 0) rooms.push(join(this.archives, archiveId));
    }
    for (const room of rooms) await mkdir(room, { recursive: true });
  }

  /**
   * Deletes files that no record speaks of: what a crash left between landing a body and writing its record. Where an
   * archive's own bytes are missing nothing is deleted: they may lie under a name that a damaged log has lost.
   */
  async #sweep(): Promise<void> {
    const there = new Set(await readdir(this.archives));
    const kept = [...this.state.archives.values()].filter(({ discarded }) => !discarded);
    if (kept.some(({ id }) => !there.has(id))) return;
    for (const directory of [this.archives, this.leaves]) {
      for (const entry of await readdir(directory, { withFileTypes: true })) await this.#sweepArchive(directory, entry);
    }
    for (const name of await readdir(this.staged)) {
      if (this.state.jobs.get(name) === undefined) await rm(join(this.staged, name), { force: true });
    }
  }

  /** Whether there are bytes that only this job, which is over, had. */
  #keptBytes({ archive }: Job): boolean {
    return archive === null || !this.state.needs(archive.id);
  }

  async #expireUploads(now: number): Promise<void> {
    const { uploadIdleMs } = this.options;
    if (now < this.#nextIdleAt) return;
    const idle = this.state.idleUploads(now, uploadIdleMs);
    for (const { id } of idle) this.record({ type: 'upload-expired', id, at: now });
    await this.settled();
    for (const { archiveId } of idle) await this.removeBytes(archiveId);
    this.#nextIdleAt = this.state.leastActiveAt(now) + uploadIdleMs;
  }

  async #sweepArchive(directory: string, entry: Dirent): Promise<void> {
    const id = entry.name;
    if (!this.state.needs(id)) await rm(join(directory, id), { recursive: true, force: true });
    else if (entry.isDirectory()) await this.#sweepParts(join(directory, id), id);
  }

  async #sweepParts(directory: string, id: string): Promise<void> {
    const wanted = this.state.partsOf(id);
    if (wanted === null) return;
    for (const file of await readdir(directory)) {
      if (!wanted.has(file)) await rm(join(directory, file), { force: true });
    }
  }
}

/** Makes the folder of a new vault, whole or not at all. */
export async function createVault(vaults: string, name: string, at: number, options: VaultOptions): Promise<Vault> {
  const made = join(options.tmp, `vault.${newSuffix()}`);
  // Names may be too long, too alike or too special (`..`) for the file system; the log has the true one.
  const directory = join(vaults, `${name.slice(0, 200)}~${newSuffix()}`);
  const state = new VaultState(options);
  let log: RecordLog | null = null;
  try {
    for (const part of ['archives', 'leaves', 'staged']) await mkdir(join(made, part), { recursive: true });
    log = await openLog(logOf(made, options.tmp), () => undefined);
    const record: VaultRecord = { type: 'vault', format: LOG_FORMAT, name, at };
    state.apply(record);
    log.append(record, [made]);
    await log.settled();
    await rename(made, directory);
    await syncDirectory(vaults);
    return new Vault(directory, state, log, options);
  } catch (cause) {
    await log?.close();
    for (const path of [made, directory]) await rm(path, { recursive: true, force: true });
    throw cause;
  }
}

/**
 * Reads a vault's log and clears away what a crash left.
 * @throws Failure CONFIG when the log is not there, damaged, or a newer program wrote it
 */
export async function openVault(directory: string, now: number, options: VaultOptions): Promise<Vault> {
  await refuseWithoutLog(directory);
  const state = new VaultState(options);
  const log = await openLog(logOf(directory, options.tmp), (record) => state.apply(record as VaultRecord));
  const vault = new Vault(directory, state, log, options);
  try {
    await vault.tidy(Math.max(now, state.latestAt));
    return vault;
  } catch (cause) {
    await vault.close();
    throw cause;
  }
}

/** A vault whose log is lost would have nothing, and all its bytes would be swept away. */
async function refuseWithoutLog(directory: string): Promise<void> {
  const path = join(directory, LOG);
  const found = await stat(path).catch(() => null);
  if (found !== null && found.size > 0) return;
  throw new Failure('CONFIG', `${path} is ${found === null ? 'missing' : 'empty'}`, {
    hint: 'restore it from a copy of the folder, or move that directory away',
  });
}

function logOf(directory: string, tmp: string): LogPlace {
  return { path: join(directory, LOG), first: 'vault', tmp };
}
