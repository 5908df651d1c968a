// One server for one folder: a lock file that names its holder and dies with it.

import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.js';

interface Holder {
  readonly pid: number;
  /** What tells this process from a later one with the same pid; empty where the system does not say. */
  readonly birth: string;
  readonly since: string;
  /** Boot and pid namespace: where its pid means something. Missing where the system does not say. */
  readonly where?: string;
}

/** A holder says so often that it is there, for those who cannot see its process: in other containers, on other machines. */
const BEAT_MS = 5000;
const SILENCE_MAX_MS = 30_000;

/**
 * Takes the lock of `directory`. A lock whose holder is gone (killed, or its pid given to another process since) is
 * taken over at once.
 * @throws Failure CONFIG naming the holder
 */
export async function lockFolder(directory: string): Promise<AsyncDisposable> {
  const file = join(directory, 'lock');
  const own = `${file}.${randomBytes(4).toString('hex')}`;
  const [birth, where] = [await birthOf(process.pid), await whereabouts()];
  const holder: Holder = { pid: process.pid, birth, since: new Date().toISOString(), ...(where && { where }) };
  try {
    await writeFile(own, `${JSON.stringify(holder)}\n`);
    // A link appears whole or not at all, and only one of two can make it.
    while (!(await linked(own, file))) await removeIfStale(file, { directory, own });
  } finally {
    await rm(own, { force: true });
  }
  const beat = setInterval(() => void touch(file), BEAT_MS).unref();
  return {
    [Symbol.asyncDispose]() {
      clearInterval(beat);
      return rm(file, { force: true });
    },
  };
}

/** A beat that is missed is no harm, and the folder may be gone. */
async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
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

interface Taker {
  readonly directory: string;
  /** The lock that it would set, written just now. */
  readonly own: string;
}

/** Moves a dead holder's lock aside; when a live one slipped in meanwhile, puts it back and refuses. */
async function removeIfStale(file: string, taker: Taker): Promise<void> {
  const aside = `${taker.own}.stale`;
  await refuseIfHeld(file, taker);
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  try {
    await refuseIfHeld(aside, taker);
  } catch (held) {
    await linked(aside, file);
    throw held;
  } finally {
    await rm(aside, { force: true });
  }
}

async function refuseIfHeld(file: string, { directory, own }: Taker): Promise<void> {
  const holder = await readHolder(file);
  if (holder === null) return;
  const isNear = holder.where === undefined || holder.where === (await whereabouts());
  if (!(isNear ? await isAlive(holder) : await wasHeardOf(file, own))) return;
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

/** By the clock of the file system, which may be that of another machine. */
async function wasHeardOf(file: string, own: string): Promise<boolean> {
  const [theirs, now] = [await stat(file).catch(() => null), await stat(own)];
  return theirs !== null && now.mtimeMs - theirs.mtimeMs < SILENCE_MAX_MS;
}

async function whereabouts(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
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
