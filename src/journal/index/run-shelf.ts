// The runs of an index: new ones are put on disk, many small ones become a larger one, and the contents follow.

import type { Contents, KnownRun } from './contents.js';
import { createPassingRun, createRun, type NewRun, removeRun, writeContents } from './index-folder.js';
import { mergeRuns } from './merge-runs.js';
import { Run, type RunSetup } from './run.js';
import { bytesInMemory } from './run-bytes.js';

/** So many runs of about one size become one. */
const MERGED_AT = 8;
/** Sizes of runs are told apart by how many times eightfold they are of this. Bytes. */
const SMALL = 128 * 1024;

export interface Shelved {
  readonly run: Run;
  /** Null for a run that has no name in the folder, or none yet. */
  readonly known: KnownRun | null;
}

export interface ShelfSetup {
  readonly folder: string;
  /** Where runs may go: into the folder, or where nobody finds them again; what fails is not tried again. */
  readonly ways: readonly ('folder' | 'passing')[];
  readonly onDamage: RunSetup['onDamage'];
  /** Ends the merging of runs: they stay as they are until the next one comes. */
  readonly signal: AbortSignal;
  /** Told once, when no run can be written any more. */
  readonly onTrouble: (cause: unknown) => void;
}

/** What the contents say besides the runs. */
export type About = Omit<Contents, 'runs'>;

export class RunShelf {
  readonly #setup: ShelfSetup;
  #ways: readonly ('folder' | 'passing')[];
  /** Never changed, only replaced: whoever reads goes on with those that it has. */
  #shelved: readonly Shelved[] = [];
  #runs: readonly Run[] = [];
  #work: Promise<void> = Promise.resolve();
  #working = 0;

  constructor(setup: ShelfSetup, found: readonly Shelved[]) {
    this.#setup = setup;
    this.#ways = setup.ways;
    this.#shelve(found);
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** Whether there is something to be written down in the contents, and all of it is in the folder. */
  get isPublic(): boolean {
    return (
      this.#shelved.length > 0 && this.#ways.includes('folder') && this.#shelved.every(({ known }) => known !== null)
    );
  }

  get isWorking(): boolean {
    return this.#working > 0;
  }

  /** Whether more can be put on disk. */
  get hasRoom(): boolean {
    return this.#ways.length > 0;
  }

  /** The run is read from at once; that it goes to disk is waited for by `settled`. */
  add(bytes: Buffer, shape: Run['shape'], about: About): void {
    const run = new Run({ shape, bytes: bytesInMemory(bytes), onDamage: this.#setup.onDamage });
    this.#shelve([...this.#shelved, { run, known: null }]);
    this.#working++;
    this.#work = this.#afterwards(this.#work, run, bytes, about);
  }

  /** Ends when nothing is under way. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async publish(about: About): Promise<void> {
    if (!this.isPublic) return;
    try {
      await writeContents(this.#setup.folder, { ...about, runs: this.#shelved.flatMap(({ known }) => known ?? []) });
    } catch (cause) {
      this.#giveUp(cause);
    }
  }

  release(): void {
    for (const { run } of this.#shelved) run.release();
    this.#shelve([]);
  }

  #shelve(shelved: readonly Shelved[]): void {
    this.#shelved = shelved;
    this.#runs = shelved.map(({ run }) => run);
  }

  async #afterwards(before: Promise<void>, run: Run, bytes: Buffer, about: About): Promise<void> {
    await before;
    try {
      await this.#keep(run, bytes);
      await this.#mergeLevels(about);
    } catch (cause) {
      this.#giveUp(cause);
    } finally {
      this.#working--;
    }
  }

  async #keep(run: Run, bytes: Buffer): Promise<void> {
    const kept = await this.#written(async (into) => {
      await into.write(bytes);
      return run.shape;
    });
    run.move(kept.bytes);
    this.#shelve(this.#shelved.map((shelved) => (shelved.run === run ? { run, known: kept.known } : shelved)));
  }

  async #mergeLevels(about: About): Promise<void> {
    const replaced: Shelved[] = [];
    for (let crowd = crowdIn(this.#shelved); crowd.length > 0; crowd = crowdIn(this.#shelved)) {
      const kept = await this.#merged(crowd.map(({ run }) => run));
      if (kept === null) break;
      const run = new Run({ ...kept, onDamage: this.#setup.onDamage });
      const others = this.#shelved.filter((shelved) => !crowd.includes(shelved));
      this.#shelve([...others, { run, known: kept.known }]);
      replaced.push(...crowd);
    }
    await this.publish(about);
    for (const { run, known } of replaced) {
      run.release();
      if (known !== null) await removeRun(this.#setup.folder, known.name);
    }
  }

  /** Null where the merging was ended. */
  async #merged(runs: readonly Run[]) {
    const { signal } = this.#setup;
    if (signal.aborted) return null;
    return this.#written((into) => mergeRuns(runs, into, signal)).catch((thrown: unknown) => {
      if (signal.aborted) return null;
      throw thrown;
    });
  }

  /** Writes a run in the first way that is left and works. @throws what the last of them threw */
  async #written(write: (into: NewRun) => Promise<Run['shape']>) {
    for (;;) {
      const [way, ...others] = this.#ways;
      try {
        const into = way === 'folder' ? await createRun(this.#setup.folder) : await createPassingRun();
        return await finished(into, write);
      } catch (cause) {
        if (others.length === 0 || this.#setup.signal.aborted) throw cause;
        this.#ways = others;
      }
    }
  }

  #giveUp(cause: unknown): void {
    if (this.#ways.length === 0) return;
    this.#ways = [];
    this.#setup.onTrouble(cause);
  }
}

async function finished(into: NewRun, write: (into: NewRun) => Promise<Run['shape']>) {
  try {
    const shape = await write(into);
    const { bytes, known } = await into.finish();
    return { shape, bytes, known: known === null ? null : { ...known, shape } };
  } catch (thrown) {
    await into.abandon();
    throw thrown;
  }
}

/** Those of one size that have become many, none where there are few of each. */
function crowdIn(shelved: readonly Shelved[]): readonly Shelved[] {
  for (const one of shelved) {
    const level = shelved.filter(({ run }) => levelOf(run.shape.size) === levelOf(one.run.shape.size));
    if (level.length >= MERGED_AT) return level;
  }
  return [];
}

function levelOf(size: number): number {
  return Math.max(0, Math.floor(Math.log(size / SMALL) / Math.log(MERGED_AT)));
}
