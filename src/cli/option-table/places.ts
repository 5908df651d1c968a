// The options that say what a command is about.

import { VaultName } from '../../model/identifiers.js';
import type { RelPath } from '../../model/rel-path.js';
import { list, toggle, withoutDefault } from '../words/option.js';
import { checkIsDirectory, checkIsJournalPath, relativeName, text } from '../words/option-values.js';
import { shownWantedBytes, wantedBytes } from '../words/wanted-bytes.js';

export const PLACE_OPTIONS = {
  dir: withoutDefault({
    group: 'What and where',
    shape: 'DIR',
    help: 'the directory that is kept; it must exist',
    aliases: ['from-dir', 'to-dir'],
    names: 'directory',
    parse: text,
    check: checkIsDirectory,
  }),
  vault: withoutDefault<VaultName>({
    group: 'What and where',
    shape: 'NAME',
    help: 'name of the vault',
    aliases: ['to-vault'],
    parse: (given) => VaultName.parse(given),
  }),
  journal: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'the record of what the vault holds; keep it safe',
    names: 'file',
    parse: text,
    check: checkIsJournalPath,
  }),
  'new-journal': withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'the journal to write; it must not exist yet, or be empty',
    names: 'file',
    parse: text,
    check: checkIsJournalPath,
  }),
  filename: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'the file to store',
    names: 'file',
    parse: text,
  }),
  'set-rel-filename': withoutDefault<RelPath>({
    group: 'What and where',
    shape: 'NAME',
    help: 'the name that the journal is to know it by, relative to a directory',
    parse: relativeName,
  }),
  stdin: toggle({ group: 'What and where', help: 'store what comes in on standard input' }),
  output: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'write to this file, which must not exist, or with - to standard output',
    names: 'file',
    keptOutOf: 'config and environment',
    parse: text,
  }),
  range: withoutDefault({
    group: 'What and where',
    shape: 'BYTES',
    help: 'only these bytes of one file, for their own price: START-END, START+LENGTH, START- or, the last ones, -LENGTH; such as 0-1G',
    keptOutOf: 'config and environment',
    parse: wantedBytes,
    shown: shownWantedBytes,
  }),
  id: list({
    group: 'What and where',
    shape: 'ID',
    help: 'the thing with this id; can be given more than once',
    parse: text,
  }),
  all: toggle({ group: 'What and where', help: 'all of them', keptOutOf: 'config and environment' }),
  'base-dir': withoutDefault({
    group: 'What and where',
    shape: 'DIR',
    help: 'of no effect; old scripts give it',
    parse: text,
  }),
  'job-id': withoutDefault({
    group: 'What and where',
    shape: 'ID',
    help: 'of no effect; old config files have it',
    parse: text,
  }),
  config: withoutDefault({
    group: 'What and where',
    shape: 'FILE',
    help: 'read options from this file, lines of name = value; the command line wins',
    names: 'file',
    keptOutOf: 'config',
    parse: text,
  }),
} as const;
