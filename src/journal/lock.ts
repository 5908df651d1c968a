// One writer a journal: a kernel lock where there is one, and a marker that other machines see too.

import { constants, promises as fs } from 'node:fs';

import type { lock } from 'proper-lockfile';

import { type Clock, systemClock } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { type KernelLock, loadKernelLock } from './kernel-lock.js';
import { isGone, lockedBy, readHolder, thisProcess, writeHolder } from './lock-holder.js';
import type { Sidecars } from './sidecars.js';
import { errorCode, writeFailure } from './write-failure.js';

/** A marker that has not been renewed for so long is a dead process's. Milliseconds. */
const MARKER_STALE_MS = 30_000;
const MARKER_RENEWAL_MS = 5_000;

export interface JournalLock extends AsyncDisposable {
  /** Aborted, with a Failure JOURNAL_LOCKED as its reason, when the lock was lost: nothing may be written then. */
  readonly lost: AbortSignal;
}

export interface LockTools {
  readonly clock: Clock;
  readonly kernelLock: KernelLock;
}

/** Makes a marker, and gives what removes it. */
type TakeMarker = typeof lock;

/** @throws Failure JOURNAL_LOCKED, JOURNAL_UNWRITABLE, DISK_FULL */
export async function lockJournal(sidecars: Sidecars, tools?: LockTools): Promise<JournalLock> {
  // Loaded here, so that whoever only reads does not wait for it, and before anything is looked at.
  const { lock: takeMarker } = await import('proper-lockfile');
  const used = tools ?? { clock: systemClock, kernelLock: await loadKernelLock() };
  for (;;) {
    const handle = await openLockFile(sidecars.lock);
    try {
      const lock = await tryLock(sidecars, handle, { ...used, takeMarker });
      if (lock !== null) return lock;
    } catch (cause) {
      await handle.close();
      throw writeFailure(sidecars.lock, cause);
    }
    await handle.close();
  }
}

async function openLockFile(file: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(file, constants.O_RDWR | constants.O_CREAT, 0o666);
  } catch (cause) {
    throw writeFailure(file, cause);
  }
}

/** Null when the lock file was removed or replaced meanwhile: it is to be opened anew. */
async function tryLock(
  sidecars: Sidecars,
  handle: fs.FileHandle,
  tools: LockTools & { readonly takeMarker: TakeMarker },
): Promise<JournalLock | null> {
  const kernel = tools.kernelLock(handle.fd);
  const before = await readHolder(handle);
  if (!(await isNamed(sidecars.lock, handle))) return null;
  if (kernel === 'taken') throw lockedBy(before, sidecars.journal, tools.clock);

  // Under the kernel's lock the name is written before the marker is made, so that whoever finds the marker finds a name.
  const me = thisProcess(tools.clock, kernel === 'held');
  const gone = before !== null && isGone(before, kernel === 'held');
  const early = kernel === 'held' && (before === null || gone);
  if (early) await writeHolder(handle, me);

  const lost = new AbortController();
  const release = await markedBy(sidecars, tools.takeMarker, lost, gone);
  if (release === null) {
    if (early) await fs.rm(sidecars.lock, { force: true });
    throw lockedBy(before, sidecars.journal, tools.clock);
  }
  try {
    if (!early) await writeHolder(handle, me);
    if (await isNamed(sidecars.lock, handle)) {
      return heldLock(sidecars, handle, release, { lost: lost.signal, kernelLock: kernel === 'held' });
    }
  } catch (thrown) {
    await release();
    throw thrown;
  }
  await release();
  return null;
}

/**
 * Whoever opened the file before it is removed finds that it is no longer the one to lock. Under the kernel's lock
 * nobody here can come between, and the name stays until the marker is gone: a marker without a name would outlive a
 * kill. Without it the name goes first, so that it cannot be the next holder's.
 */
function heldLock(
  sidecars: Sidecars,
  handle: fs.FileHandle,
  release: () => Promise<void>,
  held: { readonly lost: AbortSignal; readonly kernelLock: boolean },
): JournalLock {
  const { lost, kernelLock } = held;
  const removeName = async (): Promise<void> => {
    if (!lost.aborted && (await isNamed(sidecars.lock, handle))) await fs.rm(sidecars.lock, { force: true });
  };
  return {
    lost,
    async [Symbol.asyncDispose]() {
      const steps = kernelLock ? [release, removeName] : [removeName, release];
      // What cannot be removed, as on a disk that has become read-only, is known for a dead process's by the next run.
      for (const step of steps) await step().catch(() => undefined);
      await handle.close();
    },
  };
}

/** Makes the marker and keeps renewing it; gives what removes it, or null when another process has it. */
async function markedBy(
  sidecars: Sidecars,
  takeMarker: TakeMarker,
  lost: AbortController,
  holderIsGone: boolean,
): Promise<(() => Promise<void>) | null> {
  const onCompromised = (cause: Error): void => lost.abort(lostLock(sidecars, cause));
  const options = {
    lockfilePath: sidecars.lockMarker,
    realpath: false,
    stale: MARKER_STALE_MS,
    update: MARKER_RENEWAL_MS,
    onCompromised,
  };
  try {
    if (holderIsGone) await removeMarker(sidecars.lockMarker);
    const release = await takeMarker(sidecars.journal, options);
    return async () => {
      if (!lost.signal.aborted) await release();
    };
  } catch (cause) {
    if (errorCode(cause) === 'ELOCKED') return null;
    throw writeFailure(sidecars.lockMarker, cause);
  }
}

async function removeMarker(marker: string): Promise<void> {
  try {
    await fs.rmdir(marker);
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown;
  }
}

function lostLock(sidecars: Sidecars, cause: unknown): Failure {
  return new Failure('JOURNAL_LOCKED', `the lock on ${sidecars.journal} was lost while it was in use`, {
    hint: 'another process may have taken it; nothing more was written. Run the same command again',
    cause,
  });
}

/** Whether the name still leads to the open file. */
async function isNamed(file: string, handle: fs.FileHandle): Promise<boolean> {
  try {
    const [named, open] = await Promise.all([fs.stat(file), handle.stat()]);
    return named.ino === open.ino && named.dev === open.dev;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}
