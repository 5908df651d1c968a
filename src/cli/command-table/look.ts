// The commands that look into a vault and a journal, and put single things right.

import { type Command, command } from '../words/command.js';
import { exclude, needs, needsBeside, needsWordOr, servesOnly, servesWords } from '../words/together.js';
import { BANDWIDTH, COMMON, CONNECTION, FILTER, LOOK, PHOTOS, PHOTOS_JOURNAL } from './building-blocks.js';

export const LOOK_COMMANDS: readonly Command[] = [
  command({
    name: 'ls',
    group: LOOK,
    summary: 'list what the journal holds',
    positionals: [{ name: 'PATH', help: 'list only this file, or what is below this directory', optional: true }],
    mandatory: ['journal'],
    uses: ['journal', 'index', ...FILTER, 'all-versions', 'null', ...COMMON],
    tolerates: ['dir', 'vault', ...CONNECTION],
    together: [exclude('null', 'json')],
    about:
      'Reads the journal alone: needs no network. A line is size, local time of the last change, and name; with ' +
      '--all-versions the archive id comes before the name, and older versions come first.',
    examples: [
      'mtglacier ls --journal photos.journal 2024',
      "mtglacier ls --journal photos.journal --filter '+*.jpg -' --null \\\n    | xargs -0 -n 1 echo",
    ],
    run: async (context) => (await import('../commands/ls.js')).run(context),
  }),
  command({
    name: 'status',
    group: LOOK,
    summary: 'say how everything stands',
    mandatory: ['journal'],
    uses: ['journal', 'vault', 'dir', 'prices', 'index', ...CONNECTION, ...COMMON],
    about:
      'What the journal holds, what was asked for, what is unfinished, and what could be deleted without a charge for ' +
      'early deletion, now and later. With --vault it asks the vault what is ready, until when, and what is under way; ' +
      'with --dir it says how many files are missing there. It changes nothing and costs nothing.',
    examples: ['mtglacier status --journal photos.journal', `mtglacier status ${PHOTOS}`],
    run: async (context) => (await import('../commands/status.js')).run(context),
  }),
  command({
    name: 'jobs',
    group: LOOK,
    summary: 'list the retrievals and inventories that a vault is getting ready',
    mandatory: ['vault'],
    uses: ['vault', 'journal', 'index', ...CONNECTION, ...COMMON],
    about: 'Says what was asked for, what is ready, and until when. With --journal, archives go by their names.',
    examples: [`mtglacier jobs ${PHOTOS_JOURNAL}`],
    run: async (context) => (await import('../commands/jobs.js')).run(context),
  }),
  command({
    name: 'uploads',
    group: LOOK,
    summary: 'list the unfinished uploads of a vault, go on with them or drop them',
    mandatory: ['vault'],
    uses: [
      'vault',
      'journal',
      'index',
      'dir',
      'resume',
      'abort',
      'id',
      'all',
      'concurrency',
      ...BANDWIDTH,
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    together: [
      exclude('resume', 'abort'),
      needs('resume', 'dir', 'journal'),
      needsBeside('resume', 'id', 'all'),
      needsBeside('abort', 'id', 'all'),
      exclude('id', 'all'),
      servesOnly('id', 'resume', 'abort'),
      servesOnly('all', 'resume', 'abort'),
      servesOnly('dir', 'resume'),
    ],
    about:
      'Lists every upload in parts that was begun and not completed, by any program. --resume goes on with those whose ' +
      'files are in --dir and unchanged, and needs --journal; --abort drops them. Both are for the uploads named by ' +
      '--id, or for --all. What sync itself left, sync goes on with.',
    examples: [
      'mtglacier uploads --config glacier.cfg --vault photos',
      `mtglacier uploads ${PHOTOS} --resume --all`,
      'mtglacier uploads --config glacier.cfg --vault photos --abort --id=UPLOADID',
    ],
    run: async (context) => (await import('../commands/uploads.js')).run(context),
  }),
  command({
    name: 'rm',
    group: LOOK,
    summary: 'delete single archives from the vault',
    positionals: [{ name: 'NAME', help: 'file whose archives are to be deleted', optional: true, many: true }],
    mandatory: ['vault', 'journal'],
    uses: ['vault', 'journal', 'index', 'id', 'all-versions', 'dry-run', 'rebind-journal', ...CONNECTION, ...COMMON],
    together: [needsWordOr('NAME', 'id'), servesWords('all-versions', 'NAME')],
    about:
      'By the names that ls shows, the latest version of each, or with --all-versions every one; or by --id. Nothing ' +
      'brings them back. Local files stay.',
    examples: [`mtglacier rm ${PHOTOS_JOURNAL} 2024/cat.jpg`],
    run: async (context) => (await import('../commands/rm.js')).run(context),
  }),
  command({
    name: 'retrieve-inventory',
    group: LOOK,
    summary: 'ask for the inventory of a vault',
    mandatory: ['vault'],
    uses: ['vault', 'request-inventory-format', ...CONNECTION, ...COMMON],
    about:
      'The service takes an inventory of each vault about once a day; getting it ready takes some hours. Then ' +
      'download-inventory makes a journal of it, and verify-remote compares it with the one that you have.',
    examples: ['mtglacier retrieve-inventory --config glacier.cfg --vault photos'],
    run: async (context) => (await import('../commands/retrieve-inventory.js')).run(context),
  }),
  command({
    name: 'download-inventory',
    group: LOOK,
    summary: 'make a journal from the inventory of a vault',
    mandatory: ['vault', 'new-journal'],
    uses: ['vault', 'new-journal', 'decode-names', ...BANDWIDTH, ...CONNECTION, ...COMMON],
    about:
      'For a journal that was lost: takes the newest inventory that retrieve-inventory asked for. Archives that this ' +
      'program or mt-aws-glacier stored have their names and times again; others go by their archive id, unless ' +
      '--decode-names knows the program that stored them. Exit code 75 says that no inventory is ready yet.',
    examples: ['mtglacier download-inventory --config glacier.cfg \\\n    --vault photos --new-journal photos.journal'],
    run: async (context) => (await import('../commands/download-inventory.js')).run(context),
  }),
  command({
    name: 'verify-remote',
    group: LOOK,
    summary: 'compare the journal with the inventory of the vault',
    mandatory: ['vault', 'journal'],
    uses: [
      'vault',
      'journal',
      'index',
      ...FILTER,
      'adopt',
      'forget',
      'decode-names',
      ...BANDWIDTH,
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    about:
      'Names the archives that the vault no longer has, those that the journal does not know, and those that differ. ' +
      'Costs no retrieval: it reads the newest inventory that retrieve-inventory asked for. --adopt adds the unknown ' +
      'ones to the journal, --forget notes the lost ones as deleted.',
    examples: [`mtglacier verify-remote ${PHOTOS_JOURNAL}`],
    run: async (context) => (await import('../commands/verify-remote.js')).run(context),
  }),
];
