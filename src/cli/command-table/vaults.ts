// The commands about whole vaults.

import { type Command, command } from '../words/command.js';
import type { Rule, Said } from '../words/together.js';
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
    uses: [
      'vault',
      'journal',
      'index',
      'concurrency',
      ...FILTER,
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
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
    uses: [
      'data',
      'host',
      'port',
      'public-url',
      'realistic',
      'speed',
      'job-delay',
      'upload-idle',
      'accounts',
      'control',
      'log',
      'max-connections',
      'discard',
      'check',
      'region',
      ...COMMON,
    ],
    together: [onePortEach],
    about:
      'A Glacier server on a folder, until it is interrupted (Ctrl-C). Nothing leaves the machine, nothing costs ' +
      'anything, and what it says is stored is stored. It writes glacier.cfg with the address and the key into the ' +
      'folder, for --config of the other commands; any other client of Glacier takes the same four values: endpoint, ' +
      'region (us-east-1 unless --region says otherwise), key and secret. It also speaks SNS and SQS, to tell of ' +
      'finished jobs.\n\n' +
      'Retrievals take seconds; with --realistic hours, and with --speed 3600 beside it those hours are seconds; ' +
      'or --job-delay says how long. With --control, tests move the clock and order faults: errors, lost answers, slow ' +
      'links; tests in JavaScript can start all of it in their own process, by startLocalVault of mtglacier/local-vault.\n\n' +
      'For other machines, --host says where to listen and --public-url what clients are told; there is no TLS, so put a ' +
      'proxy before it. docs/local-vault.md tells what is emulated, how to run it as a service or in a container, and ' +
      'what the folder holds; docs/local-vault-control.md what --control can do.',
    examples: [
      'mtglacier local-vault --data ./demo',
      'mtglacier local-vault --data ./demo --realistic --speed 3600 \\\n    --control 8119 --log requests.ndjson',
      'mtglacier local-vault --data ./demo --host 0.0.0.0 \\\n    --public-url http://vault.example:8118 --accounts 3',
      'mtglacier local-vault --data ./demo --check',
    ],
    elsewhere: [
      'mtglacier create-vault photos --config ./demo/glacier.cfg',
      "sed -n '/^key/p; /^secret/p' ./demo/glacier.cfg      # KEY and SECRET",
      'export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET \\\n    AWS_DEFAULT_REGION=us-east-1',
      'aws --endpoint-url http://127.0.0.1:8118 glacier list-vaults --account-id -',
      'curl --aws-sigv4 aws:amz:us-east-1:glacier --user KEY:SECRET \\\n    -H "x-amz-glacier-version: 2012-06-01" http://127.0.0.1:8118/-/vaults',
      'curl --json \'{"advanceSeconds":86400}\' \\\n    http://127.0.0.1:8119/clock                         # with --control 8119',
    ],
    run: async (context) => (await import('../commands/local-vault.js')).run(context),
  }),
];

function onePortEach(said: Said): ReturnType<Rule> {
  const { port, control } = said.settings;
  if (control === undefined || control === 0 || control !== port) return null;
  return {
    message: `${said.subject('port')} and ${said.subject('control')} are the same port`,
    hint: 'choose two, or 0 for any',
  };
}
