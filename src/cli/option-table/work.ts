// The options that say which files are worked on, and how.

import { DIALECTS, parseDialects } from '../../model/foreign-descriptions.js';
import { MIB } from '../../model/parts.js';
import { TIERS } from '../../model/tier.js';
import { DETECT_MODES } from '../../plan/detect.js';
import { type FilterRule, parseFilter } from '../../plan/filter.js';
import { list, toggle, withDefault, withoutDefault } from '../words/option.js';
import { oneOf, oneOfInAnyCase, powerOfTwoMebibytes, wholeNumber } from '../words/option-values.js';

function inMebibytes(size: number): number {
  return size / MIB;
}

export const WORK_OPTIONS = {
  filter: list<readonly FilterRule[]>({
    group: 'Which files',
    shape: 'RULES',
    help: "rules that let files in (+) or out (-), such as '+*.jpg -'; the first that matches decides",
    parse: (given) => parseFilter(given),
  }),
  include: list<readonly FilterRule[]>({
    group: 'Which files',
    shape: 'PATTERN',
    help: 'a rule that lets in what matches',
    parse: (pattern) => [{ action: 'include', pattern }],
  }),
  exclude: list<readonly FilterRule[]>({
    group: 'Which files',
    shape: 'PATTERN',
    help: 'a rule that leaves out what matches',
    parse: (pattern) => [{ action: 'exclude', pattern }],
  }),
  follow: toggle({ group: 'Which files', help: 'enter linked directories, each directory once' }),
  'leaf-optimization': withDefault('1', '1', {
    group: 'Which files',
    shape: '0|1',
    help: 'of no effect: link counts of directories are never relied on',
    words: ['0', '1'],
    parse: oneOf(['0', '1'] as const),
  }),
  'max-number-of-files': withoutDefault({
    group: 'Which files',
    shape: 'N',
    help: 'work on no more than so many files in this run',
    parse: wholeNumber(1),
  }),

  new: toggle({ group: 'How', help: 'store files that the vault does not have; implied when no other task is named' }),
  'replace-modified': toggle({ group: 'How', help: 'store changed files again, then delete their old versions' }),
  'delete-removed': toggle({ group: 'How', help: 'delete from the vault what is gone from the directory' }),
  detect: withDefault('mtime-and-treehash', 'mtime-and-treehash', {
    group: 'How',
    shape: 'MODE',
    help: `what tells a changed file: ${DETECT_MODES.join(', ')}`,
    words: DETECT_MODES,
    parse: oneOf(DETECT_MODES),
  }),
  concurrency: withDefault(4, '4', {
    group: 'How',
    shape: 'N',
    help: 'how many transfers run at once, 1 to 64',
    parse: wholeNumber(1, 64),
  }),
  partsize: withDefault(16 * MIB, '16', {
    group: 'How',
    shape: 'MIB',
    help: 'size of the parts of a large upload, a power of two from 1 to 4096; raised by itself for very large files',
    parse: powerOfTwoMebibytes(4096, 'not zero'),
    shown: inMebibytes,
  }),
  'check-max-file-size': withoutDefault({
    group: 'How',
    shape: 'MIB',
    help: 'refuse what is larger; with --stdin it must be given, and 10,000 parts must hold it',
    parse: wholeNumber(1, 40_960_000),
  }),
  'segment-size': withDefault(16 * MIB, '16', {
    group: 'How',
    shape: 'MIB',
    help: 'fetch large archives in segments of this size, many at once, a power of two; 0 fetches in one piece',
    parse: powerOfTwoMebibytes(4 * 1024 * 1024, 'or zero'),
    shown: inMebibytes,
  }),
  tier: withDefault('Standard', 'Standard', {
    group: 'How',
    shape: 'TIER',
    help: 'how fast and how dear a retrieval is: Expedited, Standard or Bulk',
    words: TIERS,
    parse: oneOfInAnyCase(TIERS),
  }),
  'request-inventory-format': withDefault('json', 'json', {
    group: 'How',
    shape: 'FORMAT',
    help: 'json, or csv, which is slower to read and says less',
    words: ['json', 'csv'],
    parse: oneOf(['json', 'csv'] as const),
  }),
  'decode-names': withoutDefault({
    group: 'How',
    shape: 'DIALECTS',
    help: `also understand what other programs wrote into archive descriptions: ${DIALECTS.join(', ')}, with commas, or all`,
    keptOutOf: 'config and environment',
    parse: (given) => parseDialects(given),
  }),
  resume: toggle({ group: 'How', help: 'go on with them', keptOutOf: 'config and environment' }),
  abort: toggle({ group: 'How', help: 'drop them, and the parts that they hold', keptOutOf: 'config and environment' }),
  adopt: toggle({
    group: 'How',
    help: 'add to the journal what only the vault has',
    keptOutOf: 'config and environment',
  }),
  forget: toggle({
    group: 'How',
    help: 'note in the journal that what the vault no longer has is gone',
    keptOutOf: 'config and environment',
  }),

  'dry-run': toggle({ group: 'Safety', help: 'say what would be done, and do nothing' }),
  'delete-everything': toggle({
    group: 'Safety',
    help: 'let --delete-removed delete all that the journal holds, as when the directory is empty',
    keptOutOf: 'config and environment',
  }),
  'rebind-journal': toggle({
    group: 'Safety',
    help: 'from now on the journal belongs to this vault and is in these encodings, whatever was said of it before',
    keptOutOf: 'config and environment',
  }),
} as const;
