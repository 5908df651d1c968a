// The live archives of a journal, held in memory.

import { type Archive, compareVersions } from '../model/archive.js';
import type { Instant } from '../model/clock.js';
import type { ArchiveId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import { comparePaths, type RelPath } from '../model/rel-path.js';
import type { FollowingArchives, KnownRetrieval } from './journal.js';

/** Source: behaviour of mt-aws-glacier 1.120: a retrieval counts for 24 hours after its request. Seconds. */
export const RETRIEVAL_COUNTS = 24 * 60 * 60;

/** Archives given at a time. */
const BATCH = 1000;

/** Follows a journal record by record. Memory: about 600 bytes an archive. */
export class MemoryArchives implements FollowingArchives {
  readonly #byId = new Map<ArchiveId, Archive>();
  /** Nearly every path has one version, which then stands for itself; more are in order, oldest first. */
  readonly #byPath = new Map<RelPath, Archive | readonly Archive[]>();
  readonly #retrievals = new Map<ArchiveId, KnownRetrieval>();
  /** In order; null when a path has been added since. May hold paths that are gone. */
  #sorted: readonly RelPath[] | null = null;

  get count(): number {
    return this.#byId.size;
  }

  has(id: ArchiveId): boolean {
    return this.#byId.has(id);
  }

  versionsOf(path: RelPath): readonly Archive[] {
    const known = this.#byPath.get(path);
    if (known === undefined) return [];
    return isMany(known) ? known : [known];
  }

  async *latest(): AsyncGenerator<Archive> {
    for await (const batch of this.latestInBatches()) yield* batch;
  }

  async *latestInBatches(): AsyncGenerator<readonly Archive[]> {
    let batch: Archive[] = [];
    for (const path of this.#paths()) {
      const known = this.#byPath.get(path);
      const latest = known === undefined || !isMany(known) ? known : known.at(-1);
      if (latest !== undefined) batch.push(latest);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async *all(): AsyncGenerator<Archive> {
    for (const path of this.#paths()) yield* this.versionsOf(path);
  }

  activeRetrieval(id: ArchiveId, now: Instant): KnownRetrieval | null {
    const newest = this.#retrievals.get(id);
    return newest !== undefined && now - newest.at < RETRIEVAL_COUNTS ? newest : null;
  }

  /** Takes the next record, or says, as the end of a sentence, why it contradicts those before. */
  apply(record: JournalRecord): string | null {
    if (record.type === 'created') return this.#add(record.archive) ? null : 'creates an archive that is already alive';
    if (record.type === 'deleted')
      return this.#remove(record.archiveId) ? null : 'deletes an archive that is not alive';
    const known = this.#retrievals.get(record.archiveId);
    if (known === undefined || record.at >= known.at) this.#retrievals.set(record.archiveId, retrievalOf(record));
    return null;
  }

  #add(archive: Archive): boolean {
    if (this.#byId.has(archive.id)) return false;
    this.#byId.set(archive.id, archive);
    const others = this.versionsOf(archive.path);
    if (others.length > 0) {
      this.#byPath.set(archive.path, [...others, archive].sort(compareVersions));
    } else {
      this.#byPath.set(archive.path, archive);
      this.#sorted = null;
    }
    return true;
  }

  #remove(id: ArchiveId): boolean {
    const archive = this.#byId.get(id);
    if (archive === undefined) return false;
    this.#byId.delete(id);
    const others = this.versionsOf(archive.path).filter((version) => version !== archive);
    const [first] = others;
    if (first === undefined) this.#byPath.delete(archive.path);
    else this.#byPath.set(archive.path, others.length === 1 ? first : others);
    return true;
  }

  #paths(): readonly RelPath[] {
    this.#sorted ??= [...this.#byPath.keys()].sort(comparePaths);
    return this.#sorted;
  }
}

function isMany(known: Archive | readonly Archive[]): known is readonly Archive[] {
  return Array.isArray(known);
}

function retrievalOf({ jobId, at }: KnownRetrieval): KnownRetrieval {
  return { jobId, at };
}
