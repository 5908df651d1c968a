// A journal that is used in another encoding than its own, with the built program.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mtglacier } from './program.js';
import { openWorkplace, pathsIn, readJournal, type Workplace } from './workplace.js';

const KOI8 = ['--filenames-encoding=koi8r', '--journal-encoding=KOI8-R'];
const CP1251 = ['--filenames-encoding=CP1251', '--journal-encoding=CP1251'];
const WRONG_NAMES = ['--filenames-encoding=CP1251', '--journal-encoding=KOI8-R'];
const NAME = Buffer.from([0xc6, 0xc1, 0xca, 0xcc]); // файл

let place: Workplace;
let count = 0;

beforeAll(async () => {
  place = await openWorkplace('kept');
});

afterAll(() => place[Symbol.asyncDispose]());

interface Ground {
  readonly journal: string;
  readonly dir: readonly string[];
  readonly vault: readonly string[];
  readonly all: readonly string[];
}

async function ground(...names: readonly Buffer[]): Promise<Ground> {
  const [vault, kept, journal] = [`v${++count}`, place.at(`kept${count}`), place.at(`${count}.journal`)];
  mkdirSync(kept);
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${kept}/`), name]), 'content');
  await mtglacier('create-vault', vault, ...place.config);
  const words = [`--journal=${journal}`, '--vault', vault, ...place.config];
  return { journal, dir: [`--dir=${kept}`], vault: words, all: [...words, `--dir=${kept}`] };
}

/** The journal and what lies beside it, but for what was told of each run. */
function stateOf({ journal }: Ground): Record<string, string> {
  const own = readdirSync(place.at()).filter((name) => place.at(name).startsWith(journal) && !name.endsWith('.runs'));
  return Object.fromEntries(own.map((name) => [name, readFileSync(place.at(name)).toString('latin1')]));
}

it('kept encodings: no command uses a journal in KOI8-R as one in CP1251, and nothing is changed', async () => {
  const on = await ground(NAME);
  expect(await mtglacier('sync', ...on.all, ...KOI8)).toMatchObject({ exitCode: 0 });
  writeFileSync(
    `${on.journal}.pending`,
    '{"version":"A","type":"intent","key":1,"at":1795155152,' +
      '"file":{"path":"файл","size":7,"mtime":1700000000},"supersedes":null,"progress":{"step":"whole"}}\n',
  );
  const before = stateOf(on);
  const sync = ['sync', ...on.all, '--new', '--replace-modified', '--delete-removed'];
  const journalAlone = [`--journal=${on.journal}`];
  const runs = [
    sync,
    [...sync, '--dry-run'],
    ['restore', ...on.all, '--max-number-of-files=9'],
    ['restore-completed', ...on.all],
    ['check-local-hash', ...journalAlone, ...on.dir],
    ['get', ...on.all, 'x'],
  ];
  const withoutDirectory = [
    ['purge-vault', ...on.vault, '--filter=-файл'],
    ['rm', ...on.vault, 'x'],
    ['ls', ...journalAlone],
    ['jobs', ...on.vault],
    ['uploads', ...on.vault],
    ['verify-remote', ...on.vault],
  ];
  for (const words of [...runs, ...withoutDirectory]) {
    const { exitCode, stderr } = await mtglacier(...words, ...CP1251);
    expect([words, exitCode, stderr]).toEqual([
      words,
      6,
      expect.stringMatching(/is kept in koi8r, not in windows1251.*\nhint: give --journal-encoding=koi8r.*--rebind-j/),
    ]);
  }
  for (const words of runs) {
    const { exitCode, stderr } = await mtglacier(...words, ...WRONG_NAMES);
    expect([words, exitCode, stderr]).toEqual([
      words,
      6,
      expect.stringMatching(/is about file names in koi8r, not in windows1251\nhint: give --filenames-encoding=koi8r/),
    ]);
  }
  expect(stateOf(on)).toEqual(before);
  // Who has nothing to do with names on disk need not say how they are written.
  expect(await mtglacier('ls', ...journalAlone, '--journal-encoding=koi8-r')).toMatchObject({ exitCode: 0 });
}, 120_000);

it('kept encodings: names that were converted on purpose are said to be with --rebind-journal', async () => {
  const on = await ground(NAME);
  expect(await mtglacier('sync', ...on.all, ...KOI8)).toMatchObject({ exitCode: 0 });
  const text = readFileSync(on.journal).toString('latin1');
  writeFileSync(on.journal, text.replace(NAME.toString('latin1'), Buffer.from('файл').toString('latin1')), 'latin1');
  const names = '--filenames-encoding=koi8-r';
  expect(await mtglacier('sync', ...on.all, names)).toMatchObject({ exitCode: 6 });
  const rebound = await mtglacier('sync', ...on.all, names, '--rebind-journal');
  expect([rebound.exitCode, rebound.stdout.includes('Finished')]).toEqual([0, false]);
  expect(await mtglacier('sync', ...on.all, names)).toMatchObject({ exitCode: 0 });
  expect(await pathsIn(await readJournal(on.journal))).toEqual(['файл']);
});

it('kept encodings: a journal of ASCII names goes into any encoding', async () => {
  const on = await ground(Buffer.from('a'));
  for (const encodings of [KOI8, CP1251, []]) {
    expect(await mtglacier('sync', ...on.all, ...encodings)).toMatchObject({ exitCode: 0 });
  }
  expect(JSON.parse(readFileSync(`${on.journal}.vault`, 'utf8'))).toMatchObject({
    version: 'A',
    journalEncoding: 'utf8',
    filenamesEncoding: 'utf8',
  });
});

it('kept encodings: who has no directory leaves that of the names to who has', async () => {
  const on = await ground(Buffer.from('a'));
  expect(await mtglacier('sync', ...on.all, ...KOI8)).toMatchObject({ exitCode: 0 });
  rmSync(`${on.journal}.vault`);
  const noted = () => JSON.parse(readFileSync(`${on.journal}.vault`, 'utf8')) as unknown;
  expect(await mtglacier('purge-vault', ...on.vault, '--filter=-a')).toMatchObject({ exitCode: 0 });
  expect(noted()).toMatchObject({ journalEncoding: 'utf8' });
  expect(noted()).not.toHaveProperty('filenamesEncoding');
  expect(await mtglacier('check-local-hash', `--journal=${on.journal}`, ...on.dir, ...CP1251)).toMatchObject({
    exitCode: 0,
  });
  expect(noted()).not.toHaveProperty('filenamesEncoding');
});

it('kept encodings: download-inventory notes them, those of names where they are said', async () => {
  const on = await ground(NAME);
  expect(await mtglacier('sync', ...on.all, ...KOI8)).toMatchObject({ exitCode: 0 });
  place.passHours(25);
  expect(await mtglacier('retrieve-inventory', ...on.vault.slice(1))).toMatchObject({ exitCode: 0 });
  place.passHours(6);
  for (const [said, noted] of [[KOI8, 'koi8r'] as const, [['--journal-encoding=koi8-r'], undefined] as const]) {
    const journal = `${on.journal}.${noted}`;
    const words = [...on.vault.slice(1), `--new-journal=${journal}`, ...said];
    expect(await mtglacier('download-inventory', ...words)).toMatchObject({ exitCode: 0 });
    const binding = JSON.parse(readFileSync(`${journal}.vault`, 'utf8')) as Record<string, unknown>;
    expect([binding['journalEncoding'], binding['filenamesEncoding']]).toEqual(['koi8r', noted]);
    const again = await mtglacier('sync', ...on.all.slice(1), `--journal=${journal}`, ...KOI8);
    expect([again.exitCode, again.stdout.includes('Finished')]).toEqual([0, false]);
  }
});
