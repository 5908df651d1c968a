// Whole runs of the program in this process, with commands made for the purpose.

import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/cli/command-context.js';
import { CLEAN, EXIT, exitCodeOfFailure, exitCodeOfOutcome, meaningOf } from '../../src/cli/exit-codes.js';
import { runProgram } from '../../src/cli/run-program.js';
import { type Command, command } from '../../src/cli/words/command.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { FakeProcess, FakeStream } from './fakes.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const KEYS = ['--key', 'AKIDEXAMPLEAKIDEXAMP', '--secret', SECRET];
const NOTHING = { tables: [], outcome: CLEAN, next: [] };

/** A command `work` that does as it is told. */
function working(run: (context: CommandContext) => Promise<number> | number): Command[] {
  return [
    command({
      name: 'work',
      group: 'Tests',
      summary: 'work',
      mandatory: [],
      uses: ['dir', 'journal', 'key', 'secret', 'config', 'json', 'quiet', 'partsize'],
      tolerates: ['vault'],
      about: 'Works.',
      examples: [],
      run: async (context) => (await run(context)) as 0,
    }),
  ];
}

async function program(
  argv: readonly string[],
  commands: readonly Command[] = COMMANDS,
  environment: NodeJS.ProcessEnv = {},
) {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  const process = new FakeProcess();
  const exitCode = await runProgram({
    argv,
    environment,
    commands: async () => commands,
    stdout: stdout.open(),
    stderr: stderr.open(),
    process,
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function objects(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('program', () => {
  it('program: gives the exit code of its command', async () => {
    expect(
      (
        await program(
          ['work'],
          working(() => EXIT.limit),
        )
      ).exitCode,
    ).toBe(8);
  });

  it.each([
    [['snyc'], 'ERROR: unknown command "snyc"\nhint: did you mean sync?\n'],
    [['sync', '--dri', 'x'], 'ERROR: unknown option --dri\nhint: did you mean --dir?\n'],
    [[], 'ERROR: no command is given\nhint: mtglacier help lists the commands\n'],
    [
      ['list-vaults', '--config', '/none.cfg'],
      'ERROR: config "/none.cfg" cannot be read: no such file\nhint: check --config, and that you may read the file\n',
    ],
    [['list-vaults', '--config', '/'], 'ERROR: config "/" is not a file\n'],
    [
      ['list-vaults', '--concurrency=1'],
      'ERROR: list-vaults does not take --concurrency\nhint: mtglacier help list-vaults lists its options\n',
    ],
    [['list-vaults', '--key', 'AKIDEXAMPLEAKIDEXAMP'], 'ERROR: a key is given without its secret\n'],
    [
      ['check-local-hash', '--journal', 'j', '--dir', '/none'],
      'ERROR: --dir "/none" does not exist\nhint: check the name; a directory to restore into must be made first\n',
    ],
  ])('program: %j is told on stderr and gives 2', async (argv, stderr) => {
    expect(await program(argv)).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it('program: with --json the same is an error event on stdout', async () => {
    const { exitCode, stdout, stderr } = await program(['sync', '--json']);
    expect([exitCode, stderr]).toEqual([2, '']);
    expect(objects(stdout)).toMatchObject([{ event: 'error', code: 'USAGE', exitCode: 2 }]);
  });

  it('program: warnings stand on stderr before the work', async () => {
    const { exitCode, stderr } = await program(
      ['work', '--from-dir=.', '--vault=v'],
      working(() => EXIT.done),
    );
    expect([exitCode, stderr]).toEqual([
      0,
      'WARNING: --from-dir is now --dir\nWARNING: work makes no use of --vault\n',
    ]);
  });

  it('program: a failure gives its message, its hint and its exit code', async () => {
    const fail = working(() => {
      throw new Failure('JOURNAL_LOCKED', 'journal is locked', { hint: 'wait' });
    });
    expect(await program(['work'], fail)).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: 'ERROR: journal is locked\nhint: wait\n',
    });
  });

  it('program: a failure is told also when what was open cannot be closed after it', async () => {
    const fail = working(async () => {
      await using _open = { [Symbol.asyncDispose]: () => Promise.reject(new Error('cannot be closed')) };
      throw new Failure('JOURNAL_UNWRITABLE', 'archive A was stored, which the journal could not take');
    });
    expect(await program(['work'], fail)).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: 'ERROR: archive A was stored, which the journal could not take\n',
    });
  });

  it('program: a defect gives its stack, a request to report it, and 1', async () => {
    const { exitCode, stderr } = await program(
      ['work'],
      working(() => {
        throw new TypeError('no function');
      }),
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/please report it[^]*TypeError: no function\n\s+at /);
  });

  it('program: no output shows the secret, whoever tells it', async () => {
    const tell = working((context) => {
      context.report({ event: 'notice', topic: 't', message: `got ${context.settings.secret}`, hint: null });
      context.answer({ event: 'a', fields: { secret: SECRET }, lines: [SECRET] });
      throw new Error(`refused ${SECRET}`);
    });
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await program(['work', ...KEYS, ...more], tell);
      expect(stdout + stderr).toContain('[secret]');
      expect(stdout + stderr).not.toContain(SECRET);
    }
  });

  it('program: JSON begins with what was given, and ends with the summary', async () => {
    const { stdout } = await program(
      ['work', '--json', '--partsize=1', ...KEYS],
      working((context) => context.finish(NOTHING)),
    );
    const [start, , ...rest] = objects(stdout);
    expect(start).toMatchObject({ event: 'start', command: 'work', options: { json: true, partsize: 1024 * 1024 } });
    expect(Object.keys(start?.['options'] as object)).toEqual(['partsize', 'json']);
    expect(rest.at(-1)).toMatchObject({ event: 'summary', command: 'work', exitCode: 0 });
  });

  it('program: work that fails half way still gives its summary, with the code of the failure', async () => {
    const { exitCode, stdout, stderr } = await program(
      ['work'],
      working((context) =>
        context.conclude(
          () => NOTHING,
          async () => {
            throw new Failure('CONNECTION_BROKEN', 'the line is dead');
          },
        ),
      ),
    );
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/^work took [\d.]+ s\nexit code 5: the vault, or the way to it, was out of order\n$/);
    expect(stderr).toBe('ERROR: the line is dead\n');
  });

  it.each([
    ['CONNECTION_BROKEN', 'files seen so far'],
    ['BRAKE', 'files'],
    ['JOB_NOT_FOUND', 'files'],
  ] as const)('program: after %s the summary counts "%s"', async (code, label) => {
    const tables = [{ key: 'files', total: 'files', totalSoFar: 'files seen so far', rows: [] }];
    const { stdout } = await program(
      ['work'],
      working((context) =>
        context.conclude(
          () => ({ ...NOTHING, tables }),
          async () => {
            throw new Failure(code, 'no more');
          },
        ),
      ),
    );
    expect(stdout).toContain(`\n  ${label}  0\n`);
  });

  it('program: a defect half way gives no summary', async () => {
    const { stdout } = await program(
      ['work'],
      working((context) =>
        context.conclude(
          () => NOTHING,
          () => Promise.reject(new RangeError('defect')),
        ),
      ),
    );
    expect(stdout).toBe('');
  });

  it('program: an interrupted run says how to go on and gives 130', async () => {
    const stderr = new FakeStream();
    const process = new FakeProcess();
    const commands = async () =>
      working((context) =>
        context.conclude(
          () => NOTHING,
          async () => {
            process.send('SIGINT');
            expect(context.halt.soon.aborted).toBe(true);
            throw new Failure('INTERRUPTED', 'interrupted');
          },
        ),
      );
    const stdout = new FakeStream();
    const parts = { argv: ['work'], environment: {}, commands, stdout: stdout.open(), stderr: stderr.open(), process };
    expect(await runProgram(parts)).toBe(130);
    expect(stdout.lines().at(-1)).toBe('exit code 130: interrupted');
    expect(stderr.text).toContain('a second Ctrl-C quits at once');
    expect(stderr.text).toMatch(/ERROR: interrupted by SIGINT\nhint: nothing is lost: type the same command again/);
    expect(process.listeners.size).toBe(0);
  });

  it.each([
    ['sync', [], 'nothing is lost: type the same command again, and it goes on where this run stopped'],
    ['check-local-hash', [], 'nothing is lost: type the same command again'],
    ['verify-remote', [], 'nothing is lost: type the same command again'],
    ['get', ['f', '--range', '0-1'], 'nothing is lost: type the same command again'],
    ['upload-file', ['--stdin'], 'nothing that came through the pipe is stored: run all of the pipe again'],
  ])('program: an interrupted %s %j says what to do again', async (name, given, hint) => {
    const [process, stderr] = [new FakeProcess(), new FakeStream()];
    const run = (): never => {
      process.send('SIGINT');
      throw new Failure('INTERRUPTED', 'interrupted');
    };
    const known = COMMANDS.find((command) => command.name === name) as Command;
    const commands = async () => [{ ...known, mandatory: [], together: [], run }];
    const stdout = new FakeStream().open();
    const parts = { argv: [name, ...given], environment: {}, commands, stdout, stderr: stderr.open(), process };
    expect(await runProgram(parts)).toBe(130);
    expect(stderr.lines().at(-1)).toBe(`hint: ${hint}`);
  });

  it.each([
    ['is told, and is no success', () => EXIT.done, 1],
    ['does not hide a worse end', () => EXIT.mismatch, 4],
  ])('program: output that a full disk did not take %s', async (_, end, expected) => {
    const [stdout, stderr] = [new FakeStream(), new FakeStream()];
    const commands = async () =>
      working(() => {
        stdout.breakOff('ENOSPC');
        return end();
      });
    const process = new FakeProcess();
    const parts = { argv: ['work'], environment: {}, commands, stdout: stdout.open(), stderr: stderr.open(), process };
    expect(await runProgram(parts)).toBe(expected);
    expect(stderr.text).toMatch(/^ERROR: cannot write standard output: .*\nhint: free some space/);
  });

  it('program: a run that came to its end in spite of a signal has its own exit code', async () => {
    const process = new FakeProcess();
    const commands = async () =>
      working(() => {
        process.send('SIGTERM');
        return EXIT.done;
      });
    const stream = new FakeStream();
    const parts = { argv: ['work'], environment: {}, commands, stdout: stream.open(), stderr: stream.open(), process };
    expect(await runProgram(parts)).toBe(0);
  });

  it('program: a run that is refused leaves no run file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mtglacier-program-'));
    const journal = join(folder, 'j');
    await program(
      ['work', '--journal', journal],
      working(() => Promise.reject(new Failure('BRAKE', 'no'))),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('program: a recorded run is in its run file from the first warning to the last error', async () => {
    const journal = join(mkdtempSync(join(tmpdir(), 'mtglacier-program-')), 'j');
    await program(
      ['work', '--vault=v', '--journal', journal],
      working((context) => {
        context.recordBeside(journal);
        throw new Failure('DISK_FULL', 'full');
      }),
    );
    const [name = ''] = readdirSync(`${journal}.runs`);
    expect(name).toMatch(/^\d{8}T\d{6}Z-work\.ndjson$/);
    const events = objects(readFileSync(join(`${journal}.runs`, name), 'utf8')).map(({ event }) => event);
    expect(events).toEqual(['start', 'notice', 'error']);
  });

  it('program: a config that others can read gives a notice', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-program-')), 'my.cfg');
    writeFileSync(file, `key = AKIDEXAMPLEAKIDEXAMP\nsecret = ${SECRET}\n`);
    chmodSync(file, 0o644);
    const { stderr } = await program(
      ['work', '--config', file],
      working(() => EXIT.done),
    );
    expect(stderr).toContain(`hint: chmod 600 ${file}`);
  });
});

/** A command `choose` that takes words, filters and encodings, and shows what it was given. */
function choosing(run: (context: CommandContext) => void, stdoutIsData = false): Command[] {
  return [
    command({
      name: 'choose',
      group: 'Tests',
      summary: 'choose',
      positionals: [
        { name: 'FIRST', help: 'first' },
        { name: 'REST', help: 'rest', optional: true, many: true },
      ],
      mandatory: [],
      uses: [
        'filter',
        'include',
        'exclude',
        'filenames-encoding',
        'journal-encoding',
        'terminal-encoding',
        'json',
        'new',
      ],
      stdoutIsData: () => stdoutIsData,
      about: 'Chooses.',
      examples: [],
      run: async (context) => {
        run(context);
        return context.finish(NOTHING);
      },
    }),
  ];
}

/** What the command sees. */
async function chosen(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CommandContext> {
  const seen: CommandContext[] = [];
  const { exitCode, stderr } = await program(
    argv,
    choosing((context) => seen.push(context)),
    environment,
  );
  const [context] = seen;
  if (context === undefined) throw new Error(`exit code ${exitCode}: ${stderr}`);
  return context;
}

describe('context', () => {
  it('context: words go to the positionals that the table names', async () => {
    const context = await chosen(['choose', 'a', 'b', '--', '-c']);
    expect([context.positional('FIRST'), context.positionals('REST')]).toEqual(['a', ['b', '-c']]);
    const alone = await chosen(['choose', 'a']);
    expect([alone.positional('REST'), alone.positionals('REST')]).toEqual(['', []]);
    expect(() => alone.positional('OTHER')).toThrow('no positional OTHER');
  });

  it('context: the rules of all three filter options decide in the order in which they were typed', async () => {
    const { selection } = await chosen(['choose', 'a', '--exclude', 'x.jpg', '--filter', '+*.jpg', '--exclude', '']);
    const included = ['x.jpg', 'y.jpg', 'z.txt'].map((path) => selection.includes(path));
    expect(included).toEqual([false, true, false]);
    const { selection: other } = await chosen(['choose', 'a', '--filter', '+*.jpg', '--exclude', 'x.jpg']);
    expect(other.includes('x.jpg')).toBe(true);
  });

  it('context: without a filter everything takes part', async () => {
    expect((await chosen(['choose', 'a'])).selection).toBe(EVERYTHING);
  });

  it('context: the encodings are loaded', async () => {
    const { encodings } = await chosen(['choose', 'a', '--filenames-encoding', 'KOI8-R'], {
      MTGLACIER_JOURNAL_ENCODING: 'cp1251',
    });
    expect([encodings.filenames.name, encodings.journal.name]).toEqual(['KOI8-R', 'cp1251']);
  });

  it('context: a no in the environment is told from nothing', async () => {
    const { settings, origins, subjects } = await chosen(['choose', 'a'], { MTGLACIER_NEW: '0' });
    expect([settings.new, origins.new, subjects.new]).toEqual([false, 'environment', 'MTGLACIER_NEW']);
    expect((await chosen(['choose', 'a'])).origins.new).toBe('default');
  });
});

describe('words', () => {
  it('words: each problem is an error of its own', async () => {
    const { exitCode, stderr } = await program(
      ['choose', '--frob', '--new=1', '--json=x'],
      choosing(() => undefined),
    );
    expect(exitCode).toBe(2);
    expect(stderr.split('\n').filter((line) => line.startsWith('ERROR: '))).toEqual([
      'ERROR: unknown option --frob',
      'ERROR: --new takes no value',
      'ERROR: --json takes no value',
    ]);
  });

  it.each([
    [['choose', '--frob', '-json'], {}],
    [['choose', '--frob', '+js'], {}],
    [['choose', '--frob'], { MTGLACIER_JSON: '1' }],
    [['choose', '--frob'], { MTGLACIER_JSON: 'yes' }],
  ])('words: %j with %j wants what is wrong as JSON', async (argv, environment) => {
    const { stdout, stderr } = await program(
      argv,
      choosing(() => undefined),
      environment,
    );
    expect([objects(stdout).map(({ event }) => event), stderr]).toEqual([['error'], '']);
  });

  it('words: an unknown variable of ours gives a warning', async () => {
    const { stderr } = await program(
      ['choose', 'a'],
      choosing(() => undefined),
      { MTGLACIER_NOO: '1' },
    );
    expect(stderr).toBe('WARNING: MTGLACIER_NOO is no option of this program\nhint: did you mean MTGLACIER_NEW?\n');
  });

  it('words: what is printed is in the encoding of the terminal', async () => {
    const stdout = new FakeStream();
    const commands = async () => choosing((context) => context.answer({ event: 'a', fields: {}, lines: ['фото'] }));
    const parts = { commands, stdout: stdout.open(), stderr: new FakeStream().open(), process: new FakeProcess() };
    await runProgram({ ...parts, argv: ['choose', 'a', '--terminal-encoding=KOI8-R'], environment: {} });
    expect([...stdout.bytes]).toEqual([0xc6, 0xcf, 0xd4, 0xcf, 0x0a]);
  });

  it.each([[[]], [['--json']]])('words: where stdout is data, all talk %j goes to stderr', async (more) => {
    const commands = choosing(({ report }) => report({ event: 'notice', topic: 't', message: 'm', hint: null }), true);
    const { stdout, stderr } = await program(['choose', 'a', ...more], commands);
    expect(stdout).toBe('');
    expect(stderr).toContain('m');
  });
});

describe('exit codes', () => {
  it.each([
    ['USAGE', 2],
    ['CONFIG', 2],
    ['VAULT_NOT_FOUND', 2],
    ['ACCESS_DENIED', 2],
    ['JOURNAL_MISSING', 2],
    ['HASH_MISMATCH', 4],
    ['THROTTLED', 5],
    ['TIMED_OUT', 5],
    ['BRAKE', 6],
    ['JOURNAL_OF_OTHER_VAULT', 6],
    ['JOURNAL_IN_OTHER_ENCODING', 6],
    ['RETRIEVAL_POLICY', 6],
    ['JOURNAL_LOCKED', 7],
    ['JOURNAL_DAMAGED', 7],
    ['DISK_FULL', 1],
    ['INTERRUPTED', 130],
  ] as const satisfies readonly (readonly [FailureCode, number])[])('exit codes: %s gives %d', (code, exitCode) => {
    expect(exitCodeOfFailure(code)).toBe(exitCode);
  });

  it.each([
    [{}, 0],
    [{ limitReached: true }, 8],
    [{ limitReached: true, waiting: 1 }, 75],
    [{ limitReached: true, waiting: 1, failed: 1 }, 3],
    [{ limitReached: true, waiting: 1, failed: 1, mismatches: 1 }, 4],
  ])('exit codes: the most severe of %o is %d', (outcome, exitCode) => {
    expect(exitCodeOfOutcome({ ...CLEAN, ...outcome })).toBe(exitCode);
  });

  it('exit codes: each is in the document, and has a meaning', () => {
    const document = readFileSync('docs/exit-codes.md', 'utf8');
    for (const code of Object.values(EXIT)) {
      expect(document).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
      expect(meaningOf(code)).not.toBe('');
    }
  });
});
