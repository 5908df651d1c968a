// What the journal says after each sync of a life, line by line.

import { expect, it } from 'vitest';
import { syncOnce } from './syncing.js';
import { MIB, World } from './world.js';

interface Line {
  readonly what: 'CREATED' | 'DELETED';
  readonly path: string;
  /** Of CREATED. */
  readonly size?: string;
  readonly mtime?: string;
  readonly id: string;
}

function linesOf(world: World): Line[] {
  return world.journalLines().map((line) => {
    const [version, at, what, id = '', ...rest] = line.split('\t');
    expect([version, at], line).toEqual(['B', String(world.clock.seconds)]);
    if (what !== 'CREATED') return { what: 'DELETED', id, path: rest.join('\t') };
    const [size = '', mtime = '', treeHash, ...path] = rest;
    expect(treeHash, line).toMatch(/^[0-9a-f]{64}$/);
    return { what, id, size, mtime, path: path.join('\t') };
  });
}

/** Small files and large ones are stored beside each other: which is stored first is left to chance. */
function byPath(lines: readonly Line[]): Line[] {
  const [stored, later] = [lines.slice(0, 3), lines.slice(3)];
  return [...stored.toSorted((one, other) => (one.path < other.path ? -1 : 1)), ...later];
}

it('is a line for each fact, in the order in which they became facts', async () => {
  const large = Buffer.alloc(2 * MIB + 1, 'large');
  using world = await World.create();
  world.write('a.txt', 'a', 1_600_000_001);
  world.write('b/large.bin', large, 1_600_000_002);
  world.write('c.txt', 'c', 1_600_000_003);
  world.write('empty', '', 1_600_000_004);
  const width = 1;
  const created = (path: string, size: number, mtime: number) => {
    return { what: 'CREATED', path, size: String(size), mtime: String(mtime) };
  };

  await syncOnce(world, { width });
  const first = [
    created('a.txt', 1, 1_600_000_001),
    created('b/large.bin', large.length, 1_600_000_002),
    created('c.txt', 1, 1_600_000_003),
  ];
  expect(byPath(linesOf(world))).toMatchObject(first);
  const [a, b, c] = byPath(linesOf(world));

  await syncOnce(world, { width });
  expect(linesOf(world)).toHaveLength(3);

  // Only the hash tells that c has changed, and that a has not.
  world.write('c.txt', 'C', 1_600_000_003);
  world.write('a.txt', 'a', 1_600_000_009);
  await syncOnce(world, { width, new: false, replaceModified: true, detect: 'treehash' });
  const second = [...first, created('c.txt', 1, 1_600_000_003), { what: 'DELETED', path: 'c.txt', id: c?.id }];
  expect(byPath(linesOf(world))).toMatchObject(second);
  const anew = linesOf(world)[3];

  // A file that is empty now counts as gone.
  world.remove('b');
  world.write('c.txt', '', 1_600_000_010);
  await syncOnce(world, { width, new: false, deleteRemoved: true });
  const third = [
    ...second,
    { what: 'DELETED', path: 'b/large.bin', id: b?.id },
    { what: 'DELETED', path: 'c.txt', id: anew?.id },
  ];
  expect(byPath(linesOf(world))).toMatchObject(third);
  expect(linesOf(world)).toHaveLength(third.length);
  expect((await world.recorded()).map(({ id }) => String(id))).toEqual([a?.id]);
  expect(world.vault.archives().map(({ id }) => String(id))).toEqual([a?.id]);

  await syncOnce(world, { width, replaceModified: true, deleteRemoved: true });
  expect(linesOf(world)).toHaveLength(third.length);
});
