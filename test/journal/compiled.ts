// The journal room compiled to plain JavaScript, for tests that need processes of their own.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param packages those that the compiled code can load */
export function compile(packages: readonly string[]): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'journal-compiled-'));
  const options = {
    rootDir: join(root, 'src'),
    outDir: directory,
    noEmit: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const config = join(directory, 'tsconfig.json');
  const include = [join(root, 'src/journal/*.ts')];
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: options, include }));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  mkdirSync(join(directory, 'node_modules'));
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'pipe' });
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Running {
  readonly pid: number;
  /** The next line that it prints. @throws Error when it ends before */
  line(): Promise<string>;
  /** Kills it at once; ends when it is gone. */
  kill(): Promise<void>;
  /** Closes its standard input and waits for its end. Gives the exit code. */
  end(): Promise<number | null>;
}

/** Runs a module below the compiled directory; `console.log` of it is read line by line. */
export function run(directory: string, source: string, ...words: readonly string[]): Running {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...words], {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid as number,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error('the process ended without another line');
      return next.value;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async end() {
      child.stdin.end();
      return (await exited)[0];
    },
  };
}
