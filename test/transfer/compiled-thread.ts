// The threads' program compiled to plain JavaScript, because threads cannot load what vitest loads.

import { rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Built, compile } from '../edges/local-server/spawned-vault.js';

export interface CompiledThread extends Disposable {
  /** The program as it is. */
  readonly thread: URL;
  /** One that runs it and, at the files named for it, dies. */
  readonly mortal: URL;
  /** One that dies while it starts. */
  readonly stillborn: URL;
  readonly folder: string;
}

export function compileThread(): CompiledThread {
  const { folder, script }: Built = compile(['src/transfer/thread.ts', 'src/transfer/threads.ts'], MORTAL);
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  return {
    thread: pathToFileURL(join(folder, 'src/transfer/thread.js')),
    mortal: pathToFileURL(script),
    stillborn: pathToFileURL(join(folder, 'no-such-file.js')),
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * `exits-2` dies at the first two attempts, when the task tells its first event; `exits-before-1` before it has begun.
 * Attempts are counted in files, because all that a thread knows dies with it.
 */
const MORTAL = `
import { existsSync, writeFileSync } from 'node:fs';
import { perform as performWhole } from './src/transfer/thread.js';

const DEATHS = {
  exits: () => process.exit(3),
  throws: () => setImmediate(() => { throw new Error('a defect'); }),
  fills: () => { for (const held = []; ; ) held.push(new Array(1e6).fill(held.length)); },
};

export function perform(assigned) {
  const { task, line } = assigned;
  const [, deed, before, times] = /^(exits|throws|fills)(-before)?-(\\d+)$/.exec((task.file ?? task.into).path.split('/').at(-1)) ?? [];
  if (deed === undefined || diedOften(task, Number(times))) return performWhole(assigned);
  if (before) return DEATHS[deed]();
  const tell = line.postMessage.bind(line);
  line.postMessage = (event) => { tell(event); DEATHS[deed](); };
  return performWhole(assigned);
}

function diedOften({ file, into = file }, times) {
  for (let death = 1; death <= times; death++) {
    const mark = new URL(\`./\${into.path.replaceAll('/', '.')}.\${death}\`, import.meta.url);
    if (existsSync(mark)) continue;
    writeFileSync(mark, '');
    return false;
  }
  return true;
}
`;
