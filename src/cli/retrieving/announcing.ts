// Telling others that a restore has come to its end: a command that is run, an address that is posted to.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isCuredByWaiting } from '../../flows/retrieving/arrivals.js';
import type { HomeTally } from '../../flows/retrieving/bring-home.js';
import { asFailure, type Failure } from '../../model/failure.js';
import type { CommandContext } from '../command-context.js';
import { versionOfProgram } from '../version.js';

type Context = Pick<CommandContext<'vault' | 'journal'>, 'settings' | 'report' | 'halt'>;

/** What is told, as JSON. Fields are only ever added. */
interface Announcement {
  readonly event: 'restore-ended';
  readonly outcome: 'done' | 'incomplete' | 'failed';
  readonly vault: string;
  readonly journal: string;
  readonly directory: string;
  readonly restored: number;
  readonly restoredBytes: number;
  readonly failed: number;
  readonly remaining: number;
  /** What ended it, where that was a failure. */
  readonly message: string | null;
}

/** Each receiver that takes longer is given up. */
const PATIENCE_MS = 60_000;

/**
 * Does the work, and tells its end, unless it was interrupted or is to go on another time. That somebody could not be
 * told is a notice and no more.
 */
export async function announcing(
  context: Context & { readonly settings: { readonly dir?: string | undefined } },
  tally: HomeTally,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isForLater = failure.code === 'INTERRUPTED' || isCuredByWaiting(failure);
    if (!isForLater) await announce(context, announcementOf(context, tally, failure));
    throw failure;
  }
  if (tally.limit === null && tally.waiting === 0) await announce(context, announcementOf(context, tally, null));
}

function announcementOf({ settings }: Context, tally: HomeTally, failure: Failure | null): Announcement {
  const { restored, restoredBytes, failed, left } = tally;
  return {
    event: 'restore-ended',
    outcome: failure !== null ? 'failed' : failed + left > 0 ? 'incomplete' : 'done',
    vault: settings.vault,
    journal: settings.journal,
    directory: settings.dir ?? '',
    restored,
    restoredBytes,
    failed,
    remaining: left,
    message: failure?.message ?? null,
  };
}

async function announce({ settings, report, halt }: Context, announcement: Announcement): Promise<void> {
  const tell = async (how: string, telling: (text: string, signal: AbortSignal) => Promise<void>): Promise<void> => {
    const late = AbortSignal.timeout(PATIENCE_MS);
    try {
      await telling(JSON.stringify(announcement), AbortSignal.any([halt.soon, late]));
    } catch (thrown) {
      const why = late.aborted ? `not done in ${PATIENCE_MS / 1000} seconds, and given up` : reasonOf(thrown);
      const hint = 'the restore itself has ended as the summary says';
      report({ event: 'notice', topic: 'not-announced', message: `${how}: ${why}`, hint });
    }
  };
  const { onComplete: command, webhook } = settings;
  if (command !== undefined) {
    report({ event: 'notice', topic: 'on-complete', message: 'running the command of --on-complete', hint: null });
    await tell('--on-complete', (text, signal) => runCommand(command, announcement, text, signal));
  }
  if (webhook !== undefined) await tell('--webhook', (text, signal) => post(webhook, text, signal));
}

/** The shell gets the announcement on standard input and in GLACIER_… variables; what it prints goes to standard error. */
async function runCommand(
  command: string,
  announcement: Announcement,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const variables = Object.entries(announcement).map(([name, value]) => [`GLACIER_${snake(name)}`, `${value ?? ''}`]);
  const env = { ...process.env, ...Object.fromEntries(variables) };
  const child = spawn(command, { shell: true, stdio: ['pipe', 2, 2], env, signal, killSignal: 'SIGTERM' });
  // A command that reads nothing closes the pipe: that is its right.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(`${text}\n`);
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0)
    throw new Error(killedBy === null ? `the command ended with ${code}` : `the command was ended by ${killedBy}`);
}

/** `restoredBytes` → `RESTORED_BYTES`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** A name and a password in the address are its receiver's business. */
async function post(url: string, body: string, signal: AbortSignal): Promise<void> {
  const address = new URL(url);
  const headers = new Headers({ 'Content-Type': 'application/json', 'User-Agent': `mtglacier/${versionOfProgram()}` });
  if (address.username !== '' || address.password !== '') headers.set('Authorization', basicAuthorization(address));
  [address.username, address.password] = ['', ''];
  const { ok, status } = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'manual' });
  if (!ok) throw new Error(`the answer was ${status}`);
}

/** Source: RFC 7617. */
function basicAuthorization({ username, password }: URL): string {
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(both).toString('base64')}`;
}

/** Of a connection that failed `fetch` tells no more than that, and its cause the rest. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { cause } = thrown;
  if (!(cause instanceof Error)) return thrown.message;
  // Of several addresses that were tried there is only a code.
  return cause.message || ('code' in cause ? String(cause.code) : thrown.message);
}
