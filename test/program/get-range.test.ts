// get --range as it is typed: bytes of large archives, for their own price.

import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, MIB } from '../vault/bytes.js';
import { type Ended, mtglacier, sees, start } from './program.js';
import { objectsOf, openWorkplace, textOf, type Workplace } from './workplace.js';

/** Across its middle two ranges are asked for. */
const FILM = bytesOf(40 * MIB + 77, 5);

let place: Workplace;
let online: readonly string[];

beforeAll(async () => {
  place = await openWorkplace('range');
  online = [...place.config, '--vault', 'v', '--journal', place.at('j')];
  mkdirSync(place.at('kept'));
  mkdirSync(place.at('out'));
  writeFileSync(place.at('kept', 'film'), FILM);
  writeFileSync(place.at('kept', 'tiny'), 'x');
  writeFileSync(place.at('kept', 'dear'), FILM);
  await mtglacier('create-vault', 'v', ...place.config);
  expect(await mtglacier('sync', ...online, '--dir', place.at('kept'))).toMatchObject({ exitCode: 0 });
});

afterAll(() => place[Symbol.asyncDispose]());

function requestsSoFar(): number {
  return Object.values(place.server.control.requests().counts['InitiateJob'] ?? {}).reduce((sum, n) => sum + n, 0);
}

function getTo(name: string, range: string, ...more: readonly string[]): Promise<Ended> {
  return mtglacier('get', ...online, `--range=${range}`, '--output', place.at('out', name), ...more);
}

/** Asks, lets hours go by, and gives what comes. */
async function brought(range: string, of: string, name: string): Promise<Buffer> {
  expect(await getTo(name, range, of)).toMatchObject({ exitCode: 75, stderr: '' });
  place.passHours(5);
  expect(await getTo(name, range, of)).toMatchObject({ exitCode: 0, stderr: '' });
  return readFileSync(place.at('out', name));
}

describe('get --range', () => {
  it('get --range: asks once for what holds the bytes, waits, and brings exactly those', async () => {
    const before = requestsSoFar();
    const first = await getTo('middle', '33030144+2M', 'film');
    expect(first).toMatchObject({ exitCode: 75, stderr: '' });
    expect(first.stdout).toMatch(/Retrieved Archive \S+ \(filename film, bytes 31M-32M\)/);
    expect(first.stdout).toMatch(/requested +2 +3\.0 MiB\n/);
    const second = await getTo('middle', '33030144+2M', 'film');
    expect(second).toMatchObject({ exitCode: 75 });
    expect(second.stdout).toMatch(/Not ready yet: film, bytes 31M-32M \(expected /);
    expect(requestsSoFar() - before).toBe(2);
    expect(existsSync(place.at('out', 'middle'))).toBe(false);

    const { stdout } = await mtglacier('jobs', ...online);
    expect(stdout).toMatch(/ film \(bytes 31M-32M\)\n/);
    expect(textOf(place.at('j'))).not.toContain('RETRIEVE_JOB');

    place.passHours(5);
    const third = await getTo('middle', '33030144+2M', 'film');
    expect(third).toMatchObject({ exitCode: 0, stderr: '' });
    expect(third.stdout).toMatch(/Downloaded bytes 32256K-34304K of archive film\n/);
    expect(third.stdout).toMatch(
      /2\.0 MiB came, .*proven by the vault's own hashes: the journal can prove .* whole\.\n/,
    );
    expect(readFileSync(place.at('out', 'middle')).equals(FILM.subarray(33030144, 33030144 + 2 * MIB))).toBe(true);
    expect(requestsSoFar() - before).toBe(2);
  });

  it('get --range: the last bytes, a last short MiB, one byte, and an archive of one byte', async () => {
    expect((await brought('40M-', 'film', 'end')).equals(FILM.subarray(40 * MIB))).toBe(true);
    expect((await brought('-78', 'film', 'last')).equals(FILM.subarray(-78))).toBe(true);
    expect((await brought('5M+1', 'film', 'one')).equals(FILM.subarray(5 * MIB, 5 * MIB + 1))).toBe(true);
    expect((await brought('0-1', 'tiny', 'tiny')).toString()).toBe('x');
  });

  it('get --range: all of a file is its whole, noted in the journal and proven by it', async () => {
    const lines = textOf(place.at('j')).match(/RETRIEVE_JOB/g)?.length ?? 0;
    expect(await getTo('all', '0-', 'film')).toMatchObject({ exitCode: 75 });
    expect(textOf(place.at('j')).match(/RETRIEVE_JOB/g)).toHaveLength(lines + 1);
    place.passHours(5);
    const { stdout } = await getTo('all', '0-', 'film');
    expect(stdout).toMatch(/proven by the journal\.\n/);
    expect(readFileSync(place.at('out', 'all')).equals(FILM)).toBe(true);
    const before = requestsSoFar();
    expect(await getTo('some', '7M-8M', 'film'), 'the whole serves for a part').toMatchObject({ exitCode: 0 });
    expect(requestsSoFar()).toBe(before);
  });

  it('get --range: a range that goes beyond the end ends with the file, and says so', async () => {
    const { exitCode, stderr } = await getTo('beyond', '39M-1G', 'film');
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^notice: "film" has only 41943117 bytes: /)]);
    expect(readFileSync(place.at('out', 'beyond')).equals(FILM.subarray(39 * MIB))).toBe(true);
  });

  it.each([
    [
      'a range that begins at the end',
      ['--range', '41943117-', 'film'],
      /--range 41943117B-: "film" has only 41943117 bytes/,
    ],
    ['no bytes', ['--range', '5-5', 'film'], /--range must be a range of bytes that is not empty, not "5-5"/],
    ['more bytes than can be counted', ['--range', '0-99999P', 'film'], /--range must be a range/],
    ['a word', ['--range', 'first', 'film'], /--range must be a range/],
    [
      'two files',
      ['--range', '0-1', 'film', 'tiny'],
      /--output takes one archive, and 2 are named\n.*one file after the other/,
    ],
  ])('get --range: %s is refused, and nothing is asked for', async (_, words, why) => {
    const before = requestsSoFar();
    const { exitCode, stderr } = await mtglacier('get', ...online, '--output', place.at('out', 'never'), ...words);
    expect(stderr).toMatch(why);
    expect([exitCode, requestsSoFar() - before]).toEqual([2, 0]);
  });

  it.each([
    [['--dir', '.'], /--range needs --output/],
    [[], /get needs --dir or --output/],
  ])('get --range: with %j it has no file of its own to go to', async (words, why) => {
    const { exitCode, stderr } = await mtglacier('get', ...online, '--range', '0-1', ...words, 'film');
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(2);
  });

  it('get --range: a name that is not in the journal is named, and the exit code is 3', async () => {
    expect(await getTo('never', '0-1', 'none')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('"none" is not in the journal'),
    });
  });

  it('get --range: standard output gets the bytes and nothing else; programs are told on standard error', async () => {
    const get = ['get', ...online, '--segment-size', '1', '--range', '3M-9M', '--output', '-', 'film', '--json'];
    const under = (shell: string) => start(get, { under: ['sh', '-c', `"$0" "$@" ${shell}`] }).ended;
    const out = place.at('out', 'piped');
    const { exitCode, stderr } = await under(`> ${out}`);
    expect(exitCode).toBe(0);
    expect(readFileSync(out).equals(FILM.subarray(3 * MIB, 9 * MIB))).toBe(true);
    const told = objectsOf(stderr);
    const range = { start: 3 * MIB, end: 9 * MIB };
    expect(told.find(({ event }) => event === 'range-got')).toMatchObject({ path: 'film', range, proof: 'vault' });
    expect(told.at(-1)).toMatchObject({ event: 'summary', exitCode: 0, counts: { ranges: { total: { count: 1 } } } });
    const cut = await under('| head -c 3 | wc -c');
    expect(cut.stdout.trim()).toBe('3');
    expect(objectsOf(cut.stderr).at(-1)).toMatchObject({ counts: { ranges: { cutShort: { count: 1 } } } });
  });

  it('get --range: a signal ends it at once, and no file is left', async () => {
    const piped = start(['get', ...online, '--segment-size', '1', '--range', '1-30M', '--output', '-', 'film']);
    await once(piped.process.stdout as Readable, 'data');
    (piped.process.stdout as Readable).pause();
    piped.process.kill('SIGTERM');
    expect(await once(piped.process, 'exit')).toEqual([143, null]);
    (piped.process.stdout as Readable).resume();
    await piped.ended;

    place.server.control.addFault({ operation: 'GetJobOutput', fault: 'slow', bytesPerSecond: MIB });
    const before = readdirSync(place.at('out'));
    const output = ['--output', place.at('out', 'never')];
    const filed = start(['get', ...online, '--segment-size', '1', '--range', '1-30M', ...output, 'film', '--json']);
    await sees(filed, '"progress"');
    filed.process.kill('SIGINT');
    expect(await filed.ended).toMatchObject({ exitCode: 130 });
    place.server.control.clearFaults();
    expect(readdirSync(place.at('out'))).toEqual(before);
  });

  it('get --range: only the range counts against what it may cost', async () => {
    const [prices, region] = [place.at('prices.json'), place.server.region];
    const table = JSON.parse(readFileSync('docs/prices.json', 'utf8')) as { regions: Record<string, unknown> };
    writeFileSync(prices, JSON.stringify({ ...table, regions: { [region]: table.regions['us-east-1'] } }));
    const get = ['get', ...online, '--output', place.at('out', 'never'), 'dear', '--prices', prices];
    const before = requestsSoFar();
    // Two requests and 2 MiB: 2 × $0.00005 + 2/1024 × $0.01 = $0.00011953125; all of it: $0.00005 + 40/1024 × $0.01 and a bit.
    const limit = ['--max-cost', '0.0002'];
    const whole = await mtglacier(...get, ...limit);
    expect(whole).toMatchObject({ exitCode: 6, stderr: expect.stringMatching(/would cost about \$0\.01, more than/) });
    expect(whole.stdout).toMatch(/^Quote: 1 archive to ask for, 40\.0 MiB/);
    const dear = await mtglacier(...get, '--range', '31M-33M', '--max-cost', '0.0001');
    expect(dear).toMatchObject({ exitCode: 6, stdout: expect.stringMatching(/ 2\.0 MiB; 2 requests\n/) });
    expect(requestsSoFar()).toBe(before);
    const planned = await mtglacier(...get, '--range', '31M-33M', '--dry-run');
    expect(planned).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\nQuote: .* 2\.0 MiB; 2 requests\n/) });
    expect(requestsSoFar()).toBe(before);
    expect(await mtglacier(...get, '--range', '31M-33M', ...limit)).toMatchObject({ exitCode: 75 });
    expect(requestsSoFar()).toBe(before + 2);
    rmSync(prices);
  });
});
