// A disk of which one operation fails, the first or any later one: writes have written half by then.

import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Call = (this: unknown, ...words: unknown[]) => unknown;
type Functions = Record<string, Call>;

const OF_HANDLE = ['appendFile', 'writeFile', 'sync', 'datasync', 'truncate'];
const OF_PROMISES = ['rename', 'mkdir', 'writeFile', 'open', 'rm'];
const SYNC = ['openSync', 'writeSync', 'renameSync'];

/** From `record` on it stands in the place of this process's own; whoever takes single functions is imported after. */
export class FailingDisk implements AsyncDisposable {
  /** Operations that still succeed; none fails when it is null. */
  #left: number | null = null;
  readonly #restore: (() => void)[] = [];

  static async make(): Promise<FailingDisk> {
    const handle = await open('/');
    const ofHandle = Object.getPrototypeOf(handle) as Functions;
    await handle.close();
    return new FailingDisk(ofHandle);
  }

  private constructor(ofHandle: Functions) {
    for (const name of OF_HANDLE) this.#replace(ofHandle, name, (broken) => Promise.reject(broken));
    for (const name of OF_PROMISES) {
      this.#replace(fs.promises as unknown as Functions, name, (broken) => Promise.reject(broken));
    }
    const throwing = (broken: Error): never => {
      throw broken;
    };
    for (const name of SYNC) this.#replace(fs as unknown as Functions, name, throwing);
    this.#replace(fs as unknown as Functions, 'fdatasync', (broken, words) =>
      (words.at(-1) as (e: Error) => void)(broken),
    );
    syncBuiltinESMExports();
  }

  /** So many operations succeed, and the next one does not. */
  failAfter(operations: number): void {
    this.#left = operations;
  }

  /** All succeed again. Tells whether one did not. */
  mend(): boolean {
    const struck = this.#left !== null && this.#left < 0;
    this.#left = null;
    return struck;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const restore of this.#restore) restore();
    syncBuiltinESMExports();
  }

  #replace(of: Functions, name: string, fail: (broken: Error, words: unknown[]) => unknown): void {
    const true_ = of[name] as Call;
    const strikes = (): boolean => this.#left !== null && this.#left-- === 0;
    of[name] = function (...words) {
      if (!strikes()) return true_.apply(this, words);
      const broken = Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO' });
      const [text] = words;
      if (name === 'appendFile' && typeof text === 'string') {
        return (true_.call(this, text.slice(0, text.length / 2)) as Promise<void>).then(() => fail(broken, words));
      }
      return fail(broken, words);
    };
    this.#restore.push(() => {
      of[name] = true_;
    });
  }
}
