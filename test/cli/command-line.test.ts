// How words are understood.

import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { Failure } from '../../src/model/failure.js';

function read(line: string | readonly string[]) {
  return readCommandLine(typeof line === 'string' ? line.split(' ') : line, COMMANDS);
}

function run(line: string | readonly string[]) {
  const request = read(line);
  if (request.ask !== 'run') throw new Error(`asks for ${request.ask}`);
  return { ...request, typed: Object.fromEntries(request.typed), command: request.command.name };
}

function refusal(line: string | readonly string[]): { message: string; hint: string | undefined } {
  try {
    read(line);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('USAGE');
    return { message: error.message, hint: error.hint };
  }
  throw new Error(`accepted: ${[line].flat().join(' ')}`);
}

describe('command line', () => {
  it.each([
    'sync --dir d --vault v --journal j',
    'sync -dir d -vault v -journal j',
    'sync --dir=d -vault=v --journal=j',
    '--dir d sync --vault v -journal=j',
    '--dir=d --vault=v --journal j sync',
    'sync --from-dir d --to-vault=v -journal j',
    'sync -to-dir=d -to-vault v -journal j --',
    '+dir d sync +vault=v +journal j',
    'sync --di d --va v --journal j',
    'sync --from d --to-v v -journal=j',
  ])('command line: %s means the same', (line) => {
    const { command, typed } = run(line);
    expect({ command, typed }).toEqual({ command: 'sync', typed: { dir: 'd', vault: 'v', journal: 'j' } });
  });

  it('command line: each old name gives a warning, new names none', () => {
    const { notices } = run('sync --from-dir d -to-vault=v --journal j');
    expect(notices.map(({ topic, message }) => `${topic}: ${message}`)).toEqual([
      'deprecated-option: --from-dir is now --dir',
      'deprecated-option: --to-vault is now --vault',
    ]);
    expect(run('sync --dir d --vault v --journal j').notices).toEqual([]);
  });

  it('command line: the first README of mt-aws-glacier works, its needless options are warned about', () => {
    const check = run('check-local-hash --config=glacier.cfg --from-dir /data --to-vault=v -journal=journal.log');
    expect(check.typed).toEqual({ config: 'glacier.cfg', dir: '/data', journal: 'journal.log' });
    expect(check.notices.map(({ topic }) => topic)).toContain('ignored-option');
    const purge = run('purge-vault --config=glacier.cfg --from-dir /data --to-vault=v -journal=journal.log');
    expect(purge.typed).toEqual({ config: 'glacier.cfg', vault: 'v', journal: 'journal.log' });
  });

  it('command line: a value may begin with a dash, hold = and be a number', () => {
    expect(run(['sync', '--dir', '-odd', '--journal=a=b', '--vault', '-1']).typed).toEqual({
      dir: '-odd',
      journal: 'a=b',
      vault: '-1',
    });
  });

  it.each([
    ['--conc 3', { concurrency: '3' }],
    ['--max 5', { 'max-number-of-files': '5' }],
    ['--new', { new: true }],
    ['--rep --det=mtime', { 'replace-modified': true, detect: 'mtime' }],
    // Clear to mt-aws-glacier, which had no --delete-everything, --tier and --profile.
    ['--delete', { 'delete-removed': true }],
    ['--ti 9', { timeout: '9' }],
    ['--prot http', { protocol: 'http' }],
    ['--pro http', { protocol: 'http' }],
    ['--delete-e', { 'delete-everything': true }],
  ])('command line: %s is cut short, and clear', (options, typed) => {
    expect(run(`sync ${options}`).typed).toEqual(typed);
    expect(run(`sync ${options}`).notices).toEqual([]);
  });

  it('command line: a whole name means that option, though others begin with it', () => {
    expect(run('sync --journal j --config c').typed).toEqual({ journal: 'j', config: 'c' });
    expect(run('sync --new').typed).toEqual({ new: true });
  });

  it('command line: an old name that is cut short is warned about like a whole one', () => {
    expect(run('sync --from d').notices.map(({ message }) => message)).toEqual(['--from is now --dir']);
  });

  it('command line: an option that repeats gathers its values in their order among all words', () => {
    const { typed } = run(['sync', '--filter', '+a -', '--include=b', '-filter=-c', '--exclude', 'd']);
    expect(typed).toEqual({
      filter: [
        { at: 1, text: '+a -' },
        { at: 4, text: '-c' },
      ],
      include: [{ at: 3, text: 'b' }],
      exclude: [{ at: 5, text: 'd' }],
    });
  });

  it('command line: an option that repeats takes the next word, whatever it looks like', () => {
    const { typed } = run(['sync', '--exclude', '--new', '--filter', '-new', '--include', '--', '--include', '']);
    expect(typed).toEqual({
      exclude: [{ at: 1, text: '--new' }],
      filter: [{ at: 3, text: '-new' }],
      include: [
        { at: 5, text: '--' },
        { at: 7, text: '' },
      ],
    });
  });

  it('command line: an empty word is a value, of which the option judges for itself', () => {
    expect(run(['sync', '--vault', '']).typed).toEqual({ vault: '' });
  });

  it('command line: the words of a positional are all that were given, in order', () => {
    const words = (line: string, name: string) => run(line).positionals.get(name);
    expect(words('get --vault v a --journal j b -- -c --', 'NAME')).toEqual(['a', 'b', '-c', '--']);
    expect(words('get', 'NAME')).toEqual([]);
    expect([words('ls', 'PATH'), words('ls 2024', 'PATH')]).toEqual([[], ['2024']]);
    expect(words('create-vault photos', 'NAME')).toEqual(['photos']);
  });

  it('command line: a switch takes no word', () => {
    const { typed, positionals } = run('create-vault --json photos');
    expect(typed).toEqual({ json: true });
    expect([...positionals]).toEqual([['NAME', ['photos']]]);
  });

  it('command line: after -- nothing is an option', () => {
    expect(run('create-vault -- --json').positionals.get('NAME')).toEqual(['--json']);
  });

  it.each([
    ['help', null],
    ['--help', null],
    ['-h', null],
    ['help help', null],
    ['help sync', 'sync'],
    ['sync --help', 'sync'],
    ['-help sync', 'sync'],
    ['h', null],
    ['HELP sync', 'sync'],
    ['+h', null],
    ['sync -h --host x', 'sync'],
    ['sync --dir --help', 'sync'],
    ['sync --frobnicate -h', 'sync'],
  ])('command line: %s asks for help', (line, command) => {
    const request = read(line);
    expect(request.ask).toBe('help');
    expect(request.ask === 'help' ? (request.command?.name ?? null) : undefined).toBe(command);
  });

  it.each(['version', '-version', '--version', '-V'])('command line: %s asks for the version', (line) => {
    expect(read(line)).toMatchObject({ ask: 'version' });
  });

  it.each(['--journal=/home/h/x check-local-hash --dir d', '--dir help check-local-hash', 'check-local-hash --dir h'])(
    'command line: %s is no cry for help',
    (line) => {
      expect(run(line).command).toBe('check-local-hash');
    },
  );

  it('command line: --json beside version is heeded', () => {
    expect(read('version --json')).toEqual({ ask: 'version', asJson: true });
    expect(read('version')).toEqual({ ask: 'version', asJson: false });
  });

  it.each([
    ['snyc --dir d', 'unknown command "snyc"', 'did you mean sync?'],
    ['restore-complete', 'unknown command "restore-complete"', 'did you mean restore-completed?'],
    ['help snyc', 'unknown command "snyc"', 'did you mean sync?'],
    ['sync --jurnal=x', 'unknown option --jurnal', 'did you mean --journal?'],
    ['sync --max-files 3', 'unknown option --max-files', undefined],
    [
      'sync --con 3',
      /^--con can mean --config, --concurrency, --config-encoding or --control$/,
      'write more of its name',
    ],
    ['sync --re', /^--re can mean (?:--re[a-z-]+, )+--re[a-z-]+ or --re[a-z-]+$/, 'write more of its name'],
    ['sync --secert=XYZ', 'unknown option --secert', 'did you mean --secret?'],
    ['sync --no-new', 'unknown option --no-new', undefined],
    ['sync --conc 3 --concurrency 4', '--concurrency is given twice', undefined],
    ['sync -x', 'unknown option -x', undefined],
    ['sync --dir a --dir b', '--dir is given twice', undefined],
    ['sync --dir a --from-dir b', '--dir is given twice', undefined],
    ['sync --new --new', '--new is given twice', undefined],
    ['sync --dir', '--dir needs a value', undefined],
    ['sync --dir=', '--dir needs a value', undefined],
    ['sync --dir --vault v', '--dir needs a value, but --vault follows', undefined],
    ['sync --new=1', '--new takes no value', undefined],
    ['sync --segment-size 4', 'sync does not take --segment-size', 'mtglacier help sync lists its options'],
    ['sync photos', 'sync does not know what to do with "photos"', undefined],
    ['ls a b', 'ls does not know what to do with "b"', 'mtglacier help ls explains'],
    ['sync --filter', '--filter needs a value', undefined],
    ['sync --include=', '--include needs a value', undefined],
    ['create-vault', 'create-vault needs NAME, the name of the vault', 'mtglacier help create-vault explains'],
    ['--json', 'no command is given', 'mtglacier help lists the commands'],
  ])('command line: %s is refused', (line, message, hint) => {
    const found = refusal(line);
    if (typeof message === 'string') expect(found.message).toBe(message);
    else expect(found.message).toMatch(message);
    if (hint !== undefined) expect(found.hint).toBe(hint);
  });

  it('command line: all that is wrong is told at once', () => {
    expect(refusal('list-vaults --frob --new=1 --dir d more').message.split('\n')).toHaveLength(3);
  });

  it('command line: a word after an option that was not understood is not shown: it may be a secret', () => {
    for (const line of ['--secert wJalr sync', 'sync --secert wJalr', '--secert wJalr']) {
      expect(refusal(line).message).toBe('unknown option --secert');
    }
  });

  it('command line: a typed secret is warned about, even where it is ignored', () => {
    expect(run(['list-vaults', '--secret', 'x']).notices[0]?.topic).toBe('secret-typed');
    expect(run(['check-local-hash', '--secret', 'x']).notices.map(({ topic }) => topic)).toContain('secret-typed');
  });
});
