import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mtglacier, start } from './program.js';
import { openWorkplace, textOf, type Workplace } from './workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('bad-input');
  expect((await mtglacier('create-vault', 'v', ...place.config)).exitCode).toBe(0);
});

afterAll(() => place[Symbol.asyncDispose]());

const SECRET = 'ThisIsNotTheSecretThatBelongsToThisKey00';
const KEY = 'AAAAAAAAAAAAAAAAAAAA';

/** Files in the folder where the command is typed, beside `kept/f`. */
const FILES: Readonly<Record<string, string>> = {
  'unknown.cfg': 'regoin = us-east-1\n',
  'half.cfg': `key = ${KEY}\n`,
  'orphan.cfg': `secret = ${SECRET}\n`,
  'short.cfg': 'key = short\nsecret = alsofartooshort\n',
  'words.cfg': 'just some words\n',
  'section.cfg': '[glacier]\nregion = us-east-1\n',
  'binary.cfg': 'region=\xff\n',
  'no-region.cfg': `key = ${KEY}\nsecret = ${SECRET}\n`,
  'typed-only.cfg': 'delete-everything\n',
};

async function typed(...argv: string[]) {
  const cwd = mkdtempSync(place.at('cwd-'));
  mkdirSync(join(cwd, 'kept'));
  mkdirSync(join(cwd, 'folder'));
  writeFileSync(join(cwd, 'kept', 'f'), 'content');
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(join(cwd, name), Buffer.from(text, 'latin1'), { mode: 0o600 });
  }
  const rightSecret = place.server.secretAccessKey;
  writeFileSync(join(cwd, 'right.cfg'), textOf(place.at('glacier.cfg')), { mode: 0o600 });
  writeFileSync(join(cwd, 'wrong.cfg'), textOf(place.at('glacier.cfg')).replace(rightSecret, SECRET), { mode: 0o600 });
  const before = contentOf(cwd);
  const ended = await start(argv, { cwd }).ended;
  return {
    ...ended,
    created: contentOf(cwd).filter((name) => !before.includes(name)),
    shown: ended.stdout + ended.stderr,
  };
}

function contentOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

const WHERE = ['--dir', 'kept', '--vault', 'v', '--journal', 'j'];
const SYNC = ['sync', '--config', 'right.cfg', ...WHERE];
const withOther = (name: string, value: string) =>
  SYNC.map((word, index) => (SYNC[index - 1] === `--${name}` ? value : word));
const without = (name: string) => SYNC.filter((word, index) => word !== `--${name}` && SYNC[index - 1] !== `--${name}`);

const TABLE: readonly (readonly [what: string, argv: readonly string[], told: RegExp])[] = [
  ['no command', [], /ERROR: no command is given\nhint: mtglacier help lists the commands/],
  ['an unknown command', ['snyc'], /ERROR: unknown command "snyc"\nhint: did you mean sync\?/],
  [
    'an unknown option',
    [...SYNC, '--concurency', '2'],
    /unknown option --concurency\nhint: did you mean --concurrency\?/,
  ],
  ['an option like no other', [...SYNC, '--xyzzy'], /unknown option --xyzzy\nhint: mtglacier help/],
  ['an option of another command', [...SYNC, '--tier', 'Bulk'], /sync does not take --tier\nhint: mtglacier help sync/],
  ['a word too many', [...SYNC, 'photos'], /sync does not know what to do with "photos"\nhint: mtglacier help sync/],
  ['an option twice', [...SYNC, '--new', '--new'], /--new is given twice/],
  [
    'an option and its old name',
    [...SYNC, '--from-dir', 'kept'],
    /--dir is given twice\nhint: older names of --dir .*--from-dir/,
  ],
  ['a value for a switch', [...SYNC, '--dry-run=1'], /--dry-run takes no value/],
  ['no value', [...without('vault'), '--vault'], /--vault needs a value/],
  [
    'an option in place of a value',
    [...without('vault'), '--vault', '--new'],
    /--vault needs a value, but --new follows/,
  ],
  ['no vault', without('vault'), /sync needs --vault\n/],
  ['no journal and no directory', ['sync', '--vault', 'v'], /sync needs --dir, --journal\n/],
  [
    'no amount that restore may cost',
    ['restore', ...SYNC.slice(1), '--max-cost', 'much'],
    /--max-cost must be an amount/,
  ],
  ['no tier', ['restore', ...SYNC.slice(1), '--tier', 'Slow'], /--tier must be one of Expedited, Standard, Bulk/],
  ['a directory that is missing', withOther('dir', 'nowhere'), /--dir "nowhere" does not exist/],
  ['a directory that is a file', withOther('dir', 'kept/f'), /--dir "kept\/f" is not a directory/],
  ['a journal that is a directory', withOther('journal', 'folder'), /--journal "folder" is a directory/],
  ['a journal that ends in a slash', withOther('journal', 'j/'), /--journal "j\/" is a directory/],
  ['a journal in no directory', withOther('journal', 'no/such/j'), /there is no directory .*no\/such for journal/],
  ['a journal below a file', withOther('journal', 'kept/f/j'), /journal kept\/f\/j/],
  ['a vault name that cannot be', withOther('vault', 'my photos'), /vault name "my photos" is not allowed\nhint: use/],
  [
    'a vault that does not exist',
    withOther('vault', 'nosuch'),
    /vault nosuch: Vault not found.*\nhint: .*create-vault nosuch/,
  ],
  ['concurrency 0', [...SYNC, '--concurrency', '0'], /--concurrency must be a whole number from 1 to 64, not "0"/],
  ['concurrency in words', [...SYNC, '--concurrency=many'], /--concurrency must be .*, not "many"/],
  ['partsize 3', [...SYNC, '--partsize', '3'], /--partsize must be a power of two from 1 to 4096 \(MiB\), not "3"/],
  ['partsize 8192', [...SYNC, '--partsize', '8192'], /--partsize must be a power of two from 1 to 4096/],
  [
    'two mistakes',
    [...SYNC, '--partsize', '3', '--concurrency', '0'],
    /--concurrency must[^\n]*\nERROR: --partsize must/,
  ],
  [
    'max-number-of-files 0',
    [...SYNC, '--max-number-of-files', '0'],
    /--max-number-of-files must be .* at least 1, not "0"/,
  ],
  [
    'an unknown mode',
    [...SYNC, '--replace-modified', '--detect', 'x'],
    /--detect must be one of treehash, .*, not "x"/,
  ],
  ['a mode without its task', [...SYNC, '--detect', 'mtime'], /--detect has no meaning without --replace-modified/],
  ['a config that is missing', withOther('config', 'no.cfg'), /config "no\.cfg" cannot be read: no such file/],
  ['a config that is a directory', withOther('config', 'folder'), /config "folder" is not a file/],
  ['a config that is no text', withOther('config', 'binary.cfg'), /config "binary\.cfg" .*not UTF-8/],
  [
    'an unknown key',
    withOther('config', 'unknown.cfg'),
    /unknown\.cfg:1: unknown option regoin\nhint: did you mean region\?/,
  ],
  ['a line of words', withOther('config', 'words.cfg'), /words\.cfg:1: this is not a line of name = value/],
  ['a section', withOther('config', 'section.cfg'), /section\.cfg:1: sections are not known/],
  [
    'a brake in a config',
    withOther('config', 'typed-only.cfg'),
    /typed-only\.cfg:1: delete-everything cannot stand in a/,
  ],
  ['a key without secret', withOther('config', 'half.cfg'), /a key is given without its secret/],
  ['a secret without key', withOther('config', 'orphan.cfg'), /a secret is given without its key/],
  [
    'a key and a secret too short',
    withOther('config', 'short.cfg'),
    /short\.cfg:1: key must .*\nERROR: short\.cfg:2: secret must/,
  ],
  ['no region', withOther('config', 'no-region.cfg'), /no usable region.*\nhint: set region/],
  [
    'a wrong secret',
    withOther('config', 'wrong.cfg'),
    /vault v: The request signature .* does not match.*\nhint: check that secret/,
  ],
  ['a wrong secret for a list', ['list-vaults', '--config', 'wrong.cfg'], /cannot list vaults: The request signature/],
  [
    'an endpoint of another kind',
    [...SYNC, '--endpoint', 'ftp://x'],
    /--endpoint must be the address of a server.*\nhint: /,
  ],
  [
    'a folder of vaults that is missing',
    [...SYNC, '--endpoint', 'local:tpyo'],
    /no folder "tpyo" with local vaults\nhint: /,
  ],
  [
    'a folder of other files',
    ['create-vault', 'w', '--endpoint', 'local:kept'],
    /kept is not the folder of a local vault/,
  ],
  [
    'a file as the folder of vaults',
    ['create-vault', 'w', '--endpoint', 'local:kept/f'],
    /kept\/f as the folder .* exists\n/,
  ],
  [
    'a restore without a journal',
    ['restore', ...SYNC.slice(1), '--max-number-of-files', '1'],
    /journal j does not exist/,
  ],
  [
    'a fetch without a journal',
    ['restore-completed', ...SYNC.slice(1)],
    /journal j does not exist\nhint: check --journal/,
  ],
  [
    'a purge without a journal',
    ['purge-vault', '--config', 'right.cfg', '--vault', 'v', '--journal', 'j'],
    /j does not exist/,
  ],
  ['a check without a journal', ['check-local-hash', '--dir', 'kept', '--journal', 'j'], /journal j does not exist/],
  [
    'a vault without a name',
    ['create-vault', '--config', 'right.cfg'],
    /create-vault needs NAME, the name of the vault/,
  ],
  [
    'deleting what is not there',
    ['delete-vault', 'nosuch', '--config', 'right.cfg'],
    /there is no vault nosuch in us-east-1/,
  ],
];

describe.concurrent('bad input', () => {
  it.for(TABLE)('bad input: %s gives 2, names the thing and creates nothing', async ([, argv, told], { expect }) => {
    const { exitCode, stdout, stderr, created, shown } = await typed(...argv);
    expect(stderr).toMatch(told);
    expect({ exitCode, stdout, created }).toEqual({ exitCode: 2, stdout: '', created: [] });
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(place.server.secretAccessKey);
  });

  it('bad input: with --json it is an error event and nothing else', async ({ expect }) => {
    const { exitCode, stdout, stderr, created } = await typed(...SYNC, '--json', '--partsize', '3');
    expect({ exitCode, stderr, created }).toEqual({ exitCode: 2, stderr: '', created: [] });
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'USAGE', exitCode: 2 });
  });

  it('bad input: a secret that is typed is warned of and never shown', async ({ expect }) => {
    const argv = ['list-vaults', '--config', 'wrong.cfg', '--key', KEY, '--secret', SECRET];
    const { exitCode, stderr, shown } = await typed(...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/a secret on the command line can be seen by every user/);
    expect(shown).not.toContain(SECRET);
  });
});
