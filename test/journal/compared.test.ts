import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCompared, readCompared } from '../../src/journal/compared.js';
import { decodeComparison, encodeComparison } from '../../src/journal/comparison-codec.js';
import { belongsToJournal } from '../../src/journal/sidecars.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import { folder } from './folder.js';

const ID = ArchiveId.parse('id');
const OTHER = ArchiveId.parse('other');
const ALL_ALIVE = { has: () => true };

function file(path: string, state: Partial<LocalFile> = {}): LocalFile {
  return { path: RelPath.parse(path), size: 5, mtime: Instant.ofSeconds(100), mtimeNs: 7, ctimeUs: 9, ...state };
}

/** What was noted in one run. */
async function noted(name: string, files: readonly LocalFile[], live = ALL_ALIVE): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  await using compared = await openCompared(name, live, (event) => events.push(event));
  for (const one of files) compared.note(one, ID);
  return events;
}

const linesOf = (name: string): number => readFileSync(name, 'utf8').split('\n').length - 1;
const unexpected = (event: RunEvent): never => {
  throw new Error(`told ${JSON.stringify(event)}`);
};

describe('compared files', () => {
  it('are known in exactly the state, and for the archive, that they were noted with', async () => {
    const journal = join(folder(), 'photos.journal');
    await noted(`${journal}.compared`, [file('a'), file('b')]);
    const known = await readCompared(journal, unexpected);
    expect(known.isSame(file('a'), ID)).toBe(true);
    expect(known.isSame(file('b'), ID)).toBe(true);
    const others = [{ size: 6 }, { mtime: Instant.ofSeconds(101) }, { mtimeNs: 8 }, { ctimeUs: 10 }];
    for (const other of others) expect(known.isSame(file('a', other), ID)).toBe(false);
    const { mtimeNs: _, ...unlooked } = file('a');
    expect(known.isSame(unlooked, ID)).toBe(false);
    expect(known.isSame(file('a'), OTHER)).toBe(false);
    expect(known.isSame(file('c'), ID)).toBe(false);
  });

  it('whose state was not looked at to the nanosecond are not noted', async () => {
    const name = join(folder(), 'compared');
    const { mtimeNs: _, ...unlooked } = file('a');
    await noted(name, [unlooked]);
    expect(existsSync(name)).toBe(false);
  });

  it('are known by what was noted last, and the file is written anew when most of it is out of date', async () => {
    const name = join(folder(), 'compared');
    for (let mtimeNs = 0; mtimeNs < 20; mtimeNs++) {
      await noted(name, [file('a', { mtimeNs }), file('b', { mtimeNs })]);
      await using known = await openCompared(name, ALL_ALIVE, unexpected);
      expect(known.isSame(file('a', { mtimeNs }), ID)).toBe(true);
      expect(linesOf(name)).toBeLessThanOrEqual(6);
    }
  });

  it('of archives that are gone are forgotten, and the last takes the file with it', async () => {
    const name = join(folder(), 'compared');
    await noted(name, [file('a')]);
    await noted(name, [], { has: () => false });
    expect(existsSync(name)).toBe(false);
  });

  it('lose no more than the line that a crash has torn', async () => {
    const name = join(folder(), 'compared');
    await noted(name, [file('a'), file('b')]);
    const whole = readFileSync(name);
    for (let cut = 1; cut < whole.length / 2; cut += 7) {
      writeFileSync(name, whole);
      truncateSync(name, whole.length - cut);
      expect(await noted(name, [file('c')])).toEqual([]);
      await using known = await openCompared(name, ALL_ALIVE, unexpected);
      expect(['a', 'b', 'c'].map((path) => known.isSame(file(path), ID))).toEqual([true, false, true]);
    }
  });

  it('that cannot be written down are told of once, and nothing fails', async () => {
    const home = folder();
    const events: RunEvent[] = [];
    const compared = await openCompared(join(home, 'compared'), ALL_ALIVE, (event) => events.push(event));
    rmSync(home, { recursive: true });
    for (const path of ['a', 'b', 'c']) compared.note(file(path), ID);
    await compared[Symbol.asyncDispose]();
    expect(events).toMatchObject([{ event: 'notice', topic: 'comparisons-lost' }]);
  });

  it('of a newer program are passed over with a notice', async () => {
    const name = join(folder(), 'compared');
    await noted(name, [file('a')]);
    writeFileSync(name, readFileSync(name, 'utf8').replace('"A"', '"B"'));
    expect(await noted(name, [])).toMatchObject([{ topic: 'comparisons-lost' }]);
  });

  it('have a file that belongs to the journal', () => {
    expect(belongsToJournal('x.journal.compared', 'x.journal')).toBe(true);
    expect(belongsToJournal('x.journal.compared.new', 'x.journal')).toBe(true);
  });

  it('are written in a form that reads back as the same, and never throws on another', () => {
    const path = fc.string({ unit: 'binary' }).filter((text) => RelPath.whyNot(text) === null);
    const states = fc.record({
      size: fc.maxSafeNat(),
      mtime: fc.maxSafeInteger(),
      mtimeNs: fc.nat(999_999_999),
      ctimeUs: fc.maxSafeInteger(),
    });
    fc.assert(
      fc.property(path, states, (path, { size, mtime, mtimeNs, ctimeUs }) => {
        const comparison = {
          path: RelPath.parse(path),
          size,
          mtime: Instant.ofSeconds(mtime),
          mtimeNs,
          ctimeUs,
          archiveId: ID,
        };
        const line = encodeComparison(comparison);
        expect(line.slice(0, -1)).not.toContain('\n');
        expect(decodeComparison(line.slice(0, -1))).toEqual(comparison);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(decodeComparison(line)).toBeNull();
      }),
    );
  });
});
