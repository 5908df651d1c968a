// The command check-local-hash.

import { type CheckTally, checkLocalHash, emptyCheckTally, planCheck } from '../../flows/check.js';
import type { CommandContext, Run } from '../command-context.js';
import { openDirectory } from '../directory.js';
import { CLEAN } from '../exit-codes.js';
import { readJournal } from '../kept-journal.js';
import { openMoving } from '../moving.js';
import { underFilters } from '../report/filtered-label.js';
import type { Summary } from '../report/reporter.js';
import { row } from '../report/summary-row.js';
import { limitedBy, runLimitsOf } from '../run-limits.js';

export const run: Run<'dir' | 'journal'> = async (context) => {
  const { settings, selection, halt, report } = context;
  const directory = openDirectory(context);
  await using journal = await readJournal(context);
  if (settings.dryRun) {
    const files = await planCheck({ journal, selection, report });
    const total = underFilters(selection, 'files in the journal');
    const rows = [row('planned', total, files)];
    return context.finish({
      tables: [{ key: 'files', total, rows }],
      outcome: CLEAN,
      next: [],
    });
  }
  await using moving = await openMoving(directory.place, null, context);
  const { transfer } = moving;
  const tally = emptyCheckTally();
  const request = { width: settings.concurrency, limits: runLimitsOf(context) };
  return await context.conclude(
    () => summaryOf(tally, context),
    () => checkLocalHash(request, { directory, journal, selection, transfer, report }, tally, halt),
  );
};

function summaryOf(tally: CheckTally, { selection }: Pick<CommandContext, 'selection'>): Summary {
  const { ok, missing, empty, unreadable, size, bytes, left } = tally;
  const content = tally['tree-hash'];
  return {
    tables: [
      {
        key: 'files',
        total: underFilters(selection, 'files in the journal'),
        totalSoFar: underFilters(selection, 'files seen so far'),
        rows: [
          row('ok', 'as the journal says', ok),
          row('treeHash', 'of other content', content),
          row('size', 'of another size', size),
          row('empty', 'empty', empty),
          row('missing', 'missing', missing),
          row('unreadable', 'could not be read', unreadable),
          row('remaining', 'not checked for want of time', left),
        ],
      },
      { key: 'read', total: 'read and hashed', rows: [row('read', 'read and hashed', ok + content, bytes)] },
      {
        key: 'times',
        total: 'other mtime',
        rows: [row('otherMtime', 'with another mtime, which is no error by itself', tally.otherMtime)],
      },
    ],
    outcome: {
      ...CLEAN,
      mismatches: content + size + empty + missing,
      failed: unreadable,
      ...limitedBy(left > 0 ? 'duration' : null),
    },
    next: left > 0 ? ['Ended by --max-duration: a check begins anew each time, so give it more, or filters.'] : [],
  };
}
