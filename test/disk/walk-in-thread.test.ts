// A walk in a thread of its own: what it finds is what a walk here finds.

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openKeptDirectory } from '../../src/disk/kept-directory.js';
import { placeOf } from '../../src/disk/place.js';
import { walk } from '../../src/disk/walk.js';
import { WalkInThread, walkInThread } from '../../src/disk/walk-in-thread.js';
import { Failure } from '../../src/model/failure.js';
import type { Found } from '../../src/model/found.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { type FilterRule, parseFilter, selectionOf } from '../../src/plan/filter.js';
import { allOf } from '../all-of.js';
import { compileWalk } from './compiled-walk.js';
import { briefly, never, TemporaryDirectory } from './temporary-directory.js';
import { variedTree } from './varied-tree.js';

const compiled = compileWalk();
const { script } = compiled;
afterAll(() => rmSync(compiled.folder, { recursive: true }));

interface Asked {
  readonly rules?: readonly FilterRule[];
  readonly follow?: boolean;
  readonly encoding?: TextEncoding;
  readonly journalEncoding?: TextEncoding;
}

/** What both walks find. @throws what both throw */
async function walkedTwice(root: string, asked: Asked = {}): Promise<readonly Found[]> {
  const { rules = null, follow = false, encoding = UTF_8, journalEncoding = UTF_8 } = asked;
  const place = placeOf(root, encoding);
  const options = { selection: rules === null ? EVERYTHING : selectionOf(rules), follow, journalEncoding };
  const settled = await Promise.allSettled([
    allOf(walk(place, options, never)),
    allOf(walkInThread(place, options, { url: script, rules }, never)),
  ]);
  const [here, there] = settled.map((result) =>
    result.status === 'fulfilled' ? result.value.flat() : told(result.reason),
  );
  expect(plain(there)).toEqual(plain(here));
  if (settled[1].status === 'rejected') throw settled[1].reason;
  return settled[1].value.flat();
}

const told = ({ code, message, hint }: Failure) => ({ code, message, hint });

/** What caused a failure does not cross threads. */
function plain(found: unknown): unknown {
  if (!Array.isArray(found)) return found;
  return (found as Found[]).map((one) =>
    'failure' in one ? Object.assign({}, one, { failure: told(one.failure) }) : one,
  );
}

describe('walk in a thread', () => {
  it('finds what a walk here finds, in the same order, with the same words', async () => {
    using tree = variedTree();
    const found = (await walkedTwice(tree.path)).map(briefly);
    expect(found).toEqual(
      expect.arrayContaining(['file a.txt', 'refused bytes\\xff', 'unseen unseen FILE_UNREADABLE', 'empty-file empty']),
    );
    expect(found).toHaveLength(21);
  });

  it('follows links as a walk here does', async () => {
    using tree = variedTree();
    const found = (await walkedTwice(tree.path, { follow: true })).map(briefly);
    expect(found).toContain('file linked/deep.jpg');
    expect(found).toContain('entered-already sub');
  });

  it.each(['-sub/', '+*.gz -', '-!a*', '+*/ -*'])('lets through %s what a walk here does', async (filter) => {
    using tree = variedTree();
    for (const follow of [false, true]) {
      const found = await walkedTwice(tree.path, { rules: parseFilter(filter), follow });
      expect(found.length).toBeGreaterThan(0);
    }
  });

  it('reads names in the same encoding, and refuses what the journal has no form for', async () => {
    using tree = new TemporaryDirectory();
    const [encoding, journalEncoding] = await Promise.all([loadEncoding('KOI8-R'), loadEncoding('ISO-8859-1')]);
    for (const name of ['б', 'ascii', 'а']) {
      writeFileSync(
        Buffer.concat([Buffer.from(`${tree.path}/`), Buffer.from(encoding.encode(name) as Uint8Array)]),
        'x',
      );
    }
    const inKoi8 = (await walkedTwice(tree.path, { encoding })).map(briefly);
    expect(inKoi8).toEqual(['file ascii', 'file а', 'file б']);
    const inBoth = (await walkedTwice(tree.path, { encoding, journalEncoding })).map(briefly);
    expect(inBoth).toEqual(['file ascii', 'refused а', 'refused б']);
  });

  it('finds nothing in an empty root', async () => {
    using tree = new TemporaryDirectory();
    expect(await walkedTwice(tree.path)).toEqual([]);
  });

  it('of a root that is no directory says the same', async () => {
    using tree = new TemporaryDirectory();
    await expect(walkedTwice(tree.put('file'))).rejects.toMatchObject({ code: 'USAGE' });
    const missing = walkedTwice(`${tree.path}/missing`);
    await expect(missing).rejects.toBeInstanceOf(Failure);
    await expect(missing).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('name an existing') as string,
    });
  });

  it('finds the same in any tree', { timeout: 120_000 }, async () => {
    const name = fc.constantFrom('a', 'b', 'a-b', 'é', '\uff5e', '\u{1f600}', 'c\t');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const content = fc.constantFrom('', 'x');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, content, { maxKeys: 15 }), fc.boolean(), async (files, filtered) => {
        using tree = new TemporaryDirectory();
        const paths = Object.keys(files);
        for (const file of paths.filter((a) => !paths.some((b) => b.startsWith(`${a}/`)))) tree.put(file, files[file]);
        await walkedTwice(tree.path, filtered ? { rules: parseFilter('-b/ +*a* -é') } : {});
      }),
      { numRuns: 20 },
    );
  });
});

/** Of more than a thread may give before anything of it is taken. */
function largeTree(): TemporaryDirectory {
  const tree = new TemporaryDirectory();
  for (let i = 0; i < 12_000; i++) tree.put(`d${i % 7}/${i}`);
  return tree;
}

describe('a thread that walks', () => {
  const from = (root: string, url: URL, signal = never) => walkInThread(placeOf(root), {}, { url, rules: [] }, signal);
  /** A script whose thread does this when it is asked about the nth file. */
  const breaking = (name: string, nth: number, deed: string): URL =>
    compiled.other(
      name,
      `import { serveWalk } from './src/disk/serve-walk.js';
       let asked = 0;
       const includes = () => { if (++asked === ${nth}) ${deed}; return true; };
       await serveWalk(() => ({ includes, enters: () => true }));`,
    );

  it.each([
    ['ends', 'process.exit(0)'],
    ['fails', 'throw new Error("made to fail")'],
  ])('that %s in the middle is no end of the walk', async (word, deed) => {
    using tree = largeTree();
    const found: Found[] = [];
    const walking = async (): Promise<void> => {
      for await (const batch of from(tree.path, breaking(`${word}.mjs`, 8000, deed))) found.push(...batch);
    };
    await expect(walking()).rejects.toMatchObject({ code: 'THREAD_LOST' });
    expect(found.length).toBeLessThan(12_000);
  });

  it('that never begins is a failure too', async () => {
    using tree = new TemporaryDirectory();
    const walking = allOf(from(tree.path, compiled.other('broken.mjs', 'import "./nothing.js";')));
    await expect(walking).rejects.toMatchObject({ code: 'THREAD_LOST' });
  });

  it('does not run ahead of whoever takes', async () => {
    using tree = largeTree();
    await using thread = new WalkInThread(placeOf(tree.path), {}, { url: script, rules: null }, 4);
    const walking = thread.batches(never);
    const [first] = (await walking.next()).value as readonly Found[];
    // Meanwhile a thread that nobody held back would come to the end.
    for (let round = 0; round < 3; round++) await allOf(walk(placeOf(tree.path), {}, never));
    tree.put('d6/new');
    const found = [first as Found, ...(await allOf(walking)).flat()];
    expect(found.map(briefly)).toContain('file d6/new');
  });

  it('is told to stop, and ends', async () => {
    using tree = largeTree();
    const stop = new AbortController();
    const walking = from(tree.path, script, stop.signal);
    await walking.next();
    stop.abort();
    await expect(walking.next()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(allOf(from(tree.path, script, stop.signal))).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('is told to stop while nothing has been found', async () => {
    using tree = new TemporaryDirectory();
    const stop = new AbortController();
    const silent = compiled.other('silent.mjs', 'setInterval(() => undefined, 1000);');
    const first = from(tree.path, silent, stop.signal).next();
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('ends with whoever takes', async () => {
    using tree = largeTree();
    const before = threads();
    const walking = from(tree.path, script);
    await walking.next();
    expect(threads()).toBeGreaterThan(before);
    await walking.return();
    expect(threads()).toBe(before);
  });
});

/** Of this process, by the kernel's count. */
function threads(): number {
  return readdirSync('/proc/self/task').length;
}

describe('a walk that was begun', () => {
  const walkable = (rules: unknown = null, url = script) => {
    const tree = new TemporaryDirectory();
    tree.put('a');
    return { tree, directory: openKeptDirectory(tree.path, { thread: { url, rules } }) };
  };

  it('is the one that is asked for next, once', async () => {
    const { tree, directory } = walkable();
    using _ = tree;
    const before = threads();
    await using _walk = directory.beginWalk(50_000);
    expect(threads()).toBeGreaterThan(before);
    const first = directory.walk(never);
    tree.put('b');
    expect((await allOf(first)).flat().map(briefly)[0]).toBe('file a');
    expect((await allOf(directory.walk(never))).flat().map(briefly)).toEqual(['file a', 'file b']);
  });

  it('is not begun where little is expected', async () => {
    const { tree, directory } = walkable();
    using _ = tree;
    const before = threads();
    await using _walk = directory.beginWalk(49_999);
    expect(threads()).toBe(before);
    expect((await allOf(directory.walk(never))).flat().map(briefly)).toEqual(['file a']);
  });

  it('ends with what began it, when nobody asked for it', async () => {
    const { tree, directory } = walkable();
    using _ = tree;
    const before = threads();
    await (async () => {
      await using _walk = directory.beginWalk(50_000);
      throw new Error('the vault is not there');
    })().catch(() => undefined);
    expect(threads()).toBe(before);
  });

  it('fails when it is asked for, and not before', async () => {
    const { tree, directory } = walkable();
    tree[Symbol.dispose]();
    await using _walk = directory.beginWalk(50_000);
    const walked = await Promise.allSettled([allOf(directory.walk(never))]);
    expect(walked).toMatchObject([{ status: 'rejected', reason: { code: 'USAGE' } }]);
  });

  it('is interrupted by whoever asked for it', async () => {
    const url = compiled.other('silent.mjs', `setInterval(() => undefined, 1000);`);
    const { tree, directory } = walkable(null, url);
    using _ = tree;
    await using _walk = directory.beginWalk(50_000);
    const stop = new AbortController();
    const walked = allOf(directory.walk(stop.signal));
    stop.abort();
    await expect(walked).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('a kept directory', () => {
  it('is walked in a thread where much is expected, its own files left out all the same', async () => {
    using tree = new TemporaryDirectory();
    tree.put('a');
    tree.put('kept.journal');
    const counted = new SharedArrayBuffer(4);
    const url = compiled.other(
      'counting.mjs',
      `import { workerData } from 'node:worker_threads';
       import { serveWalk } from './src/disk/serve-walk.js';
       Atomics.add(new Int32Array(workerData.rules), 0, 1);
       await serveWalk(() => ({ includes: () => true, enters: () => true }));`,
    );
    const isOwn = (path: string): boolean => path === 'kept.journal';
    const directory = openKeptDirectory(tree.path, { isOwn, thread: { url, rules: counted } });
    const begun = (): number => Atomics.load(new Int32Array(counted), 0);
    const few = (await allOf(directory.walk(never, 49_999))).flat();
    expect(begun()).toBe(0);
    const many = (await allOf(directory.walk(never, 50_000))).flat();
    expect(begun()).toBe(1);
    expect(many).toEqual(few);
    expect(many.map(briefly)).toEqual(['file a', 'own-file kept.journal']);
  });
});
