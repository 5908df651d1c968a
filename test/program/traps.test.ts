// The traps of mt-aws-glacier 1.120, one by one, with the built program: what it did, we do better. The numbers are those
// of docs/traps-and-wishes.md, which names the tests of the traps that are not here.

import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothHashes, send } from '../edges/local-server/raw-client.js';
import { openGate } from './gate.js';
import { mtglacier, start, withoutPrivilege } from './program.js';
import { objectsOf, openWorkplace, pathsIn, readJournal, textOf, type Workplace, writeConfig } from './workplace.js';

const OLD_TIME = 1_356_685_000;
const MIB = 1024 * 1024;

let place: Workplace;
let made = 0;

beforeAll(async () => {
  place = await openWorkplace('traps');
});

afterAll(() => place[Symbol.asyncDispose]());

interface Ground {
  /** The kept directory. */
  readonly dir: string;
  readonly journal: string;
  readonly vault: string;
  /** `--vault`, `--journal` and the config. */
  readonly known: readonly string[];
  /** Those and `--dir`. */
  readonly all: readonly string[];
}

/** A vault, a directory with these files, and no journal yet. */
async function ground(files: Readonly<Record<string, string | Buffer>>): Promise<Ground> {
  const vault = `trap-${++made}`;
  const dir = place.at(vault);
  mkdirSync(dir);
  for (const [name, content] of Object.entries(files)) write(`${dir}/${name}`, content);
  expect((await mtglacier('create-vault', vault, ...place.config)).exitCode).toBe(0);
  const journal = place.at(`${vault}.journal`);
  const known = [...place.config, '--vault', vault, '--journal', journal];
  return { dir, journal, vault, known, all: [...known, '--dir', dir] };
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, OLD_TIME, OLD_TIME);
}

async function stored(files: Readonly<Record<string, string | Buffer>>): Promise<Ground> {
  const on = await ground(files);
  expect(await mtglacier('sync', ...on.all)).toMatchObject({ exitCode: 0 });
  return on;
}

/** Everything missing is asked for, and has become ready. */
async function askedFor(on: Ground, journal = on.journal): Promise<void> {
  const all = on.all.map((word) => (word === on.journal ? journal : word));
  expect(await mtglacier('restore', ...all, '--max-number-of-files', '99')).toMatchObject({ exitCode: 75 });
  place.passHours(6);
}

function namesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
}

describe('traps of mt-aws-glacier', () => {
  it('1: an archive whose time is not known is restored like any other', async () => {
    const on = await stored({ 'a b': 'first', c: 'second' });
    const [first = '', second = ''] = textOf(on.journal).trimEnd().split('\n');
    const [, at, , id, size, , treeHash, path] = first.split('\t');
    const without = second.split('\t').with(5, 'NONE').join('\t');
    writeFileSync(on.journal, `${at} CREATED ${id} ${size} ${treeHash} ${path}\n${without}\n`);
    rmSync(on.dir, { recursive: true });
    mkdirSync(on.dir);
    await askedFor(on);
    expect(await mtglacier('restore-completed', ...on.all)).toMatchObject({ exitCode: 0 });
    expect(textOf(`${on.dir}/a b`) + textOf(`${on.dir}/c`)).toBe('firstsecond');
    expect(statSync(`${on.dir}/c`).mtimeMs / 1000).toBeGreaterThan(OLD_TIME + 1);
  });

  it('2: a name that the journal cannot hold is refused by name, and every other file is recorded', async () => {
    const on = await ground({ 'a-ascii': '1', 'm-日本': '2', 'z-файл': '3' });
    const { exitCode, stdout, stderr } = await mtglacier('sync', ...on.all, '--journal-encoding', 'KOI8-R');
    expect(exitCode).toBe(3);
    expect(stdout + stderr).toContain('m-日本');
    const journal = readFileSync(on.journal);
    expect(journal.toString('latin1').split('\n')).toHaveLength(3);
    expect(journal.includes(Buffer.from('z-\xc6\xc1\xca\xcc\n', 'latin1'))).toBe(true);
    const again = await mtglacier('sync', ...on.all, '--journal-encoding', 'KOI8-R', '--json');
    expect(objectsOf(again.stdout).filter(({ event }) => event === 'stored')).toEqual([]);
  });

  it('3: a journal has one writer at a time', async () => {
    const on = await ground({ f: 'content' });
    await using gate = await openGate(place.server.endpoint, ({ method, url }) => {
      return method === 'POST' && url?.endsWith('/archives') === true;
    });
    const config = place.at('gate.cfg');
    writeConfig(config, place.server, gate.endpoint);
    const first = start(['sync', ...on.all.map((word) => (word === place.config[1] ? config : word))]);
    await gate.holding;
    const second = await mtglacier('sync', ...on.all);
    expect(second.exitCode).toBe(7);
    expect(second.stderr).toMatch(/locked by pid \d+/);
    first.process.kill('SIGKILL');
    await first.ended;
  });

  it('4: a dry run makes no journal and nothing beside it', async () => {
    const on = await ground({ f: 'content' });
    const before = readdirSync(place.at());
    expect(await mtglacier('sync', ...on.all, '--dry-run')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(place.at())).toEqual(before);
  });

  it('5: a failure has the same exit code whatever the concurrency', async () => {
    const on = await ground({ a: '1', b: '2', c: '3' });
    const nowhere = on.all.map((word) => (word === on.vault ? 'no-such-vault' : word));
    const codes = ['1', '2', '8'].map(async (n) => (await mtglacier('sync', ...nowhere, '--concurrency', n)).exitCode);
    expect(await Promise.all(codes)).toEqual([2, 2, 2]);
  });

  it.each([429, 500, 502, 503, 504, 408, 'reset'])(
    '6: after an answer of %s the request is sent again',
    async (answer) => {
      const on = await ground({ f: 'content' });
      await using rough = await roughWay(answer);
      const config = place.at(`rough-${answer}.cfg`);
      writeConfig(config, place.server, rough.endpoint);
      const all = on.all.map((word) => (word === place.config[1] ? config : word));
      const { exitCode, stdout } = await mtglacier('sync', ...all, '--json');
      expect(exitCode).toBe(0);
      const events = objectsOf(stdout).map(({ event }) => event);
      expect(events).toContain('retrying');
      expect(events).toContain('stored');
    },
  );

  it('7: a pattern with a slash inside is anchored at the root, as it was, and the help says so', async () => {
    const on = await ground({ 'tmp/myfile': '1', 'home/tmp/myfile': '2' });
    await mtglacier('sync', ...on.all, '--filter', '-tmp/myfile');
    expect(await pathsIn(await readJournal(on.journal))).toEqual(['home/tmp/myfile']);
    const { stdout } = await mtglacier('help', 'sync');
    expect(stdout).toMatch(/slash/);
  });

  it('8: a path with an h or help in it is not a cry for help', async () => {
    const on = await ground({ f: 'content' });
    const journal = place.at('h', 'help', 'x.journal');
    mkdirSync(dirname(journal), { recursive: true });
    const { exitCode } = await mtglacier(
      `--journal=${journal}`,
      'sync',
      ...place.config,
      '--vault',
      on.vault,
      '--dir',
      on.dir,
    );
    expect(exitCode).toBe(0);
    expect(textOf(journal)).toContain('CREATED');
  });

  it('9: nothing is deleted because a directory is empty', async () => {
    const on = await stored({ 'a/1': '1', 'b/2': '2' });
    const journal = textOf(on.journal);
    renameSync(on.dir, `${on.dir}.away`);
    mkdirSync(on.dir);
    const { exitCode, stderr } = await mtglacier('sync', ...on.all, '--delete-removed');
    expect(exitCode).toBe(6);
    expect(stderr).toContain('--delete-everything');
    expect(textOf(on.journal)).toBe(journal);
  });

  it('9: nothing is deleted because a directory cannot be read', async () => {
    const on = await stored({ 'a/1': '1', 'b/2': '2', c: '3' });
    rmSync(`${on.dir}/c`);
    const journal = textOf(on.journal);
    chmodSync(`${on.dir}/b`, 0);
    const { exitCode, stdout, stderr } = await withoutPrivilege('sync', ...on.all, '--delete-removed');
    chmodSync(`${on.dir}/b`, 0o755);
    expect(stdout + stderr).toContain('cannot read');
    expect(exitCode).toBe(3);
    expect(textOf(on.journal)).toBe(journal);
  });

  it('10: a directory that is named by a link is the directory', async () => {
    const on = await ground({ f: 'content' });
    symlinkSync(on.dir, `${on.dir}.link`);
    const all = on.all.map((word) => (word === on.dir ? `${on.dir}.link` : word));
    expect(await mtglacier('sync', ...all)).toMatchObject({ exitCode: 0 });
    expect(await pathsIn(await readJournal(on.journal))).toEqual(['f']);
  });

  it('11: files that need nothing do not count against --max-number-of-files', async () => {
    const on = await stored({ a: '1', b: '2', c: '3' });
    write(`${on.dir}/c`, 'changed');
    const limited = ['--replace-modified', '--max-number-of-files', '1'];
    expect(await mtglacier('sync', ...on.all, ...limited)).toMatchObject({ exitCode: 0 });
    expect(textOf(on.journal).split('\n').at(-2)).toMatch(/\tDELETED\t.*\tc$/);
  });

  it('11: files that fail count, and who waits for the rest is told so', async () => {
    const on = await stored({ a: '1', b: '2' });
    const gone = textOf(on.journal).replace(/CREATED\t\S+(.*\ta\n)/, `CREATED\t${'x'.repeat(138)}$1`);
    writeFileSync(on.journal, gone);
    for (const name of ['a', 'b']) rmSync(`${on.dir}/${name}`);
    const { exitCode, stdout } = await mtglacier('restore', ...on.all, '--max-number-of-files', '1');
    expect(stdout).toContain('\nMore files are missing: raise --max-number-of-files, as files that fail count too.\n');
    expect(exitCode).toBe(3);
  });

  it.each(['0', '-1', 'many', '1.5'])('12: --max-number-of-files %s is refused', async (number) => {
    const on = await ground({ f: 'content' });
    for (const command of ['sync', 'restore']) {
      const { exitCode, stderr } = await mtglacier(command, ...on.all, `--max-number-of-files=${number}`);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--max-number-of-files');
    }
  });

  it('13: a file fetched in segments is held against the journal as a whole', async () => {
    const on = await stored({ f: Buffer.alloc(3 * MIB, 7) });
    const [line = ''] = textOf(on.journal).split('\n');
    writeFileSync(on.journal, `${line.split('\t').with(6, 'f'.repeat(64)).join('\t')}\n`);
    rmSync(`${on.dir}/f`);
    await askedFor(on);
    expect(await mtglacier('restore-completed', ...on.all, '--segment-size', '1')).toMatchObject({ exitCode: 4 });
    expect(namesIn(on.dir)).toEqual([]);
  });

  it('14: an inventory with hostile names makes a journal of all the others, and says which it set aside', async () => {
    const on = await stored({ good: '1' });
    const names = ['../../etc/passwd', '/absolute', 'tab\tinside', 'a/../b', ''];
    for (const name of names) await storeAs(on.vault, `mt2 ${described(name)}`);
    await storeAs(on.vault, `mt2 ${Buffer.from('{"filename":"f","mtime":"yesterday"}').toString('base64url')}`);
    place.passHours(25);
    expect(await mtglacier('retrieve-inventory', ...place.config, '--vault', on.vault)).toMatchObject({ exitCode: 0 });
    place.passHours(6);
    const fresh = place.at(`${on.vault}.new`);
    const ended = await mtglacier('download-inventory', ...place.config, '--vault', on.vault, '--new-journal', fresh);
    expect(ended.exitCode).toBe(3);
    const journal = await readJournal(fresh);
    const paths = await pathsIn(journal);
    expect(paths).toContain('good');
    expect(paths.filter((path) => path.includes('..') || path.startsWith('/'))).toEqual([]);
    expect(namesIn(place.at()).filter((name) => name.startsWith(`${on.vault}.new`)).length).toBeGreaterThan(1);
  });

  it('15: nothing ready is not success', async () => {
    const on = await stored({ f: 'content' });
    const fresh = place.at(`${on.vault}.new`);
    const inventory = ['download-inventory', ...place.config, '--vault', on.vault, '--new-journal', fresh];
    expect((await mtglacier(...inventory)).exitCode).toBe(1);
    place.passHours(25);
    expect(await mtglacier('retrieve-inventory', ...place.config, '--vault', on.vault)).toMatchObject({ exitCode: 0 });
    expect((await mtglacier(...inventory)).exitCode).toBe(75);
    expect(existsSync(fresh)).toBe(false);

    rmSync(`${on.dir}/f`);
    expect((await mtglacier('restore-completed', ...on.all)).exitCode).toBe(1);
    await mtglacier('restore', ...on.all, '--max-number-of-files', '1');
    expect((await mtglacier('restore-completed', ...on.all)).exitCode).toBe(75);
  });

  it('18: check-local-hash needs neither keys nor network', async () => {
    const on = await stored({ f: 'content' });
    const env = { AWS_EC2_METADATA_DISABLED: 'true' };
    const args = ['check-local-hash', '--dir', on.dir, '--journal', on.journal];
    expect(await start(args, { env }).ended).toMatchObject({ exitCode: 0 });
  });

  it('20: what the terminal cannot show is written out, and nothing after it is lost', async () => {
    const on = await ground({ 'a 😀': '1', 'b файл': '2' });
    const child = start(['sync', ...on.all, '--dry-run', '--terminal-encoding', 'KOI8-R']);
    const bytes: Buffer[] = [];
    child.process.stdout?.setEncoding('latin1').on('data', (text: string) => bytes.push(Buffer.from(text, 'latin1')));
    await child.ended;
    const shown = Buffer.concat(bytes).toString('latin1');
    expect(shown).toMatch(/a .*1f600/i);
    expect(shown).toContain('b \xc6\xc1\xca\xcc');
    expect(shown).toContain('OK DONE');
  });

  it('21: tokens are as long as they come', async () => {
    const on = await ground({ f: 'content' });
    const { exitCode, stderr } = await mtglacier('sync', ...on.all, '--dry-run', '--token', 'T'.repeat(4000));
    expect(stderr).not.toContain('--token must');
    expect(exitCode).toBe(0);
  });
});

/** A way to the local vault on which the first request that stores an archive comes to this. */
async function roughWay(first: number | string): Promise<{ endpoint: string } & AsyncDisposable> {
  const to = new URL(place.server.endpoint);
  const open = new Set<Socket>();
  let isRough = true;
  const server = createServer((socket) => {
    const onward = connect(Number(to.port), to.hostname);
    for (const one of [socket, onward]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => [socket, onward].forEach((each) => each.destroy()));
    }
    onward.pipe(socket, { end: false });
    socket.on('data', (bytes: Buffer) => {
      if (!isRough || !/^POST \S+\/archives /.test(bytes.toString('latin1'))) return void onward.write(bytes);
      isRough = false;
      if (first === 'reset') return void socket.resetAndDestroy();
      return void socket.end(`HTTP/1.1 ${first} Trouble\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function described(filename: string): string {
  return Buffer.from(JSON.stringify({ filename, mtime: '20121228T085640Z' })).toString('base64url');
}

/** Puts an archive into the vault as another program would. */
async function storeAs(vault: string, description: string): Promise<void> {
  const body = Buffer.from('content of another program');
  const headers = { 'x-amz-archive-description': description, ...bothHashes(body) };
  const answer = await send(place.server, { method: 'POST', path: `/-/vaults/${vault}/archives`, headers, body });
  expect(answer.status).toBe(201);
}
