// The story of get: fetch what is ready, ask for what nobody has asked for, and say when the rest will be ready.

import type { Journal, ReadableJournal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { Failure } from '../../model/failure.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { Expected, ReadyRetrieval, Retrieving } from '../../vault/retrieving-port.js';
import { Budget, type Limit, type RunLimits } from '../budget.js';
import { attempt, attemptUnforeseen } from '../items.js';
import { askFor, expectedOf, isAskedFor, type NotReady, type WholeTerms } from './ask-for.js';
import type { Destination } from './destination.js';
import { spanOf } from './expected.js';
import { countingMismatches } from './fetch.js';

export interface GetRequest extends WholeTerms {
  readonly width: number;
  readonly limits?: RunLimits;
}

export interface LookPorts {
  readonly vault: Pick<Retrieving, 'retrievals'>;
  readonly journal: ReadableJournal;
  readonly destination: Pick<Destination, 'has'>;
  readonly clock: Clock;
  readonly report: Report;
}

export interface GetPorts extends LookPorts {
  readonly vault: Pick<Retrieving, 'retrievals' | 'requestRetrieval'>;
  readonly destination: Destination;
  /** Is told how large what is to be asked for is, before it is. @throws Failure BRAKE */
  readonly acceptCost: (sizes: readonly number[]) => Promise<void>;
  /** Lends the journal for writing. Fetching, which may take hours, is done without its lock. */
  readonly whileWriting: (work: (journal: Journal) => Promise<void>) => Promise<void>;
}

/** Every archive is in exactly one of the counts. */
export interface GetTally {
  got: number;
  gotBytes: number;
  /** Here already. */
  here: number;
  /** Ready, and beyond the limit. */
  left: number;
  limit: Limit | null;
  /** Its reader went away before its end. */
  cutShort: number;
  requested: number;
  requestedBytes: number;
  /** Asked for before, and not ready yet. */
  waiting: number;
  failed: number;
  /** Of `failed`: the vault gave other content than the journal says. */
  mismatches: number;
  /** When what is not ready can be expected: the first not before `from`, the last not after `to`; null if unknown. */
  readyAt: Expected | null;
}

export function emptyGetTally(): GetTally {
  const bytes = { gotBytes: 0, requestedBytes: 0 };
  const counts = { got: 0, here: 0, left: 0, cutShort: 0, requested: 0, waiting: 0, failed: 0, mismatches: 0 };
  return { ...counts, ...bytes, limit: null, readyAt: null };
}

/**
 * Brings those that are ready to their destination, each verified. The others are asked for first, so that their time
 * runs meanwhile.
 * @throws Failure when it concerns the run
 */
export async function getNamed(
  archives: readonly Archive[],
  request: GetRequest,
  ports: GetPorts,
  tally: GetTally,
  halt: Halt,
): Promise<void> {
  const { ready, notReady } = await whereTheyStand(archives, ports, tally, halt);
  const toAsk: Waiting[] = [];
  for (const one of notReady) {
    if (isAskedFor(one.archive, one.known, ports)) countWaiting(one, expectedOf(one.known), ports, tally);
    else toAsk.push(one);
  }
  const bytes = ready.reduce((sum, { archive }) => sum + archive.size, 0);
  ports.report({ event: 'ahead', files: ready.length + toAsk.length, bytes });
  if (toAsk.length > 0) {
    const toPay = toAsk.filter(({ known }) => known.state !== 'running');
    if (toPay.length > 0) await ports.acceptCost(toPay.map(({ archive }) => archive.size));
    await ports.whileWriting((journal) => ask(toAsk, request, { ...ports, journal }, tally, halt));
  }
  const budget = new Budget(null, request.limits);
  await forEachConcurrently(ready, request.width, halt, ({ archive, ready }, halt) =>
    attempt(archive.path, tally, ports.report, async () => {
      if (budget.take(archive.size)) await bring(archive, ready, ports, tally, halt);
      else tally.left++;
    }),
  );
  tally.limit = budget.exceeded;
}

/**
 * What it would do, as 'planned' events, and the sizes of what it would ask for. The vault is asked what is ready, which
 * costs nothing; nothing is written.
 */
export async function planGetNamed(
  archives: readonly Archive[],
  ports: LookPorts,
  tally: GetTally,
  halt: Halt,
): Promise<readonly number[]> {
  const sizes: number[] = [];
  const { ready, notReady } = await whereTheyStand(archives, ports, tally, halt);
  for (const { archive } of ready) {
    ports.report({ event: 'planned', do: 'download', path: archive.path, archiveId: archive.id });
    tally.got++;
    tally.gotBytes += archive.size;
  }
  for (const one of notReady) {
    const { archive, known } = one;
    if (known.state === 'running' || isAskedFor(archive, known, ports)) {
      countWaiting(one, expectedOf(known), ports, tally);
    } else {
      ports.report({ event: 'planned', do: 'retrieve', path: archive.path, archiveId: archive.id });
      tally.requested++;
      tally.requestedBytes += archive.size;
      sizes.push(archive.size);
    }
  }
  return sizes;
}

interface Waiting {
  readonly archive: Archive;
  readonly known: NotReady;
}

interface Standing {
  readonly ready: { readonly archive: Archive; readonly ready: ReadyRetrieval }[];
  readonly notReady: Waiting[];
}

async function whereTheyStand(
  archives: readonly Archive[],
  ports: LookPorts,
  tally: GetTally,
  halt: Halt,
): Promise<Standing> {
  const standing: Standing = { ready: [], notReady: [] };
  const wanted = await notThere(archives, ports, tally, halt);
  for await (const { archive, retrieval } of ports.vault.retrievals(wanted, halt.now)) {
    if (retrieval.state === 'ready') standing.ready.push({ archive, ready: retrieval });
    else standing.notReady.push({ archive, known: retrieval });
  }
  return standing;
}

/** Those whose place is free; two versions of one file have one place. */
async function notThere(
  archives: readonly Archive[],
  ports: LookPorts,
  tally: GetTally,
  halt: Halt,
): Promise<readonly Archive[]> {
  const wanted = new Map<RelPath, Archive>();
  for (const archive of archives) {
    await attemptUnforeseen(archive.path, tally, ports.report, async () => {
      if (wanted.has(archive.path)) throw rival(archive);
      if (await ports.destination.has(archive, halt)) tally.here++;
      else wanted.set(archive.path, archive);
    });
  }
  return [...wanted.values()];
}

function rival({ id, path }: Archive): Failure {
  return new Failure('FILE_UNWRITABLE', `archive ${id} is another version of ${printable(path)}, which has one place`, {
    hint: 'get the versions one at a time, with --output',
  });
}

async function ask(
  toAsk: readonly Waiting[],
  request: GetRequest,
  ports: GetPorts & { readonly journal: Journal },
  tally: GetTally,
  halt: Halt,
): Promise<void> {
  await forEachConcurrently(toAsk, request.width, halt, (one) =>
    attempt(one.archive.path, tally, ports.report, async () => {
      const { asked, expected } = await askFor(one.archive, one.known, request, ports, halt);
      if (!asked) return countWaiting(one, expected, ports, tally);
      tally.requested++;
      tally.requestedBytes += one.archive.size;
      tally.readyAt = spanOf(tally.readyAt, expected);
    }),
  );
}

function countWaiting(
  { archive }: Waiting,
  expected: Expected | null,
  { report }: Pick<LookPorts, 'report'>,
  tally: GetTally,
): void {
  tally.waiting++;
  tally.readyAt = spanOf(tally.readyAt, expected);
  report({ event: 'waiting', path: archive.path, archiveId: archive.id, expected });
}

async function bring(
  archive: Archive,
  ready: ReadyRetrieval,
  { destination }: GetPorts,
  tally: GetTally,
  halt: Halt,
): Promise<void> {
  const outcome = await countingMismatches(tally, destination.put(archive, ready, halt));
  if (outcome === 'cut short') {
    tally.cutShort++;
    return;
  }
  tally.got++;
  tally.gotBytes += archive.size;
}
