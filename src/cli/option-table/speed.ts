// The options that say how hard this machine is to work.

import type { HashEngineName } from '../../model/hash-engine.js';
import { withDefault, withoutDefault } from '../words/option.js';
import { oneOf, wholeNumber } from '../words/option-values.js';

const HASH_ENGINES = ['node', 'wasm'] as const satisfies readonly HashEngineName[];
const READERS = ['auto', 'parallel', 'sequential'] as const;

export const SPEED_OPTIONS = {
  threads: withoutDefault({
    group: 'Speed',
    shape: 'N',
    help: 'threads that read, hash and send large files; as many as there are cores where nothing is said',
    parse: wholeNumber(1, 64),
  }),
  'small-file-workers': withoutDefault({
    group: 'Speed',
    shape: 'N',
    help: 'how many files of up to 1 MiB are under way at once, 1 to 256; 64, or --concurrency where that is given',
    parse: wholeNumber(1, 256),
  }),
  'large-file-workers': withoutDefault({
    group: 'Speed',
    shape: 'N',
    help: 'how many larger files are under way at once, 1 to 64; --concurrency where nothing is said',
    parse: wholeNumber(1, 64),
  }),
  reader: withDefault('auto', 'auto', {
    group: 'Speed',
    shape: 'HOW',
    help: 'sequential reads files one after another, for disks that turn and network file systems; auto finds out',
    words: READERS,
    parse: oneOf(READERS),
  }),
  buffers: withoutDefault({
    group: 'Speed',
    shape: 'N',
    help: 'parts that a sequential reader may be ahead of the network, 1 to 256; --concurrency where nothing is said',
    parse: wholeNumber(1, 256),
  }),
  'walk-concurrency': withDefault(1, '1', {
    group: 'Speed',
    shape: 'N',
    help: 'how many directories are read at once, 1 to 64: for file systems that take long to answer',
    parse: wholeNumber(1, 64),
  }),
  'hash-engine': withDefault('node', 'node', {
    group: 'Speed',
    shape: 'NAME',
    help: `what computes hashes: ${HASH_ENGINES.join(' or ')}; wasm is slower, and a second opinion`,
    words: HASH_ENGINES,
    parse: oneOf(HASH_ENGINES),
  }),
  index: withDefault('auto', 'auto', {
    group: 'Speed',
    shape: 'WHEN',
    help: 'whether a large journal has an index beside it, made anew whenever it does not fit: auto or off',
    words: ['auto', 'off'],
    parse: oneOf(['auto', 'off'] as const),
  }),
} as const;
