// What this machine does at best, with as little around it as Node allows: the yardsticks of the same run.

import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, lstatSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Stage } from './stage.js';

/** Once through the work: how much was done, and what it took of this process. */
export interface RawRun {
  readonly amount: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Raw {
  readonly name: string;
  /** What the amount counts. */
  readonly unit: 'bytes' | 'files' | 'requests' | 'lines';
  run(stage: Stage): Promise<RawRun>;
}

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(16 * MIB, 'mtglacier');

export async function timed(work: () => number | Promise<number>): Promise<RawRun> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const amount = await work();
  const { user, system } = process.cpuUsage(used);
  return { amount, wallMs: performance.now() - began, cpuMs: (user + system) / 1000 };
}

export const RAW = {
  hash: {
    name: 'SHA-256, one core, one pass',
    unit: 'bytes',
    run: () => timed(() => hashed(32, false)),
  },
  bothHashes: {
    name: 'SHA-256, one core, linear and tree',
    unit: 'bytes',
    run: () => timed(() => hashed(32, true)),
  },
  putLarge: {
    name: 'HTTP PUT of 16 MiB over loopback, 4 at once',
    unit: 'bytes',
    run: (stage) => puts(stage, 128, 16 * MIB),
  },
  putSmall: {
    name: 'HTTP PUT of 4 KiB over loopback, 4 at once',
    unit: 'requests',
    run: (stage) => puts(stage, 10_000, 4096),
  },
  write: {
    name: 'write of 1 GiB to one file, flushed at its end',
    unit: 'bytes',
    run: (stage) => timed(() => written(stage, 64, 16 * MIB, false) * 16 * MIB),
  },
  append: {
    name: 'append of a line of 200 bytes, each flushed',
    unit: 'lines',
    run: (stage) => timed(() => written(stage, 2000, 200, true)),
  },
} as const satisfies Record<string, Raw>;

/** A bare walk with lstat over a directory that lies on the stage. */
export function rawWalk(directory: string): Raw {
  return {
    name: 'walk with lstat over 200,000 files',
    unit: 'files',
    run: (stage) => timed(() => walked(stage.path(directory))),
  };
}

/** How fast the lines of a file on the stage can be counted, and nothing else be done with them. */
export function rawScan(file: string): Raw {
  return {
    name: 'lines of the journal counted',
    unit: 'lines',
    run: (stage) => timed(() => countedLines(stage.path(file))),
  };
}

/** Each MiB while it is in cache. The few nodes above the leaves of a tree are left out. */
function hashed(pieces: number, both: boolean): number {
  for (let piece = 0; piece < pieces; piece++) {
    const linear = createHash('sha256');
    for (let at = 0; at < PIECE.length; at += MIB) {
      const part = PIECE.subarray(at, at + MIB);
      linear.update(part);
      if (both) createHash('sha256').update(part).digest();
    }
    linear.digest();
  }
  return pieces * PIECE.length;
}

/** Four connections to a sink in a process of its own; connecting is not counted. */
async function puts(stage: Stage, count: number, size: number): Promise<RawRun> {
  const sink = await stage.serveScript('null-sink.js');
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const put = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { 'Content-Length': size };
      const { signal } = stage;
      request({ host: '127.0.0.1', port: sink.greeting, method: 'PUT', agent, headers, signal }, (answer) => {
        answer.resume().on('end', resolve);
      })
        .on('error', reject)
        .end(PIECE.subarray(0, size));
    });
  const lane = async (): Promise<void> => {
    for (let i = 0; i < count / 4; i++) await put();
  };
  await Promise.all([1, 2, 3, 4].map(put));
  const run = await timed(async () => {
    await Promise.all([1, 2, 3, 4].map(lane));
    return size === PIECE.length ? count * size : count;
  });
  agent.destroy();
  await sink.stop();
  return run;
}

function written(stage: Stage, count: number, size: number, each: boolean): number {
  const file = openSync(stage.path('written'), 'w');
  for (let i = 0; i < count; i++) {
    writeSync(file, PIECE, 0, size);
    if (each) fdatasyncSync(file);
  }
  fdatasyncSync(file);
  closeSync(file);
  stage.remove('written');
  return count;
}

function walked(directory: string): number {
  let files = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) files += walked(path);
    else if (lstatSync(path).isFile()) files++;
  }
  return files;
}

function countedLines(file: string): number {
  const handle = openSync(file, 'r');
  const chunk = Buffer.allocUnsafeSlow(MIB);
  let lines = 0;
  for (let size = readSync(handle, chunk); size > 0; size = readSync(handle, chunk)) {
    const read = chunk.subarray(0, size);
    for (let at = read.indexOf(10); at !== -1; at = read.indexOf(10, at + 1)) lines++;
  }
  closeSync(handle);
  return lines;
}
