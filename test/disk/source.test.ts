import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { openSource, readPiece } from '../../src/disk/source.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import { never, TemporaryDirectory } from './temporary-directory.js';

const MIB = 1024 * 1024;

function found(root: string, name: string): LocalFile {
  const looked = lookAt(placeOf(root), RelPath.parse(name));
  if (looked.kind !== 'file') throw new Error(`not a file: ${name}`);
  return looked.file;
}

function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 4099) bytes[i] = i % 251;
  return bytes;
}

/** As if nothing that is read were in the system's cache. */
function everythingTakesLong(): Disposable {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10));
  return { [Symbol.dispose]: () => clock.mockRestore() };
}

const FROM_CACHE: Disposable = { [Symbol.dispose]() {} };

test.each([
  ['in the cache', () => FROM_CACHE],
  ['not', everythingTakesLong],
])('source: the pieces of a range are its bytes, in the buffer and in order: %s', async (_, begin) => {
  using __ = begin();
  using tree = new TemporaryDirectory();
  const content = noise(5 * MIB + 17);
  tree.put('f', content);
  const file = found(tree.path, 'f');
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length), fc.nat(content.length), async (a, b) => {
      const range = { start: Math.min(a, b), end: Math.max(a, b) };
      const buffer = new Uint8Array(range.end - range.start);
      const pieces: Uint8Array[] = [];
      await using source = openSource(placeOf(tree.path), file);
      for await (const piece of source.pieces(range, buffer, never)) pieces.push(piece);
      const expected = content.subarray(range.start, range.end);
      expect(expected.equals(buffer)).toBe(true);
      expect(expected.equals(Buffer.concat(pieces))).toBe(true);
      expect(pieces.every((piece) => piece.length <= MIB)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['in the cache', () => FROM_CACHE],
  ['not', everythingTakesLong],
])('source: a buffer shorter than the range is used again: %s', async (_, begin) => {
  using __ = begin();
  using tree = new TemporaryDirectory();
  const content = noise(3 * MIB + 5);
  tree.put('f', content);
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const copies: Buffer[] = [];
  const buffer = new Uint8Array(2 * MIB);
  for await (const piece of source.pieces({ start: 0, end: content.length }, buffer, never))
    copies.push(Buffer.from(piece));
  expect(Buffer.concat(copies).equals(content)).toBe(true);
});

test('source: a buffer with room for one piece has it until the next is asked for', async () => {
  using tree = new TemporaryDirectory();
  const content = noise(3 * MIB + 5);
  const path = tree.put('f', content);
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const copies: Buffer[] = [];
  for await (const piece of source.pieces({ start: 0, end: content.length }, new Uint8Array(MIB), never)) {
    await readFile(path);
    copies.push(Buffer.from(piece));
  }
  expect(Buffer.concat(copies).equals(content)).toBe(true);
});

test('source: another size or another second than was found is a change', () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'abc');
  utimesSync(path, 100, 100);
  const file = found(tree.path, 'f');
  utimesSync(path, 101, 101);
  expect(() => openSource(placeOf(tree.path), file)).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
  appendFileSync(path, 'd');
  utimesSync(path, 100, 100);
  expect(() => openSource(placeOf(tree.path), file)).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
});

test('source: something else in the place of the file is a change, also a pipe', () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'abc');
  const file = found(tree.path, 'f');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  expect(() => openSource(placeOf(tree.path), file)).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
});

test('source: a file that vanished or cannot be read is told', () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'abc');
  const file = found(tree.path, 'f');
  rmSync(path);
  expect(() => openSource(placeOf(tree.path), file)).toThrow(expect.objectContaining({ code: 'FILE_VANISHED' }));
  symlinkSync('f', path);
  expect(() => openSource(placeOf(tree.path), file)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});

test('source: a write within the same second is noticed', async () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'abc');
  utimesSync(path, 100.1, 100.1);
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  source.assertUnchanged();
  utimesSync(path, 100.2, 100.2);
  expect(() => source.assertUnchanged()).toThrow(expect.objectContaining({ code: 'FILE_CHANGED' }));
  const piece = source.pieces({ start: 0, end: 3 }, new Uint8Array(3), never).next();
  await expect(piece).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

test('source: a file that is cut while it is read ends in a change', async () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', noise(3 * MIB));
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const pieces = source.pieces({ start: 0, end: 3 * MIB }, new Uint8Array(3 * MIB), never);
  await pieces.next();
  truncateSync(path, 10);
  const rest = async (): Promise<void> => {
    for await (const _ of pieces);
  };
  await expect(rest()).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

test('source: a file that is written to while it is read ends in a change', async () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', noise(2 * MIB));
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const read = async (): Promise<void> => {
    for await (const _ of source.pieces({ start: 0, end: 2 * MIB }, new Uint8Array(2 * MIB), never))
      writeFileSync(path, noise(2 * MIB));
  };
  await expect(read()).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

test('source: once it is closed nothing more is read into the buffer', async () => {
  using tree = new TemporaryDirectory();
  using _ = everythingTakesLong();
  tree.put('f', noise(8 * MIB));
  const source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const buffer = new Uint8Array(2 * MIB);
  const content = noise(8 * MIB);
  const pieces = source.pieces({ start: 0, end: 8 * MIB }, buffer, never);
  await pieces.next();
  await pieces.next();
  await source[Symbol.asyncDispose]();
  // The second was waited for, and the third was on its way.
  const read = Buffer.concat([content.subarray(2 * MIB, 3 * MIB), content.subarray(MIB, 2 * MIB)]);
  expect(Buffer.compare(buffer, read)).toBe(0);
  buffer.fill(0xff);
  await expect(
    (async () => {
      for await (const _ of pieces);
    })(),
  ).rejects.toThrow('after it had been closed');
  expect(buffer.every((byte) => byte === 0xff)).toBe(true);
});

test.each([
  ['in the cache', () => FROM_CACHE],
  ['not', everythingTakesLong],
])('source: a change is told in the place of the last piece: %s', async (_, begin) => {
  using __ = begin();
  using tree = new TemporaryDirectory();
  const path = tree.put('f', noise(3 * MIB));
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const given: number[] = [];
  const read = async (): Promise<void> => {
    for await (const piece of source.pieces({ start: 0, end: 3 * MIB }, new Uint8Array(2 * MIB), never)) {
      given.push(piece.length);
      if (given.length === 2) appendFileSync(path, 'x');
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  expect(given).toEqual([MIB, MIB]);
});

test.each([
  ['in the cache', () => FROM_CACHE],
  ['not', everythingTakesLong],
])('source: who leaves off in the middle can begin anew: %s', async (_, begin) => {
  using __ = begin();
  using tree = new TemporaryDirectory();
  const content = noise(4 * MIB + 3);
  tree.put('f', content);
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const buffer = new Uint8Array(2 * MIB);
  const range = { start: 0, end: content.length };
  const begun = source.pieces(range, buffer, never);
  await begun.next();
  await begun.next();
  const copies: Buffer[] = [];
  for await (const piece of source.pieces(range, buffer, never)) copies.push(Buffer.from(piece));
  expect(Buffer.concat(copies).equals(content)).toBe(true);
});

test('source: reading stops when it is told to', async () => {
  using tree = new TemporaryDirectory();
  tree.put('f', noise(2 * MIB));
  await using source = openSource(placeOf(tree.path), found(tree.path, 'f'));
  const pieces = source.pieces({ start: 0, end: 2 * MIB }, new Uint8Array(2 * MIB), AbortSignal.abort());
  await expect(pieces.next()).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('source: closing twice closes only once, and nothing stays open', async () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'abc');
  const file = found(tree.path, 'f');
  const openFiles = (): number => readdirSync('/proc/self/fd').filter((fd) => targetOf(fd) === path).length;
  const source = openSource(placeOf(tree.path), file);
  expect(openFiles()).toBe(1);
  await source[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
  expect(() => openSource(placeOf(tree.path), { ...file, size: 4 })).toThrow();
  expect(openFiles()).toBe(0);
});

/** Null for one that another test has closed meanwhile. */
function targetOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

test('source: a piece read at once is what stands there, and the file is closed whatever comes', () => {
  using tree = new TemporaryDirectory();
  const path = tree.put('f', 'some content');
  const [place, file] = [placeOf(tree.path), found(tree.path, 'f')];
  const before = nextDescriptor(path);
  const piece = Buffer.alloc(7);
  readPiece(place, file, 5, piece, never);
  expect(piece.toString()).toBe('content');
  const changed = expect.objectContaining({ code: 'FILE_CHANGED' });
  expect(() => readPiece(place, { ...file, size: 4 }, 0, Buffer.alloc(4), never)).toThrow(changed);
  expect(() => readPiece(place, file, 0, Buffer.alloc(13), never)).toThrow(changed);
  const aborted = AbortSignal.abort();
  expect(() => readPiece(place, file, 0, piece, aborted)).toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
  expect(nextDescriptor(path)).toBe(before);
});

/** Systems give the lowest that is free. */
function nextDescriptor(file: string): number {
  const descriptor = openSync(file, 'r');
  closeSync(descriptor);
  return descriptor;
}
