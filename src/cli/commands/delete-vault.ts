// The command delete-vault.

import { VaultName } from '../../model/identifiers.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { EXIT } from '../exit-codes.js';

export const run: Run = async (context) => {
  const name = VaultName.parse(context.positional('NAME'));
  await using connection = await connect(context);
  await connection.vaults.vaults.delete(name, context.halt.now);
  context.answer({ event: 'vault-deleted', fields: { name }, lines: [`Deleted vault ${name}`] });
  return EXIT.done;
};
