// The command upload-file.

import process from 'node:process';
import { untilSettled } from '../../disk/settled.js';
import {
  emptyUploadTally,
  planUpload,
  type UploadTally,
  uploadFile,
  uploadStream,
} from '../../flows/storing/upload-file.js';
import { Failure } from '../../model/failure.js';
import { MIB, partSizeFor } from '../../model/parts.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import { trustedEngine } from '../../model/tree-hash.js';
import { createIncoming } from '../../transfer/incoming.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { openMoving } from '../moving.js';
import { sizeText } from '../report/quantities.js';
import type { Summary, SummaryRow, SummaryTable } from '../report/reporter.js';
import { leftoversTable, row } from '../report/summary-row.js';
import { afterLimit, limitedBy, runLimitsOf } from '../run-limits.js';
import { openJournalOfVault, readJournalOffline } from '../session.js';
import { StandardInput } from '../standard-input.js';
import { fileBelow, fileUnder, type NamedFile, storableName } from '../words/named-file.js';

type Context = CommandContext<'vault' | 'journal'>;

export const run: Run<'vault' | 'journal'> = (context) => {
  return context.settings.stdin ? runStream(context) : runFile(context);
};

async function runFile(context: Context): Promise<ExitCode> {
  const { settings, halt, clock, report } = context;
  const { partsize: partSize, concurrency: width } = settings;
  const { file, place } = fileOf(context);
  if (settings.dryRun) return dryRun(context, file.path, file.size);
  const limits = runLimitsOf(context);
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, true);
  const vault = connection.vaults.vault(settings.vault);
  await using moving = await openMoving(place, { connection, name: settings.vault }, context);
  const { transfer, engine } = moving;
  const ports = { ...open, vault, transfer, engine, clock, report, directory: { settled: untilSettled } };
  const tally = emptyUploadTally();
  return await context.conclude(
    () => summaryOf(tally),
    () => uploadFile({ file, partSize, width, limits }, ports, tally, halt),
  );
}

async function runStream(context: Context): Promise<ExitCode> {
  const { settings, encodings, halt, clock, report } = context;
  const path = storableName(demanded(settings.setRelFilename, 'set-rel-filename'), encodings.journal);
  const maxSize = demanded(settings.checkMaxFileSize, 'check-max-file-size') * MIB;
  if (settings.dryRun) return dryRun(context, path, null);
  using inflow = new StandardInput(process.stdin);
  if (process.stdin.isTTY) tellTerminal(context);
  // Nothing is opened, locked or asked for before there is something to store.
  if (await inflow.isEmpty(halt.soon)) {
    throw new Failure('USAGE', 'standard input is empty, and no archive can be', {
      hint: 'nothing was done; did the program that was to write into the pipe fail?',
    });
  }
  await using connection = await connect(context);
  await using open = await openJournalOfVault(context, connection, true);
  const vault = connection.vaults.vault(settings.vault);
  const engine = await trustedEngine(settings.hashEngine);
  const { concurrency: width, partsize } = settings;
  const partSize = partSizeFor(maxSize, partsize);
  const incoming = createIncoming({ inflow, vault, engine, partSize, maxSize, width, report });
  const ports = { ...open, vault, incoming, engine, clock, report };
  const tally = emptyUploadTally();
  return await context.conclude(
    () => summaryOf(tally),
    () => uploadStream({ path, width }, ports, tally, halt),
  );
}

/** @throws Failure USAGE, FILE_TOO_LARGE */
function fileOf({ settings, encodings }: Context): NamedFile {
  const filename = demanded(settings.filename, 'filename');
  const { dir, setRelFilename, checkMaxFileSize = Number.POSITIVE_INFINITY } = settings;
  const named =
    setRelFilename === undefined
      ? fileBelow(filename, demanded(dir, 'dir'), encodings)
      : fileUnder(filename, setRelFilename, encodings);
  const { size } = named.file;
  if (size <= checkMaxFileSize * MIB) return named;
  const message = `--filename ${printable(filename)} has ${sizeText(size)}, more than ${checkMaxFileSize} MiB`;
  throw new Failure('FILE_TOO_LARGE', message, {
    hint: 'nothing was stored; raise --check-max-file-size if it is to be so large',
  });
}

/** Settling the options has seen to it that what the form needs is there. */
function demanded<T>(value: T | undefined, option: string): T {
  if (value !== undefined) return value;
  throw new Failure('USAGE', `upload-file needs --${option} here`, { hint: 'mtglacier help upload-file explains' });
}

function tellTerminal({ report }: Context): void {
  const message = 'reading what is typed: standard input is a terminal';
  const hint = 'end with Ctrl-D; a program or a file is stored with PROGRAM | mtglacier … or mtglacier … < FILE';
  report({ event: 'notice', topic: 'terminal-input', message, hint });
}

async function dryRun(context: Context, path: RelPath, size: number | null): Promise<ExitCode> {
  await using journal = await readJournalOffline(context, true);
  planUpload(path, size, { journal, report: context.report });
  return context.finish({ tables: [filesTable(row('planned', 'would be stored', 1, size))], outcome: CLEAN, next: [] });
}

function summaryOf({ stored, storedBytes, limit, leftovers }: UploadTally): Summary {
  const left = limit === null ? 0 : 1;
  const rows = [row('stored', 'stored', stored, storedBytes), row('remaining', 'left for a later run', left)];
  return {
    tables: [filesTable(...rows.slice(0, 1 + left)), leftoversTable(leftovers)],
    outcome: { ...CLEAN, failed: leftovers.failed, ...limitedBy(limit) },
    next: afterLimit(limit),
  };
}

function filesTable(...rows: readonly SummaryRow[]): SummaryTable {
  return { key: 'files', total: 'files to store', rows };
}
