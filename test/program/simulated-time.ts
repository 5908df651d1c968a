// The built program and a local vault in processes of their own, both in a time that stands still until a test moves it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ConditionChange, JobEnd } from '../../src/edges/local-server/control/control.js';
import type { FaultOrder } from '../../src/edges/local-server/control/fault-rule.js';
import type { RequestCounts } from '../../src/edges/local-server/control/request-log.js';

const DIST = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist/')).href;

/** Where both clocks begin: whole seconds since 1970. */
const BEGINNING = 1_800_000_000;

/** The program, by a clock that its parent moves. */
const PROGRAM = `
import { openOutput } from '${DIST}cli/report/output.js';
import { runProgram } from '${DIST}cli/run-program.js';
import { wholeWrites } from '${DIST}cli/whole-writes.js';
const [seconds, ...argv] = process.argv.slice(2);
let now = Number(seconds);
const waiting = new Set();
process.on('message', (then) => {
  now = then;
  for (const look of [...waiting]) look();
});
process.on('disconnect', () => process.exit(99));
const alarm = {
  until: (at, signal) =>
    new Promise((resolve) => {
      const look = () => {
        if (now < at && !signal.aborted) return;
        waiting.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      waiting.add(look);
      signal.addEventListener('abort', look);
      look();
    }),
};
const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => openOutput(wholeWrites(stream), process.env));
const commands = async () => (await import('${DIST}cli/words/commands.js')).COMMANDS;
const time = { clock: { now: () => now }, alarm };
process.exitCode = await runProgram({ argv, environment: process.env, commands, stdout, stderr, process, time });
process.removeAllListeners('disconnect');
process.disconnect();
`;

/** The vaults: what the parent calls is called at their control. */
const SERVER = `
import { startLocalVault } from '${DIST}edges/local-server/start.js';
const vault = await startLocalVault({ ...JSON.parse(process.argv[2]), now: () => ${BEGINNING * 1000} });
process.on('message', async ({ id, call, given }) => {
  const found = vault.control[call];
  const done = async () => ({ id, value: typeof found === 'function' ? await found.apply(vault.control, given) : found });
  process.send(await done().catch((thrown) => ({ id, refused: thrown.message })));
});
process.on('disconnect', () => process.exit(99));
const { endpoint, region, accessKeyId, secretAccessKey, accountId } = vault;
process.send({ endpoint, region, accessKeyId, secretAccessKey, accountId });
`;

export interface Served {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: string;
}

/** One line of `--json`. */
export type Told = Readonly<Record<string, unknown>> & { readonly event: string };

/** A retrieval as the vault's own log has it. Times are ms. */
export interface LoggedJob {
  readonly id: string;
  readonly archiveId: string;
  readonly at: number;
  readonly endsAt: number;
  readonly failure: string | null;
}

export class SimulatedTime implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'mtglacier-simulated-'));
  readonly #running = new Set<ChildProcess>();
  #now = BEGINNING;
  #port = 0;
  #server: ChildProcess | null = null;
  #served: Served | null = null;
  #calls = 0;

  static async open(): Promise<SimulatedTime> {
    const time = new SimulatedTime();
    writeFileSync(time.at('program.mjs'), PROGRAM);
    writeFileSync(time.at('server.mjs'), SERVER);
    time.#port = await freePort();
    await time.serve();
    const { endpoint, region, accessKeyId, secretAccessKey } = time.served;
    const lines = [`endpoint=${endpoint}`, `region=${region}`, `key=${accessKeyId}`, `secret=${secretAccessKey}`, ''];
    writeFileSync(time.at('glacier.cfg'), lines.join('\n'), { mode: 0o600 });
    return time;
  }

  /** A path in a folder that goes at the end. */
  at(...names: string[]): string {
    return join(this.home, ...names);
  }

  /** Whole seconds since 1970. */
  get now(): number {
    return this.#now;
  }

  get served(): Served {
    if (this.#served === null) throw new Error('no server runs');
    return this.#served;
  }

  /** Starts the server on its folder, at the same address as before. Faults and conditions are those of a new one. */
  async serve(): Promise<void> {
    const options = { directory: this.at('vaults'), realistic: true, port: this.#port };
    this.#server = this.#spawn(this.at('server.mjs'), [JSON.stringify(options)]);
    const [message] = (await once(this.#server, 'message')) as [Served];
    this.#served = message;
  }

  /** SIGKILL. */
  async killServer(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await killed(server);
  }

  addFault(order: FaultOrder): Promise<unknown> {
    return this.#call('addFault', order);
  }

  endJob(end: JobEnd): Promise<unknown> {
    return this.#call('endJob', end);
  }

  changeConditions(change: ConditionChange): Promise<unknown> {
    return this.#call('changeConditions', change);
  }

  async counts(): Promise<RequestCounts> {
    return ((await this.#call('requests')) as { counts: RequestCounts }).counts;
  }

  /** Both clocks jump, that of the vaults first. */
  async moveTo(then: number): Promise<void> {
    if (then <= this.#now) return;
    await this.#call('advanceClock', (then - this.#now) * 1000);
    this.#now = then;
    for (const child of this.#running) {
      // One that is about to end hears nothing any more.
      if (child !== this.#server && child.connected) child.send(then, () => undefined);
    }
  }

  /** The program with `--json` and the config of this server. */
  run(...words: string[]): SimulatedRun {
    const args = [String(this.#now), ...words, '--config', this.at('glacier.cfg'), '--json'];
    return new SimulatedRun(this.#spawn(this.at('program.mjs'), args));
  }

  /** All retrievals that the vault's log has by now. It forgets them a day after they were ready. */
  jobs(): LoggedJob[] {
    const jobs = new Map<string, LoggedJob>();
    const vaults = readdirSync(this.at('vaults/vaults')).map((name) => this.at('vaults/vaults', name, 'log.ndjson'));
    for (const line of vaults.flatMap((file) => readFileSync(file, 'utf8').split('\n'))) {
      if (!line.includes('"type":"job')) continue;
      const record = JSON.parse(line) as LoggedLine;
      const { id, at, delayMs, archiveId } = record;
      const known = jobs.get(id);
      if (record.type === 'job') jobs.set(id, { id, archiveId, at, endsAt: at + delayMs, failure: null });
      else if (record.type === 'job-ended' && known) jobs.set(id, { ...known, endsAt: at, failure: record.failure });
    }
    return [...jobs.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) await killed(child);
    rmSync(this.home, { recursive: true, force: true });
  }

  async #call(call: string, ...given: unknown[]): Promise<unknown> {
    const server = this.#server;
    if (server === null) throw new Error('no server runs');
    const id = ++this.#calls;
    server.send({ id, call, given });
    for (;;) {
      const [answer] = (await once(server, 'message')) as [{ id: number; value?: unknown; refused?: string }];
      if (answer.id !== id) continue;
      if (answer.refused !== undefined) throw new Error(answer.refused);
      return answer.value;
    }
  }

  #spawn(script: string, words: readonly string[]): ChildProcess {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TZ: 'UTC' };
    const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
    this.#running.add(child);
    void once(child, 'close').then(() => this.#running.delete(child));
    return child;
  }
}

interface LoggedLine {
  readonly type: string;
  readonly id: string;
  readonly at: number;
  readonly delayMs: number;
  readonly archiveId: string;
  readonly failure: string | null;
}

/** A run of the program, followed line by line. */
export class SimulatedRun {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown[]>;
  stderr = '';
  /** The last lines of all, for when something is wrong. */
  last: Told[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
    if (child.stdout === null) throw new Error('no output');
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** What it tells next; null when it has ended. */
  async next(): Promise<Told | null> {
    const { value, done } = await this.#lines.next();
    if (done === true) return null;
    const told = JSON.parse(value) as Told;
    this.last = [...this.last.slice(-4), told];
    return told;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Null when it was killed. */
  async exitCode(): Promise<number | null> {
    while ((await this.next()) !== null);
    await this.#closed;
    return this.#child.exitCode;
  }
}

/**
 * What the run tells next. Meanwhile the time goes on by seconds, and after so many of them in which nothing is told, to
 * the moment up to which the run sleeps.
 */
export async function nextTold(
  time: SimulatedTime,
  run: SimulatedRun,
  sleep: { until: number; patience: number },
): Promise<Told | null> {
  const heard = { isSo: false };
  const next = run.next().finally(() => {
    heard.isSo = true;
  });
  for (let seconds = 1; !heard.isSo; seconds++) {
    if (seconds % sleep.patience === 0) await time.moveTo(sleep.until);
    await time.moveTo(time.now + 1);
  }
  return next;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
