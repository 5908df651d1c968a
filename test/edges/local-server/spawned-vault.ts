// A local vault in a process of its own, so that it can be killed and its memory be read.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Target } from './raw-client.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Compiles the server to a folder outside the project, and gives the script that starts it. */
export function compileServer(): Built {
  return compile(
    ['start.ts', 'bodies/hash-thread.ts'].map((name) => `src/edges/local-server/${name}`),
    SCRIPT,
  );
}

export interface Built {
  readonly script: string;
  readonly folder: string;
}

/** Compiles files of the project with all that they need, and puts a script beside the project's top. */
export function compile(files: readonly string[], text: string): Built {
  const folder = mkdtempSync(join(tmpdir(), 'local-vault-built-'));
  const options = { noEmit: false, noCheck: true, rootDir: ROOT, outDir: folder, types: [] };
  const config = join(folder, 'tsconfig.json');
  const content = { extends: join(ROOT, 'tsconfig.json'), compilerOptions: options, include: [] };
  writeFileSync(config, JSON.stringify({ ...content, files: files.map((file) => join(ROOT, file)) }));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const script = join(folder, 'script.js');
  writeFileSync(script, text);
  return { script, folder };
}

const SCRIPT = `
import { startLocalVault } from './src/edges/local-server/start.js';
const vault = await startLocalVault(JSON.parse(process.argv[2])).catch((cause) => {
  console.log(JSON.stringify({ refused: cause.message, code: cause.code }));
  process.exit(1);
});
console.log(JSON.stringify(vault));
`;

export interface SpawnedVault extends Target {
  readonly pid: number;
  readonly accountId: string;
  readonly refused?: string;
  readonly code?: string;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Most memory it ever had, in bytes. */
  peakMemory(): number;
}

/** @param under a command that runs the one that follows it */
export async function spawnVault(
  script: string,
  options: object,
  under: readonly string[] = [],
): Promise<SpawnedVault> {
  const words = [...under, process.execPath, script, JSON.stringify(options)];
  const child = spawn(words[0] ?? process.execPath, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    ...(JSON.parse(line) as SpawnedVault),
    pid: child.pid ?? 0,
    kill: () => killed(child),
    peakMemory: () => peakOf(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function peakOf(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
