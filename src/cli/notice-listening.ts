// Listens for the letters of a topic, and writes what they tell of the vault's jobs beside the journal.

import { readFileSync } from 'node:fs';
import type { NoticeListener } from '../edges/notice-listener/start.js';
import type { NoticePlan } from '../flows/notifying/notice-plan.js';
import { appendCompletion } from '../journal/completions-file.js';
import { sidecarsOf } from '../journal/sidecars.js';
import { Failure } from '../model/failure.js';
import { TopicArn } from '../model/identifiers.js';
import { printable } from '../model/rel-path.js';
import { downloadedText } from '../vault/notices/certificate-download.js';
import { domainOfAws } from '../vault/notices/notice-place.js';
import type { Topics } from '../vault/notices/notices-port.js';
import type { Notifying } from '../vault/retrieving-port.js';
import type { CommandContext } from './command-context.js';
import type { Settings } from './words/options.js';

type Context = CommandContext<'vault' | 'journal'>;

export interface ListeningPorts {
  readonly plan: NoticePlan;
  readonly notices: Topics;
  readonly vault: Notifying;
  /** Its ARN: of other vaults nothing is written. */
  readonly arn: string;
  /** Address of the vaults, and their region. */
  readonly place: { readonly endpoint: string; readonly region: string };
}

/** Until it is told to stop. @throws Failure USAGE, CONFIG, JOURNAL_UNWRITABLE */
export async function listenForNotices(context: Context, ports: ListeningPorts): Promise<void> {
  const { settings, halt } = context;
  const { notices, plan } = ports;
  const { journal, subscribe } = settings;
  const topics = await topicsOf(ports, halt.soon);
  await using listener = await started(context, topics, ports);
  const fields = { address: listener.address, topics: [...topics], journal };
  context.answer({ event: 'listening', fields, lines: [`listening on ${listener.address}; Ctrl-C ends it`] });
  if (subscribe !== undefined) {
    const protocol = new URL(subscribe).protocol.slice(0, -1);
    await notices.subscribe(plan.topic.arn, { protocol, endpoint: subscribe }, halt.soon);
  }
  await interrupted(halt.soon);
}

/** The one that is named or our own, and the one that the vault tells. */
async function topicsOf({ plan, vault }: ListeningPorts, signal: AbortSignal): Promise<Set<string>> {
  const told = await vault.notifications(signal);
  return new Set([plan.topic.arn, ...(told === null ? [] : [told.topic])]);
}

async function started(
  { settings, clock, report }: Context,
  topics: ReadonlySet<string>,
  { notices, arn, place }: ListeningPorts,
): Promise<NoticeListener> {
  const { completions } = await sidecarsOf(settings.journal);
  const { host, port } = addressIn(settings.bind);
  const tls = tlsOf(settings);
  assertNotInTheClear(settings, host, tls !== null);
  const domain = domainOfAws(place.endpoint);
  const { startNoticeListener } = await import('../edges/notice-listener/start.js');
  const tell = seldom(
    (topic, message) => report({ event: 'notice', topic, message, hint: null }),
    () => clock.now(),
  );
  return startNoticeListener({
    host,
    port,
    tls,
    path: settings.subscribe === undefined ? '/' : new URL(settings.subscribe).pathname,
    topics,
    region: place.region,
    domain,
    origin: domain === null ? new URL(place.endpoint).origin : null,
    download: downloadedText,
    now: Date.now,
    async hear({ vault, jobId }) {
      if (vault !== arn) return;
      await appendCompletion(completions, { at: clock.now(), vault, jobId });
      report({ event: 'notice', topic: 'completion', message: `job ${jobId} has ended`, hint: null });
    },
    confirm: (topic, token) =>
      notices.confirmSubscription(TopicArn.parse(topic), token, AbortSignal.timeout(ANSWER_MS)),
    tell,
  }).catch((cause: unknown) => {
    throw new Failure('CONFIG', `cannot listen on ${settings.bind}: ${whyNot(cause)}`, {
      hint: 'check --bind, and with https --tls-cert and --tls-key',
      cause,
    });
  });
}

function whyNot(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'another program has the port';
  return code === 'EADDRNOTAVAIL' ? 'the address is not one of this machine' : cause.message;
}

/** Less than SNS waits for an answer. */
const ANSWER_MS = 10_000;

function addressIn(bind: string): { host: string; port: number } {
  const colon = bind.lastIndexOf(':');
  const port = Number(bind.slice(colon + 1));
  if (port > 65_535) throw new Failure('USAGE', `--bind ${printable(bind)}: there is no such port`);
  return { host: bind.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

function tlsOf({ tlsCert, tlsKey }: Settings): { cert: string; key: string } | null {
  if (tlsCert === undefined || tlsKey === undefined) return null;
  return { cert: readPem(tlsCert), key: readPem(tlsKey) };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code;
    throw new Failure('CONFIG', `cannot read ${printable(file)}: ${why}`, {
      hint: 'check --tls-cert and --tls-key',
      cause,
    });
  }
}

/** What is posted in the clear can be read and held back on its way, though not changed: it is signed. */
function assertNotInTheClear({ behindProxy }: Settings, host: string, hasTls: boolean): void {
  if (hasTls || behindProxy || /^(localhost|127(\.\d+){3}|::1)$/.test(host)) return;
  throw new Failure('USAGE', `other machines would reach ${printable(host)} without TLS`, {
    hint: 'give --tls-cert and --tls-key, or --behind-proxy where a proxy before it speaks https',
  });
}

/** Strangers can send any number of letters: of each kind of news one is told in a minute. */
function seldom(
  tell: (topic: string, message: string) => void,
  now: () => number,
): (topic: string, message: string) => void {
  const last = new Map<string, number>();
  return (topic, message) => {
    const at = now();
    if (at - (last.get(topic) ?? Number.NEGATIVE_INFINITY) < 60) return;
    last.set(topic, at);
    tell(topic, message);
  };
}

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
