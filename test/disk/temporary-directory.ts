// A real directory for one test, gone afterwards.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WalkOptions } from '../../src/disk/findings.js';
import { placeOf } from '../../src/disk/place.js';
import { walk } from '../../src/disk/walk.js';
import type { Found } from '../../src/model/found.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { allOf } from '../all-of.js';

export const never = new AbortController().signal;

export class TemporaryDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'mtglacier-disk-'));

  /** Writes a file, and the directories on the way to it. */
  put(name: string, content: string | Uint8Array = 'x'): string {
    const file = `${this.path}/${name}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export async function walked(root: string, options: WalkOptions = {}, encoding = UTF_8): Promise<Found[]> {
  return (await allOf(walk(placeOf(root, encoding), options, never))).flat();
}

/** One word for each finding, such as `file a/b` or `empty-file c`. */
export function briefly(found: Found): string {
  switch (found.kind) {
    case 'file':
      return `file ${found.file.path}`;
    case 'left-out':
      return `${found.why} ${found.name}`;
    case 'refused':
      return `refused ${found.name}`;
    case 'unseen':
      return `unseen ${found.path} ${found.failure.code}`;
  }
}
