// The command create-vault.

import { VaultName } from '../../model/identifiers.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { EXIT } from '../exit-codes.js';

export const run: Run = async (context) => {
  const name = VaultName.parse(context.positional('NAME'));
  await using connection = await connect(context);
  await connection.vaults.vaults.create(name, context.halt.now);
  context.answer({ event: 'vault-created', fields: { name }, lines: [`Created vault ${name}`] });
  return EXIT.done;
};
