// A kept directory that was stored and then lost, and what every request for one of its archives is held against.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
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
  readonly #pathOf: ReadonlyMap<string, string>;
  readonly needless: string[] = [];

  private constructor(time: SimulatedTime, paths: ReadonlyMap<string, string>) {
    this.#time = time;
    this.#pathOf = paths;
  }

  static async of(time: SimulatedTime): Promise<Ledger> {
    const { live } = await readJournal(time.at('photos.journal'));
    const paths = new Map<string, string>();
    for await (const { id, path } of live.all()) paths.set(id, path);
    return new Ledger(time, paths);
  }

  /** To be called before the time goes on: what is new is judged by what there was. */
  audit(): void {
    for (const job of this.#time.jobs()) {
      const others = this.#jobs.get(job.archiveId) ?? [];
      const isNew = others.every(({ id }) => id !== job.id);
      if (isNew) this.#judge(job, others);
      this.#jobs.set(job.archiveId, [...others.filter(({ id }) => id !== job.id), job]);
    }
  }

  get jobs(): LoggedJob[] {
    return [...this.#jobs.values()].flat();
  }

  #judge(job: LoggedJob, others: readonly LoggedJob[]): void {
    const path = this.#pathOf.get(job.archiveId) ?? '';
    const inUse = others.filter(({ failure, endsAt }) => failure === null && job.at < endsAt + DAY * 1000);
    if (inUse.length > 0) this.needless.push(`${path} is asked for at ${job.at}, and ${inUse[0]!.id} is of use`);
    if (existsSync(this.#time.at('kept', path))) this.needless.push(`${path} is asked for and here`);
  }
}

/** Contents by path. */
export function filesIn(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(directory.length + 1), readFileSync(file, 'utf8')];
    }),
  );
}
