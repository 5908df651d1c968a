// How words are understood.

import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.js';
import { COMMANDS } from '../../src/cli/commands.js';
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

  it('command line: a switch takes no word', () => {
    const { typed, positionals } = run('create-vault --json photos');
    expect(typed).toEqual({ json: true });
    expect([...positionals]).toEqual([['NAME', 'photos']]);
  });

  it('command line: after -- nothing is an option', () => {
    expect(run('create-vault -- --json').positionals.get('NAME')).toBe('--json');
  });

  it.each([
    ['help', null],
    ['--help', null],
    ['-h', null],
    ['help help', null],
    ['help sync', 'sync'],
    ['sync --help', 'sync'],
    ['-help sync', 'sync'],
    ['sync --frobnicate -h', 'sync'],
  ])('command line: %s asks for help', (line, command) => {
    const request = read(line);
    expect(request.ask).toBe('help');
    expect(request.ask === 'help' ? (request.command?.name ?? null) : undefined).toBe(command);
  });

  it.each(['version', '-version', '--version', '-V'])('command line: %s asks for the version', (line) => {
    expect(read(line)).toEqual({ ask: 'version' });
  });

  it('command line: a journal below a folder named h is no cry for help', () => {
    expect(run('--journal=/home/h/x check-local-hash --dir d').command).toBe('check-local-hash');
  });

  it.each([
    ['snyc --dir d', 'unknown command "snyc"', 'did you mean sync?'],
    ['restore-complete', 'unknown command "restore-complete"', 'did you mean restore-completed?'],
    ['help snyc', 'unknown command "snyc"', 'did you mean sync?'],
    ['sync --jurnal=x', 'unknown option --jurnal', 'did you mean --journal?'],
    ['sync -max-number 3', 'unknown option -max-number', 'did you mean --max-number-of-files?'],
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
    ['create-vault', 'create-vault needs NAME, the name of the vault', 'mtglacier help create-vault explains'],
    ['--json', 'no command is given', 'mtglacier help lists the commands'],
  ])('command line: %s is refused', (line, message, hint) => {
    const found = refusal(line);
    expect(found.message).toBe(message);
    if (hint !== undefined) expect(found.hint).toBe(hint);
  });

  it('command line: all that is wrong is told at once', () => {
    expect(refusal('list-vaults --frob --new=1 --dir d more').message.split('\n')).toHaveLength(3);
  });

  it('command line: a typed secret is warned about, even where it is ignored', () => {
    expect(run(['list-vaults', '--secret', 'x']).notices[0]?.topic).toBe('secret-typed');
    expect(run(['check-local-hash', '--secret', 'x']).notices.map(({ topic }) => topic)).toContain('secret-typed');
  });
});
