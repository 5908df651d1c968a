// What a selection keeps out of a walk, and what it must not.

import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Found } from '../../src/model/found.js';
import type { Selection } from '../../src/model/selection.js';
import { briefly, TemporaryDirectory, walked } from './temporary-directory.js';

/** Selects by plain rules, and keeps what it was asked. */
class Rules implements Selection {
  readonly asked: string[] = [];
  readonly #included: (path: string) => boolean;
  readonly #entered: (directory: string) => boolean;

  constructor(included: (path: string) => boolean, entered: (directory: string) => boolean = () => true) {
    this.#included = included;
    this.#entered = entered;
  }

  includes(path: string): boolean {
    this.asked.push(path);
    return this.#included(path);
  }

  enters(directory: string): boolean {
    this.asked.push(`${directory}/`);
    return this.#entered(directory);
  }
}

/** As `-NAME/` does: nothing at the name or below it. */
const without = (name: string): Rules =>
  new Rules(
    (path) => !path.startsWith(`${name}/`),
    (directory) => directory !== name && !directory.startsWith(`${name}/`),
  );

const seen = async (root: string, selection: Selection, follow = false): Promise<string[]> =>
  (await walked(root, { selection, follow })).map(briefly);

describe('walk with a selection', () => {
  it('gives what is included, and asks for whole paths', async () => {
    using tree = new TemporaryDirectory();
    for (const name of ['a.gz', 'd/b.gz', 'd/c', 'e']) tree.put(name);
    const rules = new Rules((path) => path.endsWith('.gz'));
    expect(await seen(tree.path, rules)).toEqual(['file a.gz', 'file d/b.gz']);
    expect(rules.asked.toSorted()).toEqual(['a.gz', 'd/', 'd/b.gz', 'd/c', 'e']);
  });

  it('does not read a directory that is not entered: what is wrong inside is no trouble', async () => {
    using tree = new TemporaryDirectory();
    tree.put('cache/bad\tname');
    tree.put('cache/deep/er');
    mkdirSync(`${tree.path}/cache/empty`);
    writeFileSync(Buffer.from(`${tree.path}/cache/\xff`, 'latin1'), 'x');
    tree.put('kept');
    const rules = without('cache');
    expect(await seen(tree.path, rules)).toEqual(['file kept']);
    expect(rules.asked.filter((path) => path.startsWith('cache/'))).toEqual(['cache/']);
  });

  it('does not enter a link that leads to a place that is not entered, and does not mention it', async () => {
    using tree = new TemporaryDirectory();
    tree.put('real/f');
    symlinkSync('real', `${tree.path}/link`);
    symlinkSync('nowhere', `${tree.path}/dangling`);
    expect(await seen(tree.path, without('link'), true)).toEqual(['dangling-link dangling', 'file real/f']);
    expect(await seen(tree.path, without('link'))).toEqual(['dangling-link dangling', 'file real/f']);
  });

  it('keeps silent about all that is excluded, whatever it is', async () => {
    using tree = new TemporaryDirectory();
    tree.put('no.empty', '');
    tree.put('no.name\t');
    execFileSync('mkfifo', [`${tree.path}/no.pipe`]);
    tree.put('.mtglacier-123-0123456789ab.part');
    mkdirSync(`${tree.path}/no.directory`);
    symlinkSync('no.directory', `${tree.path}/no.link`);
    symlinkSync('nowhere', `${tree.path}/no.dangling`);
    symlinkSync('x'.repeat(300), `${tree.path}/no.unseen`);
    writeFileSync(Buffer.from(`${tree.path}/no.\xff`, 'latin1'), 'x');
    mkdirSync(`${tree.path}/no.directory\n`);
    expect(
      await seen(
        tree.path,
        new Rules(
          () => false,
          () => false,
        ),
      ),
    ).toEqual([]);
    expect(await walked(tree.path)).toHaveLength(10);
  });

  it('gives a name that is no text also where it is not included as it is shown: nobody knows what it is', async () => {
    using tree = new TemporaryDirectory();
    writeFileSync(Buffer.from(`${tree.path}/a\xff.jpg`, 'latin1'), 'x');
    writeFileSync(Buffer.from(`${tree.path}/b\xff.jpg`, 'latin1'), 'x');
    tree.put('c\td.jpg');
    const rules = new Rules((path) => path === 'aÿ.jpg' || path === 'b\\xff.jpg');
    expect(await seen(tree.path, rules)).toEqual(['refused a\\xff.jpg', 'refused b\\xff.jpg']);
  });

  it('a directory of which a part could be selected is told of when it is empty, refused, linked or unseen', async () => {
    using tree = new TemporaryDirectory();
    mkdirSync(`${tree.path}/empty`);
    mkdirSync(`${tree.path}/refused\t`);
    symlinkSync('empty', `${tree.path}/linked`);
    symlinkSync('not-mounted', `${tree.path}/mount`);
    const rules = new Rules((path) => path.endsWith('.jpg'));
    // All of them may hide files that are selected: what is stored of them must not pass for gone.
    expect(await seen(tree.path, rules)).toEqual([
      'empty-directory empty',
      'link-to-directory linked',
      'dangling-link mount',
      'refused refused\t',
    ]);
  });

  it('a directory with nothing selected in it is not an empty one', async () => {
    using tree = new TemporaryDirectory();
    tree.put('d/x');
    expect(await seen(tree.path, new Rules(() => false))).toEqual([]);
  });

  it('a link to a file is judged as a file', async () => {
    using tree = new TemporaryDirectory();
    tree.put('real');
    symlinkSync('real', `${tree.path}/link`);
    expect(await seen(tree.path, new Rules((path) => path !== 'link'))).toEqual(['file real']);
    expect(
      await seen(
        tree.path,
        new Rules(
          () => true,
          () => false,
        ),
      ),
    ).toEqual(['file link', 'file real']);
  });

  it('gives exactly the included ones of what a walk without it gives', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd.x');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const chosen = fc.func(fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { maxLength: 20 }), chosen, chosen, async (paths, included, entered) => {
        using tree = new TemporaryDirectory();
        for (const file of paths.filter((a) => !paths.some((b) => b.startsWith(`${a}/`)))) tree.put(file);
        const isEntered = (file: string): boolean =>
          file.split('/').every((_, depth, parts) => depth === 0 || entered(parts.slice(0, depth).join('/')));
        const pathOf = (found: Found): string => (found.kind === 'file' ? found.file.path : briefly(found));
        const all = (await walked(tree.path)).map(pathOf);
        const selection = { includes: (file: string) => included(file), enters: (file: string) => entered(file) };
        expect((await walked(tree.path, { selection })).map(pathOf)).toEqual(
          all.filter((file) => included(file) && isEntered(file)),
        );
      }),
      { numRuns: 60 },
    );
  });
});
