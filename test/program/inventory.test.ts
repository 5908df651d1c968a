// A journal that was lost and made again from the vault's inventory, with the built program over HTTP.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothHashes, send } from '../edges/local-server/raw-client.js';
import { mtglacier } from './program.js';
import { objectsOf, openWorkplace, type Workplace } from './workplace.js';

const MIB = 1024 * 1024;

const ODD: Readonly<Record<string, string | Buffer>> = {
  'plain.txt': 'plain',
  ' blanks / around ': 'blanks',
  'quotes " \' , and \\': 'quotes',
  'back\\slash,"': 'CSV does not escape these',
  'отпуск/море ☀.txt': 'sea',
  'control \u0001\u007f': 'control',
  '\ufffd and 😀': 'astral',
  'large.bin': Buffer.alloc(2 * MIB + 1, 'large'),
};

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('inventory');
});

afterAll(() => place[Symbol.asyncDispose]());

function fill(directory: string, files = ODD): void {
  Object.entries(files).forEach(([name, content], i) => {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, 1_400_000_000 + i, 1_400_000_000 + i);
  });
}

/** Content and time of every file, by name. */
function treeOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.flatMap((name) => {
      const stat = statSync(join(directory, name));
      return stat.isFile() ? [[name, `${stat.mtimeMs} ${readFileSync(join(directory, name)).toString('base64')}`]] : [];
    }),
  );
}

/** Puts an archive into the vault as another program would. */
async function storeAs(vault: string, description: string): Promise<void> {
  const body = Buffer.from('foreign');
  const headers = { 'x-amz-archive-description': description, ...bothHashes(body) };
  const answer = await send(place.server, { method: 'POST', path: `/-/vaults/${vault}/archives`, headers, body });
  expect(answer.status).toBe(201);
}

/** Waits until the service has taken an inventory, asks for it, and waits until it is ready. */
async function ready(vault: string): Promise<void> {
  place.passHours(25);
  const asked = await mtglacier('retrieve-inventory', ...place.config, '--vault', vault);
  expect(asked).toMatchObject({ exitCode: 0 });
  place.passHours(6);
}

/** The tables of a `--json` summary, by key. */
function countsOf(stdout: string): unknown {
  return objectsOf(stdout).find(({ event }) => event === 'summary')?.['counts'];
}

describe('a lost journal', () => {
  it.each(['json', 'csv'])('is made again from a %s inventory as if it had never been lost', async (format) => {
    const [vault, dir, journal] = [`life-${format}`, place.at(`kept-${format}`), place.at(`${format}.journal`)];
    fill(dir);
    const ask = [...place.config, '--vault', vault];
    const all = [...ask, '--journal', journal, '--dir', dir];
    await mtglacier('create-vault', vault, ...place.config);
    expect(await mtglacier('sync', ...all)).toMatchObject({ exitCode: 0 });
    for (const name of readdirSync(place.at()))
      if (name.startsWith(`${format}.journal`)) rmSync(place.at(name), { recursive: true });

    const tooEarly = await mtglacier('retrieve-inventory', ...ask);
    expect(tooEarly).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('inventory') });
    place.passHours(25);
    expect(await mtglacier('retrieve-inventory', ...ask, '--request-inventory-format', format)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Retrieved Inventory, job id '),
    });
    expect(await mtglacier('download-inventory', ...ask, '--new-journal', journal)).toMatchObject({ exitCode: 75 });
    place.passHours(6);
    expect(await mtglacier('download-inventory', ...ask, '--new-journal', journal)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`Downloaded inventory in ${format.toUpperCase()} format`),
    });

    const again = await mtglacier('sync', ...all, '--replace-modified', '--new', '--delete-removed', '--json');
    expect(again.exitCode).toBe(0);
    expect(countsOf(again.stdout)).toMatchObject({ files: { unchanged: { count: 8 }, total: { count: 8 } } });
    expect(await mtglacier('check-local-hash', ...all)).toMatchObject({ exitCode: 0 });
    const elsewhere = place.at(`elsewhere-${format}`);
    mkdirSync(elsewhere);
    const there = [...ask, '--journal', journal, '--dir', elsewhere];
    expect(await mtglacier('restore', ...there, '--max-number-of-files', '99')).toMatchObject({ exitCode: 75 });
    place.passHours(6);
    expect(await mtglacier('restore-completed', ...there)).toMatchObject({ exitCode: 0 });
    expect(treeOf(elsewhere)).toEqual(treeOf(dir));
    expect(await mtglacier('verify-remote', ...ask, '--journal', journal)).toMatchObject({ exitCode: 0 });
  });

  it('names what other programs stored when asked to, sets aside what no journal can hold, and adopts what came since', async () => {
    const ask = [...place.config, '--vault', 'foreign'];
    await mtglacier('create-vault', 'foreign', ...place.config);
    await storeAs('foreign', '{"path": "/share/film.mov", "type": "file"}');
    await storeAs(
      'foreign',
      `mt2 ${Buffer.from('{"filename":"../x","mtime":"20121228T085640Z"}').toString('base64url')}`,
    );
    await ready('foreign');
    const [ids, names] = [place.at('ids.journal'), place.at('names.journal')];
    const plain = await mtglacier('download-inventory', ...ask, '--new-journal', ids, '--json');
    expect(plain.exitCode).toBe(3);
    const topics = objectsOf(plain.stdout).filter(({ event }) => event === 'notice');
    expect(topics).toMatchObject([
      { topic: 'set-aside', message: expect.stringContaining('ids.journal.set-aside') },
      { topic: 'names-in-other-dialects', hint: expect.stringContaining('--decode-names qnap') },
    ]);
    expect(objectsOf(readFileSync(`${ids}.set-aside`, 'utf8'))).toMatchObject([{ name: '../x', size: 7 }]);
    const decoded = await mtglacier(
      'download-inventory',
      ...ask,
      '--new-journal',
      names,
      '--json',
      '--decode-names=all',
    );
    expect(countsOf(decoded.stdout)).toMatchObject({
      archives: { qnap: { count: 1, size: 7 }, setAside: { count: 1, size: 7 }, total: { count: 2, size: 14 } },
    });
    expect(readFileSync(names, 'utf8')).toMatch(/\tNONE\t[0-9a-f]{64}\tshare\/film.mov\n$/);

    await storeAs('foreign', 'backup.tar');
    await ready('foreign');
    const verify = ['verify-remote', ...ask, '--journal', names, '--decode-names', 'all', '--exclude', '*x'];
    expect((await mtglacier(...verify)).exitCode).toBe(3);
    expect((await mtglacier(...verify, '--adopt', '--dry-run')).exitCode).toBe(3);
    const adopted = await mtglacier(...verify, '--adopt', '--json');
    expect(adopted.exitCode).toBe(0);
    expect(objectsOf(adopted.stdout).filter(({ event }) => event === 'adopted')).toMatchObject([
      { path: 'backup.tar' },
    ]);
    expect((await mtglacier(...verify)).exitCode).toBe(0);
  });

  it('is not made where there is one, nor for an unknown dialect, and the vault is not asked', async () => {
    const journal = place.at('there.journal');
    writeFileSync(journal, 'B\t1\tRETRIEVE_JOB\ta\tb\n');
    const nowhere = ['--endpoint', 'http://127.0.0.1:1', '--region', 'nowhere-1', '--vault', 'v', '--new-journal'];
    const refused = await mtglacier('download-inventory', ...nowhere, journal);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there.journal') });
    expect(readFileSync(journal, 'utf8')).toBe('B\t1\tRETRIEVE_JOB\ta\tb\n');
    const unknown = await mtglacier(
      'download-inventory',
      ...nowhere,
      place.at('new'),
      '--decode-names',
      'plain,nobody',
    );
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cloudberry') });
    expect(readdirSync(place.at()).filter((name) => name.startsWith('there') || name === 'new')).toEqual([
      'there.journal',
    ]);
  });
});
