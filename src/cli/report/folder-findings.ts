// local-vault --check: what is damaged in the folder of a local vault, and what was looked at.

import type { FolderChecked } from '../../edges/local-server/check/folder-check.js';
import { printable } from '../../model/rel-path.js';
import type { CommandContext } from '../command-context.js';
import { CLEAN, type ExitCode } from '../exit-codes.js';
import { counted } from './quantities.js';
import type { Answer } from './reporter.js';

/** Exit code 4 when something is damaged. @throws Failure CONFIG when a server has the folder, or it is none */
export async function checkData(context: CommandContext<'data'>): Promise<ExitCode> {
  const { checkFolder } = await import('../../edges/local-server/check/folder-check.js');
  const findings = checkFolder(context.settings.data, context.halt.soon);
  let [faults, leftovers] = [0, 0];
  let next = await findings.next();
  for (; next.done !== true; next = await findings.next()) {
    const { is, path, what } = next.value;
    if (is === 'fault') faults += 1;
    else leftovers += 1;
    context.answer({ event: is, fields: { path, what }, lines: [`${printable(path)} ${what}`] });
  }
  context.answer(summaryOf(next.value, faults, leftovers));
  const outcome = { ...CLEAN, mismatches: faults };
  return context.finish({ tables: [], outcome, next: [], mismatch: 'the folder is damaged' });
}

function summaryOf(checked: FolderChecked, faults: number, leftovers: number): Answer {
  const { accounts, vaults, archives, discarded, uploads, bytes } = checked;
  return {
    event: 'checked',
    fields: { ...checked, faults, leftovers },
    lines: [
      `looked at: ${counted(accounts, 'account')}, ${counted(vaults, 'vault')}, ${counted(uploads, 'upload')} under way`,
      `read and hashed: ${counted(archives - discarded, 'archive')} and all parts, ${counted(bytes, 'byte')}`,
      ...(discarded > 0 ? [`never kept: the bytes of ${counted(discarded, 'archive')}`] : []),
      ...(leftovers > 0 ? [`left by a crash, no damage: ${leftovers}`] : []),
      faults === 0 ? 'nothing is damaged' : `damaged: ${faults}`,
    ],
  };
}
