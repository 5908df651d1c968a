// The report of what an inventory lists and a new journal cannot hold, one JSON object a line (docs/journal-format.md).

import { promises as fs } from 'node:fs';

import type { Instant } from '../model/clock.js';
import type { ArchiveId } from '../model/identifiers.js';
import type { TreeHash } from '../model/tree-hash.js';
import { syncDirectoryOf } from './append-file.js';
import { sidecarsOf } from './sidecars.js';
import { writeFailure } from './write-failure.js';

const VERSION = 'A';

/** Text that is gathered before it is written. UTF-16 units. */
const GATHERED_MAX = 64 * 1024;

/** `why` is a whole sentence. */
type SetAsideEntry =
  | {
      readonly type: 'archive';
      readonly archiveId: ArchiveId;
      readonly size: number;
      readonly treeHash: TreeHash;
      readonly createdAt: Instant;
      /** As the inventory has it. */
      readonly description: string;
      /** The name that the description gives, unsafe as it may be. */
      readonly name: string;
      readonly why: string;
    }
  | { readonly type: 'unreadable'; readonly text: string; readonly why: string };

/** Disposing of one that was not finished leaves nothing. */
export interface SetAsideReport extends AsyncDisposable {
  /** @throws Failure JOURNAL_UNWRITABLE, DISK_FULL */
  add(entry: SetAsideEntry): Promise<void>;
  /** The report appears beside the journal, in place of an older one; without entries there is none then. */
  finish(): Promise<void>;
}

/** The name that the report for this journal has, beside the journal. */
export async function setAsideFile(journal: string): Promise<string> {
  return (await sidecarsOf(journal)).setAside;
}

/** @param journal as the user names it; nothing is written before the first entry */
export async function writeSetAside(journal: string): Promise<SetAsideReport> {
  return new ReportFile(await setAsideFile(journal));
}

class ReportFile implements SetAsideReport {
  readonly #file: string;
  /** Null before the first entry, and once the report has its name. */
  #handle: fs.FileHandle | null = null;
  #gathered = '';

  constructor(file: string) {
    this.#file = file;
  }

  get #temporary(): string {
    return `${this.#file}.new`;
  }

  async add(entry: SetAsideEntry): Promise<void> {
    this.#gathered += `${JSON.stringify({ version: VERSION, ...entry })}\n`;
    if (this.#handle === null || this.#gathered.length > GATHERED_MAX) await this.#told(() => this.#flush());
  }

  async finish(): Promise<void> {
    await this.#told(async () => {
      if (this.#handle === null) return fs.rm(this.#file, { force: true });
      await this.#flush();
      await this.#handle.sync();
      await fs.rename(this.#temporary, this.#file);
      await syncDirectoryOf(this.#file);
      await this.#close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    await this.#close();
    await fs.rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #flush(): Promise<void> {
    this.#handle ??= await fs.open(this.#temporary, 'w', 0o666);
    await this.#handle.appendFile(this.#gathered, 'utf8');
    this.#gathered = '';
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #told(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw writeFailure(this.#file, cause);
    }
  }
}
