// What get does with --range: some bytes of one archive.

import process from 'node:process';
import { namedArchives } from '../flows/named-archives.js';
import { getRange, planGetRange, type WantedRange } from '../flows/retrieving/get-range.js';
import { type OpenRangePlace, rangeFile, rangeStream } from '../flows/retrieving/range-place.js';
import { emptyRangeTally, type RangeTally } from '../flows/retrieving/range-tally.js';
import type { LiveArchives } from '../journal/journal.js';
import type { Archive } from '../model/archive.js';
import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { type WantedBytes, wantedWithin } from '../plan/wanted-bytes.js';
import { askingTerms, tellCost } from './asking.js';
import type { CommandContext } from './command-context.js';
import { connect } from './connection.js';
import { CLEAN, type ExitCode } from './exit-codes.js';
import { fetchRequestOf } from './fetch-request.js';
import { openMoving } from './moving.js';
import { namingOf } from './naming.js';
import { landingPlace, type OutputPlace, placeFor } from './output-place.js';
import { sizeText } from './report/quantities.js';
import type { Summary } from './report/reporter.js';
import { row } from './report/summary-row.js';
import { readJournalOfVault } from './session.js';
import { bytesTo } from './standard-output.js';
import { wholeWrites } from './whole-writes.js';
import { expectation, whenToReturn } from './words/expectation.js';
import { shownWantedBytes } from './words/wanted-bytes.js';

type Context = CommandContext<'vault' | 'journal'>;

/** @throws Failure USAGE when the file is shorter than that */
export async function run(context: Context, bytes: WantedBytes): Promise<ExitCode> {
  const { settings, halt, clock, report } = context;
  const place = placeFor(context);
  const tally = emptyRangeTally();
  const unknown = { failed: 0 };
  await using connection = await connect(context);
  await using journal = await readJournalOfVault(context, connection);
  const vault = connection.vaults.vault(settings.vault);
  const wanted = await wantedRange(bytes, context, journal.live, unknown);
  if (wanted === null) return context.finish(summaryOf(null, tally, unknown.failed, context));
  const look = { vault, journal, clock, report };
  if (settings.dryRun) {
    await tellCost(await planGetRange(wanted, look, tally, halt), context, connection);
    return context.finish(summaryOf(wanted, tally, unknown.failed, context));
  }
  context.recordBeside(settings.journal);
  await using moving = await openMoving(landingPlace(place, context), { connection, name: settings.vault }, context);
  const ports = { ...look, ...moving, ...askingTerms(context, connection), open: openerOf(place) };
  const { tier, snsTopic: topic = null } = settings;
  const request = { ...fetchRequestOf(settings), tier, topic };
  return await context.conclude(
    () => summaryOf(wanted, tally, unknown.failed, context),
    () => getRange(wanted, request, ports, tally, halt),
  );
}

/** Null, and told, when the journal does not have the archive. */
async function wantedRange(
  bytes: WantedBytes,
  context: Context,
  live: LiveArchives,
  unknown: { failed: number },
): Promise<WantedRange | null> {
  const [archive] = await namedArchives(namingOf(context), live, unknown, context.report);
  if (archive === undefined) return null;
  const range = wantedWithin(bytes, archive.size);
  if (range === null) throw beyond(archive, bytes, context);
  const end = 'last' in bytes ? bytes.last : (bytes.end ?? range.end);
  if (end > archive.size) context.report(shorter(archive));
  return { archive, range };
}

function beyond({ path, size }: Archive, bytes: WantedBytes, { subjects }: Context): Failure {
  const message = `${subjects.range} ${shownWantedBytes(bytes)}: ${printable(path)} has only ${size} bytes`;
  return new Failure('USAGE', message, { hint: 'mtglacier ls shows how large files are; the last MiB of any is -1M' });
}

function shorter({ path, size }: Archive) {
  const message = `${printable(path)} has only ${size} bytes: the range ends with it`;
  return { event: 'notice', topic: 'range-cut', message, hint: null } as const;
}

function openerOf(place: OutputPlace): OpenRangePlace {
  switch (place.kind) {
    case 'file':
      return rangeFile((size) => place.directory.land(place.name, size));
    case 'stdout':
      return rangeStream(bytesTo(wholeWrites(process.stdout)));
    case 'directory':
      throw new Error('a range was to go to a directory');
  }
}

function summaryOf(wanted: WantedRange | null, tally: RangeTally, unknown: number, context: Context): Summary {
  const { dryRun } = context.settings;
  const { got, gotBytes, ready, readyBytes, cutShort, failed, mismatches } = tally;
  const { requested, requestedBytes, waiting, waitingBytes } = tally;
  const pending = dryRun ? 0 : requested + waiting + ready;
  return {
    tables: [
      {
        key: 'ranges',
        total: 'ranges that hold what is wanted',
        rows: [
          row('got', dryRun ? 'ready, would be fetched' : 'fetched and verified', got, gotBytes),
          row('remaining', 'ready, fetched when all are', ready, readyBytes),
          row('cutShort', 'not read to their end', cutShort),
          row('requested', dryRun ? 'would be requested' : 'requested', requested, requestedBytes),
          row('waiting', 'requested before, not ready yet', waiting, waitingBytes),
          row('unknown', 'not in the journal', unknown),
          row('failed', 'could not be got', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed: failed + unknown, mismatches, waiting: pending },
    next: [...(wanted === null ? [] : proofText(wanted, tally)), ...(pending === 0 ? [] : waitText(tally, context))],
  };
}

/** The journal has one hash for all of an archive, and says nothing of a part. */
function proofText({ archive, range }: WantedRange, { proof }: RangeTally): readonly string[] {
  if (proof === null) return [];
  const size = range.end - range.start;
  const what = `${sizeText(size)} came, bytes ${shownWantedBytes(range)} of ${printable(archive.path)}`;
  return proof === 'journal'
    ? [`${what}, proven by the journal.`]
    : [`${what}, proven by the vault's own hashes: the journal can prove an archive only as a whole.`];
}

function waitText({ requested, waiting, readyAt }: RangeTally, { clock }: Context): readonly string[] {
  const now = clock.now();
  const [what, are] =
    requested + waiting === 1 ? (['The retrieval', 'is'] as const) : (['The retrievals', 'are'] as const);
  return [
    ...(requested + waiting === 0 ? [] : [expectation(what, readyAt, now, are)]),
    `Run the same command again ${whenToReturn(readyAt, now)}.`,
  ];
}
