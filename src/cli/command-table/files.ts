// The commands that keep a directory and bring it back.

import { type Command, command } from '../words/command.js';
import {
  exclude,
  needs,
  needsBeside,
  needsOneOf,
  needsWordOr,
  outputTakesOne,
  partsHoldLargestFile,
  servesOnly,
} from '../words/together.js';
import { BACK, COMMON, CONNECTION, FILES, FILTER, KEPT, PHOTOS, PHOTOS_JOURNAL } from './building-blocks.js';

export const FILE_COMMANDS: readonly Command[] = [
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
      ...FILTER,
      'follow',
      'leaf-optimization',
      'concurrency',
      'partsize',
      'dry-run',
      'delete-everything',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    together: [servesOnly('detect', 'replace-modified'), servesOnly('delete-everything', 'delete-removed')],
    about:
      'Stores new files, with --replace-modified also changed ones; with --delete-removed deletes what is gone. ' +
      'Name any of --new, --replace-modified, --delete-removed; with none, --new is meant. ' +
      'What was interrupted goes on where it stopped. Empty files and empty directories cannot be kept.',
    examples: [
      `mtglacier sync ${PHOTOS}`,
      `mtglacier sync ${PHOTOS} \\\n    --new --replace-modified --delete-removed --dry-run`,
    ],
    run: async (context) => (await import('../commands/sync.js')).run(context),
  }),
  command({
    name: 'upload-file',
    group: FILES,
    summary: 'store one file, or what comes in on standard input',
    mandatory: ['vault', 'journal'],
    uses: [
      'vault',
      'journal',
      'filename',
      'dir',
      'set-rel-filename',
      'stdin',
      'check-max-file-size',
      'concurrency',
      'partsize',
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    tolerates: ['base-dir'],
    together: [
      exclude('filename', 'stdin'),
      exclude('set-rel-filename', 'dir'),
      needsOneOf('filename', 'stdin'),
      needsBeside('filename', 'dir', 'set-rel-filename'),
      needs('stdin', 'set-rel-filename', 'check-max-file-size'),
      partsHoldLargestFile,
    ],
    about:
      'Say what to store in one of three ways: --filename and --dir, and the name is that of the file below the ' +
      'directory; --filename and --set-rel-filename; or --stdin, --set-rel-filename and --check-max-file-size. ' +
      'A name that the journal has already is refused.',
    examples: [
      `mtglacier upload-file ${PHOTOS} \\\n    --filename ~/photos/2024/cat.jpg`,
      `tar c ~/mail | mtglacier upload-file ${PHOTOS_JOURNAL} \\\n    --stdin --set-rel-filename mail.tar --check-max-file-size 100000`,
    ],
    run: async (context) => (await import('../commands/upload-file.js')).run(context),
  }),
  command({
    name: 'check-local-hash',
    group: FILES,
    summary: 'prove that the directory still holds what was stored',
    mandatory: ['dir', 'journal'],
    uses: ['dir', 'journal', 'concurrency', ...FILTER, 'dry-run', ...COMMON],
    tolerates: ['vault', ...CONNECTION],
    about: 'Reads every file that the journal knows and compares its tree hash. Needs no network and changes nothing.',
    examples: ['mtglacier check-local-hash --dir ~/photos --journal photos.journal'],
    run: async (context) => (await import('../commands/check-local-hash.js')).run(context),
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
      ...FILTER,
      'concurrency',
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    about:
      'Asks the vault to make missing files readable, at most --max-number-of-files of them. This costs money at AWS ' +
      'and takes minutes to hours, after which restore-completed fetches them. What was asked for in the last ' +
      '24 hours is not asked for again.',
    examples: [`mtglacier restore ${PHOTOS} \\\n    --max-number-of-files 100 --tier Bulk`],
    run: async (context) => (await import('../commands/restore.js')).run(context),
  }),
  command({
    name: 'restore-completed',
    group: BACK,
    summary: 'fetch the files that have become readable',
    mandatory: KEPT,
    uses: [...KEPT, 'concurrency', 'segment-size', ...FILTER, 'dry-run', 'rebind-journal', ...CONNECTION, ...COMMON],
    about:
      'Fetches what restore asked for. A file appears under its name only when its tree hash is that of the journal. ' +
      'Exit code 75 says that some are not ready yet.',
    examples: [`mtglacier restore-completed ${PHOTOS}`],
    run: async (context) => (await import('../commands/restore-completed.js')).run(context),
  }),
  command({
    name: 'get',
    group: BACK,
    summary: 'get single files back, asking for them first',
    positionals: [{ name: 'NAME', help: 'file to get, as ls shows it', optional: true, many: true }],
    mandatory: ['vault', 'journal'],
    uses: [
      'vault',
      'journal',
      'dir',
      'output',
      'id',
      'tier',
      'concurrency',
      'segment-size',
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    together: [needsWordOr('NAME', 'id'), exclude('dir', 'output'), needsOneOf('dir', 'output'), outputTakesOne],
    stdoutIsData: ({ output }) => output === '-',
    about:
      'By name, or by --id also older versions. Into --dir, or one file to --output, - being standard output. Asks the ' +
      'vault for what nobody has asked for yet, which costs money at AWS; exit code 75 says to run it again later.',
    examples: [`mtglacier get ${PHOTOS} 2024/cat.jpg`, `mtglacier get ${PHOTOS_JOURNAL} --output - mail.tar | tar x`],
    run: async (context) => (await import('../commands/get.js')).run(context),
  }),
];
