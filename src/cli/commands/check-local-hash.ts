// The command check-local-hash.

import { openKeptDirectory } from '../../disk/kept-directory.js';
import { type CheckTally, checkLocalHash, emptyCheckTally, planCheck } from '../../flows/check.js';
import { openForReading } from '../../journal/open.js';
import type { Run } from '../command-context.js';
import { CLEAN } from '../exit-codes.js';
import type { Summary } from '../reporter.js';
import { openTransfer } from '../session.js';
import { row } from '../summary-row.js';

export const run: Run<'dir' | 'journal'> = async (context) => {
  const { settings, halt, report } = context;
  const directory = openKeptDirectory(settings.dir);
  const journal = await openForReading(settings.journal, report);
  if (settings.dryRun) {
    const files = await planCheck({ journal, report });
    const rows = [row('planned', 'files in the journal', files)];
    return context.finish({
      tables: [{ key: 'files', total: 'files in the journal', rows }],
      outcome: CLEAN,
      next: [],
    });
  }
  const { transfer } = openTransfer(settings.dir, NO_VAULT, context);
  const tally = emptyCheckTally();
  return context.conclude(
    () => summaryOf(tally),
    () => checkLocalHash(settings.concurrency, { directory, journal, transfer, report }, tally, halt),
  );
};

/** Checking reads local files only. */
const NO_VAULT: Parameters<typeof openTransfer>[1] = {
  uploadWhole: noVault,
  uploadPart: noVault,
  read: noVault,
};

function noVault(): never {
  throw new Error('check-local-hash asks no vault');
}

function summaryOf(tally: CheckTally): Summary {
  const { ok, missing, empty, unreadable, size, bytes } = tally;
  const content = tally['tree-hash'];
  return {
    tables: [
      {
        key: 'files',
        total: 'files in the journal',
        totalSoFar: 'files seen so far',
        rows: [
          row('ok', 'as the journal says', ok),
          row('treeHash', 'of other content', content),
          row('size', 'of another size', size),
          row('empty', 'empty', empty),
          row('missing', 'missing', missing),
          row('unreadable', 'could not be read', unreadable),
        ],
      },
      { key: 'read', total: 'read and hashed', rows: [row('read', 'read and hashed', ok + content, bytes)] },
      {
        key: 'times',
        total: 'other mtime',
        rows: [row('otherMtime', 'with another mtime, which is no error by itself', tally.otherMtime)],
      },
    ],
    outcome: { ...CLEAN, mismatches: content + size + empty + missing, failed: unreadable },
    next: [],
  };
}
