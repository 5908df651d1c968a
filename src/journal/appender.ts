// Appends lines with shared flushes: what gathers in a turn of the event loop, or while one flush runs, goes out with the next. No timer.

import { Failure } from '../model/failure.js';
import { type AppendFile, writeAll } from './append-file.js';
import { writeFailure } from './write-failure.js';

/** The file as it was read: all up to `length` is good, what follows up to `size` is a torn line. Bytes. */
interface FoundFile {
  readonly length: number;
  readonly size: number;
}

export interface AppenderSetup {
  /** The name in messages. */
  readonly name: string;
  readonly found: FoundFile;
  /** Called at the first append, not before. */
  readonly open: () => Promise<AppendFile>;
  /** Once aborted, nothing more is written; its reason is thrown. */
  readonly lost: AbortSignal;
  /** Ends when a torn line of so many bytes may be cut off. */
  readonly beforeCut: (size: number) => Promise<void>;
}

/**
 * Writes lines in the order given. After the first failure every later line is refused: what the file then holds is
 * known again only when it is read anew.
 */
export class Appender implements AsyncDisposable {
  readonly #setup: AppenderSetup;
  #file: AppendFile | null = null;
  /** Bytes that are whole lines on stable storage. */
  #length: number;
  #gathered: Uint8Array[] = [];
  /** The flush that will take what is gathered, and the last one that was begun. */
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  #broken: { readonly by: unknown } | null = null;

  constructor(setup: AppenderSetup) {
    this.#setup = setup;
    this.#length = setup.found.length;
  }

  /**
   * @param line encoded, with its line end
   * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL, or the reason of `lost`
   */
  append(line: Uint8Array): Promise<void> {
    this.leave(line);
    return this.flush();
  }

  /**
   * Opens the file where it is not open yet, so that what would keep lines from it is known before there is one.
   * @throws Failure as append
   */
  ready(): Promise<void> {
    return this.#file === null ? this.flush() : Promise.resolve();
  }

  /** Leaves a line, in its place among the others, to the next flush: for what may be lost in a crash. */
  leave(line: Uint8Array): void {
    this.#gathered.push(line);
  }

  /** Ends when all that was given is on stable storage. @throws Failure as append */
  flush(): Promise<void> {
    if (this.#next === null) {
      this.#next = this.#last.then(atTurnsEnd).then(() => this.#write());
      this.#last = this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  /** Ends when nothing is under way. What was left and never taken is written now, if it can be. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    if (this.#gathered.length > 0) await this.flush().catch(() => undefined);
    const file = this.#file;
    this.#file = null;
    this.#broken ??= { by: new Error(`${this.#setup.name} is closed`) };
    await file?.close();
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#next = null;
    if (this.#broken !== null) throw this.#broken.by;
    try {
      this.#setup.lost.throwIfAborted();
      this.#file ??= await this.#opened();
      await writeAll(this.#file, bytes);
      await this.#file.sync();
    } catch (cause) {
      this.#broken = { by: writeFailure(this.#setup.name, cause) };
      await this.#takeBack();
      throw this.#broken.by;
    }
    this.#length += bytes.length;
  }

  /** Cuts a torn line, unless somebody has written since the file was read: then nothing may be cut. */
  async #opened(): Promise<AppendFile> {
    const { found, open, name, beforeCut } = this.#setup;
    const file = await open();
    try {
      const size = await file.size();
      if (size !== found.size) throw changed(name);
      if (size > found.length) {
        await beforeCut(size - found.length);
        await file.truncate(found.length);
      }
      return file;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** Cuts off what a failed flush left, so that no line stands there that was refused. Mere best effort. */
  async #takeBack(): Promise<void> {
    try {
      if (!this.#setup.lost.aborted) await this.#file?.truncate(this.#length);
    } catch {
      // The failure that is already on its way says more; a torn line is cut by the next run.
    }
  }
}

/** When all that has come in meanwhile was looked at: what gathers by that shares the flush. */
function atTurnsEnd(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function changed(name: string): Failure {
  return new Failure('JOURNAL_UNWRITABLE', `${name} was changed by another program while it was in use`, {
    hint: 'run the same command again; see that no other program writes to it',
  });
}
