// One server for one folder: a lock file that names its holder and dies with it.

import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';

interface Holder {
  readonly pid: number;
  /** What tells this process from a later one with the same pid; empty where the system does not say. */
  readonly birth: string;
  readonly since: string;
}

/**
 * Takes the lock of `directory`. A lock whose holder is gone (killed, or its pid given to another process since) is
 * taken over at once.
 * @throws Failure CONFIG naming the holder
 */
export async function lockFolder(directory: string): Promise<AsyncDisposable> {
  const file = join(directory, 'lock');
  const own = `${file}.${randomBytes(4).toString('hex')}`;
  const holder: Holder = { pid: process.pid, birth: await birthOf(process.pid), since: new Date().toISOString() };
  await writeFile(own, `${JSON.stringify(holder)}\n`);
  try {
    // A link appears whole or not at all, and only one of two can make it.
    while (!(await linked(own, file))) await removeIfStale(file, directory, `${own}.stale`);
  } finally {
    await rm(own, { force: true });
  }
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

async function linked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Moves a dead holder's lock aside; when a live one slipped in meanwhile, puts it back and refuses. */
async function removeIfStale(file: string, directory: string, aside: string): Promise<void> {
  await refuseIfHeld(file, directory);
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  try {
    await refuseIfHeld(aside, directory);
  } catch (held) {
    await linked(aside, file);
    throw held;
  } finally {
    await rm(aside, { force: true });
  }
}

async function refuseIfHeld(file: string, directory: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder === null || !(await isAlive(holder))) return;
  throw new Failure('CONFIG', `${directory} is served by process ${holder.pid} since ${holder.since}`, {
    hint: 'use the endpoint of that server, or end it first',
  });
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.birth === (await birthOf(holder.pid));
}

/** Boot and start time of a process, from /proc where there is one; `dead` when only its parent still knows it. */
async function birthOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : `${boot.trim()} ${fields[19]}`;
  } catch {
    return '';
  }
}
