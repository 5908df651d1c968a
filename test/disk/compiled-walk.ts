// The script of the walk's thread as plain JavaScript, for tests: threads run no TypeScript.

import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from '../edges/local-server/spawned-vault.js';

const MODULES = resolve(import.meta.dirname, '../../node_modules');

/** Compiles it to a folder outside the project; gives its URL, and one that makes other scripts beside it. */
export function compileWalk(): { script: URL; folder: string; other(name: string, text: string): URL } {
  const { folder } = compile(['src/cli/walk-thread.ts'], '');
  symlinkSync(MODULES, join(folder, 'node_modules'));
  return {
    folder,
    script: pathToFileURL(join(folder, 'src/cli/walk-thread.js')),
    other(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text);
      return pathToFileURL(file);
    },
  };
}
