// The command get: single files back.

import { basename, dirname } from 'node:path';
import process from 'node:process';
import { type KeptDirectory, openKeptDirectory } from '../../disk/kept-directory.js';
import { type Place, placeOf } from '../../disk/place.js';
import { type Naming, namedArchives } from '../../flows/named-archives.js';
import { type Destination, intoDirectory, intoFile, intoStream } from '../../flows/retrieving/destination.js';
import { emptyGetTally, type GetTally, getNamed, planGetNamed } from '../../flows/retrieving/get-named.js';
import { Failure } from '../../model/failure.js';
import { printable, RelPath } from '../../model/rel-path.js';

import type { CommandContext, Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { fetchRequestOf } from '../fetch-request.js';
import { type Moving, openMoving } from '../moving.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { afterLimit, limitedBy, runLimitsOf } from '../run-limits.js';
import { openJournalOfVault, readJournalOfVault } from '../session.js';
import { bytesTo } from '../standard-output.js';
import { wholeWrites } from '../whole-writes.js';
import { expectation, whenToReturn } from '../words/expectation.js';
import { checkIsDirectory } from '../words/option-values.js';

type Context = CommandContext<'vault' | 'journal'>;

export const run: Run<'vault' | 'journal'> = async (context) => {
  const { settings, halt, clock, report } = context;
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
    await planGetNamed(await wanted(), look, tally, halt);
    return context.finish(summaryOf(tally, unknown.failed, context));
  }
  context.recordBeside(settings.journal);
  const limits = runLimitsOf(context);
  const ports = { ...look, whileWriting: journalLender(context, connection) };
  const request = { tier: settings.tier, width: settings.concurrency, limits };
  return await context.conclude(
    () => summaryOf(tally, unknown.failed, context),
    async () => getNamed(await wanted(), request, ports, tally, halt),
  );
};

function namingOf(context: Context): Naming {
  return {
    names: context.positionals('NAME'),
    ids: context.settings.id.map(({ value }) => value),
    allVersions: false,
    wholeDirectory: 'mtglacier restore with --filter asks for what is below a directory',
  };
}

/** Where it goes, looked at before the vault is asked for anything. */
type OutputPlace =
  | { readonly kind: 'directory'; readonly directory: KeptDirectory }
  | { readonly kind: 'file'; readonly directory: KeptDirectory; readonly name: RelPath }
  | { readonly kind: 'stdout' };

/** @throws Failure USAGE when the file is there already, or has no directory */
function placeFor({ settings, encodings }: Context): OutputPlace {
  const { dir, output } = settings;
  const options = { encoding: encodings.filenames };
  if (dir !== undefined) return { kind: 'directory', directory: openKeptDirectory(dir, options) };
  if (output === undefined) throw new Error('get was given no place');
  if (output === '-') return { kind: 'stdout' };
  if (output.endsWith('/')) {
    throw new Failure('USAGE', `--output ${printable(output)} is a directory`, { hint: 'name a file, or give --dir' });
  }
  checkIsDirectory(dirname(output), 'the directory of --output', encodings.filenames);
  const name = basename(output);
  const why = RelPath.whyNot(name);
  if (why !== null) throw new Failure('USAGE', `--output ${printable(output)} ${why}`, { hint: 'choose another name' });
  const directory = openKeptDirectory(dirname(output), options);
  if (directory.look(name as RelPath).kind !== 'missing') {
    throw new Failure('USAGE', `--output ${printable(output)} is there already`, { hint: 'nothing is written over' });
  }
  return { kind: 'file', directory, name: name as RelPath };
}

function landingPlace(place: OutputPlace, { encodings }: Context): Place {
  return place.kind === 'stdout' ? placeOf('.', encodings.filenames) : place.directory.place;
}

function destinationIn(place: OutputPlace, { transfer, engine }: Moving, { settings, report }: Context): Destination {
  const request = fetchRequestOf(settings);
  const ports = { report, transfer, engine };
  switch (place.kind) {
    case 'directory':
      return intoDirectory(request, { ...ports, directory: place.directory });
    case 'file':
      return intoFile((size) => place.directory.land(place.name, size), request, ports);
    case 'stdout':
      return intoStream(request, { ...ports, sink: bytesTo(wholeWrites(process.stdout)) });
  }
}

/** The run is recorded already, from its beginning on. */
function journalLender(context: Context, connection: Connection): Parameters<typeof getNamed>[2]['whileWriting'] {
  const recorded = { ...context, recordBeside: () => undefined };
  return async (work) => {
    await using open = await openJournalOfVault(recorded, connection, false);
    await work(open.journal);
  };
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
