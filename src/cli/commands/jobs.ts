// The command jobs: what a vault is getting ready.

import { jobsByReadiness } from '../../flows/retrieving/vault-jobs.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { withJournal } from '../optional-journal.js';
import { jobAnswers } from '../report/job-table.js';
import { readJournalOfVault } from '../session.js';

export const run: Run<'vault'> = async (context) => {
  const { settings, halt, clock, report } = context;
  await using connection = await connect(context);
  const vault = connection.vaults.vault(settings.vault);
  const named = withJournal(context);
  await using journal = named === null ? null : await readJournalOfVault(named, connection);
  const now = clock.now();
  const jobs = await jobsByReadiness(vault, journal?.live ?? null, now, halt);
  for (const answer of jobAnswers(jobs, now)) context.answer(answer);
  if (jobs.length === 0) {
    const message = `vault ${settings.vault} has nothing ready and nothing under way`;
    const hint = 'ask with mtglacier restore, get or retrieve-inventory';
    report({ event: 'notice', topic: 'no-jobs', message, hint });
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
};
