// status as it is typed: by the journal alone, with the vault, with the directory.

import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, MIB } from '../vault/bytes.js';
import { mtglacier, sees, start } from './program.js';
import { objectsOf, openWorkplace, type Workplace } from './workplace.js';

let place: Workplace;
let journal: readonly string[];
let online: readonly string[];

beforeAll(async () => {
  place = await openWorkplace('status');
  journal = ['--journal', place.at('j')];
  online = [...place.config, '--vault', 'v', ...journal];
  mkdirSync(place.at('kept'));
  for (const name of ['a', 'b']) writeFileSync(place.at('kept', name), `content of ${name}`);
  writeFileSync(place.at('kept', 'film'), bytesOf(3 * MIB));
  await mtglacier('create-vault', 'v', ...place.config);
  expect(await mtglacier('sync', ...online, '--dir', place.at('kept'))).toMatchObject({ exitCode: 0 });
  mkdirSync(place.at('back'));
  writeFileSync(place.at('back', 'b'), 'content of b');
});

afterAll(() => place[Symbol.asyncDispose]());

const statusOf = (stdout: string) => objectsOf(stdout).find(({ event }) => event === 'status');

describe('status', () => {
  it('status: by the journal alone it asks nobody, and counts what is asked for', async () => {
    place.server.control.forgetRequests();
    expect(await mtglacier('status', ...journal)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^In the journal\n {2}files +3 +3\.0 MiB\n/),
      stderr: '',
    });
    expect(place.server.control.requests().counts).toEqual({});
    expect(await mtglacier('get', ...online, '--dir', place.at('back'), 'a')).toMatchObject({ exitCode: 75 });
    const { stdout } = await mtglacier('status', ...journal, '--json');
    expect(statusOf(stdout)).toMatchObject({
      files: { count: 3 },
      askedFor: { count: 1, size: 12 },
      freeToDelete: { now: { count: 0 }, costNow: 0 },
      vault: null,
      missing: null,
    });
  });

  it('status: the vault tells what is under way, then ready; the directory what is missing', async () => {
    const words = ['status', ...online, '--dir', place.at('back')];
    expect(await mtglacier('get', ...online, '--range=1M-2M', '--output=-', 'film')).toMatchObject({ exitCode: 75 });
    const running = await mtglacier(...words);
    expect(running).toMatchObject({ exitCode: 0, stderr: '' });
    expect(running.stdout).toMatch(/\nRetrievals of vault v\n {2}under way +2 +1\.0 MiB {2}expected /);
    expect(running.stdout).toMatch(/\nNot in \S+\n {2}files missing +2 +3\.0 MiB\n$/);
    place.passHours(5);
    const ready = await mtglacier(...words, '--json');
    expect(statusOf(ready.stdout)).toMatchObject({
      vault: {
        name: 'v',
        ready: { count: 2 },
        running: { count: 0 },
        firstGone: expect.arrayContaining([
          expect.objectContaining({ path: 'film', range: { start: MIB, end: 2 * MIB } }),
        ]),
      },
      missing: { directory: place.at('back'), count: 2 },
    });
  });

  it('status: by a table of prices it tells what deleting everything would cost', async () => {
    const table = ['--prices', 'docs/prices.json', '--region', 'us-east-1'];
    const { stdout } = await mtglacier('status', ...journal, ...table);
    // 3 MiB for three months: 3/1024 × 3 × $0.0036, rounded up to a cent.
    expect(stdout).toMatch(
      /would cost about \$0\.01, an estimate by the prices of docs\/prices\.json of \d{4}-\d\d-\d\d\n/,
    );
    const unknown = await mtglacier('status', ...journal, '--prices', 'docs/prices.json', '--region', 'mars-north-1');
    expect(unknown.stdout).toMatch(/is not known: the prices of the region are not in the table\n/);
  });

  it.each([
    [['--journal', '/does/not/exist'], 2, /does not exist/],
    [[], 2, /status needs --journal/],
  ])('status: %j is refused', async (words, code, why) => {
    const { exitCode, stderr } = await mtglacier('status', ...words);
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(code);
  });

  it('status: of a journal of another vault nothing is told', async () => {
    await mtglacier('create-vault', 'other', ...place.config);
    const words = [...place.config, '--vault', 'other', ...journal];
    expect(await mtglacier('status', ...words)).toMatchObject({ exitCode: 6, stdout: '' });
  });

  it('status: a signal ends it while the vault is silent', async () => {
    place.server.control.addFault({ operation: 'ListJobs', fault: 'stall' });
    const started = start(['status', ...online, '--json']);
    await sees(started, '"start"');
    started.process.kill('SIGINT');
    expect(await started.ended).toMatchObject({ exitCode: 130 });
    place.server.control.clearFaults();
  });
});
