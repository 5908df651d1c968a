// The commands that keep a directory and bring it back.

import { type Command, command } from '../words/command.js';
import { exclude, needs, needsBeside, needsOneOf, partsHoldLargestFile, servesOnly } from '../words/together.js';
import {
  BANDWIDTH,
  COMMON,
  CONNECTION,
  FILE_LANES,
  FILES,
  FILTER,
  HASHING,
  KEPT,
  LIMITS,
  PHOTOS,
  PHOTOS_JOURNAL,
} from './building-blocks.js';

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
      ...FILE_LANES,
      ...HASHING,
      ...BANDWIDTH,
      ...LIMITS,
      'walk-concurrency',
      'index',
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
      ...HASHING,
      ...BANDWIDTH,
      ...LIMITS,
      'index',
      'dry-run',
      'rebind-journal',
      ...CONNECTION,
      ...COMMON,
    ],
    tolerates: ['base-dir'],
    together: [
      exclude('filename', 'stdin'),
      exclude('set-rel-filename', 'dir'),
      exclude('stdin', 'max-transfer'),
      exclude('stdin', 'max-duration'),
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
    uses: ['dir', 'journal', 'concurrency', ...HASHING, 'max-duration', 'index', ...FILTER, 'dry-run', ...COMMON],
    tolerates: ['vault', ...CONNECTION],
    about: 'Reads every file that the journal knows and compares its tree hash. Needs no network and changes nothing.',
    examples: ['mtglacier check-local-hash --dir ~/photos --journal photos.journal'],
    run: async (context) => (await import('../commands/check-local-hash.js')).run(context),
  }),
];
