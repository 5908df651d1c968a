// The program of a transfer thread: the tasks as in the main thread, with a vault of its own.

import { setMaxListeners } from 'node:events';
import { type MessagePort, workerData } from 'node:worker_threads';
import { writeToLanding } from '../disk/landing-file.js';
import type { Location, Place } from '../disk/place.js';
import type { Report, RunEvent } from '../model/events.js';
import { Failure } from '../model/failure.js';
import type { HashEngine } from '../model/hash-engine.js';
import { MIB } from '../model/parts.js';
import { UTF_8 } from '../model/text-encoding.js';
import { trustedEngine } from '../model/tree-hash.js';
import type { OpenVaults, VaultSettings } from '../vault/open.js';
import { pacesOf } from './bandwidth.js';
import { createInlineTransfer, type InlineTransferOptions } from './inline.js';
import type { RangeWriter, Transfer } from './port.js';
import type { AssignedTask, Outcome, TaskResults, ThreadSettings, ThreadTask } from './thread-task.js';
import { Turns } from './turns.js';

const settings = workerData as ThreadSettings;
const never = new AbortController().signal;
let lanes: Promise<Turns<Lane>> | null = null;
let vaults: Promise<OpenVaults> | null = null;

/** Does a task that the main thread has assigned. Never rejects. */
export async function perform({ task, line: port }: AssignedTask): Promise<Outcome> {
  const line = new Line(port);
  try {
    using lane = await (await (lanes ??= openLanes())).take(never);
    return { ended: 'done', result: await lane.tool.perform(task, line) };
  } catch (thrown) {
    return outcomeOf(thrown);
  } finally {
    line.flush();
  }
}

async function openLanes(): Promise<Turns<Lane>> {
  const engine = await trustedEngine(settings.engine);
  return new Turns(settings.lanes, () => new Lane(engine));
}

function outcomeOf(thrown: unknown): Outcome {
  if (!(thrown instanceof Failure)) return { ended: 'broken', error: thrown };
  const { code, message, hint } = thrown;
  return { ended: 'failed', code, message, hint };
}

/** Room for one task at a time: a transfer whose buffer is used again, and whose events go where the task's go. */
class Lane {
  readonly #transfer: Transfer;
  #location: Location = '';
  #report: Report = () => undefined;

  constructor(engine: HashEngine) {
    const report: Report = (event) => this.#report(event);
    const place: Pick<Place, 'locate' | 'encoding'> = { encoding: UTF_8, locate: () => this.#location };
    const { streamFrom } = settings;
    this.#transfer = createInlineTransfer({ place, vault: vaultFor(report), engine, width: 1, streamFrom, report });
  }

  perform(task: ThreadTask, line: Line): Promise<TaskResults[ThreadTask['do']]> {
    this.#report = line.tell;
    if ('location' in task) this.#location = locationOf(task.location);
    switch (task.do) {
      case 'hash-range':
        return this.#transfer.hashRange(task.file, task.range, line.signal);
      case 'send-whole':
        return this.#transfer.sendWhole(task.file, task.description, line.signal);
      case 'send-part':
        return this.#transfer.sendPart(task.file, task.upload, task.range, task.held, line.signal);
      case 'fetch-range':
        return this.#transfer.fetchRange(task.ready, task.range, writerInto(task.into), line.signal);
      case 'has-landed':
        return this.#transfer.hasLanded(task.landed, task.range, task.treeHash, line.signal);
    }
  }
}

/** Bytes lose on the way that they are a Buffer. */
function locationOf(sent: Location | Uint8Array): Location {
  return typeof sent === 'string' ? sent : Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
}

function writerInto(file: Parameters<typeof writeToLanding>[0]): RangeWriter {
  return { write: (bytes, at) => writeToLanding(file, bytes, at) };
}

/** The thread's vault as a lane has it: opened when it is first needed, and telling its retries to the lane. */
function vaultFor(report: Report): InlineTransferOptions['vault'] {
  const opened = async () => {
    if (settings.vault === null) throw new Error('this thread was given no vault');
    vaults ??= connect(settings.vault.settings, report);
    return (await vaults).vault(settings.vault.name, report);
  };
  let own: ReturnType<typeof opened> | null = null;
  const vault = () => (own ??= opened());
  return {
    uploadWhole: async (...words) => (await vault()).uploadWhole(...words),
    uploadPart: async (...words) => (await vault()).uploadPart(...words),
    read: async (...words) => (await vault()).read(...words),
  };
}

/** Loaded only here: threads that merely hash start faster. */
async function connect(to: VaultSettings, report: Report): Promise<OpenVaults> {
  const { openVaults } = await import('../vault/open.js');
  const { bandwidth } = settings;
  return openVaults(to, report, undefined, bandwidth === null ? undefined : pacesOf(bandwidth));
}

/** Bytes moved that are told at once rather than one by one. */
const TOLD_TOGETHER = 8 * MIB;

/** The thread's end of the line of a task. */
class Line {
  readonly #port: MessagePort;
  readonly #stop = new AbortController();
  #moved = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    // A task may make many requests, each of which listens: no sign of a leak.
    setMaxListeners(0, this.#stop.signal);
    port.on('message', () => this.#stop.abort());
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  readonly tell: Report = (event) => {
    if (event.event !== 'moved') return this.#post(event);
    this.#moved += event.bytes;
    if (this.#moved >= TOLD_TOGETHER) this.#tellMoved();
  };

  /** Tells what has not been told yet. The other end closes the line. */
  flush(): void {
    if (this.#moved > 0) this.#tellMoved();
  }

  #tellMoved(): void {
    this.#post({ event: 'moved', bytes: this.#moved });
    this.#moved = 0;
  }

  #post(event: RunEvent): void {
    this.#port.postMessage(event);
  }
}
