// Values to build journals from, and random ones.

import * as fc from 'fast-check';

import type { Archive } from '../../src/model/archive.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import type { JournalRecord } from '../../src/model/journal-record.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';

export const at = (seconds: number): Instant => Instant.ofSeconds(seconds);
export const hash = TreeHash.parse('b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9');

export function archive(id: string, path: string, more: Partial<Archive> = {}): Archive {
  return {
    id: ArchiveId.parse(id),
    path: RelPath.parse(path),
    size: 11,
    mtime: at(1000),
    treeHash: hash,
    createdAt: at(2000),
    ...more,
  };
}

export function created(id: string, path: string, more: Partial<Archive> = {}): JournalRecord {
  return { type: 'created', archive: archive(id, path, more) };
}

export function deleted(id: string, path: string): JournalRecord {
  return { type: 'deleted', at: at(3000), archiveId: ArchiveId.parse(id), path: RelPath.parse(path) };
}

export function localFile(path: string, more: Partial<LocalFile> = {}): LocalFile {
  return { path: RelPath.parse(path), size: 11, mtime: at(1000), ...more };
}

/** Collects what is reported. */
export function listener(): { events: RunEvent[]; report: (event: RunEvent) => void } {
  const events: RunEvent[] = [];
  return { events, report: (event) => void events.push(event) };
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Failure)) throw thrown;
  return thrown;
}

export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const token = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'B', 'z', '0', '9', '_', '-') });
const anyInstant = fc.integer({ min: 0, max: 4_000_000_000 }).map(at);
const anyPath = fc
  .string({ minLength: 1, maxLength: 30, unit: 'binary' })
  .filter((text) => RelPath.whyNot(text) === null)
  .map((text) => RelPath.parse(text));

export const anyArchive: fc.Arbitrary<Archive> = fc.record({
  id: token.map((text) => ArchiveId.parse(text)),
  path: anyPath,
  size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  mtime: fc.option(fc.integer({ min: -4_000_000_000, max: 4_000_000_000 }).map(at)),
  treeHash: fc.constant(hash),
  createdAt: anyInstant,
});

export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ type: fc.constant('created' as const), archive: anyArchive }),
  fc.record({
    type: fc.constant('deleted' as const),
    at: anyInstant,
    archiveId: token.map((text) => ArchiveId.parse(text)),
    path: anyPath,
  }),
  fc.record({
    type: fc.constant('retrieve-job' as const),
    at: anyInstant,
    archiveId: token.map((text) => ArchiveId.parse(text)),
    jobId: fc.option(token.map((text) => JobId.parse(text))),
  }),
);
