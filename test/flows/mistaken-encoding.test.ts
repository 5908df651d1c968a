// What an encoding of file names that was given by mistake may do to a vault, and what it must not.

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { parseFilter, selectionOf } from '../../src/plan/filter.js';
import { held, syncOnce } from './syncing.js';
import { World } from './world.js';

const KOI8 = await loadEncoding('KOI8-R');

const DELETING = { replaceModified: true, deleteRemoved: true } as const;

/** Files of UTF-8 names, or of KOI8-R names, stored in the encoding that they are in. */
async function storedWorld(encoding: typeof UTF_8, filter: string): Promise<World> {
  const world = await World.create({ 'a.txt': 'a' });
  for (const name of ['фото1', 'фото2'])
    writeFileSync(Buffer.concat([Buffer.from(`${world.root}/`), Buffer.from(encoding.encode(name) ?? [])]), name);
  world.encoding = encoding;
  world.selection = selectionOf(parseFilter(filter));
  await syncOnce(world);
  return world;
}

describe('sync --delete-removed in the wrong encoding of file names', () => {
  it.each([
    ['KOI8-R', KOI8, UTF_8],
    ['UTF-8', UTF_8, KOI8],
  ])('deletes no archive of a file that filters choose by a name in %s', async (_, right, wrong) => {
    using world = await storedWorld(right, '+фото* +*.txt -');
    world.encoding = wrong;
    const tally = await syncOnce(world, DELETING);
    expect(tally.deletions.deleted).toBe(0);
    expect(tally.deletions.failed + tally.survey.refused).toBe(2);
    expect(held(world)).toEqual(['a', 'фото1', 'фото2']);
    world.encoding = right;
    expect(await syncOnce(world, DELETING)).toMatchObject({ stored: 0, failed: 0, deletions: { deleted: 0 } });
  });

  it('deletes nothing when it is the only task', async () => {
    using world = await storedWorld(UTF_8, '+');
    world.encoding = KOI8;
    await syncOnce(world, { new: false, deleteRemoved: true });
    expect(held(world)).toEqual(['a', 'фото1', 'фото2']);
  });
});
