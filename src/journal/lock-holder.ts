// Who holds a journal's lock: what stands in the lock file, and whether that process is still there.

import type { promises } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import process from 'node:process';

import { type Clock, Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { errorCode } from './write-failure.js';

export interface LockHolder {
  readonly version: 'A';
  readonly pid: number;
  readonly host: string;
  readonly since: Instant;
  readonly command: string;
  /** Whether the holder had a lock of the kernel too. */
  readonly kernelLock: boolean;
}

export function thisProcess(clock: Clock, kernelLock: boolean): LockHolder {
  // Options stay out: a lock file is no place for anything secret.
  const [, , word = ''] = process.argv;
  const command = `mtglacier ${/^[a-z][a-z-]*$/.test(word) ? word : ''}`.trim();
  return { version: 'A', pid: process.pid, host: hostname(), since: clock.now(), command, kernelLock };
}

/** Null when nothing readable stands there: the holder died, or has not come to write it. */
export async function readHolder(handle: promises.FileHandle): Promise<LockHolder | null> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
  try {
    const found = JSON.parse(buffer.toString('utf8', 0, bytesRead)) as Partial<LockHolder>;
    const { pid, host, since, command = 'that process', kernelLock = false } = found;
    if (pid === undefined || pid <= 0 || host === undefined || !Number.isInteger(since)) return null;
    return { version: 'A', pid, host, since: since as Instant, command, kernelLock };
  } catch {
    return null;
  }
}

/** The handle must not be in append mode. */
export async function writeHolder(handle: promises.FileHandle, holder: LockHolder): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(holder)}\n`);
  await handle.truncate(0);
  await handle.write(text, 0, text.length, 0);
}

/**
 * Whether it is certain that this holder is gone. Of another machine nothing is certain.
 * @param kernelLockIsOurs it had none, then, or has died
 */
export function isGone(holder: LockHolder, kernelLockIsOurs: boolean): boolean {
  if (holder.host !== hostname()) return false;
  return (kernelLockIsOurs && holder.kernelLock) || !isAlive(holder.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errorCode(thrown) !== 'ESRCH';
  }
}

export function lockedBy(holder: LockHolder | null, journal: string, clock: Clock): Failure {
  const name = basename(journal);
  if (holder === null) {
    return new Failure('JOURNAL_LOCKED', `journal is locked by another process (${name})`, {
      hint: 'wait until it has ended; the lock of one that is gone ends by itself after 30 seconds',
    });
  }
  const where = holder.host === hostname() ? '' : ` on ${printable(holder.host)}`;
  const since = timeOfDay(holder.since, clock.now());
  return new Failure('JOURNAL_LOCKED', `journal is locked by pid ${holder.pid}${where} since ${since} (${name})`, {
    hint: `wait until ${printable(holder.command)} has ended; the lock of a process that is gone ends by itself`,
  });
}

/** Local time; with the date when that is not today's. */
function timeOfDay(at: Instant, now: Instant): string {
  const [then, today] = [localIso(at), localIso(now)];
  return then.slice(0, 10) === today.slice(0, 10) ? then.slice(11) : then;
}

/** `YYYY-MM-DD HH:MM` */
function localIso(at: Instant): string {
  const date = new Date(at * 1000);
  const local = Instant.plusSeconds(at, -date.getTimezoneOffset() * 60);
  return new Date(local * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
