// Single files and pipes, stored by the built program.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { GlacierClient, ListMultipartUploadsCommand } from '@aws-sdk/client-glacier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { RelPath } from '../../src/model/rel-path.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { openGate } from './gate.js';
import { type Ended, mtglacier, type Started, sees, start, withoutPrivilege } from './program.js';
import { objectsOf, openWorkplace, readJournal, textOf, type Workplace, writeConfig } from './workplace.js';

const MIB = 1024 * 1024;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('upload-file');
  mkdirSync(place.at('kept', 'sub'), { recursive: true });
  writeFileSync(place.at('kept', 'sub', 'a.txt'), 'content of a');
  writeFileSync(place.at('kept', 'large.bin'), LARGE);
  writeFileSync(place.at('empty'), '');
  writeFileSync(place.at('no-server.cfg'), 'endpoint=http://127.0.0.1:1\nregion=eu-west-1\n', { mode: 0o600 });
});

afterAll(() => place[Symbol.asyncDispose]());

const LARGE = Buffer.alloc(3 * MIB + 1, 'large');

/** A vault and a journal of one's own; `config` may lead elsewhere. */
async function ground(vault: string, config = 'glacier.cfg'): Promise<{ on: string[]; journal: string }> {
  expect((await mtglacier('create-vault', vault, ...place.config)).exitCode).toBe(0);
  const journal = place.at(`${vault}.journal`);
  return { journal, on: ['--config', place.at(config), '--vault', vault, '--journal', journal, '--partsize', '1'] };
}

/** Runs the program behind a pipe that a command of the shell fills. */
function behind(command: string, words: readonly string[]): Promise<Ended> {
  return start(words, { under: ['sh', '-c', `${command} | "$0" "$@"`], cwd: place.at('.') }).ended;
}

/** Starts the program on a pipe that this test fills. */
async function onPipe(name: string, words: readonly string[]): Promise<{ started: Started; pipe: FileHandle }> {
  const fifo = place.at(name);
  execFileSync('mkfifo', [fifo]);
  const started = start(words, { under: ['sh', '-c', `exec "$0" "$@" < '${fifo}'`] });
  return { started, pipe: await open(fifo, 'w') };
}

const STDIN = ['--stdin', '--set-rel-filename', 'dumps/mail.tar', '--check-max-file-size', '100'];

async function openUploads(vaultName: string): Promise<number> {
  const { endpoint, region, accessKeyId, secretAccessKey } = place.server;
  const client = new GlacierClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const { UploadsList = [] } = await client.send(new ListMultipartUploadsCommand({ accountId: '-', vaultName }));
  client.destroy();
  return UploadsList.length;
}

describe('upload-file', () => {
  it('stores a file below a directory, one from elsewhere, and a pipe, each as a fact in the journal', async () => {
    const { on, journal } = await ground('forms');
    const below = ['--dir', place.at('kept'), '--filename', place.at('kept/sub/a.txt')];
    const first = await mtglacier('upload-file', ...on, ...below);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Finished sub\/a\.txt hash \[[0-9a-f]{64}\] archive_id \[.+\]\n/);
    expect(first.stdout).toContain('\n  stored  1  12 B\nOK DONE\n');

    const elsewhere = ['--set-rel-filename', 'x/renamed', '--filename', place.at('kept/large.bin')];
    expect((await mtglacier('upload-file', ...on, ...elsewhere)).exitCode).toBe(0);

    const piped = await behind('cat kept/large.bin kept/sub/a.txt', ['upload-file', ...on, ...STDIN, '--json']);
    expect(piped).toMatchObject({ exitCode: 0, stderr: '' });
    const content = Buffer.concat([LARGE, Buffer.from('content of a')]);
    const stored = { event: 'stored', path: 'dumps/mail.tar', size: content.length };
    expect(objectsOf(piped.stdout)).toContainEqual(
      expect.objectContaining({ ...stored, treeHash: treeHashOf(content, nodeEngine) }),
    );
    const lines = textOf(journal).split('\n').slice(0, -1);
    expect(lines.map((line) => line.split('\t').filter((_, field) => [0, 2, 4, 7].includes(field)))).toEqual([
      ['B', 'CREATED', '12', 'sub/a.txt'],
      ['B', 'CREATED', String(LARGE.length), 'x/renamed'],
      ['B', 'CREATED', String(content.length), 'dumps/mail.tar'],
    ]);
    const runs = readdirSync(`${journal}.runs`);
    expect(runs.filter((name) => name.includes('upload-file'))).toHaveLength(3);
    expect(await openUploads('forms')).toBe(0);
  });

  it('what was stored from below a directory is known to a sync of it', async () => {
    const { on } = await ground('known');
    symlinkSync('sub', place.at('kept', 'linked'));
    const linked = ['--dir', place.at('kept'), '--filename', place.at('kept/linked/a.txt')];
    expect((await mtglacier('upload-file', ...on, ...linked)).stdout).toContain('Finished sub/a.txt ');
    const { stdout } = await mtglacier('sync', ...on, '--dir', place.at('kept'), '--replace-modified', '--new');
    expect(stdout).not.toContain('Finished sub/a.txt');
    expect(stdout).toContain('Finished large.bin ');
  });

  it('a dry run says what would be stored, and reads no pipe', async () => {
    const { on, journal } = await ground('dry');
    const file = ['--dir', place.at('kept'), '--filename', place.at('kept/sub/a.txt'), '--dry-run'];
    const { stdout } = await mtglacier('upload-file', ...on, ...file);
    expect(stdout).toContain(`Will UPLOAD ${place.at('kept/sub/a.txt')}\n`);
    expect(stdout).toContain('\n  would be stored  1  12 B\nOK DONE\n');
    const piped = await behind('cat empty', ['upload-file', ...on, ...STDIN, '--dry-run']);
    expect(piped.stdout).toMatch(/^Will UPLOAD dumps\/mail\.tar\n/);
    expect(existsSync(journal)).toBe(false);
  });

  it('a name that the journal has is refused with exit code 2', async () => {
    const { on, journal } = await ground('taken');
    expect((await behind('echo mail', ['upload-file', ...on, ...STDIN])).exitCode).toBe(0);
    const before = textOf(journal);
    const again = await behind('echo new mail', ['upload-file', ...on, ...STDIN]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/^ERROR: the journal has "dumps\/mail\.tar" already, of 5 bytes\nhint: give another/);
    expect(textOf(journal)).toBe(before);
  });
});

describe('upload-file refuses before anybody is asked', () => {
  const unasked = (name: string) => {
    const journal = place.at(`${name}.journal`);
    const on = ['upload-file', '--config', place.at('no-server.cfg'), '--vault', 'none', '--journal', journal];
    return {
      on,
      expectUntouched: () => expect(readdirSync(place.at('.')).filter((file) => file.includes(name))).toEqual([]),
    };
  };

  it.each([
    [
      'an empty file',
      ['--set-rel-filename', 'x', '--filename', 'empty'],
      2,
      '--filename "empty" is empty, and no archive can be',
    ],
    ['a directory', ['--set-rel-filename', 'x', '--filename', 'kept'], 2, '--filename "kept" is no regular file'],
    ['what is not there', ['--set-rel-filename', 'x', '--filename', 'none'], 2, '--filename "none" does not exist'],
    [
      'what is not in the directory',
      ['--dir', 'kept/sub', '--filename', 'kept/large.bin'],
      2,
      'is not in --dir "kept/sub"',
    ],
    [
      'an unsafe name',
      ['--set-rel-filename', '../x', '--filename', 'kept/large.bin'],
      2,
      'name "../x" is not a plain relative path\nhint: give a name such as 2024/mail.tar',
    ],
    [
      'a file that is too large',
      ['--set-rel-filename', 'x', '--filename', 'kept/large.bin', '--check-max-file-size', '3'],
      1,
      'has 3.0 MiB, more than 3 MiB',
    ],
  ])('%s', async (_, words, exitCode, why) => {
    const { on, expectUntouched } = unasked('refused');
    const ended = await start([...on, ...words], { cwd: place.at('.') }).ended;
    expect(ended.stderr).toContain(why);
    expect(ended.exitCode).toBe(exitCode);
    expectUntouched();
  });

  it('an empty pipe', async () => {
    const { on, expectUntouched } = unasked('hollow');
    const ended = await behind('true', [...on, ...STDIN]);
    expect(ended.stderr).toMatch(/^ERROR: standard input is empty, and no archive can be\nhint: nothing was done/);
    expect(ended.exitCode).toBe(2);
    expectUntouched();
  });
});

describe('upload-file of a pipe that says nothing', () => {
  it('Ctrl-C ends the waiting, and nothing has been made', async () => {
    const words = ['--config', place.at('no-server.cfg'), '--vault', 'none', '--journal', place.at('silent.journal')];
    const { started, pipe } = await onPipe('silence', ['upload-file', ...words, ...STDIN, '--json']);
    await sees(started, '"event":"start"');
    started.process.kill('SIGINT');
    expect((await started.ended).exitCode).toBe(130);
    await pipe.close();
    expect(readdirSync(place.at('.')).filter((name) => name.startsWith('silent'))).toEqual([]);
  });
});

describe('upload-file of a pipe that ends otherwise', () => {
  it('more than allowed is not stored, and nothing of it stays in the vault', async () => {
    const { on, journal } = await ground('larger');
    const words = ['upload-file', ...on, '--stdin', '--set-rel-filename', 'x', '--check-max-file-size', '2'];
    const ended = await behind('cat kept/large.bin kept/large.bin', words);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toBe(
      'ERROR: standard input brings more than 2 MiB\n' +
        'hint: nothing was stored; raise --check-max-file-size if it is to be so large\n',
    );
    expect(ended.stdout).toContain('\n  stored  0  0 B\nexit code 1');
    expect(textOf(journal)).toBe('');
    expect(existsSync(`${journal}.pending`)).toBe(false);
    expect(await openUploads('larger')).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s while more is waited for drops what was sent', async (signal) => {
    const vault = `pipe-${signal}`;
    const { seen, isPart } = partWatch();
    await using gate = await openGate(place.server.endpoint, (request) => isPart(request) && false);
    writeConfig(place.at(`${vault}.cfg`), place.server, gate.endpoint);
    const { on, journal } = await ground(vault, `${vault}.cfg`);
    const { started, pipe } = await onPipe(vault, ['upload-file', ...on, ...STDIN]);
    await pipe.write(LARGE);
    await seen;
    started.process.kill(signal);
    const ended = await started.ended;
    await pipe.close();
    expect(ended.stderr).toContain(`ERROR: interrupted by ${signal}\n`);
    expect(ended.exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(
      readdirSync(place.at('.'))
        .filter((name) => name.startsWith(`${vault}.journal`))
        .sort(),
    ).toEqual([`${vault}.journal`, `${vault}.journal.runs`, `${vault}.journal.vault`]);
    expect(textOf(journal)).toBe('');
    expect(await openUploads(vault)).toBe(0);
  });

  it('killed in the middle: a sync drops what was sent, and stores the file of that name that it finds', async () => {
    const { on, journal } = await ground('killed');
    const { isPart, seen } = partWatch();
    await using gate = await openGate(
      place.server.endpoint,
      (request) => isPart(request) && request.headers['content-range']?.startsWith(`bytes ${MIB}-`) === true,
    );
    writeConfig(place.at('killed.cfg'), place.server, gate.endpoint);
    const through = on.map((word) => (word === place.at('glacier.cfg') ? place.at('killed.cfg') : word));
    const { started, pipe } = await onPipe('killed', ['upload-file', ...through, ...STDIN]);
    await pipe.write(LARGE);
    await seen;
    await gate.holding;
    started.process.kill('SIGKILL');
    await started.ended;
    await pipe.close();
    expect(await openUploads('killed')).toBe(1);

    const [{ file } = { file: { mtime: 0 } }] = objectsOf(textOf(`${journal}.pending`)) as {
      file: { mtime: number };
    }[];
    mkdirSync(place.at('other/dumps'), { recursive: true });
    writeFileSync(place.at('other/dumps/mail.tar'), LARGE);
    execFileSync('touch', ['-d', `@${file.mtime}`, place.at('other/dumps/mail.tar')]);
    const { exitCode, stdout } = await mtglacier('sync', ...on, '--dir', place.at('other'));
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('Resumed');
    expect(await openUploads('killed')).toBe(0);
    const [archive] = (await readJournal(journal)).live.versionsOf(RelPath.parse('dumps/mail.tar'));
    expect(archive).toMatchObject({ size: LARGE.length, treeHash: treeHashOf(LARGE, nodeEngine) });
  });
});

describe('upload-file without permission', () => {
  it('a file that may not be read is refused before anybody is asked', async () => {
    writeFileSync(place.at('private'), 'content', { mode: 0 });
    const journal = ['--vault', 'none', '--journal', place.at('private.journal')];
    const what = ['--set-rel-filename', 'x', '--filename', place.at('private')];
    const ended = await withoutPrivilege('upload-file', '--config', place.at('no-server.cfg'), ...journal, ...what);
    expect(ended.stderr).toMatch(/^ERROR: --filename ".*\/private" cannot be read \(EACCES\)\nhint: check its owner/);
    expect(ended.exitCode).toBe(2);
    expect(existsSync(place.at('private.journal.vault'))).toBe(false);
  });
});

/** Tells requests that send a part, and resolves at the first. */
function partWatch(): { seen: Promise<void>; isPart: (request: IncomingMessage) => boolean } {
  let see = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    see = resolve;
  });
  const isPart = ({ method }: IncomingMessage): boolean => {
    if (method === 'PUT') see();
    return method === 'PUT';
  };
  return { seen, isPart };
}
