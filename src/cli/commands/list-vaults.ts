// The command list-vaults.

import type { VaultDescription } from '../../vault/port.js';
import type { CommandContext, Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { sizeText } from '../report/quantities.js';
import type { Answer } from '../report/reporter.js';
import { oneLine } from '../report/safe-text.js';

interface Totals {
  vaults: number;
  archives: number;
  size: number;
}

export const run: Run = async (context) => {
  if (context.settings.dryRun) context.answer(PLANNED);
  else await listVaults(context);
  return context.finish({ tables: [], outcome: CLEAN, next: [], saysDone: true });
};

const PLANNED: Answer = { event: 'planned', fields: { do: 'list-vaults' }, lines: ['Will LIST VAULTS'] };

async function listVaults(context: CommandContext): Promise<void> {
  await using connection = await connect(context);
  const { vaults, region } = connection.vaults;
  const isForScripts = context.settings.format === 'mtmsg';
  const totals: Totals = { vaults: 0, archives: 0, size: 0 };
  for await (const vault of vaults.list(context.halt.soon)) {
    totals.vaults += 1;
    totals.archives += vault.archives;
    totals.size += vault.size;
    const { name, arn, createdAt, archives, size, inventoryAt } = vault;
    const answer = { event: 'vault', fields: { name, arn, createdAt, archives, size, inventoryAt } };
    context.answer({ ...answer, lines: linesOf(vault), ...(isForScripts ? { bytes: messagesOf(vault) } : {}) });
  }
  context.answer({
    event: 'vaults',
    fields: { ...totals },
    lines: [],
    ...(isForScripts ? { bytes: totalMessages(totals) } : {}),
  });
  if (totals.vaults > 0) return;
  context.report({ event: 'notice', topic: 'no-vaults', message: `there are no vaults in ${region}`, hint: null });
}

function linesOf({ name, arn, createdAt, archives, size, inventoryAt }: VaultDescription): string[] {
  return [
    name,
    `  created     ${createdAt}`,
    inventoryAt === null
      ? '  inventory   none taken yet'
      : `  inventory   ${inventoryAt}: ${archives} archives, ${sizeText(size)}`,
    `  arn         ${arn}`,
  ];
}

/** Source: behaviour of mt-aws-glacier 1.120: names and order of the fields; a value that is not known is empty. */
function messagesOf({ name, arn, createdAt, archives, size, inventoryAt }: VaultDescription): Uint8Array {
  const fields = {
    SizeInBytes: size,
    CreationDate: createdAt,
    VaultName: name,
    NumberOfArchives: archives,
    LastInventoryDate: inventoryAt ?? '',
  };
  return messages(Object.entries(fields).map(([field, value]) => ['VAULT_LIST', arn, field, value]));
}

/** The names of the totals are ours (docs/compatibility.md). */
function totalMessages({ archives, size }: Totals): Uint8Array {
  return messages([
    ['VAULTS_SUMMARY', 'total_number_of_archives', archives],
    ['VAULTS_SUMMARY', 'total_size_of_archives', size],
  ]);
}

function messages(lines: readonly (readonly (string | number)[])[]): Uint8Array {
  return Buffer.from(
    lines.map((cells) => `${['MTMSG', ...cells].map((cell) => oneLine(`${cell}`)).join('\t')}\n`).join(''),
  );
}
