// get, rm, jobs and uploads as they are typed.

import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import { VaultName } from '../../src/model/identifiers.js';
import { openVaults } from '../../src/vault/open.js';
import { bytesOf, hashed, MIB } from '../vault/bytes.js';
import { type Ended, mtglacier, start } from './program.js';
import { objectsOf, openWorkplace, pathsIn, readJournal, type Workplace } from './workplace.js';

const NEVER = new AbortController().signal;
const FILM = bytesOf(5 * MIB + 3);
const MTIME = 1_650_000_000;

let place: Workplace;
let online: readonly string[];

beforeAll(async () => {
  place = await openWorkplace('single');
  online = [...place.config, '--vault', 'v', '--journal', place.at('j')];
  mkdirSync(place.at('kept'));
  for (const name of ['a', 'b', 'c']) writeFileSync(place.at('kept', name), `content of ${name}`);
  writeFileSync(place.at('kept', 'film'), FILM);
  await mtglacier('create-vault', 'v', ...place.config);
  expect(await mtglacier('sync', ...online, '--dir', place.at('kept'))).toMatchObject({ exitCode: 0 });
});

afterAll(() => place[Symbol.asyncDispose]());

/** Standard output goes to a file, or to another command. */
function under(shell: string, ...words: readonly string[]): Promise<Ended> {
  return start(words, { under: ['sh', '-c', `"$0" "$@" ${shell}`] }).ended;
}

describe('single archives', () => {
  it('single archives: get waits, then brings its file; jobs tells of both', async () => {
    mkdirSync(place.at('back'));
    const get = ['get', ...online, '--dir', place.at('back'), 'a'];
    expect(await mtglacier(...get)).toMatchObject({ exitCode: 75, stderr: '' });
    expect(await mtglacier(...get)).toMatchObject({
      exitCode: 75,
      stdout: expect.stringContaining('Not ready yet: a'),
    });
    const running = await mtglacier('jobs', ...online, '--json');
    expect(objectsOf(running.stdout)[1]).toMatchObject({ event: 'job', path: 'a', state: 'running' });
    place.passHours(5);
    expect(await mtglacier(...get)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(place.at('back', 'a'), 'utf8')).toBe('content of a');
    const { stdout } = await mtglacier('jobs', ...place.config, '--vault', 'v', '--journal', place.at('j'));
    expect(stdout).toMatch(/^STATE +REQUESTED +SIZE +WHAT\nready until \S+ \S+ .*12 B +a\n$/);
  });

  it('single archives: a get is recorded once, also where it opens the journal a second time', () => {
    const runs = readdirSync(place.at('j.runs')).filter((name) => /-get(?:-\d+)?\.ndjson$/.test(name));
    expect(runs).toHaveLength(3);
  });

  it('single archives: standard output gets the bytes and nothing else; all talk goes to standard error', async () => {
    const get = ['get', ...online, '--segment-size', '1', '--output', '-', 'film'];
    expect(await mtglacier(...get)).toMatchObject({ exitCode: 75, stdout: '' });
    place.passHours(5);
    const out = place.at('film.out');
    const plain = await under(`> ${out}`, ...get);
    expect(plain).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('OK DONE') });
    expect(Buffer.compare(readFileSync(out), FILM)).toBe(0);
    const json = await under(`> ${out}`, ...get, '--json');
    expect(objectsOf(json.stderr).at(-1)).toMatchObject({ event: 'summary', exitCode: 0 });
    expect(Buffer.compare(readFileSync(out), FILM)).toBe(0);
  });

  it('single archives: a pipe gets all, and a reader that goes away ends the run quietly', async () => {
    const get = ['get', ...online, '--segment-size', '1', '--output', '-', 'film'];
    const piped = await under('| dd bs=777 status=none | cksum', ...get);
    const direct = await start([place.at('film.out')], { under: ['sh', '-c', 'cksum < "$2"'] }).ended;
    expect(piped.stdout).toBe(direct.stdout);
    const cut = await under('| head -c 3 | wc -c', ...get);
    expect(cut.stdout.trim()).toBe('3');
    expect(cut.stderr).toContain('OK DONE');
    expect(cut.stderr).not.toMatch(/ERROR|EPIPE/);
  });

  it('single archives: a reader that has stopped reading does not hold an interrupted run', async () => {
    const started = start(['get', ...online, '--segment-size', '1', '--output', '-', 'film']);
    const stdout = started.process.stdout as Readable;
    await once(stdout, 'data');
    stdout.pause();
    started.process.kill('SIGTERM');
    expect(await once(started.process, 'exit')).toEqual([143, null]);
    stdout.resume();
    expect((await started.ended).stderr).toContain('ERROR: interrupted by SIGTERM');
  });

  it('single archives: a full disk behind standard output is told', async () => {
    const get = ['get', ...online, '--output', '-', 'film'];
    const { exitCode, stderr } = await under('> /dev/full', ...get);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^ERROR: cannot write standard output: no space left on device$/m);
  });

  it.each([
    ['nowhere/b', /^ERROR: the directory of --output "\S+nowhere" does not exist\nhint: /],
    ['b/', /^ERROR: --output "\S+b\/" is a directory\nhint: name a file, or give --dir\n/],
  ])('single archives: --output %s is no place for a file', async (output, why) => {
    const { exitCode, stderr } = await mtglacier('get', ...online, '--output', place.at(output), 'b');
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(2);
  });

  it('single archives: a file that is there already is refused before anything is asked', async () => {
    const { exitCode, stderr } = await mtglacier('get', ...online, '--output', place.at('kept', 'a'), 'b');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is there already');
    expect(readFileSync(place.at('j'), 'utf8').match(/RETRIEVE_JOB/g)).toHaveLength(2);
  });

  it('single archives: rm deletes what it finds, and what it does not find makes 3', async () => {
    expect(await mtglacier('rm', ...online, 'b', 'none', '--dry-run')).toMatchObject({ exitCode: 3 });
    expect(await pathsIn(await readJournal(place.at('j')))).toEqual(['a', 'b', 'c', 'film']);
    expect(await mtglacier('rm', ...online, 'b', 'none')).toMatchObject({ exitCode: 3 });
    expect(await pathsIn(await readJournal(place.at('j')))).toEqual(['a', 'c', 'film']);
    expect(await mtglacier('rm', ...online, 'c')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('single archives: an upload that another program left is listed, gone on with, and then in the journal', async () => {
    const content = bytesOf(2 * MIB + 9, 5);
    writeFileSync(place.at('kept', 'other'), content);
    utimesSync(place.at('kept', 'other'), MTIME, MTIME);
    await leaveUpload(encodeDescription({ filename: 'other', mtime: Instant.ofSeconds(MTIME) }), content);
    await leaveUpload('something else', content);

    const listed = objectsOf((await mtglacier('uploads', ...online, '--json')).stdout);
    const uploads = listed.filter(({ event }) => event === 'upload');
    expect(uploads.map(({ path, size, inJournal }) => [path, size, inJournal])).toEqual(
      expect.arrayContaining([
        ['other', MIB, false],
        [null, MIB, false],
      ]),
    );
    const early = [...place.config, '--vault', 'v', '--journal', place.at('not-yet')];
    expect(await mtglacier('uploads', ...early)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('other'),
    });
    expect(readdirSync(place.at()).filter((name) => name.startsWith('not-yet'))).toEqual([]);
    const resume = ['uploads', ...online, '--dir', place.at('kept'), '--resume', '--all'];
    expect((await mtglacier(...resume, '--dry-run')).stdout).toMatch(/Will RESUME upload \S+ of \S+other/);
    const resumed = await mtglacier(...resume);
    expect(resumed.exitCode).toBe(3);
    expect(resumed.stdout).toContain('Resumed other: 1.0 MiB were in the vault already');
    expect(resumed.stderr).toContain('its description names no file');
    expect(await pathsIn(await readJournal(place.at('j')))).toEqual(['a', 'film', 'other']);

    expect(await mtglacier('uploads', ...place.config, '--vault', 'v', '--abort', '--all')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Dropped upload \S+\n/),
    });
    expect(await mtglacier('uploads', ...online)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('no unfinished uploads'),
    });
  });
});

/** An upload in parts of 1 MiB of which the first has arrived. */
async function leaveUpload(description: string, content: Uint8Array): Promise<void> {
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = place.server;
  const account = { endpoint, region, key, secret, token: undefined, profile: undefined };
  const manner = { protocol: 'http', timeoutMs: 10_000, concurrency: 1 } as const;
  await using vaults = await openVaults({ ...account, ...manner }, () => undefined);
  const vault = vaults.vault(VaultName.parse('v'));
  const id = await vault.beginUpload(MIB, description, NEVER);
  await vault.uploadPart(id, { start: 0, end: MIB }, hashed(content.slice(0, MIB)), NEVER);
}
