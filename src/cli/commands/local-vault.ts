// local-vault: serves vaults from a folder until it is interrupted.

import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LocalVault, LocalVaultOptions } from '../../edges/local-server/start.js';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import type { CommandContext } from '../command-context.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { checkData } from '../report/folder-findings.js';
import type { Answer } from '../report/reporter.js';
import { openRequestLines } from '../report/request-lines.js';

type Context = CommandContext<'data'>;

const HOUR_MS = 3_600_000;

/** An account, and the config file that lets other commands in. */
interface Entrance {
  readonly account: string;
  readonly config: string;
}

/** @throws Failure USAGE, CONFIG, FILE_UNWRITABLE */
export async function run(context: Context): Promise<ExitCode> {
  const { data, log, check } = context.settings;
  if (check) return checkData(context);
  makeFolder(data);
  using lines = log === undefined ? null : openRequestLines(log, (failure) => tell(context, failure));
  using _reopening = onReopenSignal(() => lines?.reopen());
  const { startLocalVault } = await import('../../edges/local-server/start.js');
  const server = await startLocalVault({
    ...optionsOf(context),
    ...(lines === null ? {} : { log: (line) => lines.write(line) }),
  });
  try {
    context.answer(welcome(context, server, writeConfigs(server, data)));
    await interrupted(context.halt.soon);
  } finally {
    await server.close();
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
}

function optionsOf({ settings }: Context): LocalVaultOptions {
  const { data, host, port, realistic, speed, accounts, control, jobDelay, region, discard } = settings;
  const { publicUrl, uploadIdle, maxConnections } = settings;
  return {
    directory: data,
    host,
    port,
    realistic,
    speed,
    accounts,
    discard,
    maxConnections,
    uploadIdleMs: uploadIdle === 0 ? Number.POSITIVE_INFINITY : uploadIdle * HOUR_MS,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(control === undefined ? {} : { controlPort: control }),
    ...(region === undefined ? {} : { region }),
    ...(jobDelay === undefined ? {} : { delaysMs: delaysOf(jobDelay * 1000) }),
  };
}

function delaysOf(ms: number): Record<'Expedited' | 'Standard' | 'Bulk' | 'Inventory', number> {
  return { Expedited: ms, Standard: ms, Bulk: ms, Inventory: ms };
}

function makeFolder(data: string): void {
  try {
    makeDirectory(resolve(data));
  } catch (cause) {
    const why = codeOf(cause) === 'EEXIST' ? 'there is a file where a folder should be' : codeOf(cause);
    throw new Failure('USAGE', `--data ${printable(data)} cannot be used: ${why}`, {
      hint: 'name a folder that you can write to, or one that does not exist yet',
      cause,
    });
  }
}

/** With those above it, one by one: left to itself, Node.js tries for ever where none can be made, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
  } else makeDirectory(dirname(path));
  mkdirSync(path);
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}

function tell({ report }: Context, { message, hint }: Failure): void {
  report({ event: 'notice', topic: 'request log', message, hint: hint ?? null });
}

/** Beside the files of each account: the first one's lie in the folder itself. */
function writeConfigs({ endpoint, region, control }: LocalVault, data: string): Entrance[] {
  return control.accounts.map(({ accountId, accessKeyId, secretAccessKey }, index) => {
    const config = join(index === 0 ? data : join(data, 'accounts', accountId), 'glacier.cfg');
    const entries = { endpoint, region, key: accessKeyId, secret: secretAccessKey };
    writeConfig(config, accountId, entries);
    return { account: accountId, config };
  });
}

/** In place at once, and never readable by others. */
function writeConfig(file: string, account: string, entries: Readonly<Record<string, string>>): void {
  const text = [
    `# For mtglacier --config: account ${account} of the local vault on this folder. Written anew at each start.`,
    ...Object.entries(entries).map(([name, value]) => `${name} = ${value}`),
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

/**
 * SIGUSR2 is what is left: SIGHUP comes from a terminal that is closed and ends the server, SIGUSR1 starts the debugger
 * of Node.js. It is taken without a log too, where it would end the process.
 */
function onReopenSignal(reopen: () => void): Disposable {
  process.on('SIGUSR2', reopen);
  return { [Symbol.dispose]: () => void process.off('SIGUSR2', reopen) };
}

function welcome({ settings }: Context, server: LocalVault, entrances: readonly Entrance[]): Answer {
  const { endpoint, listensOn, controlEndpoint, region } = server;
  const [{ config } = { config: '' }, ...others] = entrances;
  const { data, speed, log = null } = settings;
  return {
    event: 'listening',
    fields: { endpoint, listensOn, control: controlEndpoint, region, data, config, accounts: entrances, speed, log },
    lines: [
      `local vault on ${data}, listening on ${listensOn}; Ctrl-C ends it`,
      ...(endpoint === listensOn ? [] : [`clients reach it at ${endpoint}`]),
      `clients find what they need in ${config}`,
      ...others.map((other) => `and for account ${other.account} in ${other.config}`),
      ...(controlEndpoint === null ? [] : [`programs of this machine control it at ${controlEndpoint}`]),
      '',
      'now type, in another terminal:',
      `  mtglacier create-vault photos --config ${config}`,
      `  mtglacier sync --config ${config} --dir ~/photos \\`,
      '    --vault photos --journal photos.journal',
      'mtglacier help local-vault tells how other clients come in, and what it can do',
    ],
  };
}

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
