// The story of get --range: some bytes of one archive. What holds them is asked for, and brought when all of it is ready.

import type { Journal, ReadableJournal } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import type { Clock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { ByteRange } from '../../model/parts.js';
import { printable } from '../../model/rel-path.js';
import { subtreesHolding } from '../../plan/subtrees.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { JobListing, Retrieving } from '../../vault/retrieving-port.js';
import { attempt } from '../items.js';
import { type Asking, askFor, expectedOf, isAskedFor, type WholeTerms } from './ask-for.js';
import { spanOf } from './expected.js';
import { countingMismatches, type FetchRequest } from './fetch.js';
import { bytesToFetch, type PourRangePorts, pourRange } from './pour-range.js';
import type { OpenRangePlace } from './range-place.js';
import {
  isReadyRange,
  type PendingRange,
  type RangeStanding,
  type ReadyRange,
  rangeStandings,
} from './range-standing.js';
import { countRange, type RangeTally } from './range-tally.js';

/** Some bytes of an archive: not none, and within it. */
export interface WantedRange {
  readonly archive: Archive;
  readonly range: ByteRange;
}

export interface GetRangeRequest extends FetchRequest, WholeTerms {}

export interface LookRangePorts {
  readonly vault: Pick<JobListing, 'jobs'>;
  readonly journal: ReadableJournal;
  readonly clock: Clock;
  readonly report: Report;
}

export interface GetRangePorts extends LookRangePorts, PourRangePorts {
  readonly vault: Pick<JobListing, 'jobs'> & Pick<Retrieving, 'requestRetrieval'>;
  /** Is told how large what is to be asked for is, before it is. @throws Failure BRAKE */
  readonly acceptCost: (sizes: readonly number[]) => Promise<void>;
  /** Lends the journal for writing: whoever has it is the only one of our runs that asks. */
  readonly whileWriting: (work: (journal: Journal) => Promise<void>) => Promise<void>;
  readonly open: OpenRangePlace;
}

/**
 * Brings the bytes to their place when all that holds them is ready; else asks for what nobody has asked for.
 * @throws Failure when it concerns the run
 */
export async function getRange(
  wanted: WantedRange,
  request: GetRangeRequest,
  ports: GetRangePorts,
  tally: RangeTally,
  halt: Halt,
): Promise<void> {
  const { path } = wanted.archive;
  ports.report({ event: 'ahead', files: 1, bytes: 0 });
  await attempt(path, tally, ports.report, () =>
    countingMismatches(tally, bringOrAsk(wanted, request, ports, tally, halt)),
  );
}

async function bringOrAsk(
  wanted: WantedRange,
  request: GetRangeRequest,
  ports: GetRangePorts,
  tally: RangeTally,
  halt: Halt,
): Promise<void> {
  const { archive, range } = wanted;
  const subtrees = subtreesHolding(range, archive.size);
  const standings = await rangeStandings(archive, subtrees, ports, halt);
  if (standings.every(isReadyRange)) return bring(wanted, standings, request, ports, tally, halt);
  const toAsk = standings.filter((standing) => isToAskFor(archive, standing, ports));
  if (toAsk.length > 0) {
    const toPay = toAsk.filter(({ retrieval }) => retrieval.state !== 'running');
    if (toPay.length > 0) await ports.acceptCost(toPay.map(({ subtree }) => subtree.end - subtree.start));
    return ports.whileWriting((journal) => ask(archive, subtrees, request, { ...ports, journal }, tally, halt));
  }
  for (const standing of standings) countStanding(archive, standing, ports, tally);
}

/**
 * What it would do, as 'planned' events, and the sizes of what it would ask for. The vault is asked what is ready, which
 * costs nothing; nothing is written.
 */
export async function planGetRange(
  { archive, range }: WantedRange,
  ports: LookRangePorts,
  tally: RangeTally,
  halt: Halt,
): Promise<readonly number[]> {
  const { path, id: archiveId } = archive;
  const sizes: number[] = [];
  for (const standing of await rangeStandings(archive, subtreesHolding(range, archive.size), ports, halt)) {
    const { subtree } = standing;
    if (isReadyRange(standing)) {
      ports.report({ event: 'planned', do: 'download', path, archiveId, ...rangeOf(subtree, archive) });
      countRange(tally, 'got', subtree);
    } else if (standing.retrieval.state !== 'running' && isToAskFor(archive, standing, ports)) {
      ports.report({ event: 'planned', do: 'retrieve', path, archiveId, ...rangeOf(subtree, archive) });
      countRange(tally, 'requested', subtree);
      sizes.push(subtree.end - subtree.start);
    } else {
      countStanding(archive, standing, ports, tally);
    }
  }
  return sizes;
}

/** Or to write down: the journal knows of retrievals of all of an archive, and of no others. */
function isToAskFor(archive: Archive, standing: RangeStanding, ports: LookRangePorts): boolean {
  if (isReadyRange(standing)) return false;
  const { subtree, retrieval } = standing;
  if (isWhole(subtree, archive)) return !isAskedFor(archive, retrieval, ports);
  return retrieval.state !== 'running';
}

/** What another run of ours has asked for since is seen by looking once more. */
async function ask(
  archive: Archive,
  subtrees: readonly ByteRange[],
  request: GetRangeRequest,
  ports: GetRangePorts & { readonly journal: Journal },
  tally: RangeTally,
  halt: Halt,
): Promise<void> {
  const standings = await rangeStandings(archive, subtrees, ports, halt);
  const toAsk = standings.filter((standing) => isToAskFor(archive, standing, ports));
  ports.report({ event: 'ahead', files: Math.max(0, toAsk.length - 1), bytes: 0 });
  await forEachConcurrently(standings, request.width, halt, async (standing) => {
    if (isReadyRange(standing) || !toAsk.includes(standing)) {
      return countStanding(archive, standing, ports, tally);
    }
    const { asked, expected } = await askForRange(archive, standing, request, ports, halt);
    if (!asked) return countStanding(archive, standing, ports, tally);
    countRange(tally, 'requested', standing.subtree);
    tally.readyAt = spanOf(tally.readyAt, expected);
  });
}

/** Of a part nothing is noted: the journal, and programs before this one, would take it for all of the archive. */
async function askForRange(
  archive: Archive,
  { subtree, retrieval }: PendingRange,
  { tier, topic }: GetRangeRequest,
  ports: GetRangePorts & { readonly journal: Journal },
  halt: Halt,
): Promise<Asking> {
  if (isWhole(subtree, archive)) return askFor(archive, retrieval, { tier, topic }, ports, halt);
  const { id: archiveId, path } = archive;
  if (retrieval.state === 'failed') {
    const message = `an earlier retrieval of this range of ${printable(path)} failed: ${retrieval.why}`;
    ports.report({ event: 'notice', topic: 'retrieval-failed', message, hint: 'it is asked for again' });
  }
  const terms = { tier, topic, range: subtree };
  const { jobId, expected } = await ports.vault.requestRetrieval(archiveId, terms, halt.now);
  ports.report({ event: 'requested', path, archiveId, jobId, range: subtree });
  return { asked: true, expected };
}

/** As events have it: left out where it is all of the archive. */
function rangeOf(subtree: ByteRange, archive: Archive): { readonly range?: ByteRange } {
  return isWhole(subtree, archive) ? {} : { range: subtree };
}

function isWhole({ start, end }: ByteRange, { size }: Archive): boolean {
  return start === 0 && end === size;
}

async function bring(
  { archive, range }: WantedRange,
  ready: readonly ReadyRange[],
  request: GetRangeRequest,
  ports: GetRangePorts,
  tally: RangeTally,
  halt: Halt,
): Promise<void> {
  const { path, id: archiveId } = archive;
  ports.report({ event: 'ahead', files: 0, bytes: bytesToFetch(range, ready, request) });
  await using place = await ports.open(range.end - range.start);
  const outcome = await pourRange(archive, range, ready, request, { ...ports, sink: place.sink }, halt);
  if (outcome === 'cut short') {
    tally.cutShort += ready.length;
    return;
  }
  await place.finish();
  tally.proof = outcome;
  for (const { subtree } of ready) countRange(tally, 'got', subtree);
  ports.report({ event: 'range-got', path, archiveId, range, proof: outcome });
}

function countStanding(
  archive: Archive,
  standing: RangeStanding,
  { report }: Pick<LookRangePorts, 'report'>,
  tally: RangeTally,
): void {
  if (isReadyRange(standing)) return countRange(tally, 'ready', standing.subtree);
  const { subtree, retrieval } = standing;
  const expected = expectedOf(retrieval);
  countRange(tally, 'waiting', subtree);
  tally.readyAt = spanOf(tally.readyAt, expected);
  const { path, id: archiveId } = archive;
  report({ event: 'waiting', path, archiveId, expected, ...rangeOf(subtree, archive) });
}
