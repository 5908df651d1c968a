// A kept directory that was stored and then lost, and what every request for one of its archives is held against.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { isUnfinished } from '../../src/disk/temporary-name.js';
import type { Archive } from '../../src/model/archive.js';
import type { LoggedJob, SimulatedTime } from './simulated-time.js';
import { readJournal } from './workplace.js';

const DAY = 24 * 3600;

export const pathOf = (index: number): string => `d${index % 9}/f${index}`;

/** Of some bytes, or some thousand. */
export const contentOf = (index: number): string => `file ${index} `.repeat(1 + ((index * 37) % 500));

/** So many files, stored and gone; they lie beside it to be compared with. */
export async function lose(time: SimulatedTime, files: number): Promise<void> {
  for (let index = 0; index < files; index++) {
    const file = time.at('kept', pathOf(index));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contentOf(index));
  }
  expect(await time.run('create-vault', 'photos').exitCode()).toBe(0);
  expect(await time.run('sync', ...kept(time)).exitCode()).toBe(0);
  renameSync(time.at('kept'), time.at('lost'));
  mkdirSync(time.at('kept'));
}

/** `--dir`, and `photos`. */
export function kept(time: SimulatedTime): string[] {
  return ['--dir', time.at('kept'), ...photos(time)];
}

export function photos(time: SimulatedTime): string[] {
  return ['--vault', 'photos', '--journal', time.at('photos.journal')];
}

/** What every request for a retrieval is held against: at any time at most one is of use. */
export class Ledger {
  readonly #time: SimulatedTime;
  readonly #jobs = new Map<string, LoggedJob[]>();
  readonly #archives: ReadonlyMap<string, Archive>;
  readonly needless: string[] = [];
  /** Bytes that were asked for and not here, at most. */
  most = 0;

  private constructor(time: SimulatedTime, archives: ReadonlyMap<string, Archive>) {
    this.#time = time;
    this.#archives = archives;
  }

  static async of(time: SimulatedTime): Promise<Ledger> {
    const { live } = await readJournal(time.at('photos.journal'));
    const archives = new Map<string, Archive>();
    for await (const archive of live.all()) archives.set(archive.id, archive);
    return new Ledger(time, archives);
  }

  /** To be called before the time goes on: what is new is judged by what there was. */
  audit(): void {
    for (const job of this.#time.jobs()) {
      const others = this.#jobs.get(job.archiveId) ?? [];
      const isNew = others.every(({ id }) => id !== job.id);
      if (isNew) this.#judge(job, others);
      this.#jobs.set(job.archiveId, [...others.filter(({ id }) => id !== job.id), job]);
    }
    const now = this.#time.now * 1000;
    const awaited = this.jobs.filter((job) => isOfUse(job, now) && !this.#isHere(job));
    const bytes = awaited.reduce((sum, { archiveId }) => sum + (this.#archives.get(archiveId)?.size ?? 0), 0);
    this.most = Math.max(this.most, bytes);
  }

  get jobs(): LoggedJob[] {
    return [...this.#jobs.values()].flat();
  }

  #judge(job: LoggedJob, others: readonly LoggedJob[]): void {
    const inUse = others.find((other) => isOfUse(other, job.at));
    if (inUse !== undefined)
      this.needless.push(`${job.archiveId} is asked for at ${job.at}, and ${inUse.id} is of use`);
    if (this.#isHere(job)) this.needless.push(`${job.archiveId} is asked for and here`);
  }

  #isHere({ archiveId }: LoggedJob): boolean {
    return existsSync(this.#time.at('kept', this.#archives.get(archiveId)?.path ?? ''));
  }
}

function isOfUse({ failure, endsAt }: LoggedJob, now: number): boolean {
  return failure === null && now < endsAt + DAY * 1000;
}

/** Contents by path. What a kill left of a download lies hidden until another one lands beside it. */
export function filesIn(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !isUnfinished(entry.name),
  );
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(directory.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}
