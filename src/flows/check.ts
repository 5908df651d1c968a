// The story of check-local-hash: does every file here still have the content that the journal vouches for?

import type { KeptDirectory } from '../disk/kept-directory.js';
import type { Archive } from '../model/archive.js';
import type { CheckResult, Report } from '../model/events.js';
import { asFailure, reachOf } from '../model/failure.js';
import type { LocalFile } from '../model/local-file.js';
import { forEachConcurrently, type Halt } from '../transfer/concurrently.js';
import type { Transfer } from '../transfer/port.js';
import { Budget, type RunLimits } from './budget.js';
import { latestSelected, type SelectedPorts } from './selected.js';

export interface CheckPorts extends SelectedPorts {
  readonly directory: Pick<KeptDirectory, 'look'>;
  readonly transfer: Pick<Transfer, 'hashFile'>;
  readonly report: Report;
}

/** How many files got which result, and how many none for want of time; `bytes` of those that were read. A differing time alone is no fault. */
export type CheckTally = Record<CheckResult['result'] | 'otherMtime' | 'bytes' | 'left', number>;

export function emptyCheckTally(): CheckTally {
  return { ok: 0, missing: 0, empty: 0, unreadable: 0, size: 0, 'tree-hash': 0, otherMtime: 0, bytes: 0, left: 0 };
}

export interface CheckRequest {
  /** Files that may be under way at once. */
  readonly width: number;
  readonly limits?: RunLimits;
}

/** Looks at the latest version of every selected path of the journal; the vault is not asked. */
export async function checkLocalHash(
  { width, limits }: CheckRequest,
  ports: CheckPorts,
  tally: CheckTally,
  halt: Halt,
): Promise<void> {
  await foresee(ports);
  const budget = new Budget(null, limits);
  await forEachConcurrently(latestSelected(ports), width, halt, async (archive) => {
    if (!budget.take()) return void tally.left++;
    const { path, size, treeHash } = archive;
    const looked = ports.directory.look(path);
    const file = looked.kind === 'file' ? looked.file : null;
    const found = await resultOf(archive, looked, ports, halt);
    const otherMtime = timesApart(archive, file);
    tally[found.result]++;
    if (otherMtime !== null) tally.otherMtime++;
    if (found.result === 'ok' || found.result === 'tree-hash') tally.bytes += size;
    ports.report({ event: 'checked', path, size, treeHash, otherMtime, ...found });
  });
}

/** What a check would look at, as 'planned' events. Gives their number. */
export async function planCheck(ports: SelectedPorts & Pick<CheckPorts, 'report'>): Promise<number> {
  let files = 0;
  for await (const { path } of latestSelected(ports)) {
    files++;
    ports.report({ event: 'planned', do: 'check', path });
  }
  return files;
}

async function foresee(ports: CheckPorts): Promise<void> {
  let bytes = 0;
  let files = 0;
  for await (const archive of latestSelected(ports)) {
    files++;
    bytes += archive.size;
  }
  ports.report({ event: 'ahead', files, bytes });
}

async function resultOf(
  archive: Archive,
  looked: ReturnType<KeptDirectory['look']>,
  ports: CheckPorts,
  halt: Halt,
): Promise<CheckResult> {
  switch (looked.kind) {
    case 'missing':
    case 'other':
      return { result: 'missing' };
    case 'empty':
      return archive.size === 0 ? { result: 'ok' } : { result: 'empty' };
    case 'unseen':
      return { result: 'unreadable', why: looked.failure.message };
    case 'file':
      if (looked.file.size !== archive.size) return { result: 'size', actual: looked.file.size };
      return compareContent(archive, looked.file, ports, halt);
  }
}

async function compareContent(archive: Archive, file: LocalFile, ports: CheckPorts, halt: Halt): Promise<CheckResult> {
  try {
    const actual = await ports.transfer.hashFile(file, halt.now);
    return actual === archive.treeHash ? { result: 'ok' } : { result: 'tree-hash', actual };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (reachOf(failure.code) !== 'skip') throw failure;
    return { result: 'unreadable', why: failure.message };
  }
}

function timesApart(archive: Archive, file: LocalFile | null) {
  if (file === null || archive.mtime === null || archive.mtime === file.mtime) return null;
  return { journal: archive.mtime, actual: file.mtime };
}
