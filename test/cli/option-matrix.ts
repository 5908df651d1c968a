// The tables that options are held against: which command takes which, which values each takes, and lines to try it in.

import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { readConfig } from '../../src/cli/words/config.js';
import { readEnvironment } from '../../src/cli/words/environment.js';
import { OPTION_NAMES, type OptionName, optionOf, settingName } from '../../src/cli/words/options.js';
import { type Settled, settle } from '../../src/cli/words/settings.js';
import { Failure } from '../../src/model/failure.js';

export const MIB = 1024 * 1024;
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
export const KEY = 'AKIDEXAMPLEAKIDEXAMP';

interface Row {
  /** What it demands, what else it takes, and what it takes with a warning and ignores. */
  readonly needs?: string;
  readonly takes?: string;
  readonly ignores?: string;
}

export const EVERY_OLD_COMMAND =
  'config terminal-encoding config-encoding filenames-encoding journal-encoding key secret region token timeout protocol';
const FILTERS = 'filter include exclude';

/** The commands of mt-aws-glacier 1.120 with their options, beside those that every command takes. */
export const OLD: Readonly<Record<string, Row>> = {
  'create-vault': {},
  'delete-vault': {},
  'list-vaults': { takes: 'format dry-run' },
  sync: {
    needs: 'dir vault journal',
    takes: `concurrency partsize new replace-modified delete-removed detect max-number-of-files leaf-optimization follow ${FILTERS} dry-run`,
  },
  'upload-file': {
    needs: 'vault journal',
    takes: 'filename dir set-rel-filename stdin check-max-file-size concurrency partsize',
    ignores: 'base-dir',
  },
  'purge-vault': { needs: 'vault journal', takes: `concurrency ${FILTERS} dry-run`, ignores: 'dir' },
  // It demands no --max-number-of-files, as there are other limits now, and one that holds when nothing is said.
  restore: { needs: 'dir vault journal', takes: `max-number-of-files concurrency ${FILTERS} dry-run` },
  'restore-completed': { needs: 'dir vault journal', takes: `concurrency segment-size ${FILTERS} dry-run` },
  'check-local-hash': { needs: 'dir journal', takes: `${FILTERS} dry-run`, ignores: 'vault' },
  'retrieve-inventory': { needs: 'vault', takes: 'request-inventory-format' },
  'download-inventory': { needs: 'vault new-journal' },
};

const EVERY_COMMAND = 'json quiet';
const CONNECTION = 'region key secret token profile endpoint protocol timeout';
const HASHING = 'threads hash-engine reader buffers';
const BANDWIDTH = 'bwlimit bwlimit-file';
const LIMITS = 'max-transfer max-duration';
const WAITING = 'queue poll-interval on-complete webhook';
const LANES = 'small-file-workers large-file-workers';
const ENCODINGS = 'config terminal-encoding config-encoding filenames-encoding journal-encoding';

/** What the old commands take beside that, and the commands that are new. */
export const NEW: Readonly<Record<string, Row>> = {
  'create-vault': { takes: 'profile endpoint' },
  'delete-vault': { takes: 'profile endpoint' },
  'list-vaults': { takes: 'profile endpoint' },
  sync: {
    takes: `delete-everything rebind-journal profile endpoint ${LANES} ${HASHING} ${BANDWIDTH} ${LIMITS} walk-concurrency index`,
  },
  'upload-file': { takes: `dry-run rebind-journal profile endpoint ${HASHING} ${BANDWIDTH} ${LIMITS} index` },
  'purge-vault': { takes: 'index rebind-journal profile endpoint' },
  restore: {
    takes: `index tier wait quote max-cost safe-cost prices max-bytes max-bytes-per-hour line-speed sns-topic ${WAITING} segment-size ${LANES} ${HASHING} ${BANDWIDTH} ${LIMITS} rebind-journal profile endpoint`,
  },
  watch: {
    needs: 'vault journal',
    takes: `prices ${WAITING} concurrency segment-size ${LANES} ${HASHING} ${BANDWIDTH} ${LIMITS} index ${CONNECTION} ${ENCODINGS}`,
  },
  'restore-completed': {
    takes: `wait ${WAITING} rebind-journal profile endpoint ${LANES} ${HASHING} ${BANDWIDTH} ${LIMITS} index`,
  },
  'check-local-hash': { takes: `concurrency ${HASHING} max-duration index`, ignores: CONNECTION },
  'retrieve-inventory': { takes: 'profile endpoint' },
  'download-inventory': { takes: `decode-names profile endpoint ${BANDWIDTH}` },
  get: {
    needs: 'vault journal',
    takes: `dir output id range tier max-cost safe-cost prices line-speed sns-topic concurrency segment-size ${HASHING} ${BANDWIDTH} ${LIMITS} index dry-run rebind-journal ${CONNECTION} ${ENCODINGS}`,
  },
  ls: {
    needs: 'journal',
    takes: `index ${FILTERS} all-versions null ${ENCODINGS}`,
    ignores: `dir vault ${CONNECTION}`,
  },
  status: { needs: 'journal', takes: `vault dir prices index ${CONNECTION} ${ENCODINGS}` },
  jobs: { needs: 'vault', takes: `journal index ${CONNECTION} ${ENCODINGS}` },
  uploads: {
    needs: 'vault',
    takes: `journal index dir resume abort id all concurrency ${BANDWIDTH} dry-run rebind-journal ${CONNECTION} ${ENCODINGS}`,
  },
  rm: {
    needs: 'vault journal',
    takes: `id index all-versions dry-run rebind-journal ${CONNECTION} ${ENCODINGS}`,
  },
  'verify-remote': {
    needs: 'vault journal',
    takes: `index ${FILTERS} adopt forget decode-names ${BANDWIDTH} dry-run rebind-journal ${CONNECTION} ${ENCODINGS}`,
  },
  'local-vault': {
    needs: 'data',
    takes: `host port public-url realistic speed job-delay upload-idle accounts control log max-connections discard check region ${ENCODINGS}`,
  },
  notify: {
    needs: 'vault',
    takes: `journal queue sns-topic bind tls-cert tls-key behind-proxy subscribe dry-run ${CONNECTION} ${ENCODINGS}`,
  },
  config: { takes: OPTION_NAMES.join(' ') },
  completion: { takes: 'terminal-encoding' },
};

export function words(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** The two tables as one. */
export function expected(command: string) {
  const old = OLD[command];
  const own = NEW[command] ?? {};
  const ignores = new Set([...words(old?.ignores), ...words(own.ignores)]);
  const needs = [...words(old?.needs), ...words(own.needs)];
  const takes = [
    ...needs,
    ...words(old?.takes),
    ...words(own.takes),
    ...(old === undefined ? [] : words(EVERY_OLD_COMMAND)),
    ...(command === 'completion' ? [] : words(EVERY_COMMAND)),
  ];
  return { needs, takes: new Set(takes.filter((name) => !ignores.has(name))), ignores };
}

export const NAMES = COMMANDS.map(({ name }) => name);

interface Values {
  readonly absent?: unknown;
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad?: readonly string[];
  readonly kept?: 'out of config' | 'on the command line';
  /** What must be typed beside it, and what must not. */
  readonly beside?: string;
  readonly without?: string;
}

const text = (...more: readonly string[]): Values => ({
  good: ['x', 'a b', '/data/#1', 'a;b', "'q'", ...more].map((one) => [one, one]),
  bad: ['', 'a\0b'],
});
const toggle = (more: Partial<Values> = {}): Values => ({
  absent: false,
  good: [['', true]],
  ...more,
});
const oneOf = (absent: string, ...rest: readonly string[]): Values => ({
  absent,
  good: [absent, ...rest].map((word) => [word, word]),
  bad: ['', 'x', absent.toUpperCase() === absent ? 'X' : absent.toUpperCase(), ` ${absent}`],
});
const numbers = (absent: unknown, good: Values['good'], ...bad: readonly string[]): Values => ({
  absent,
  good,
  bad: ['', 'abc', '0x4', '1.5', '1e3', '-1', ' 1', '1 000', ...bad],
});
const listed = (good: readonly string[], bad: readonly string[] = []): Values => ({
  absent: [],
  good: good.map((one) => [one, [one]]),
  bad,
  kept: 'on the command line',
});
const BAD_SIZES = ['', '10', '10MB', '-1G', '0K', '99999P'];
const sizes: Values = {
  good: [
    ['10G', 10 * 1024 * MIB],
    ['1.5MiB', 1.5 * MIB],
    ['off', null],
  ],
  bad: BAD_SIZES,
};
const BAD_SPANS = ['', '10', '0s', '30m2h', '1.5h', '25d', '-1h'];
const SPANS = [
  ['2h30m', 9_000_000],
  ['1d', 86_400_000],
  ['45s', 45_000],
  ['24d', 24 * 86_400_000],
] as const;
const dollars = (absent: unknown): Values => ({
  absent,
  good: [
    ['5', 5_000_000],
    ['0.25', 250_000],
    ['$1200.5', 1_200_500_000],
    ['0', 0],
    ['off', null],
  ],
  bad: ['', '1,5', '-1', '.5', '5.', '1e3', '5 USD', '0.0000001', '€5', '9999999999'],
});
const encoding: Values = {
  absent: 'UTF-8',
  good: [
    ['KOI8-R', 'KOI8-R'],
    ['cp1251', 'cp1251'],
  ],
  bad: ['', 'a b/c'],
};
const typedOnly = { kept: 'on the command line' } as const;

const ONE_AND_64 = [
  ['1', 1],
  ['64', 64],
] as const;

/** Of every option: its default, values that are taken and values that are refused. */
export const VALUES: Readonly<Record<OptionName, Values>> = {
  dir: {
    good: [
      ['.', '.'],
      ['/', '/'],
    ],
    bad: ['', '/does/not/exist', 'package.json'],
    without: 'output set-rel-filename',
  },
  vault: {
    good: [
      ['v', 'v'],
      ['A-1_.z', 'A-1_.z'],
    ],
    bad: ['', 'a b', 'a/b', 'ж', 'v'.repeat(256)],
  },
  journal: {
    good: [
      ['j', 'j'],
      ['/data/#1', '/data/#1'],
    ],
    bad: ['', '.', 'j/'],
  },
  'new-journal': { good: [['n', 'n']], bad: ['', '.', 'n/'] },
  filename: text(),
  'set-rel-filename': {
    good: ['a', 'a/b', 'a b', '...', '#1'].map((one) => [one, one]),
    bad: ['', '/a', '../a', 'a//b', 'a/./b', 'a\tb'],
    without: 'dir',
  },
  stdin: toggle({ without: 'filename dir', beside: '--set-rel-filename a --check-max-file-size 1' }),
  output: { ...text('-'), ...typedOnly, without: 'dir' },
  range: {
    good: [
      ['0-1G', { start: 0, end: 1024 * MIB }],
      ['1M+512', { start: MIB, end: MIB + 512 }],
      ['3M-', { start: 3 * MIB, end: null }],
      ['-1M', { last: MIB }],
    ],
    bad: ['', '5', '-', '5-5', '2M-1M', '0+0', '1MB-2MB', 'a-b'],
    ...typedOnly,
    without: 'dir',
    beside: '--output o',
  },
  id: { ...listed(['x', '-x', '--json'], ['']), beside: '' },
  all: toggle(typedOnly),
  'base-dir': text(),
  'job-id': text(),
  config: { ...text(), kept: 'out of config' },
  filter: listed(['+', '-', '+a -', '-new', '+*.jpg -'], ['', 'a', '*.jpg']),
  include: listed(['', 'a b', '*.jpg', '-new']),
  exclude: listed(['', 'a b', '*.jpg', '--json']),
  follow: toggle(),
  'leaf-optimization': oneOf('1', '0'),
  'max-number-of-files': numbers(
    undefined,
    [
      ['1', 1],
      ['1_000', 1000],
      ['9999999', 9_999_999],
    ],
    '0',
    'many',
  ),
  new: toggle(),
  'replace-modified': toggle(),
  'delete-removed': toggle(),
  detect: {
    ...oneOf('mtime-and-treehash', 'treehash', 'mtime', 'mtime-or-treehash', 'always-positive', 'size-only'),
    beside: '--replace-modified',
  },
  concurrency: numbers(
    4,
    [
      ['1', 1],
      ['+3', 3],
      ['1_0', 10],
      ['64', 64],
    ],
    '0',
    '65',
  ),
  partsize: numbers(
    16 * MIB,
    [
      ['1', MIB],
      ['+4', 4 * MIB],
      ['4_096', 4096 * MIB],
    ],
    '0',
    '3',
    '8192',
  ),
  threads: numbers(undefined, ONE_AND_64, '0', '65'),
  'small-file-workers': numbers(
    undefined,
    [
      ['1', 1],
      ['256', 256],
    ],
    '0',
    '257',
  ),
  'large-file-workers': numbers(undefined, ONE_AND_64, '0', '65'),
  reader: oneOf('auto', 'parallel', 'sequential'),
  buffers: numbers(
    undefined,
    [
      ['1', 1],
      ['256', 256],
    ],
    '0',
    '257',
  ),
  'walk-concurrency': numbers(1, ONE_AND_64, '0', '65'),
  'hash-engine': oneOf('node', 'wasm'),
  index: oneOf('auto', 'off'),
  bwlimit: {
    good: [
      ['512K', { text: '512K', entries: [{ minute: 0, bandwidth: { up: 512 * 1024, down: 512 * 1024 } }] }],
      ['off:2MiB/s', { text: 'off:2MiB/s', entries: [{ minute: 0, bandwidth: { up: null, down: 2 * MIB } }] }],
    ],
    bad: ['', '512', '1MB', '-1K', '100B', '1M:', '1M:2M:3M', '08:00', '24:00,1M', '8:00,1M 08:00,2M', 'Foo-08:00,1M'],
  },
  'bwlimit-file': text(),
  'max-transfer': { ...sizes, without: 'stdin' },
  'max-duration': { good: [...SPANS, ['off', null]], bad: BAD_SPANS, without: 'stdin' },
  quote: { ...toggle(typedOnly), without: 'wait dry-run' },
  wait: { ...toggle(typedOnly), without: 'quote' },
  'max-cost': dollars(undefined),
  'safe-cost': dollars(1_000_000),
  prices: text(),
  'max-bytes': sizes,
  'max-bytes-per-hour': sizes,
  'line-speed': { good: [...sizes.good, ['512K/s', 512 * 1024]], bad: [...BAD_SIZES, '1M/h'] },
  queue: {
    absent: 'auto',
    good: ['auto', 'off', 'jobs-1_x', 'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs'].map((one) => [one, one]),
    bad: ['', 'a b', 'jobs.fifo', 'x'.repeat(81), 'https://sqs.eu-west-1.amazonaws.com/', 'a\0b'],
  },
  'poll-interval': { absent: 900_000, good: SPANS, bad: [...BAD_SPANS, 'off'] },
  'sns-topic': {
    good: [['arn:aws:sns:eu-west-1:123456789012:ready', 'arn:aws:sns:eu-west-1:123456789012:ready']],
    bad: ['', 'ready', 'arn:aws:sqs:eu-west-1:123456789012:ready', 'arn:aws:sns:eu-west-1:1:ready'],
  },
  'on-complete': { ...text(), beside: '--wait' },
  webhook: {
    good: [
      ['https://home.example/a?b=c', 'https://home.example/a?b=c'],
      ['http://127.0.0.1:1', 'http://127.0.0.1:1/'],
    ],
    bad: ['', 'home', 'ftp://home.example', 'https://'],
    beside: '--wait',
  },
  bind: {
    absent: '127.0.0.1:8480',
    good: ['0.0.0.0:443', 'home.example:1', '[::1]:0', '127.0.0.1:65535'].map((one) => [one, one]),
    bad: ['', '8480', ':8480', '127.0.0.1', '127.0.0.1:', '::1:80', 'a b:1', 'http://a:1', '127.0.0.1:123456'],
  },
  'tls-cert': { ...text(), beside: '--tls-key k' },
  'tls-key': { ...text(), beside: '--tls-cert c' },
  'behind-proxy': toggle(),
  subscribe: {
    good: [['https://home.example/glacier', 'https://home.example/glacier']],
    bad: ['', 'home', 'ftp://home.example'],
  },
  'check-max-file-size': {
    ...numbers(
      undefined,
      [
        ['1', 1],
        ['+2', 2],
        ['40_960_000', 40_960_000],
      ],
      '0',
      '40960001',
    ),
    beside: '--partsize 4096',
  },
  'segment-size': numbers(
    16 * MIB,
    [
      ['0', 0],
      ['1', MIB],
      ['+8', 8 * MIB],
      ['1_024', 1024 * MIB],
    ],
    '3',
    '8388608',
  ),
  tier: { ...oneOf('Standard', 'Expedited', 'Bulk'), bad: ['', 'x', 'Fast', ' Standard'] },
  'request-inventory-format': oneOf('json', 'csv'),
  'decode-names': { good: [['plain', ['plain']]], bad: [''], kept: 'on the command line' },
  resume: toggle({ ...typedOnly, beside: '--dir . --journal j --all' }),
  abort: toggle({ ...typedOnly, beside: '--all' }),
  adopt: toggle(typedOnly),
  forget: toggle(typedOnly),
  'dry-run': toggle(),
  'delete-everything': toggle({ ...typedOnly, beside: '--delete-removed' }),
  'rebind-journal': toggle(typedOnly),
  'filenames-encoding': encoding,
  'journal-encoding': encoding,
  'terminal-encoding': encoding,
  'config-encoding': encoding,
  format: oneOf('for-humans', 'mtmsg'),
  'all-versions': toggle(),
  null: toggle(),
  origin: toggle(),
  json: toggle(),
  quiet: toggle(),
  region: {
    good: ['eu-west-1', 'abc', 'us-gov-west-1'].map((one) => [one, one]),
    bad: ['', 'ab', 'eu_west', 'a'.repeat(21)],
  },
  key: { good: [[KEY, KEY]], bad: ['', KEY.slice(1), `${KEY}A`, '!'.repeat(20)], beside: `--secret ${SECRET}` },
  secret: {
    good: [[SECRET, SECRET]],
    bad: ['', SECRET.slice(1), `${SECRET}A`, ' '.repeat(40)],
    beside: `--key ${KEY}`,
  },
  token: {
    good: [20, 1024, 5000].map((length) => ['t'.repeat(length), 't'.repeat(length)]),
    bad: ['', 't'.repeat(19), ' '.repeat(30)],
    beside: `--key ${KEY} --secret ${SECRET}`,
  },
  profile: text(),
  endpoint: {
    good: [
      ['http://127.0.0.1:8118', 'http://127.0.0.1:8118'],
      ['local:/srv/v#1', 'local:/srv/v#1'],
    ],
    bad: ['', 'example', 'ftp://x', 'http://u:p@x', 'https://x/path', 'local:'],
  },
  protocol: oneOf('https', 'http'),
  timeout: numbers(
    180,
    [
      ['0', 0],
      ['1', 1],
      ['99999', 99_999],
    ],
    '100000',
  ),
  data: text(),
  host: { ...text(), absent: '127.0.0.1' },
  port: numbers(
    8118,
    [
      ['0', 0],
      ['65535', 65_535],
    ],
    '65536',
  ),
  'public-url': {
    good: [
      ['http://vault.example:8118', 'http://vault.example:8118'],
      ['https://vault.example/', 'https://vault.example'],
    ],
    bad: ['', 'vault.example', 'ftp://x', 'http://u:p@x', 'https://x/path', 'local:/srv'],
  },
  'max-connections': numbers(
    1024,
    [
      ['1', 1],
      ['100000', 100_000],
    ],
    '0',
    '100001',
  ),
  'upload-idle': numbers(
    24,
    [
      ['0', 0],
      ['87600', 87_600],
    ],
    '87601',
  ),
  'job-delay': numbers(
    undefined,
    [
      ['0', 0],
      ['604800', 604_800],
    ],
    '604801',
  ),
  realistic: toggle(),
  speed: numbers(
    1,
    [
      ['1', 1],
      ['1000000', 1_000_000],
    ],
    '0',
    '1000001',
  ),
  accounts: numbers(
    1,
    [
      ['1', 1],
      ['100', 100],
    ],
    '0',
    '101',
  ),
  control: numbers(
    undefined,
    [
      ['0', 0],
      ['65535', 65_535],
    ],
    '65536',
  ),
  log: text('-'),
  discard: toggle(),
  check: toggle(),
};

/** What each command must be given, apart from the option in question. */
export const BASE: Readonly<Record<string, string>> = {
  sync: '--dir . --vault v --journal j',
  'upload-file': '--vault v --journal j --filename f --dir .',
  'purge-vault': '--vault v --journal j',
  restore: '--dir . --vault v --journal j',
  watch: '--vault v --journal j',
  'restore-completed': '--dir . --vault v --journal j',
  'check-local-hash': '--dir . --journal j',
  'retrieve-inventory': '--vault v',
  'download-inventory': '--vault v --new-journal n',
  get: 'f --vault v --journal j --dir .',
  ls: '--journal j',
  status: '--journal j',
  jobs: '--vault v',
  uploads: '--vault v',
  rm: 'f --vault v --journal j',
  'verify-remote': '--vault v --journal j',
  'create-vault': 'v',
  'delete-vault': 'v',
  'local-vault': '--data d',
  notify: 'setup --vault v',
  config: 'show',
  completion: 'bash',
};

/** The same without the files that BASE names. */
const ALTERNATIVE: Readonly<Record<string, string>> = {
  'upload-file': '--vault v --journal j --stdin --set-rel-filename a --check-max-file-size 1',
  get: 'f --vault v --journal j --output o',
};

/** Where two commands differ in what an option needs beside it. */
const BESIDE: Readonly<Record<string, string>> = {
  'upload-file filename': '--dir .',
  'upload-file set-rel-filename': '--filename f',
  'upload-file dir': '--filename f',
  'uploads dir': '--resume --journal j --all',
  'uploads id': '--abort',
  'uploads all': '--abort',
  'watch on-complete': '',
  'watch webhook': '',
};

/** The words of a command to which `option` can be added. */
export function lineWithout(command: string, option: OptionName): string[] {
  const isTaken = expected(command).takes.has(option);
  const { beside = '', without = '' } = isTaken ? VALUES[option] : {};
  const removed = new Set<string>([option, ...words(without)]);
  const own = isTaken ? (BESIDE[`${command} ${option}`] ?? beside) : '';
  const all = [...words(BASE[command]), ...words(own)];
  const line: string[] = [];
  for (let at = 0; at < all.length; at++) {
    const name = all[at]?.replace(/^--/, '') as OptionName;
    const isOption = all[at]?.startsWith('--') === true;
    const takesValue = isOption && optionOf(name).shape !== null;
    const isRepeated = isOption && line.includes(`--${name}`);
    if (!(isOption && removed.has(name)) && !isRepeated) line.push(...all.slice(at, at + (takesValue ? 2 : 1)));
    if (takesValue) at++;
  }
  return [command, ...line];
}

/** A line of the command in which nothing is said of the option. */
export function silentLine(command: string, option: OptionName): string[] {
  const isNamed = BASE[command]?.includes(`--${option} `) === true;
  return [command, ...words(isNamed ? ALTERNATIVE[command] : BASE[command])];
}

interface Elsewhere {
  readonly environment?: Readonly<Record<string, string>>;
  readonly config?: string;
}

export function settled(argv: readonly string[], { environment = {}, config = '' }: Elsewhere = {}): Settled {
  const request = readCommandLine(argv, COMMANDS);
  if (request.ask !== 'run') throw new Error(`asks for ${request.ask}`);
  const { command, typed, positionals } = request;
  const sources = {
    typed,
    environment: readEnvironment(new Map(Object.entries(environment)), command).entries,
    config: readConfig({ file: 'c', bytes: Buffer.from(config), isExposed: false }).entries,
  };
  return settle(command, sources, [...positionals.values()].flat().length);
}

/** What the setting of an option is then; of one that repeats, the texts. */
export function setting(option: OptionName, ...given: Parameters<typeof settled>): unknown {
  const value = settled(...given).settings[settingName(option)];
  const repeats = optionOf(option).repeats === true;
  return repeats ? (value as readonly { text: string }[]).map((one) => one.text) : value;
}

/** The code and message of the refusal. */
export function refusal(attempt: () => unknown): string {
  try {
    return `taken: ${JSON.stringify(attempt())}`;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return `${thrown.code} ${thrown.message}`;
  }
}

export function isSwitch(option: OptionName): boolean {
  return optionOf(option).shape === null;
}

export function typed(option: OptionName, value: string): string[] {
  return isSwitch(option) ? [`--${option}`] : [`--${option}`, value];
}

export function written(option: OptionName, value: string): string {
  return isSwitch(option) ? '1' : value;
}

export const commandsWith = (option: OptionName): string[] => NAMES.filter((name) => expected(name).takes.has(option));
export const commandsWithout = (option: OptionName): string[] =>
  NAMES.filter((name) => !expected(name).takes.has(option));
