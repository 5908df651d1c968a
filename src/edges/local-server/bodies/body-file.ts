// A new file for a body on its way in, gone again unless it is kept.

import { closeSync, fdatasync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newSuffix } from '../protocol/ids.js';

const flush = promisify(fdatasync);

/**
 * Made, written and closed here and now: threads that make files in one directory at the same time wait for each other
 * and use up the processor meanwhile (a fifth of what 32 uploads at once took). Only the flush is waited for elsewhere.
 */
export class BodyFile implements Disposable {
  readonly path: string;
  readonly descriptor: number;
  #isKept = false;

  constructor(tmp: string) {
    this.path = join(tmp, `body.${newSuffix()}${newSuffix()}`);
    this.descriptor = openSync(this.path, 'wx');
  }

  /** On stable storage, under its name in `tmp`; whoever keeps it renames or removes it. */
  async keep(): Promise<void> {
    await flush(this.descriptor);
    this.#isKept = true;
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
    if (!this.#isKept) rmSync(this.path, { force: true });
  }
}

/** Appends to a file that is open. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
