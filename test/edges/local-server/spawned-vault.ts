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
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { startLocalVault } from './src/edges/local-server/start.js';
setFlagsFromString('--expose-gc');
const vault = await startLocalVault(JSON.parse(process.argv[2])).catch((cause) => {
  console.log(JSON.stringify({ refused: cause.message, code: cause.code }));
  process.exit(1);
});
const gc = vm.runInNewContext('gc');
process.on('SIGUSR2', () => {
  gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const held = { rss, memory: heapUsed + external, files: readdirSync('/proc/self/fd').length };
  console.log(JSON.stringify({ ...held, timers: process.getActiveResourcesInfo().length }));
});
console.log(JSON.stringify(vault));
`;

export interface SpawnedVault extends Target {
  readonly pid: number;
  readonly accountId: string;
  readonly listensOn: string;
  readonly controlEndpoint: string | null;
  readonly refused?: string;
  readonly code?: string;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Most memory it ever had, in bytes. */
  peakMemory(): number;
  /** What it holds after a garbage collection. */
  holdings(): Promise<Holdings>;
  /** Asks for what it holds until that is so. */
  until(isSo: (holdings: Holdings) => boolean): Promise<void>;
}

export interface Holdings {
  /** Of the process and, of that, what objects and buffers take. Bytes. */
  readonly rss: number;
  readonly memory: number;
  /** Files and connections that are open. */
  readonly files: number;
  /** Whatever keeps the process going: connections, timers, work under way. */
  readonly timers: number;
}

/** @param under a command that runs the one that follows it */
export async function spawnVault(
  script: string,
  options: object,
  under: readonly string[] = [],
): Promise<SpawnedVault> {
  const words = [...under, process.execPath, script, JSON.stringify(options)];
  const child = spawn(words[0] ?? process.execPath, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const [line] = (await once(lines, 'line')) as [string];
  const holdings = async (): Promise<Holdings> => {
    const told = once(lines, 'line') as Promise<[string]>;
    child.kill('SIGUSR2');
    return JSON.parse((await told)[0]) as Holdings;
  };
  return {
    ...(JSON.parse(line) as SpawnedVault),
    pid: child.pid ?? 0,
    kill: () => killed(child),
    peakMemory: () => peakOf(child),
    holdings,
    async until(isSo) {
      while (!isSo(await holdings()));
    },
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
