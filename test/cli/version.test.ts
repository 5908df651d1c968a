// The version, and what runs beneath it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/run-program.js';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { readVersionWords } from '../../src/cli/words/version-words.js';
import { FakeProcess, FakeStream } from './fakes.js';
import { eventsIn, typed } from './typed.js';

const OWN = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

function installed(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
}

describe('version', () => {
  it.each([[['version']], [['--version']], [['-V']]])(
    'version: %j tells that of the program, of node and of packages',
    async (argv) => {
      const { exitCode, stdout, stderr } = await typed(argv);
      expect([exitCode, stderr]).toEqual([0, '']);
      const [first, second, third] = stdout.split('\n');
      expect(first).toBe(`mtglacier ${OWN.version}`);
      expect(second).toBe(`node ${process.versions.node}, OpenSSL ${process.versions.openssl}`);
      for (const name of Object.keys(OWN.dependencies)) expect(third).toContain(`${name} ${installed(name)}`);
    },
  );

  it('version: with --json it is one object', async () => {
    const { stdout } = await typed(['version', '--json']);
    const [only] = eventsIn(stdout, 'version');
    expect(only).toMatchObject({ version: OWN.version, node: process.versions.node });
    expect(Object.keys(only?.['packages'] as object)).toEqual(expect.arrayContaining(Object.keys(OWN.dependencies)));
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(
    [['version'], ['--version'], ['-V'], ['+V'], ['version', '--json'], ['--json', '-V'], ['-json', 'version']].map(
      (argv) => [argv, argv.length > 1] as const,
    ),
  )('version: %j is understood without the tables', (argv, asJson) => {
    expect(readVersionWords(argv)).toEqual({ asJson });
  });

  it('version: what is understood without the tables is what the tables make of it', () => {
    const words = ['version', '--version', '-V', '-version', '--V', '+V', '--json', '-json', '+json', '--js'];
    const others = [
      'sync',
      'help',
      '-h',
      '--',
      '--dir',
      '--dir=d',
      '--version=1',
      '--json=1',
      '-',
      '',
      'V',
      'versions',
      'subversion',
      '--no-json',
    ];
    let understood = 0;
    for (const argv of linesOf([...words, ...others], 3)) {
      const version = readVersionWords(argv);
      if (version === null) continue;
      understood += 1;
      expect([argv, readCommandLine(argv, COMMANDS)]).toEqual([argv, { ask: 'version', ...version }]);
    }
    expect(understood).toBeGreaterThan(100);
  });

  it('version: a line that the tables must be asked about is left to them', async () => {
    for (const argv of [[], ['--json'], ['sync', '--version'], ['--dir', 'version'], ['--', '--version']]) {
      expect([argv, readVersionWords(argv)]).toEqual([argv, null]);
    }
    const { stdout } = await typed(['sync', '--version', '--js']);
    expect(eventsIn(stdout, 'version')).toHaveLength(1);
  });

  it('version: what a full disk did not take is told, and is no success', async () => {
    const stdout = new (class extends FakeStream {
      override write(): boolean {
        this.breakOff('ENOSPC');
        return true;
      }
    })();
    const stderr = new FakeStream();
    const outputs = { stdout: stdout.open(), stderr: stderr.open() };
    const commands = () => Promise.reject(new Error('nobody needs them'));
    const parts = { argv: ['--version'], environment: {}, commands, process: new FakeProcess(), ...outputs };
    expect(await runProgram(parts)).toBe(1);
    expect(stderr.text).toMatch(/^ERROR: cannot write standard output: .*\nhint: free some space/);
  });

  it('version: a defect on the way to it is told with its stack', async () => {
    const stdout = new (class extends FakeStream {
      override write(): never {
        throw new RangeError('defect');
      }
    })();
    const stderr = new FakeStream();
    const outputs = { stdout: stdout.open(), stderr: stderr.open() };
    const parts = { argv: ['-V'], environment: {}, commands: async () => COMMANDS, process: new FakeProcess() };
    expect(await runProgram({ ...parts, ...outputs })).toBe(1);
    expect(stderr.text).toMatch(/^ERROR: this should not have happened\n.*\nRangeError: defect\n {4}at /);
  });
});

/** Every line of at most so many of the words. */
function linesOf(words: readonly string[], length: number): string[][] {
  if (length === 0) return [[]];
  const shorter = linesOf(words, length - 1);
  const longest = shorter.filter((line) => line.length === length - 1);
  return [...shorter, ...longest.flatMap((line) => words.map((word) => [...line, word]))];
}
