// local-vault: serves vaults from a folder until it is interrupted.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { CommandContext } from '../command-context.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import type { Answer } from '../reporter.js';

interface Server {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** @throws Failure USAGE, CONFIG, FILE_UNWRITABLE */
export async function run(context: CommandContext<'data'>): Promise<ExitCode> {
  const { data, host, port, realistic, jobDelay, region } = context.settings;
  makeFolder(data);
  const { startLocalVault } = await import('../../edges/local-server/start.js');
  const server = await startLocalVault({
    directory: data,
    host,
    port,
    realistic,
    ...(region === undefined ? {} : { region }),
    ...(jobDelay === undefined ? {} : { delaysMs: delaysOf(jobDelay * 1000) }),
  });
  try {
    const config = join(data, 'glacier.cfg');
    writeConfig(config, server);
    context.answer(welcome(server, data, config));
    await interrupted(context.halt.soon);
  } finally {
    await server.close();
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
}

function delaysOf(ms: number): Record<'Expedited' | 'Standard' | 'Bulk' | 'Inventory', number> {
  return { Expedited: ms, Standard: ms, Bulk: ms, Inventory: ms };
}

function makeFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true });
  } catch (cause) {
    throw new Failure('USAGE', `--data ${printable(data)} cannot be used: ${codeOf(cause)}`, {
      hint: 'name a folder that you can write to, or one that does not exist yet',
      cause,
    });
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}

/** In place at once, and never readable by others. */
function writeConfig(file: string, server: Server): void {
  const text = [
    '# For mtglacier --config: the local vault on this folder. Written anew at each start.',
    `endpoint = ${server.endpoint}`,
    `region = ${server.region}`,
    `key = ${server.accessKeyId}`,
    `secret = ${server.secretAccessKey}`,
    '',
  ].join('\n');
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (cause) {
    throw new Failure('FILE_UNWRITABLE', `cannot write ${printable(file)}: ${codeOf(cause)}`, { cause });
  }
}

function welcome(server: Server, data: string, file: string): Answer {
  const config = relative('', file) || file;
  return {
    event: 'listening',
    fields: { endpoint: server.endpoint, region: server.region, data, config: file },
    lines: [
      `local vault on ${data}, listening on ${server.endpoint}; Ctrl-C ends it`,
      `clients find what they need in ${file}`,
      '',
      'now type, in another terminal:',
      `  mtglacier create-vault photos --config ${config}`,
      `  mtglacier sync --config ${config} --dir ~/photos \\`,
      '    --vault photos --journal photos.journal',
    ],
  };
}

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
