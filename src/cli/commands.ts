// Every command of the program, in one table. A command's code is loaded when it is to run.

import { type Command, command } from './command.js';
import type { OptionName } from './options.js';

const KEPT = ['dir', 'vault', 'journal'] as const satisfies readonly OptionName[];
const OUTPUT = ['config', 'json', 'quiet'] as const satisfies readonly OptionName[];
const CONNECTION = [
  'region',
  'key',
  'secret',
  'token',
  'profile',
  'endpoint',
  'protocol',
  'timeout',
] as const satisfies readonly OptionName[];

/** What the examples are about; whole lines, to be copied. */
const PHOTOS = '--config glacier.cfg --dir ~/photos \\\n    --vault photos --journal photos.journal';

/** Headings of the program's help, in its order. */
const FILES = 'Keeping a directory';
const BACK = 'Getting files back';
const VAULTS = 'Vaults';

export const COMMANDS: readonly Command[] = [
  command({
    name: 'sync',
    group: FILES,
    summary: 'store in the vault what the directory holds',
    mandatory: KEPT,
    uses: [
      ...KEPT,
      'new',
      'replace-modified',
      'delete-removed',
      'detect',
      'max-number-of-files',
      'concurrency',
      'partsize',
      'dry-run',
      'delete-everything',
      'rebind-journal',
      ...CONNECTION,
      ...OUTPUT,
    ],
    onlyWith: { detect: 'replace-modified', 'delete-everything': 'delete-removed' },
    about:
      'Stores new files, with --replace-modified also changed ones; with --delete-removed deletes what is gone. ' +
      'Name any of --new, --replace-modified, --delete-removed; with none, --new is meant. ' +
      'What was interrupted goes on where it stopped. Empty files and empty directories cannot be kept.',
    examples: [
      `mtglacier sync ${PHOTOS}`,
      `mtglacier sync ${PHOTOS} \\\n    --new --replace-modified --delete-removed --dry-run`,
    ],
    run: async (context) => (await import('./commands/sync.js')).run(context),
  }),
  command({
    name: 'check-local-hash',
    group: FILES,
    summary: 'prove that the directory still holds what was stored',
    mandatory: ['dir', 'journal'],
    uses: ['dir', 'journal', 'concurrency', 'dry-run', ...OUTPUT],
    tolerates: ['vault', ...CONNECTION],
    about: 'Reads every file that the journal knows and compares its tree hash. Needs no network and changes nothing.',
    examples: ['mtglacier check-local-hash --dir ~/photos --journal photos.journal'],
    run: async (context) => (await import('./commands/check-local-hash.js')).run(context),
  }),
  command({
    name: 'restore',
    group: BACK,
    summary: 'ask for files that are missing in the directory',
    mandatory: [...KEPT, 'max-number-of-files'],
    uses: [
      ...KEPT,
      'max-number-of-files',
      'tier',
      'concurrency',
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...OUTPUT,
    ],
    about:
      'Asks the vault to make missing files readable, at most --max-number-of-files of them. This costs money at AWS ' +
      'and takes minutes to hours, after which restore-completed fetches them. What was asked for in the last ' +
      '24 hours is not asked for again.',
    examples: [`mtglacier restore ${PHOTOS} \\\n    --max-number-of-files 100 --tier Bulk`],
    run: async (context) => (await import('./commands/restore.js')).run(context),
  }),
  command({
    name: 'restore-completed',
    group: BACK,
    summary: 'fetch the files that have become readable',
    mandatory: KEPT,
    uses: [...KEPT, 'concurrency', 'segment-size', 'dry-run', 'rebind-journal', ...CONNECTION, ...OUTPUT],
    about:
      'Fetches what restore asked for. A file appears under its name only when its tree hash is that of the journal. ' +
      'Exit code 75 says that some are not ready yet.',
    examples: [`mtglacier restore-completed ${PHOTOS}`],
    run: async (context) => (await import('./commands/restore-completed.js')).run(context),
  }),
  command({
    name: 'create-vault',
    group: VAULTS,
    summary: 'make a vault',
    positionals: [{ name: 'NAME', help: 'name of the vault' }],
    mandatory: [],
    uses: [...CONNECTION, ...OUTPUT],
    about: 'Making a vault that exists already changes nothing.',
    examples: ['mtglacier create-vault photos --config glacier.cfg'],
    run: async (context) => (await import('./commands/create-vault.js')).run(context),
  }),
  command({
    name: 'list-vaults',
    group: VAULTS,
    summary: 'list the vaults of the account in one region',
    mandatory: [],
    uses: [...CONNECTION, ...OUTPUT],
    about: 'Counts and sizes are those of the last inventory that the service took, about once a day.',
    examples: ['mtglacier list-vaults --config glacier.cfg --json'],
    run: async (context) => (await import('./commands/list-vaults.js')).run(context),
  }),
  command({
    name: 'purge-vault',
    group: VAULTS,
    summary: 'delete from the vault all that the journal holds',
    mandatory: ['vault', 'journal'],
    uses: ['vault', 'journal', 'concurrency', 'dry-run', 'rebind-journal', ...CONNECTION, ...OUTPUT],
    tolerates: ['dir'],
    about: 'Deletes every archive in the journal, old versions too. Nothing brings them back. Local files stay.',
    examples: ['mtglacier purge-vault --config glacier.cfg \\\n    --vault photos --journal photos.journal --dry-run'],
    run: async (context) => (await import('./commands/purge-vault.js')).run(context),
  }),
  command({
    name: 'delete-vault',
    group: VAULTS,
    summary: 'delete an empty vault',
    positionals: [{ name: 'NAME', help: 'name of the vault' }],
    mandatory: [],
    uses: [...CONNECTION, ...OUTPUT],
    about: 'The service deletes a vault only when its last inventory found it empty and nothing was stored since.',
    examples: ['mtglacier delete-vault photos --config glacier.cfg'],
    run: async (context) => (await import('./commands/delete-vault.js')).run(context),
  }),
  command({
    name: 'local-vault',
    group: VAULTS,
    summary: 'serve vaults from a folder of this machine, to try anything without AWS',
    mandatory: ['data'],
    uses: ['data', 'host', 'port', 'job-delay', 'realistic', 'region', ...OUTPUT],
    about:
      'A Glacier server on a folder. Writes glacier.cfg into that folder, for --config of the other commands, ' +
      'and serves until it is interrupted. Retrievals take seconds, with --realistic hours, or --job-delay says how long.',
    examples: ['mtglacier local-vault --data ./demo'],
    run: async (context) => (await import('./commands/local-vault.js')).run(context),
  }),
];
