// The command create-vault.

import { VaultName } from '../../model/identifiers.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';

export const run: Run = async (context) => {
  const name = VaultName.parse(context.positional('NAME'));
  await using connection = await connect(context, 'make-folder');
  await connection.vaults.vaults.create(name, context.halt.soon);
  context.answer({ event: 'vault-created', fields: { name }, lines: [`Created vault ${name}`] });
  return context.finish({ tables: [], outcome: CLEAN, next: [], saysDone: true });
};
