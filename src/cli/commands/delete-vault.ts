// The command delete-vault.

import { asFailure, Failure } from '../../model/failure.js';
import { VaultName } from '../../model/identifiers.js';
import type { Run } from '../command-context.js';
import { type Connection, connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';

export const run: Run = async (context) => {
  const name = VaultName.parse(context.positional('NAME'));
  await using connection = await connect(context);
  await assertExists(name, connection, context.halt.soon);
  await connection.vaults.vaults.delete(name, context.halt.soon);
  context.answer({ event: 'vault-deleted', fields: { name }, lines: [`Deleted vault ${name}`] });
  return context.finish({ tables: [], outcome: CLEAN, next: [], saysDone: true });
};

/** The service takes a vault that never was for one that is deleted: a mistyped name would seem to have gone. */
async function assertExists(name: VaultName, { vaults }: Connection, signal: AbortSignal): Promise<void> {
  try {
    await vaults.vaults.describe(name, signal);
  } catch (cause) {
    if (asFailure(cause).code !== 'VAULT_NOT_FOUND') throw cause;
    const hint = 'mtglacier list-vaults tells which there are';
    throw new Failure('VAULT_NOT_FOUND', `there is no vault ${name} in ${vaults.region}`, { hint, cause });
  }
}
