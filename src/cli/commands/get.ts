// The command get: single files back.

import process from 'node:process';
import { namedArchives } from '../../flows/named-archives.js';
import { type Destination, intoDirectory, intoFile, intoStream } from '../../flows/retrieving/destination.js';
import { emptyGetTally, type GetTally, getNamed, planGetNamed } from '../../flows/retrieving/get-named.js';
import { askingTerms, tellCost } from '../asking.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { fetchRequestOf } from '../fetch-request.js';
import { type Moving, openMoving } from '../moving.js';
import { namingOf } from '../naming.js';
import { landingPlace, type OutputPlace, placeFor } from '../output-place.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { afterLimit, limitedBy, runLimitsOf } from '../run-limits.js';
import { readJournalOfVault } from '../session.js';
import { bytesTo } from '../standard-output.js';
import { wholeWrites } from '../whole-writes.js';
import { expectation, whenToReturn } from '../words/expectation.js';

type Context = CommandContext<'vault' | 'journal'>;

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, halt, clock, report } = context;
  if (settings.range !== undefined) return (await import('../get-range.js')).run(context, settings.range);
  const place = placeFor(context);
  const tally = emptyGetTally();
  const unknown = { failed: 0 };
  await using connection = await connect(context);
  await using journal = await readJournalOfVault(context, connection);
  const vault = connection.vaults.vault(settings.vault);
  await using moving = await openMoving(landingPlace(place, context), { connection, name: settings.vault }, context);
  const destination = destinationIn(place, moving, context);
  const look = { vault, journal, destination, clock, report };
  const wanted = () => namedArchives(namingOf(context), journal.live, unknown, report);
  if (settings.dryRun) {
    await tellCost(await planGetNamed(await wanted(), look, tally, halt), context, connection);
    return context.finish(summaryOf(tally, unknown.failed, context));
  }
  context.recordBeside(settings.journal);
  const limits = runLimitsOf(context);
  const ports = { ...look, ...askingTerms(context, connection) };
  const { tier, snsTopic: topic = null, concurrency: width } = settings;
  return await context.conclude(
    () => summaryOf(tally, unknown.failed, context),
    async () => getNamed(await wanted(), { tier, topic, width, limits }, ports, tally, halt),
  );
};

function destinationIn(place: OutputPlace, { transfer, engine }: Moving, { settings, report }: Context): Destination {
  const request = fetchRequestOf(settings);
  const ports = { report, transfer, engine };
  switch (place.kind) {
    case 'directory':
      return intoDirectory(request, { ...ports, directory: place.directory });
    case 'file':
      return intoFile((size, content) => place.directory.land(place.name, size, content), request, ports);
    case 'stdout':
      return intoStream(request, { ...ports, sink: bytesTo(wholeWrites(process.stdout)) });
  }
}

function summaryOf(tally: GetTally, unknown: number, { settings, clock }: Context): Summary {
  const { got, gotBytes, here, cutShort, requested, requestedBytes, waiting, failed, mismatches, readyAt } = tally;
  const { left, limit } = tally;
  const { dryRun } = settings;
  const pending = dryRun ? 0 : requested + waiting;
  return {
    tables: [
      {
        key: 'files',
        total: 'files that were named',
        totalSoFar: 'files seen so far',
        rows: [
          row('got', dryRun ? 'ready, would be fetched' : 'fetched and verified', got, gotBytes),
          row('remaining', 'ready, left for a later run', left),
          row('cutShort', 'not read to their end', cutShort),
          row('here', 'here already', here),
          row('requested', dryRun ? 'would be requested' : 'requested', requested, requestedBytes),
          row('waiting', 'requested before, not ready yet', waiting),
          row('unknown', 'not in the journal', unknown),
          row('failed', 'could not be got', failed),
        ],
      },
    ],
    outcome: { ...CLEAN, failed: failed + unknown, mismatches, waiting: pending, ...limitedBy(limit) },
    next: [
      ...afterLimit(limit),
      ...(pending === 0
        ? []
        : [
            pending === 1
              ? expectation('The retrieval', readyAt, clock.now(), 'is')
              : expectation('The retrievals', readyAt, clock.now()),
            `Run the same command again ${whenToReturn(readyAt, clock.now())}.`,
          ]),
    ],
  };
}
