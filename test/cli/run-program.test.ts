// Whole runs of the program in this process, with commands made for the purpose.

import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Command, command } from '../../src/cli/command.js';
import type { CommandContext } from '../../src/cli/command-context.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { CLEAN, EXIT, exitCodeOfFailure, exitCodeOfOutcome, meaningOf } from '../../src/cli/exit-codes.js';
import { OPTION_NAMES, optionOf } from '../../src/cli/options.js';
import { runProgram } from '../../src/cli/run-program.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
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

async function program(argv: readonly string[], commands: readonly Command[] = COMMANDS) {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  const process = new FakeProcess();
  const exitCode = await runProgram({ argv, commands, stdout: stdout.open(), stderr: stderr.open(), process });
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
    expect(stdout).toMatch(/^work took [\d.]+ s\nexit code 5: the vault could not be reached\n$/);
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
    const commands = working((context) =>
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
    const parts = { argv: ['work'], commands, stdout: stdout.open(), stderr: stderr.open(), process };
    expect(await runProgram(parts)).toBe(130);
    expect(stdout.lines().at(-1)).toBe('exit code 130: interrupted');
    expect(stderr.text).toContain('a second Ctrl-C quits at once');
    expect(stderr.text).toMatch(/ERROR: interrupted by SIGINT\nhint: nothing is lost: type the same command again/);
    expect(process.listeners.size).toBe(0);
  });

  it('program: a run that came to its end in spite of a signal has its own exit code', async () => {
    const process = new FakeProcess();
    const commands = working(() => {
      process.send('SIGTERM');
      return EXIT.done;
    });
    const stream = new FakeStream();
    const parts = { argv: ['work'], commands, stdout: stream.open(), stderr: stream.open(), process };
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

describe('help', () => {
  it('help: of the program names every command and fits 80 columns', async () => {
    const { exitCode, stdout } = await program(['help']);
    expect(exitCode).toBe(0);
    for (const { name } of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'help: of %s names each of its options with its default, gives an example and fits 80 columns',
    async (name, command) => {
      const { exitCode, stdout } = await program([name, '--help']);
      expect(exitCode).toBe(0);
      expect((await program(['help', name])).stdout).toBe(stdout);
      const unwrapped = stdout.replace(/\s+/g, ' ');
      for (const option of command.uses) {
        expect(stdout).toContain(`  --${option} `);
        const { shownDefault } = optionOf(option);
        if (shownDefault !== undefined) expect(unwrapped).toContain(`(default: ${shownDefault})`);
      }
      if (command.mandatory.length > 0) expect(stdout).toContain('\nMandatory:\n');
      expect(stdout).toMatch(new RegExp(`\nExamples?:\n  mtglacier ${name} `));
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  it('help: every option belongs to some command', () => {
    for (const option of OPTION_NAMES) expect(COMMANDS.some(({ uses }) => uses.includes(option))).toBe(true);
  });

  it('help: every mandatory option of a command is one that it takes', () => {
    for (const { uses, mandatory } of COMMANDS) for (const option of mandatory) expect(uses).toContain(option);
  });

  it('version: is that of the package, with that of node', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await program(['--version'])).stdout).toBe(`mtglacier ${version} (node ${process.version})\n`);
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
    [{ nothingReady: true }, 75],
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
