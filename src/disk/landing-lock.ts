// Locks of the kernel on the records of landings: gone the moment that their holder is, whatever ends it.

import type { FileHandle } from 'node:fs/promises';

/** 'unsupported' on machines that the addon was not built for, and file systems without such locks. */
export async function tryLanding({ fd }: FileHandle): Promise<'held' | 'taken' | 'unsupported'> {
  try {
    const { tryLock } = await addon();
    return tryLock(fd) ? 'held' : 'taken';
  } catch {
    return 'unsupported';
  }
}

/**
 * Closes the file and lets go of its lock, if it has one. Closing alone is not enough: a child that another thread is
 * just starting has the file open too, and the lock with it.
 */
export async function closeLanding(handle: FileHandle): Promise<void> {
  try {
    const { unlock } = await addon();
    unlock(handle.fd);
  } catch {
    // Then there was none.
  }
  await handle.close().catch(() => undefined);
}

/** Loaded with the first large archive, so that nobody else waits for it. */
const addon = () => import('fs-native-extensions');
