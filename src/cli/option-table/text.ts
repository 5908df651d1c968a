// The options that say how text stands in bytes, and what is told in which form.

import { toggle, withDefault } from '../words/option.js';
import { encodingName, oneOf } from '../words/option-values.js';

export const TEXT_OPTIONS = {
  'filenames-encoding': withDefault('UTF-8', 'UTF-8', {
    group: 'Encodings',
    shape: 'NAME',
    help: 'encoding of the names of files, such as KOI8-R',
    parse: encodingName,
  }),
  'journal-encoding': withDefault('UTF-8', 'UTF-8', {
    group: 'Encodings',
    shape: 'NAME',
    help: 'encoding of the journal; the same for its whole life',
    parse: encodingName,
  }),
  'terminal-encoding': withDefault('UTF-8', 'UTF-8', {
    group: 'Encodings',
    shape: 'NAME',
    help: 'encoding of the command line and of what is printed; JSON is always UTF-8',
    parse: encodingName,
  }),
  'config-encoding': withDefault('UTF-8', 'UTF-8', {
    group: 'Encodings',
    shape: 'NAME',
    help: 'encoding of the config file',
    parse: encodingName,
  }),

  format: withDefault('for-humans', 'for-humans', {
    group: 'Output',
    shape: 'FORMAT',
    help: 'for-humans, or mtmsg: lines of fields with TABs, for old scripts',
    words: ['for-humans', 'mtmsg'],
    parse: oneOf(['for-humans', 'mtmsg'] as const),
  }),
  'all-versions': toggle({ group: 'Output', help: 'older versions too, not only the latest of each file' }),
  null: toggle({ group: 'Output', help: 'names only, each ended by a NUL, for xargs -0' }),
  origin: toggle({ group: 'Output', help: 'say where each value came from' }),
  json: toggle({ group: 'Output', help: 'write one JSON object a line (docs/json-output.md)' }),
  quiet: toggle({ group: 'Output', help: 'write only errors and the summary' }),
} as const;
