import {
  closeSync,
  cpSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mtglacier } from './program.js';
import { objectsOf, openWorkplace, pathsIn, readJournal, type Workplace } from './workplace.js';

/** Packages of this project: nearly a thousand real files, of which a few are empty. */
const PACKAGES = ['zod', 'fast-check', 'pure-rand'];

const AWKWARD: readonly string[] = [
  'with blanks.txt',
  ' leading blank',
  'trailing blank ',
  `it's "quoted" $HOME \`id\`; *?[a]`,
  'back\\slash',
  '-rf',
  '--dir=x',
  '...',
  '#hash',
  '~',
  'Кириллица/файл.txt',
  'emoji 😀/日本語.txt',
  'é composed'.normalize('NFC'),
  'é composed'.normalize('NFD'),
  'Case.txt',
  'case.txt',
  'escape \u001b[31m and \u202e override',
  'x'.repeat(255),
  `${'deep/'.repeat(60)}file`,
  `${'d'.repeat(99)}/`.repeat(6).concat('long path'),
];

/** By the bytes of their names: no journal can hold them. */
const REFUSED = ['cr\rname', 'lf\nname', 'tab\tname', 'latin1 \xe9t\xe9'];
const SHOWN_REFUSED = [
  '"awkward/cr\\rname"',
  '"awkward/lf\\nname"',
  '"awkward/tab\\tname"',
  'awkward/latin1 \\xe9t\\xe9',
];

const LARGE = 200 * 1024 * 1024 + 12_345;

let place: Workplace;
let socket: Server;
let kept: string;
/** All files that can be kept, with their size and time. */
let expected: Map<string, { size: number; mtime: number }>;

beforeAll(async () => {
  place = await openWorkplace('real-tree');
  kept = place.at('kept');
  copyPackages(join(kept, 'packages'));
  writeAwkward(join(kept, 'awkward'));
  writeLarge(join(kept, 'large.bin'));
  socket = createServer().listen(join(kept, 'a-socket'));
  expected = filesIn(kept);
  expect((await mtglacier('create-vault', 'tree', ...place.config)).exitCode).toBe(0);
});

afterAll(async () => {
  socket.close();
  await place[Symbol.asyncDispose]();
});

function copyPackages(into: string): void {
  const require = createRequire(import.meta.url);
  for (const name of PACKAGES) {
    const found = (require.resolve.paths(name) ?? []).map((path) => join(path, name)).find(isThere);
    cpSync(found ?? name, join(into, name), { recursive: true, dereference: true });
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function writeAwkward(directory: string): void {
  AWKWARD.forEach((name, index) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), `content of number ${index}`);
  });
  for (const name of REFUSED) writeFileSync(Buffer.from(`${directory}/${name}`, 'latin1'), 'refused');
  const times = [1, -1000, 1_356_685_000.75, 4_000_000_000, 0];
  times.forEach((time, index) => utimesSync(join(directory, AWKWARD[index] as string), time, time));
  writeFileSync(join(directory, 'empty file'), '');
  mkdirSync(join(directory, 'empty directory'));
  symlinkSync('with blanks.txt', join(directory, 'link to file'));
  symlinkSync('deep', join(directory, 'link to directory'));
  symlinkSync('nowhere', join(directory, 'link to nowhere'));
  symlinkSync('/dev/null', join(directory, 'link to device'));
}

/** Mostly holes, with something at the seams of parts and at the end. */
function writeLarge(file: string): void {
  const handle = openSync(file, 'w');
  ftruncateSync(handle, LARGE);
  for (const position of [0, 16 * 1024 * 1024 - 3, 100_000_007, LARGE - 5]) {
    writeSync(handle, 'seams', position);
  }
  closeSync(handle);
}

/** What can be kept in a directory: files that are not empty, links to files included, by names that are text. */
function filesIn(root: string): Map<string, { size: number; mtime: number }> {
  const files = new Map<string, { size: number; mtime: number }>();
  for (const name of entriesOf(root)) {
    if (/[\r\n\t\ufffd]/.test(name)) continue;
    const stats = statSync(join(root, name), { throwIfNoEntry: false });
    const isKept = stats?.isFile() === true && stats.size > 0;
    if (isKept) files.set(name, { size: stats.size, mtime: Math.floor(stats.mtimeMs / 1000) });
  }
  return files;
}

/** All that is no directory, by names relative to `root`; links to directories are entries like others. */
function entriesOf(root: string, directory = ''): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const name = join(directory, entry.name);
    return entry.isDirectory() ? entriesOf(root, name) : [name];
  });
}

const where = (): string[] => ['--dir', kept, '--journal', place.at('j')];
const online = (): string[] => [...place.config, ...where(), '--vault', 'tree'];

describe('real tree', () => {
  it('real tree: all of it is stored but what cannot be kept, which the summary names', async () => {
    const { exitCode, stdout, stderr } = await mtglacier('sync', ...online());
    expect(exitCode).toBe(3);
    expect(expected.size).toBeGreaterThan(800);
    expect(stdout.match(/^Finished /gm)).toHaveLength(expected.size);
    const summary = stdout.slice(stdout.lastIndexOf(']\n') + 1);
    for (const name of SHOWN_REFUSED) {
      expect(summary).toContain(`\n  ${name}\n`);
      expect(stderr).toContain(`ERROR: name ${name} `);
    }
    expect(summary).toMatch(/\nempty files are not kept:\n {2}awkward\/empty file\n {2}packages\//);
    expect(summary).toContain('\nempty directories are not kept:\n  awkward/empty directory\n');
    expect(summary).toContain('\nlinks to directories are not followed:\n  awkward/link to directory\n');
    expect(summary).toContain('\nlinks that lead nowhere:\n  awkward/link to nowhere\n');
    expect(summary).toContain('\nneither files nor directories:\n  a-socket\n  awkward/link to device\n');
    expect(summary).toMatch(new RegExp(`\\n {2}files in the directory +${expected.size} `));
  });

  it('real tree: the journal knows every file by its name', async () => {
    const paths = await pathsIn(await readJournal(place.at('j')));
    expect(paths.sort()).toEqual([...expected.keys()].sort());
  });

  it('real tree: a second run stores nothing', async () => {
    const { exitCode, stdout } = await mtglacier('sync', ...online(), '--replace-modified', '--json');
    const { counts } = objectsOf(stdout).at(-1) as { counts: { files: Record<string, unknown> } };
    expect(exitCode).toBe(3);
    expect(counts.files).toMatchObject({ stored: { count: 0 }, unchanged: { count: expected.size } });
  });

  it('real tree: every hash is right', async () => {
    const { exitCode, stdout } = await mtglacier('check-local-hash', ...where());
    expect(exitCode).toBe(0);
    expect(stdout.match(/^OK (?!DONE)/gm)).toHaveLength(expected.size);
  });

  it('real tree: lost, it comes back byte for byte and second for second', async () => {
    renameSync(kept, place.at('original'));
    mkdirSync(kept);
    const limit = ['--max-number-of-files', '100000'];
    expect((await mtglacier('restore', ...online(), ...limit, '--quiet')).exitCode).toBe(75);
    const early = await mtglacier('restore-completed', ...online());
    expect(early.exitCode).toBe(75);
    expect(early.stdout.match(/^Not ready yet: /gm)).toHaveLength(21);
    expect(early.stdout).toMatch(new RegExp(`requested, not ready yet +${expected.size}\\n`));
    place.passHours(5);
    const { exitCode, stdout } = await mtglacier('restore-completed', ...online());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`restored and verified +${expected.size} `));
    expect(filesIn(kept)).toEqual(expected);
    for (const name of expected.keys()) {
      const same = readFileSync(join(kept, name)).equals(readFileSync(place.at('original', name)));
      expect(same, name).toBe(true);
    }
  });

  it('real tree: nothing else is there, and no link', () => {
    expect(entriesOf(kept)).toHaveLength(expected.size);
    expect(lstatSync(join(kept, 'awkward/link to file')).isFile()).toBe(true);
  });

  it('real tree: a purge empties the vault and leaves the files', async () => {
    const { exitCode, stdout } = await mtglacier(
      'purge-vault',
      ...place.config,
      '--vault',
      'tree',
      ...where().slice(2),
    );
    expect(exitCode).toBe(0);
    expect(stdout.match(/^Deleted /gm)).toHaveLength(expected.size);
    expect((await readJournal(place.at('j'))).live.count).toBe(0);
    expect(filesIn(kept)).toEqual(expected);
  });
});
