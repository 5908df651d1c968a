// local-vault --check: what is damaged in the folder of a local vault, and what was looked at.

import { printable } from '../model/rel-path.js';
import type { CommandContext } from './command-context.js';
import { CLEAN, type ExitCode } from './exit-codes.js';
import { row } from './summary-row.js';

/** Exit code 4 when something is damaged. @throws Failure CONFIG when a server has the folder, or it is none */
export async function checkData(context: CommandContext<'data'>): Promise<ExitCode> {
  const { checkFolder } = await import('../edges/local-server/folder-check.js');
  const findings = checkFolder(context.settings.data, context.halt.soon);
  let [faults, leftovers] = [0, 0];
  let next = await findings.next();
  for (; next.done !== true; next = await findings.next()) {
    const { is, path, what } = next.value;
    if (is === 'fault') faults += 1;
    else leftovers += 1;
    context.answer({ event: is, fields: { path, what }, lines: [`${printable(path)} ${what}`] });
  }
  const { accounts, vaults, archives, discarded, uploads, bytes } = next.value;
  return context.finish({
    tables: [
      {
        key: 'folder',
        total: 'read and hashed',
        rows: [
          row('accounts', 'accounts', accounts),
          row('vaults', 'vaults', vaults),
          row('archives', 'archives', archives, bytes),
          row('discarded', 'of them discarded when they came', discarded),
          row('uploads', 'uploads under way', uploads),
        ],
      },
      {
        key: 'findings',
        total: 'findings',
        rows: [row('faults', 'damaged', faults), row('leftovers', 'left by a crash, no damage', leftovers)],
      },
    ],
    outcome: { ...CLEAN, mismatches: faults },
    next: [],
  });
}
