// One vault on disk: its folder, its log, and what the log says it holds.

import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';
import { newSuffix } from '../folder/ids.js';
import { openLog, type RecordLog, syncDirectory } from '../folder/record-log.js';
import type { VaultRecord } from '../folder/records.js';
import { notFound, serviceUnavailable } from '../http/errors.js';
import type { Archive } from './archive.js';
import { shorterAt } from './log-shortening.js';
import { VaultState } from './vault-state.js';

const LOG = 'log.ndjson';

/** A log with fewer lines than this is never made shorter. */
const SHORT_LOG_LINES = 1000;

export interface VaultOptions {
  readonly realistic: boolean;
  /** Where half-made things lie; emptied at every start. */
  readonly tmp: string;
  /** How long an upload may stand still before it is over. Ms of the vault's clock. */
  readonly uploadIdleMs: number;
  /** Whether the bytes of archives are thrown away once they are checked. */
  readonly discards: boolean;
}

export class Vault {
  readonly state: VaultState;
  readonly directory: string;
  readonly archives: string;
  readonly leaves: string;
  readonly staged: string;
  readonly options: VaultOptions;
  readonly #log: RecordLog;
  #removed = false;
  /** Count of lines at which it is worth making the log shorter. */
  #longLines: number;
  #shortening: Promise<void> | null = null;
  /** No upload can have stood still for too long before. */
  #nextIdleAt = 0;

  constructor(directory: string, state: VaultState, log: RecordLog, options: VaultOptions) {
    this.directory = directory;
    this.archives = join(directory, 'archives');
    this.leaves = join(directory, 'leaves');
    this.staged = join(directory, 'staged');
    this.options = options;
    this.state = state;
    this.#log = log;
    this.#longLines = longLinesFor(state.linesNeeded);
  }

  get tmp(): string {
    return this.options.tmp;
  }

  /** The fact holds from now on; it may be told to nobody before `settled`. */
  record(record: VaultRecord, ...directories: readonly string[]): void {
    if (this.#removed) throw notFound('Vault was deleted while the request was under way.');
    this.state.apply(record);
    this.#log.append(record, directories);
    void this.shortenLog(record.at);
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
    for (const job of this.state.expire(now)) {
      if (job.archive === null) await rm(join(this.staged, job.record.id), { force: true });
      else await this.removeBytes(job.archive.id);
    }
  }

  /** Makes the log shorter, when most of its lines mean nothing any more; whoever appends to it need not wait. */
  shortenLog(now: number): Promise<void> {
    if (this.#log.lines < this.#longLines) return Promise.resolve();
    this.#shortening ??= this.#shorten(now).finally(() => {
      this.#shortening = null;
    });
    return this.#shortening;
  }

  /** Takes the whole folder away at one instant. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.close();
    const grave = join(this.tmp, `vault.${newSuffix()}`);
    await rename(this.directory, grave);
    await syncDirectory(join(this.directory, '..'));
    await rm(grave, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#shortening;
    await this.#log.close();
  }

  /**
   * Deletes files that no record speaks of: what a crash left between landing a body and writing its record. Where an
   * archive's own bytes are missing nothing is deleted: they may lie under a name that a damaged log has lost.
   */
  async sweep(): Promise<void> {
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

  async #expireUploads(now: number): Promise<void> {
    const { uploadIdleMs } = this.options;
    if (now < this.#nextIdleAt) return;
    const idle = this.state.idleUploads(now, uploadIdleMs);
    for (const { id } of idle) this.record({ type: 'upload-expired', id, at: now });
    await this.settled();
    for (const { archiveId } of idle) await this.removeBytes(archiveId);
    this.#nextIdleAt = this.state.leastActiveAt(now) + uploadIdleMs;
  }

  /** A log that cannot be made shorter is as good as before. */
  async #shorten(now: number): Promise<void> {
    const made = join(this.tmp, `log.${newSuffix()}${newSuffix()}`);
    const path = join(this.directory, LOG);
    await this.#log.rewrite({ made, path }, shorterAt(now, path)).catch(() => undefined);
    this.#longLines = longLinesFor(this.#log.lines);
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
  for (const part of ['archives', 'leaves', 'staged']) await mkdir(join(made, part), { recursive: true });
  const log = await openLog(join(made, LOG), () => undefined);
  const state = new VaultState(options);
  const record: VaultRecord = { type: 'vault', format: 1, name, at };
  state.apply(record);
  log.append(record, [made]);
  await log.settled();
  // Names may be too long, too alike or too special (`..`) for the file system; the log has the true one.
  const directory = join(vaults, `${name.slice(0, 200)}~${newSuffix()}`);
  await rename(made, directory);
  await syncDirectory(vaults);
  return new Vault(directory, state, log, options);
}

/** Reads a vault's log and clears away what a crash left. */
export async function openVault(directory: string, now: number, options: VaultOptions): Promise<Vault> {
  const state = new VaultState(options);
  const log = await openLog(join(directory, LOG), (record) =>
    state.apply(checkFormat(record as VaultRecord, directory)),
  );
  const vault = new Vault(directory, state, log, options);
  await vault.expire(now);
  await vault.sweep();
  await vault.shortenLog(now);
  return vault;
}

/** Twice as many as are needed is not much: what is left out costs less than what it takes to leave it out. */
function longLinesFor(needed: number): number {
  return 2 * needed + SHORT_LOG_LINES;
}

function checkFormat(record: VaultRecord, directory: string): VaultRecord {
  const format: number = record.type === 'vault' ? record.format : 1;
  if (format === 1) return record;
  throw new Failure('CONFIG', `${directory} has format ${format}, this program knows format 1`);
}
