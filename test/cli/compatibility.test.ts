// Options against those of mt-aws-glacier 1.120.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPTION_NAMES, type OptionName, optionOf } from '../../src/cli/words/options.js';
import {
  commandsWith,
  EVERY_OLD_COMMAND,
  KEY,
  lineWithout,
  MIB,
  OLD,
  refusal,
  SECRET,
  settled,
  words,
} from './option-matrix.js';

interface Judged {
  readonly option: OptionName;
  /** The default of mt-aws-glacier, as a setting of ours. */
  readonly absent?: unknown;
  readonly took: readonly string[];
  readonly refused: readonly string[];
}

/** What mt-aws-glacier 1.120 took and refused on its command line. */
const OF_OLD: readonly Judged[] = [
  { option: 'key', took: [KEY], refused: [KEY.slice(1), `${KEY}A`, `${KEY.slice(1)}-`] },
  { option: 'secret', took: [SECRET, '!'.repeat(40)], refused: [SECRET.slice(1), `${SECRET}A`, ' '.repeat(40)] },
  { option: 'region', took: ['abc', 'eu-west-1', 'a'.repeat(20)], refused: ['ab', 'a'.repeat(21), 'eu_west', ''] },
  { option: 'token', took: ['t'.repeat(20), 't'.repeat(1024)], refused: ['t'.repeat(19), 't'.repeat(1025)] },
  { option: 'protocol', absent: 'http', took: ['http', 'https'], refused: ['ftp', 'HTTP', ''] },
  { option: 'timeout', absent: 180, took: ['0', '1', '00180', '99999'], refused: ['100000', '-1', '1.5', 'abc', ''] },
  { option: 'vault', took: ['v', 'my photos'], refused: [] },
  { option: 'dir', took: ['.', '/'], refused: ['/does/not/exist', './'.repeat(300)] },
  { option: 'journal', took: ['j', 'a/b'], refused: ['.'] },
  { option: 'new-journal', took: ['n'], refused: [] },
  {
    option: 'concurrency',
    absent: 4,
    took: ['1', '30', '+3', '1_0'],
    refused: ['0', '31', '64', '65', '-1', '0x4', 'abc', ''],
  },
  {
    option: 'partsize',
    absent: 16 * MIB,
    took: ['1', '2', '4096', '+16', '1_6'],
    refused: ['0', '3', '8192', '-1', 'abc', ''],
  },
  { option: 'segment-size', absent: 0, took: ['0', '1', '4194304', '8388608'], refused: ['3', '-1', 'abc', ''] },
  { option: 'max-number-of-files', took: ['1', '1000', '0', '-1', 'many'], refused: [] },
  { option: 'check-max-file-size', took: ['1', '40960000'], refused: ['0', '40960001', '-1', 'abc'] },
  {
    option: 'detect',
    absent: 'mtime-and-treehash',
    took: ['treehash', 'mtime', 'mtime-and-treehash', 'mtime-or-treehash', 'always-positive', 'size-only'],
    refused: ['size', ''],
  },
  { option: 'leaf-optimization', absent: '1', took: ['0', '1'], refused: ['2', 'yes'] },
  { option: 'filename', took: ['f'], refused: [] },
  {
    option: 'set-rel-filename',
    took: ['a', 'a/b', '...', '..x', ' a', '0', 'a\\b'],
    refused: ['', '/a', 'a//b', './a', 'a/..', 'a\tb', 'a\rb', 'a\nb'],
  },
  { option: 'request-inventory-format', absent: 'json', took: ['json', 'csv'], refused: ['xml', 'JSON'] },
  { option: 'format', absent: 'for-humans', took: ['for-humans', 'mtmsg'], refused: ['json'] },
  { option: 'terminal-encoding', absent: 'UTF-8', took: ['UTF-8', 'KOI8-R', 'cp1251', 'iso-8859-1'], refused: [] },
  { option: 'filenames-encoding', absent: 'UTF-8', took: ['KOI8-R'], refused: [] },
  { option: 'journal-encoding', absent: 'UTF-8', took: ['KOI8-R'], refused: [] },
  { option: 'config-encoding', absent: 'UTF-8', took: ['KOI8-R'], refused: [] },
  { option: 'filter', took: ['+a', '-', '+*.gz -', '+-x'], refused: ['', 'a', '+a b'] },
  { option: 'include', took: ['a', 'a b', ''], refused: [] },
  { option: 'exclude', took: ['a', 'a b', ''], refused: [] },
];

/** Each has its row in docs/compatibility.md. */
const MEANT_TO_DIFFER = [
  'token "t × 1025": now taken',
  'protocol: by default "https"',
  'vault "my photos": now refused',
  'dir "./ × 300": now taken',
  'concurrency "31": now taken',
  'concurrency "64": now taken',
  'segment-size: by default 16777216',
  'segment-size "8388608": now refused',
  'max-number-of-files "0": now refused',
  'max-number-of-files "-1": now refused',
  'max-number-of-files "many": now refused',
];

describe('compatibility', () => {
  it('compatibility: defaults and values differ from mt-aws-glacier only where they are meant to', () => {
    expect(OF_OLD.flatMap(differences)).toEqual(MEANT_TO_DIFFER);
  });

  it('compatibility: what is meant to differ is in the document', () => {
    const [, section = ''] =
      /^## Options$([^]*?)^## /m.exec(`${readFileSync('docs/compatibility.md', 'utf8')}\n## `) ?? [];
    for (const difference of MEANT_TO_DIFFER) expect(section).toContain(`\`${difference.replace(/[ :].*/, '')}\``);
  });

  it('compatibility: every option of mt-aws-glacier is one of ours', () => {
    for (const row of Object.values(OLD)) {
      for (const name of words(`${row.needs ?? ''} ${row.takes ?? ''} ${EVERY_OLD_COMMAND}`)) {
        expect(OPTION_NAMES).toContain(name);
      }
    }
  });
});

function differences({ option, absent, took, refused }: Judged): string[] {
  const [command = ''] = commandsWith(option);
  const line = lineWithout(command, option);
  const isTaken = (value: string): boolean => {
    return refusal(() => settled([...line, `--${option}`, value])).startsWith('taken');
  };
  const own = optionOf(option).absent;
  return [
    ...(absent !== undefined && own !== absent ? [`${option}: by default ${JSON.stringify(own)}`] : []),
    ...took.filter((value) => !isTaken(value)).map((value) => `${option} ${short(value)}: now refused`),
    ...refused.filter(isTaken).map((value) => `${option} ${short(value)}: now taken`),
  ];
}

/** `"t × 1025"` for what is long. */
function short(value: string): string {
  const [, unit = '', rest = ''] = /^(.{1,2}?)(\1{50,})$/s.exec(value) ?? [];
  return JSON.stringify(rest === '' ? value : `${unit} × ${value.length / unit.length}`);
}
