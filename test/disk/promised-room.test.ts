import { execFileSync } from 'node:child_process';
import { readdirSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Landing, openLanding } from '../../src/disk/landing.js';
import { diskFiles, type LandingFiles } from '../../src/disk/landing-files.js';
import { placeOf } from '../../src/disk/place.js';
import { PromisedRoom } from '../../src/disk/promised-room.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TemporaryDirectory } from './temporary-directory.js';

const MIB = 1024 * 1024;
const MARGIN = 16 * MIB;

/** A disk that has so much left, less what has landed in the directory. */
function diskOf(bytes: number, directory: string): LandingFiles {
  const used = (): number =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).reduce(
      (sum, name) => sum + Number(execFileSync('stat', ['-c', '%b', join(directory, name)])) * 512,
      0,
    );
  return { ...diskFiles, freeBytes: async () => bytes - used() };
}

function land(tree: TemporaryDirectory, name: string, size: number, files: LandingFiles): Promise<Landing> {
  return openLanding(placeOf(tree.path), RelPath.parse(name), size, null, files);
}

test('room: what cannot fit is refused before it begins, with what it needs and what there is', async () => {
  using tree = new TemporaryDirectory();
  const files = diskOf(100 * MIB, tree.path);
  await expect(land(tree, 'a film', 100 * MIB, files)).rejects.toMatchObject({
    code: 'NO_ROOM',
    message: 'no room for "a film": it needs 100 MiB, and the disk has 100 MiB free',
    hint: 'free some space, 16 MiB beyond what is needed, and run the same command again',
  });
  expect(readdirSync(tree.path)).toEqual([]);
  await using landing = await land(tree, 'a film', 100 * MIB - MARGIN, files);
  expect(landing.file.size).toBe(84 * MIB);
});

test('room: several at once add up, and each gives back what it does not take', async () => {
  using tree = new TemporaryDirectory();
  const files = diskOf(100 * MIB, tree.path);
  {
    await using _first = await land(tree, 'first', 40 * MIB, files);
    await using _second = await land(tree, 'second', 40 * MIB, files);
    await expect(land(tree, 'third', 10 * MIB, files)).rejects.toMatchObject({
      code: 'NO_ROOM',
      message:
        'no room for "third": it needs 10 MiB, and the disk has 100 MiB free, of which 80 MiB are for downloads under way',
    });
    await using _small = await land(tree, 'small', 4 * MIB, files);
  }
  await using _third = await land(tree, 'third', 84 * MIB, files);
});

test('room: what was promised is given back when the landing ends, and not with its file', async () => {
  using tree = new TemporaryDirectory();
  const promised = new PromisedRoom();
  await using handle = await open(tree.put('f', ''), 'r+');
  const landing = { path: RelPath.parse('f'), size: 60 * MIB, directory: Buffer.from(tree.path), handle };
  const files = { freeBytes: async () => 100 * MIB };
  {
    using _first = await promised.promise(landing, files);
    await expect(promised.promise({ ...landing }, files)).rejects.toMatchObject({ code: 'NO_ROOM' });
  }
  using _second = await promised.promise({ ...landing }, files);
});

test('room: of many that are looked at together as many fit as there is room for', async () => {
  using tree = new TemporaryDirectory();
  await using handle = await open(tree.put('f', ''), 'r+');
  const files = { freeBytes: async () => 100 * MIB };
  for (let time = 0; time < 20; time++) {
    const promised = new PromisedRoom();
    const landing = { path: RelPath.parse('f'), size: 20 * MIB, directory: Buffer.from(tree.path), handle };
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => promised.promise({ ...landing }, files)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  }
});

test('room: of two that are looked at together one fits, where there is room for one', async () => {
  using tree = new TemporaryDirectory();
  const files = diskOf(100 * MIB, tree.path);
  const both = await Promise.allSettled([land(tree, 'a', 50 * MIB, files), land(tree, 'b', 50 * MIB, files)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const one of both) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]();
});

test('room: what has landed already counts as taken, and not as still needed', async () => {
  using tree = new TemporaryDirectory();
  const files = diskOf(100 * MIB, tree.path);
  await using first = await land(tree, 'first', 60 * MIB, files);
  await first.write(new Uint8Array(50 * MIB), 0);
  await using _second = await land(tree, 'second', 24 * MIB, files);
  await expect(land(tree, 'third', 2 * MIB, files)).rejects.toMatchObject({ code: 'NO_ROOM' });
});

test('room: a hole in a file has not landed', async () => {
  using tree = new TemporaryDirectory();
  const files = diskOf(100 * MIB, tree.path);
  await using first = await land(tree, 'first', 60 * MIB, files);
  const [hidden = ''] = readdirSync(tree.path);
  truncateSync(join(tree.path, hidden), 60 * MIB);
  expect(first.file.size).toBe(60 * MIB);
  await expect(land(tree, 'second', 40 * MIB, files)).rejects.toMatchObject({ code: 'NO_ROOM' });
});

test('room: small files are not asked about, nor any where the disk does not tell', async () => {
  using tree = new TemporaryDirectory();
  await using _small = await land(tree, 'small', MIB, diskOf(0, tree.path));
  const silent: LandingFiles = { ...diskFiles, freeBytes: async () => null };
  await using _large = await land(tree, 'large', 1024 * 1024 * MIB, silent);
  expect(readdirSync(tree.path)).toHaveLength(2);
});

test('room: a real disk tells what it has, and what is no disk tells nothing', async () => {
  const [, free] = execFileSync('df', ['-B1', '--output=avail', '/tmp'], { encoding: 'utf8' }).split('\n');
  const told = (await diskFiles.freeBytes(Buffer.from('/tmp'))) ?? 0;
  expect(Math.abs(told - Number(free))).toBeLessThan(1024 * MIB);
  expect(await diskFiles.freeBytes(Buffer.from('/proc'))).toBeNull();
  expect(await diskFiles.freeBytes(Buffer.from('/there/is/no/such'))).toBeNull();
});
