// A whole world in a temporary folder: a kept directory, a journal with all beside it, a vault in memory, a clock to move.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type KeptDirectory, openKeptDirectory } from '../../src/disk/kept-directory.js';
import { isUnfinished } from '../../src/disk/temporary-name.js';
import { type ComparedFiles, openCompared } from '../../src/journal/compared.js';
import type { Intents } from '../../src/journal/intents.js';
import type { Journal } from '../../src/journal/journal.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import type { Archive } from '../../src/model/archive.js';
import { type Clock, Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { VaultName } from '../../src/model/identifiers.js';
import { EVERYTHING, type Selection } from '../../src/model/selection.js';
import { type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import type { Halt } from '../../src/transfer/concurrently.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import type { Transfer } from '../../src/transfer/port.js';
import { MemoryVaults } from '../../src/vault/memory.js';
import type { Vault } from '../../src/vault/port.js';

export const MIB = 1024 * 1024;
const NAME = VaultName.parse('photos');

/** All ports that any flow takes. */
export interface Ports {
  readonly vault: Vault;
  readonly journal: Journal;
  readonly intents: Intents;
  readonly directory: KeptDirectory;
  readonly selection: Selection;
  readonly compared: ComparedFiles;
  readonly transfer: Transfer;
  readonly engine: typeof nodeEngine;
  readonly clock: Clock;
  readonly report: (event: RunEvent) => void;
}

/** Changes the outside world before a run gets to see it: to make its calls fail, or to count them. */
export type Meddle = (port: 'vault' | 'journal' | 'intents' | 'landing', object: object) => object;

export class World implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'mtglacier-world-'));
  readonly root = join(this.home, 'kept');
  readonly journalFile = join(this.home, 'kept.journal');
  readonly clock: Clock & { seconds: number } = {
    seconds: 1_700_000_000,
    now() {
      return Instant.ofSeconds(this.seconds);
    },
  };
  readonly vaults = new MemoryVaults(this.clock);
  readonly vault = this.vaults.vault(NAME);
  /** What the runs are about. */
  selection: Selection = EVERYTHING;
  /** How the runs read names, and whether they follow links. */
  encoding: TextEncoding = UTF_8;
  follow = false;
  /** Of all runs, in order. */
  readonly events: RunEvent[] = [];

  constructor() {
    mkdirSync(this.root);
  }

  static async create(files: Record<string, string | Uint8Array> = {}): Promise<World> {
    const world = new World();
    await world.vaults.create(NAME, AbortSignal.timeout(60_000));
    for (const [path, content] of Object.entries(files)) world.write(path, content);
    return world;
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Every file gets a time of its own, in whole seconds. */
  write(path: string, content: string | Uint8Array, mtime = ++this.#lastTime): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
    utimesSync(join(this.root, path), mtime, mtime);
  }
  #lastTime = 1_600_000_000;

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Content and time of every file, by path. */
  tree(): Record<string, string> {
    const files = readdirSync(this.root, { recursive: true, encoding: 'utf8' }).sort();
    return Object.fromEntries(
      files.flatMap((path) => {
        const stat = statSync(join(this.root, path));
        if (!stat.isFile()) return [];
        return [[path, `${Math.floor(stat.mtimeMs / 1000)} ${readFileSync(join(this.root, path)).toString('base64')}`]];
      }),
    );
  }

  /** The same without downloads that have not ended. */
  named(): [path: string, content: string][] {
    return Object.entries(this.tree()).filter(([path]) => !isUnfinished(basename(path)));
  }

  journalLines(): string[] {
    return readFileSync(this.journalFile, 'utf8').split('\n').slice(0, -1);
  }

  /** The archives that the journal holds alive, as a reader finds them on disk. */
  async recorded(): Promise<Archive[]> {
    const { live } = await openForReading(this.journalFile, { encoding: UTF_8 }, (event) => this.events.push(event));
    const all: Archive[] = [];
    for await (const archive of live.all()) all.push(archive);
    return all;
  }

  /** Opens what a command opens, lets the run work, and closes it again, as a process does that ends in its own time. */
  async run<T>(work: (ports: Ports, halt: Halt) => Promise<T>, meddle: Meddle = (_, object) => object): Promise<T> {
    const report = (event: RunEvent): void => void this.events.push(event);
    await using open = await openForWriting(this.journalFile, { create: true, encoding: UTF_8 }, report);
    const vault = meddle('vault', this.vault) as Vault;
    const { selection, encoding, follow } = this;
    const directory = openKeptDirectory(this.root, { selection, encoding, follow });
    await using compared = await openCompared(open.sidecars.compared, open.journal.live, report);
    const never = new AbortController().signal;
    const ports: Ports = {
      vault,
      journal: meddle('journal', open.journal) as Journal,
      intents: meddle('intents', open.intents) as Intents,
      directory: {
        ...directory,
        land: async (path, size, content) =>
          meddle('landing', await directory.land(path, size, content)) as ReturnType<KeptDirectory['land']>,
      },
      transfer: createInlineTransfer({ place: directory.place, vault, engine: nodeEngine, width: 3, report }),
      engine: nodeEngine,
      selection,
      compared,
      clock: this.clock,
      report,
    };
    return await work(ports, { soon: never, now: never });
  }

  eventsOf<E extends RunEvent['event']>(event: E): Extract<RunEvent, { event: E }>[] {
    return this.events.filter((one): one is Extract<RunEvent, { event: E }> => one.event === event);
  }
}
