// The command ls: the archives of a journal, by path.

import { listArchives } from '../../flows/list-archives.js';
import type { LiveArchives } from '../../journal/journal.js';
import type { Archive } from '../../model/archive.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { CommandContext, Run } from '../command-context.js';
import { CLEAN } from '../exit-codes.js';
import { readJournal } from '../kept-journal.js';
import { minuteText, sizeText, timestamp } from '../report/quantities.js';
import type { Answer, Summary } from '../report/reporter.js';
import { shownName } from '../report/safe-text.js';
import { row } from '../report/summary-row.js';

type Context = CommandContext<'journal'>;

interface Tally {
  listed: number;
  bytes: number;
  /** Names that the encoding of file names does not have. */
  nameless: number;
}

/** After so many archives the reader is waited for, and signals are looked for. */
const BREATH = 1000;

/** @throws Failure USAGE, ARCHIVE_NOT_FOUND when nothing goes by the path that was given */
export const run: Run<'journal'> = async (context) => {
  const { settings } = context;
  const within = pathOf(context.positional('PATH'));
  await using journal = await readJournal(context);
  const tally: Tally = { listed: 0, bytes: 0, nameless: 0 };
  return await context.conclude(
    () => summaryOf(tally, settings.allVersions),
    () => list(journal.live, within, context, tally),
  );
};

/** As it may be typed: `./2024/` is `2024`. Null is everything. @throws Failure USAGE */
function pathOf(typed: string): RelPath | null {
  const path = typed.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  if (path === '.' || (path === '' && !typed.startsWith('/'))) return null;
  const why = path === '' ? 'is not a plain relative path' : RelPath.whyNot(path);
  if (why === null) return path as RelPath;
  const hint = 'paths are relative to the directory that is kept: mtglacier ls shows them';
  throw new Failure('USAGE', `PATH ${printable(typed)} ${why}`, { hint });
}

async function list(live: LiveArchives, within: RelPath | null, context: Context, tally: Tally): Promise<void> {
  const { settings, selection, halt } = context;
  // Names alone are the same for every version.
  const allVersions = settings.allVersions && !settings.null;
  let seen = 0;
  for await (const archive of listArchives(live, { selection, within, allVersions })) {
    tell(archive, context, tally);
    const isRead = ++seen % BREATH !== 0 || (await context.answersTaken());
    throwIfInterrupted(halt.soon);
    if (!isRead) break;
  }
  if (within !== null && seen === 0) throw nothingThere(within, settings.journal);
}

function tell(archive: Archive, context: Context, tally: Tally): void {
  const answer = context.settings.null ? nameAnswer(archive, context) : archiveAnswer(archive, context);
  if (answer === null) {
    tally.nameless += 1;
    return;
  }
  context.answer(answer);
  tally.listed += 1;
  tally.bytes += archive.size;
}

/** The bytes that name the file on disk. Null, and told, where there are none. */
function nameAnswer(archive: Archive, { encodings, report }: Context): Answer | null {
  const { path } = archive;
  const name = encodings.filenames.encode(path);
  if (name !== null) return { event: 'archive', fields: {}, lines: [], bytes: Buffer.concat([name, NUL]) };
  const message = `name ${printable(path)} cannot be written in ${encodings.filenames.name}`;
  const hint = 'say how names stand on disk with --filenames-encoding';
  report({ event: 'failed', name: path, code: 'NAME_REFUSED', message, hint });
  return null;
}

const NUL = Buffer.alloc(1);

function archiveAnswer(archive: Archive, { settings }: Context): Answer {
  const { path, id: archiveId, size, mtime, treeHash, createdAt } = archive;
  const time = mtime === null ? '-' : minuteText(mtime);
  const cells = [sizeText(size).padStart(10), time.padEnd(16), shownName(path)];
  if (settings.allVersions) cells.splice(2, 0, archiveId);
  const times = { mtime: mtime === null ? null : timestamp(mtime), createdAt: timestamp(createdAt) };
  return { event: 'archive', fields: { path, archiveId, size, treeHash, ...times }, lines: [cells.join('  ')] };
}

function nothingThere(path: RelPath, journal: string): Failure {
  return new Failure(
    'ARCHIVE_NOT_FOUND',
    `nothing in ${printable(journal)} is named ${printable(path)} or lies below it`,
    {
      hint: 'mtglacier ls without a PATH lists everything; filters, where given, apply too',
    },
  );
}

function summaryOf({ listed, bytes, nameless }: Tally, allVersions: boolean): Summary {
  const rows = [
    row('listed', allVersions ? 'versions' : 'files', listed, bytes),
    row('nameless', 'could not be named', nameless),
  ];
  return {
    tables: [{ key: 'archives', total: 'in all', rows: nameless === 0 ? rows.slice(0, 1) : rows }],
    outcome: { ...CLEAN, failed: nameless },
    next: [],
    aside: true,
  };
}
