import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { link, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Landing, openLanding } from '../../src/disk/landing.js';
import { diskFiles, type LandingFiles } from '../../src/disk/landing-files.js';
import { placeOf } from '../../src/disk/place.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { TemporaryDirectory } from './temporary-directory.js';

const MIB = 1024 * 1024;

const land = (root: string, path: string, size: number, files?: LandingFiles): Promise<Landing> =>
  openLanding(placeOf(root), RelPath.parse(path), size, null, files);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts a whole file in place. */
async function landed(root: string, path: string, text: string, mtime: number | null = null): Promise<void> {
  await using landing = await land(root, path, text.length);
  await landing.write(bytesOf(text), 0);
  await landing.finish(mtime === null ? null : Instant.ofSeconds(mtime));
}

/** The error that the system really gives when a disk is full. */
function diskFull(): unknown {
  const fd = openSync('/dev/full', 'w');
  try {
    return writeSync(fd, 'x');
  } catch (thrown) {
    return thrown;
  } finally {
    closeSync(fd);
  }
}

test('landing: the file has the content and the time, and nothing else is left', async () => {
  using tree = new TemporaryDirectory();
  await landed(tree.path, 'a/b/c', 'content', 1_000_000_001);
  expect(statSync(`${tree.path}/a/b/c`)).toMatchObject({ mtimeMs: 1_000_000_001_000, atimeMs: 1_000_000_001_000 });
  expect(readFileSync(`${tree.path}/a/b/c`, 'utf8')).toBe('content');
  expect(readdirSync(`${tree.path}/a/b`)).toEqual(['c']);
});

test('landing: times before 1970 and unknown times are lawful', async () => {
  using tree = new TemporaryDirectory();
  const before = Math.floor(Date.now() / 1000) - 1;
  await landed(tree.path, 'old', 'x', -5);
  await landed(tree.path, 'now', 'x', null);
  expect(statSync(`${tree.path}/old`).mtimeMs).toBe(-5000);
  expect(statSync(`${tree.path}/now`).mtimeMs / 1000).toBeGreaterThan(before);
});

test('landing: a time that no system can hold is not worth the file', async () => {
  using tree = new TemporaryDirectory();
  await landed(tree.path, 'f', 'x', 10 ** 19);
  await landed(tree.path, 'g', 'x', -(10 ** 19));
  expect(readdirSync(tree.path)).toEqual(['f', 'g']);
});

test('landing: file and directories have the modes that the umask leaves', async () => {
  using tree = new TemporaryDirectory();
  await landed(tree.path, 'd/f', 'x');
  const mask = Number.parseInt(execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' }), 8);
  expect(statSync(`${tree.path}/d/f`).mode & 0o777).toBe(0o666 & ~mask);
  expect(statSync(`${tree.path}/d`).mode & 0o777).toBe(0o777 & ~mask);
});

test('landing: pieces in any order and all at once give the same file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 5000 }),
      fc.integer({ min: 1, max: 700 }),
      fc.gen(),
      async (content, step, g) => {
        using tree = new TemporaryDirectory();
        const starts = Array.from({ length: Math.ceil(content.length / step) }, (_, i) => i * step);
        const shuffled = g(() => fc.shuffledSubarray(starts, { minLength: starts.length }));
        await using landing = await land(tree.path, 'f', content.length);
        await Promise.all(shuffled.map((start) => landing.write(content.subarray(start, start + step), start)));
        await landing.finish(null);
        expect(readFileSync(`${tree.path}/f`).equals(content)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test('landing: a disk that takes few bytes at a time gets them all', async () => {
  using tree = new TemporaryDirectory();
  const slow: LandingFiles = {
    ...diskFiles,
    open: async (path, flags) => {
      const handle = await open(path, flags);
      const write = handle.write.bind(handle);
      const few = (bytes: Uint8Array, from: number, length: number, at: number) =>
        write(bytes, from, Math.min(length, 3), at);
      return Object.assign(handle, { write: few });
    },
  };
  await using landing = await land(tree.path, 'f', 10, slow);
  await landing.write(bytesOf('56789'), 5);
  await landing.write(bytesOf('01234'), 0);
  await landing.finish(null);
  expect(readFileSync(`${tree.path}/f`, 'utf8')).toBe('0123456789');
});

test.each([
  ['brought to its end', async (landing: Landing) => landing.finish(null)],
  ['told that more has landed', async (landing: Landing) => landing.landed(1)],
])('landing: what a disk has lost meanwhile is no file, and is not kept: %s', async (_, deed) => {
  using tree = new TemporaryDirectory();
  const lost = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
  let flushes = 0;
  const losing: LandingFiles = {
    ...diskFiles,
    open: async (path, flags) => {
      const handle = await open(path, flags);
      const datasync = handle.datasync.bind(handle);
      // A system tells once what its disk has lost.
      return Object.assign(handle, { datasync: () => (++flushes === 1 ? Promise.reject(lost) : datasync()) });
    },
  };
  const treeHash = TreeHash.parse('0'.repeat(64));
  const content = { archive: ArchiveId.parse('a'), treeHash, segmentSize: MIB };
  const [path, size] = [RelPath.parse('f'), 64 * MIB];
  {
    await using landing = await openLanding(placeOf(tree.path), path, size, content, losing);
    await landing.write(Buffer.alloc(MIB), size - MIB);
    await landing.memory?.note(size - MIB, treeHash);
    await landing.landed(size);
    await expect(deed(landing)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', message: /i\/o error/ });
  }
  expect([flushes, readdirSync(tree.path)]).toEqual([1, []]);
});

test('landing: until it is finished there is only a hidden file, and afterwards none', async () => {
  using tree = new TemporaryDirectory();
  {
    await using landing = await land(tree.path, 'f', 3);
    await landing.write(bytesOf('abc'), 0);
    expect(readdirSync(tree.path)).toEqual([expect.stringMatching(/^\.mtglacier-\d+-[0-9a-f]{12}\.part$/)]);
  }
  expect(readdirSync(tree.path)).toEqual([]);
});

test('landing: a file of another size does not appear', async () => {
  using tree = new TemporaryDirectory();
  await using landing = await land(tree.path, 'f', 3);
  await landing.write(bytesOf('ab'), 0);
  await expect(landing.finish(null)).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: '"f" has 2 bytes instead of 3',
  });
  expect(readdirSync(tree.path)).toEqual([]);
});

test('landing: bytes beyond the end are a defect', async () => {
  using tree = new TemporaryDirectory();
  await using landing = await land(tree.path, 'f', 3);
  await expect(landing.write(bytesOf('abcd'), 0)).rejects.toThrow(RangeError);
});

test('landing: what is there already is refused at once, whatever it is', async () => {
  using tree = new TemporaryDirectory();
  tree.put('file', 'mine');
  tree.put('empty', '');
  mkdirSync(`${tree.path}/directory`);
  symlinkSync('nowhere', `${tree.path}/link`);
  for (const name of ['file', 'empty', 'directory', 'link']) {
    await expect(land(tree.path, name, 1), name).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  }
  expect(readFileSync(`${tree.path}/file`, 'utf8')).toBe('mine');
  expect(readdirSync(tree.path).length).toBe(4);
});

/** Every disk refuses hard links to directories, as some refuse all. */
const noHardLinks: LandingFiles = {
  ...diskFiles,
  link: (from) => link(dirname(from.toString()), `${from.toString()}-x`),
};

test('landing: what appears meanwhile is left as it is', async () => {
  for (const files of [diskFiles, noHardLinks]) {
    using tree = new TemporaryDirectory();
    await using landing = await land(tree.path, 'f', 1, files);
    await landing.write(bytesOf('x'), 0);
    tree.put('f', 'mine');
    const appeared = { code: 'FILE_UNWRITABLE', message: '"f" has appeared meanwhile and is left as it is' };
    await expect(landing.finish(null)).rejects.toMatchObject(appeared);
    expect(readFileSync(`${tree.path}/f`, 'utf8')).toBe('mine');
    expect(readdirSync(tree.path)).toEqual(['f']);
  }
});

test('landing: a link out of the directory is not followed, and nothing is made behind it', async () => {
  using tree = new TemporaryDirectory();
  using outside = new TemporaryDirectory();
  symlinkSync(outside.path, `${tree.path}/out`);
  symlinkSync('..', `${tree.path}/up`);
  symlinkSync('/', `${tree.path}/top`);
  for (const path of ['out/f', 'out/deep/er/f', 'up/f', `up/${outside.path.split('/').at(-1)}/f`, 'top/f']) {
    await expect(land(tree.path, path, 1), path).rejects.toMatchObject({ code: 'NAME_REFUSED' });
  }
  expect(readdirSync(outside.path)).toEqual([]);
});

test('landing: a directory whose name only begins like the root is outside', async () => {
  using tree = new TemporaryDirectory();
  mkdirSync(`${tree.path}/root`);
  mkdirSync(`${tree.path}/root-2`);
  symlinkSync('../root-2', `${tree.path}/root/link`);
  await expect(land(`${tree.path}/root`, 'link/f', 1)).rejects.toMatchObject({ code: 'NAME_REFUSED' });
});

test('landing: links within the directory and to the directory itself are followed', async () => {
  using tree = new TemporaryDirectory();
  mkdirSync(`${tree.path}/root/real`, { recursive: true });
  symlinkSync('real', `${tree.path}/root/link`);
  symlinkSync('root', `${tree.path}/alias`);
  await landed(`${tree.path}/alias`, 'link/f', 'x');
  expect(existsSync(`${tree.path}/root/real/f`)).toBe(true);
});

test('landing: a link that leads nowhere is not made into a directory', async () => {
  using tree = new TemporaryDirectory();
  symlinkSync('not-mounted', `${tree.path}/disk`);
  await expect(land(tree.path, 'disk/f', 1)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(readdirSync(tree.path)).toEqual(['disk']);
});

test('landing: a file in the place of a directory is named', async () => {
  using tree = new TemporaryDirectory();
  tree.put('a/file');
  const message = (path: string): string => `"a/file" is a file where "${path}" needs a directory`;
  for (const path of ['a/file/f', 'a/file/b/f']) {
    await expect(land(tree.path, path, 1)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', message: message(path) });
  }
});

test('landing: names that no file can have are refused', async () => {
  using tree = new TemporaryDirectory();
  for (const name of ['a\0b', 'a/'])
    await expect(land(tree.path, name, 1)).rejects.toMatchObject({ code: 'NAME_REFUSED' });
  await expect(land(tree.path, 'x'.repeat(256), 1)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(readdirSync(tree.path)).toEqual([]);
});

test('landing: a place where nothing can be written is told', async () => {
  await expect(land('/proc', 'f', 1)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  using tree = new TemporaryDirectory();
  await expect(land(`${tree.path}/missing`, 'f', 1)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});

test('landing: a write that the system refuses is told and nothing is left', async () => {
  using tree = new TemporaryDirectory();
  const untold: LandingFiles = { ...diskFiles, freeBytes: () => Promise.resolve(null) };
  await using landing = await land(tree.path, 'f', Number.MAX_SAFE_INTEGER, untold);
  await expect(landing.write(bytesOf('x'), Number.MAX_SAFE_INTEGER - 1)).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
  });
  await landing[Symbol.asyncDispose]();
  expect(readdirSync(tree.path)).toEqual([]);
});

/** Files whose handles fail, in one of their methods, with the error of a full disk. */
function fullIn(method: 'write' | 'datasync'): LandingFiles {
  const fail = (): Promise<never> => Promise.reject(diskFull());
  return { ...diskFiles, open: async (path, flags) => Object.assign(await open(path, flags), { [method]: fail }) };
}

test('landing: a full disk is a full disk, when writing and when flushing', async () => {
  using tree = new TemporaryDirectory();
  {
    await using writing = await land(tree.path, 'f', 1, fullIn('write'));
    await expect(writing.write(bytesOf('x'), 0)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await using flushing = await land(tree.path, 'g', 1, fullIn('datasync'));
    await flushing.write(bytesOf('x'), 0);
    await expect(flushing.finish(null)).rejects.toMatchObject({ code: 'DISK_FULL' });
  }
  const full: LandingFiles = { ...diskFiles, open: () => Promise.reject(diskFull()) };
  await expect(land(tree.path, 'h', 1, full)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(readdirSync(tree.path)).toEqual([]);
});

test('landing: when the file cannot get its name the hidden file is removed', async () => {
  using tree = new TemporaryDirectory();
  const files: LandingFiles = { ...diskFiles, link: (_, to) => link('/proc/none', to) };
  await using landing = await land(tree.path, 'd/f', 1, files);
  await landing.write(bytesOf('x'), 0);
  await expect(landing.finish(null)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(readdirSync(`${tree.path}/d`)).toEqual([]);
});

test('landing: a disk without hard links gets its files too', async () => {
  using tree = new TemporaryDirectory();
  await using landing = await land(tree.path, 'f', 1, noHardLinks);
  await landing.write(bytesOf('x'), 0);
  await landing.finish(null);
  expect(readdirSync(tree.path)).toEqual(['f']);
});

test('landing: hidden files of processes that are gone are removed, those of living ones are not', async () => {
  using tree = new TemporaryDirectory();
  const { pid: gone } = spawnSync('true');
  const name = (pid: number): string => `.mtglacier-${pid}-0123456789ab.part`;
  tree.put(name(gone));
  tree.put(name(1));
  tree.put(name(process.pid));
  tree.put(`.mtglacier-${gone}-notours.part`);
  await landed(tree.path, 'f', 'x');
  expect(readdirSync(tree.path).sort()).toEqual(
    [name(1), name(process.pid), `.mtglacier-${gone}-notours.part`, 'f'].sort(),
  );
});

test('landing: many at once share the directories that they make', async () => {
  using tree = new TemporaryDirectory();
  const names = Array.from({ length: 40 }, (_, i) => `a/b${i % 3}/c/${i}`);
  await Promise.all(names.map((name) => landed(tree.path, name, name)));
  for (const name of names) expect(readFileSync(`${tree.path}/${name}`, 'utf8')).toBe(name);
});

test('landing: two of the same name at once give one of both, whole', async () => {
  using tree = new TemporaryDirectory();
  await using first = await land(tree.path, 'f', 1);
  await using second = await land(tree.path, 'f', 1);
  await first.write(bytesOf('1'), 0);
  await second.write(bytesOf('2'), 0);
  const ends = await Promise.allSettled([first.finish(null), second.finish(null)]);
  expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(readFileSync(`${tree.path}/f`, 'utf8')).toBe(ends[0].status === 'fulfilled' ? '1' : '2');
  expect(readdirSync(tree.path)).toEqual(['f']);
});

test('landing: it can be given up while pieces are on their way', async () => {
  using tree = new TemporaryDirectory();
  const landing = await land(tree.path, 'f', 40_000_000);
  const pieces = Array.from({ length: 10 }, (_, i) => landing.write(new Uint8Array(4_000_000), i * 4_000_000));
  const ends = Promise.allSettled(pieces);
  await landing[Symbol.asyncDispose]();
  await ends;
  expect(readdirSync(tree.path)).toEqual([]);
});

test('landing: a directory that is removed meanwhile is told', async () => {
  using tree = new TemporaryDirectory();
  await using landing = await land(tree.path, 'd/f', 1);
  await landing.write(bytesOf('x'), 0);
  rmSync(`${tree.path}/d`, { recursive: true });
  writeFileSync(`${tree.path}/d`, 'in the way');
  await expect(landing.finish(null)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
