// The commands about whole vaults.

import { type Command, command } from '../command.js';
import { COMMON, CONNECTION, FILTER, VAULTS } from './building-blocks.js';

export const VAULT_COMMANDS: readonly Command[] = [
  command({
    name: 'create-vault',
    group: VAULTS,
    summary: 'make a vault',
    positionals: [{ name: 'NAME', help: 'name of the vault' }],
    mandatory: [],
    uses: [...CONNECTION, ...COMMON],
    about: 'Making a vault that exists already changes nothing.',
    examples: ['mtglacier create-vault photos --config glacier.cfg'],
    run: async (context) => (await import('../commands/create-vault.js')).run(context),
  }),
  command({
    name: 'list-vaults',
    group: VAULTS,
    summary: 'list the vaults of the account in one region',
    mandatory: [],
    uses: ['format', 'dry-run', ...CONNECTION, ...COMMON],
    about: 'Counts and sizes are those of the last inventory that the service took, about once a day.',
    examples: ['mtglacier list-vaults --config glacier.cfg --json'],
    run: async (context) => (await import('../commands/list-vaults.js')).run(context),
  }),
  command({
    name: 'purge-vault',
    group: VAULTS,
    summary: 'delete from the vault all that the journal holds',
    mandatory: ['vault', 'journal'],
    uses: ['vault', 'journal', 'concurrency', ...FILTER, 'dry-run', 'rebind-journal', ...CONNECTION, ...COMMON],
    tolerates: ['dir'],
    about: 'Deletes every archive in the journal, old versions too. Nothing brings them back. Local files stay.',
    examples: ['mtglacier purge-vault --config glacier.cfg \\\n    --vault photos --journal photos.journal --dry-run'],
    run: async (context) => (await import('../commands/purge-vault.js')).run(context),
  }),
  command({
    name: 'delete-vault',
    group: VAULTS,
    summary: 'delete an empty vault',
    positionals: [{ name: 'NAME', help: 'name of the vault' }],
    mandatory: [],
    uses: [...CONNECTION, ...COMMON],
    about: 'The service deletes a vault only when its last inventory found it empty and nothing was stored since.',
    examples: ['mtglacier delete-vault photos --config glacier.cfg'],
    run: async (context) => (await import('../commands/delete-vault.js')).run(context),
  }),
  command({
    name: 'local-vault',
    group: VAULTS,
    summary: 'serve vaults from a folder of this machine, to try anything without AWS',
    mandatory: ['data'],
    uses: ['data', 'host', 'port', 'job-delay', 'realistic', 'region', ...COMMON],
    about:
      'A Glacier server on a folder. Writes glacier.cfg into that folder, for --config of the other commands, ' +
      'and serves until it is interrupted. Retrievals take seconds, with --realistic hours, or --job-delay says how long.',
    examples: ['mtglacier local-vault --data ./demo'],
    run: async (context) => (await import('../commands/local-vault.js')).run(context),
  }),
];
