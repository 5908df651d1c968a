// What of a folder is on stable storage at each moment, as POSIX promises it: what was flushed, and not a byte or name more.

import fs from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/** A file or directory as it was when it was flushed last; entries by name, with the key of what they name. */
type Flushed =
  | { readonly is: 'file'; readonly bytes: Buffer }
  | { readonly is: 'directory'; readonly entries: ReadonlyMap<string, Entry> };

interface Entry {
  readonly key: string;
  readonly isDirectory: boolean;
}

/** All that was flushed so far, by key. */
export type Moment = ReadonlyMap<string, Flushed>;

/** Records every flush of this process below a directory. Only on Linux: it sees files through /proc. */
export class StableStorage implements AsyncDisposable {
  readonly #root: string;
  /** After each flush; the first is the empty disk. */
  readonly moments: Moment[] = [new Map()];
  readonly #restore: () => void;

  private constructor(root: string, restore: (storage: StableStorage) => () => void) {
    this.#root = root;
    this.#restore = restore(this);
  }

  /** Whoever takes `fdatasync` from `node:fs` must be imported after this. */
  static async record(root: string): Promise<StableStorage> {
    const handle = await open('/');
    const ofHandle = Object.getPrototypeOf(handle) as { sync: Flush; datasync: Flush };
    await handle.close();
    return new StableStorage(root, (storage) => {
      const { sync, datasync } = ofHandle;
      const { fdatasync } = fs;
      ofHandle.sync = flushSeenBy(storage, sync);
      ofHandle.datasync = flushSeenBy(storage, datasync);
      fs.fdatasync = ((descriptor: number, done: fs.NoParamCallback) => {
        const seen = storage.look(descriptor);
        fdatasync(descriptor, (cause) => {
          if (cause === null) storage.add(seen);
          done(cause);
        });
      }) as typeof fdatasync;
      syncBuiltinESMExports();
      return () => {
        Object.assign(ofHandle, { sync, datasync });
        fs.fdatasync = fdatasync;
        syncBuiltinESMExports();
      };
    });
  }

  /** How many flushes there were. */
  get now(): number {
    return this.moments.length - 1;
  }

  /** Null when it does not lie in the folder. A flush that is under way keeps what was there when it began. */
  look(descriptor: number): { key: string; flushed: Flushed } | null {
    const path = `/proc/self/fd/${descriptor}`;
    const name = fs.readlinkSync(path);
    if (name !== this.#root && !name.startsWith(`${this.#root}/`)) return null;
    const stat = fs.fstatSync(descriptor, { bigint: true });
    if (!stat.isDirectory()) return { key: keyOf(stat), flushed: { is: 'file', bytes: fs.readFileSync(path) } };
    const entries = new Map<string, Entry>();
    for (const entry of fs.readdirSync(path)) {
      const found = fs.lstatSync(`${path}/${entry}`, { bigint: true, throwIfNoEntry: false });
      if (found !== undefined) entries.set(entry, { key: keyOf(found), isDirectory: found.isDirectory() });
    }
    return { key: keyOf(stat), flushed: { is: 'directory', entries } };
  }

  add(seen: { key: string; flushed: Flushed } | null): void {
    if (seen !== null) this.moments.push(new Map(this.moments.at(-1)).set(seen.key, seen.flushed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#restore();
  }
}

type Flush = (this: fs.promises.FileHandle) => Promise<void>;

function flushSeenBy(storage: StableStorage, flush: Flush): Flush {
  return async function (this: fs.promises.FileHandle) {
    const seen = storage.look(this.fd);
    await flush.call(this);
    storage.add(seen);
  };
}

/** Inode numbers are given out again. */
function keyOf({ ino, birthtimeNs }: fs.BigIntStats): string {
  return `${ino} ${birthtimeNs}`;
}

/** Makes `directory` what a power cut would have left of the one with that key. */
export async function restoreAt(moment: Moment, key: string, directory: string): Promise<void> {
  await mkdir(directory);
  const flushed = moment.get(key);
  if (flushed?.is !== 'directory') return;
  for (const [name, entry] of flushed.entries) {
    const path = join(directory, name);
    const content = moment.get(entry.key);
    if (entry.isDirectory) await restoreAt(moment, entry.key, path);
    else await writeFile(path, content?.is === 'file' ? content.bytes : '');
  }
}

export function keyOfFile(path: string): string {
  return keyOf(fs.statSync(path, { bigint: true }));
}
