import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  string as text,
  uniqueArray,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awaitedInventory } from '../../src/flows/inventories/inventory-standing.js';
import { PossibleRepeats } from '../../src/flows/inventories/repeats.js';
import { retrieveInventory } from '../../src/flows/inventories/retrieve-inventory.js';
import { openForReading } from '../../src/journal/open.js';
import { belongsToJournal } from '../../src/journal/sidecars.js';
import { Instant } from '../../src/model/clock.js';
import { encodeDescription } from '../../src/model/description.js';
import { DIALECTS } from '../../src/model/foreign-descriptions.js';
import { JobId } from '../../src/model/identifiers.js';
import { type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import type { Inventory } from '../../src/vault/inventory-port.js';
import { allOf } from '../all-of.js';
import { download, GO_ON, HOURS, inventoryOf, listed, READY, storeAs, takeInventory } from './inventories.js';
import { World } from './world.js';

const MTIME = Instant.ofSeconds(1_600_000_000);
const OWN = (filename: string): string => encodeDescription({ filename, mtime: MTIME });

const LATIN: TextEncoding = {
  name: 'LATIN',
  canonicalName: 'latin',
  decode: (bytes) => Buffer.from(bytes).toString('latin1'),
  encode: (text) => (/^[\0-\u00ff]*$/.test(text) ? Buffer.from(text, 'latin1') : null),
};

function filesOf(world: World): string[] {
  return readdirSync(world.home)
    .filter((name) => name.startsWith('kept.journal'))
    .sort();
}

function setAsideIn(world: World): Record<string, unknown>[] {
  const lines = readFileSync(`${world.journalFile}.set-aside`, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('retrieve-inventory', () => {
  it('asks once while one is under way, whoever asks, and again when that is ready', async () => {
    using world = await World.create();
    const first = await retrieveInventory('JSON', world.vault, GO_ON);
    expect(first).toMatchObject({ isNew: true, inventory: { requestedAt: world.clock.now() } });
    world.clock.seconds += HOURS;
    const second = await retrieveInventory('CSV', world.vault, GO_ON);
    expect(second).toEqual({ isNew: false, inventory: first.inventory });
    world.clock.seconds += 5 * HOURS;
    expect(await retrieveInventory('CSV', world.vault, GO_ON)).toMatchObject({ isNew: true });
  });

  it('marks what it asks for as mt-aws-glacier does', async () => {
    using world = await World.create();
    await retrieveInventory('JSON', world.vault, GO_ON);
    const jobs = await allOf(world.vault.jobs(GO_ON.now));
    expect(jobs.map(({ description }) => description)).toEqual(['mtijob1 eyJ0eXBlIjoiZnVsbCJ9']);
  });
});

describe('the inventory to read', () => {
  const running = (seconds: number): Inventory => {
    const jobId = JobId.parse(`running-${seconds}`);
    return { state: 'running', jobId, requestedAt: Instant.ofSeconds(seconds), expected: null };
  };
  const ready = (seconds: number): Inventory => {
    return { ...READY, jobId: JobId.parse(`ready-${seconds}`), requestedAt: Instant.ofSeconds(seconds) };
  };
  const of = (...inventories: Inventory[]) => {
    return awaitedInventory({ inventories: async () => inventories }, GO_ON.now);
  };

  it('is the newest that is ready, and a newer one that is under way is known', async () => {
    expect(await of(running(9), ready(5), running(4), ready(3))).toEqual({ ready: ready(5), underWay: running(9) });
    expect(await of(running(2), running(1))).toEqual({ ready: null, underWay: running(2) });
  });

  it('has to be asked for, also when the last one failed', async () => {
    const failed: Inventory = { state: 'failed', jobId: READY.jobId, requestedAt: READY.requestedAt, why: 'no luck' };
    const hint: unknown = expect.stringContaining('retrieve-inventory');
    await expect(of()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', hint });
    await expect(of(failed)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', hint, message: /no luck/ });
    expect(await of(failed, ready(1))).toMatchObject({ ready: ready(1) });
  });
});

describe('download-inventory', () => {
  it.each(['JSON', 'CSV'] as const)('gives every archive its line, from %s', async (format) => {
    using world = await World.create();
    const early = 'mt1 eyJmaWxlbmFtZSI6IsORwoLDkMK1w5HCgcORwoIiLCJtdGltZSI6IjIwMTIxMjI4VDA4NTY0MFoifQ';
    const own = await storeAs(world, OWN('a/b "c", d.txt'), 'own');
    world.clock.seconds += 100;
    const first = await storeAs(world, early, 'early');
    const foreign = await storeAs(world, 'some text', 'foreign');
    const version = await storeAs(world, OWN('a/b "c", d.txt'), 'own again');
    const tally = await download(world, await takeInventory(world, format));
    const [ownHash, earlyHash, foreignHash, versionHash] = world.vault.archives().map(({ treeHash }) => treeHash);
    const at = 1_700_000_000;
    expect(world.journalLines()).toEqual([
      `B\t${at}\tCREATED\t${own}\t3\t1600000000\t${ownHash}\ta/b "c", d.txt`,
      `B\t${at + 100}\tCREATED\t${first}\t5\t1356685000\t${earlyHash}\tтест`,
      `B\t${at + 100}\tCREATED\t${foreign}\t7\tNONE\t${foreignHash}\t${foreign}`,
      `B\t${at + 100}\tCREATED\t${version}\t9\t1600000000\t${versionHash}\ta/b "c", d.txt`,
    ]);
    expect(await world.recorded()).toHaveLength(4);
    expect(tally).toMatchObject({
      named: { mt2: { count: 2, size: 12 }, mt1: { count: 1, size: 5 }, 'archive-id': { count: 1, size: 7 } },
      setAside: { count: 0 },
      explicable: { plain: 1 },
    });
    expect(filesOf(world)).toEqual(['kept.journal']);
  });

  it('sets aside what no journal can hold, with all that is known of it', async () => {
    using world = await World.create();
    const names = ['../../etc/passwd', '/absolute', 'tab\tinside', 'line\nend', 'a/../b', '', 'folder/', 'nul\0'];
    for (const name of names) await storeAs(world, OWN(name), `content of ${JSON.stringify(name)}`);
    await storeAs(world, OWN('good'));
    const ready = await takeInventory(world);
    const items = await allOf(world.vault.readInventory(ready, GO_ON.now));
    const vault = inventoryOf([
      ...items,
      { item: 'unreadable', text: '{"ArchiveId":1}', why: 'the archive id is no text' },
    ]);
    const tally = await download(world, ready, { vault });
    expect((await world.recorded()).map(({ path }) => path)).toEqual(['good']);
    expect(tally).toMatchObject({ setAside: { count: names.length }, unreadable: 1, named: { mt2: { count: 1 } } });
    const aside = setAsideIn(world);
    expect(aside.map(({ name }) => name)).toEqual([...names, undefined]);
    const [first] = world.vault.archives();
    expect(aside[0]).toEqual({
      version: 'A',
      type: 'archive',
      archiveId: first?.id,
      size: 29,
      treeHash: first?.treeHash,
      createdAt: 1_700_000_000,
      description: first?.description,
      name: '../../etc/passwd',
      why: 'name "../../etc/passwd" is not a plain relative path',
    });
    expect(aside.at(-1)).toEqual({
      version: 'A',
      type: 'unreadable',
      text: '{"ArchiveId":1}',
      why: 'the archive id is no text',
    });
    expect(world.eventsOf('set-aside')).toHaveLength(names.length + 1);
    expect(filesOf(world)).toEqual(['kept.journal', 'kept.journal.set-aside']);
    expect(belongsToJournal('kept.journal.set-aside', 'kept.journal')).toBe(true);
  });

  it('a name without a form in the encoding of the journal is set aside, all others are written in it', async () => {
    using world = await World.create();
    await storeAs(world, OWN('naïve'));
    await storeAs(world, OWN('море'));
    await download(world, await takeInventory(world), { encoding: LATIN });
    expect(readFileSync(world.journalFile, 'latin1')).toMatch(/\tnaïve\n$/);
    expect(setAsideIn(world).map(({ name }) => name)).toEqual(['море']);
  });

  it('takes the place of a report of before, or of none', async () => {
    using world = await World.create();
    writeFileSync(`${world.journalFile}.set-aside`, 'of before\n');
    writeFileSync(world.journalFile, '');
    await download(world, READY, { vault: inventoryOf([listed('a')]) });
    expect(filesOf(world)).toEqual(['kept.journal']);
  });

  it('decodes the names of other programs when asked to, and says what it could have decoded when not', async () => {
    using world = await World.create();
    const base64 = Buffer.from('docs/tax.pdf').toString('base64');
    await storeAs(world, `<m><v>4</v><p>${base64}</p><lm>20120821T170824Z</lm><ce>1:0:x:9</ce></m>`);
    await storeAs(world, '{"path": "/share/film.mov", "type": "file"}');
    await storeAs(world, 'backup.tar');
    await storeAs(world, '{"type": "metadata"}');
    const ready = await takeInventory(world);
    expect(await download(world, ready)).toMatchObject({
      named: { 'archive-id': { count: 4 } },
      explicable: { fastglacier: 1, cloudberry: 0, qnap: 1, plain: 1 },
      wrapped: 0,
    });
    writeFileSync(world.journalFile, '');
    expect(await download(world, ready, { dialects: DIALECTS })).toMatchObject({
      named: { 'archive-id': { count: 1 }, fastglacier: { count: 1 }, qnap: { count: 1 }, plain: { count: 1 } },
      explicable: { fastglacier: 0, qnap: 0, plain: 0 },
      wrapped: 1,
    });
    const found = await world.recorded();
    const named = found.filter(({ path, id }) => path !== (id as string)).map(({ path, mtime }) => [path, mtime]);
    expect(named).toEqual([
      ['backup.tar', null],
      ['docs/tax.pdf', Date.UTC(2012, 7, 21, 17, 8, 24) / 1000],
      ['share/film.mov', null],
    ]);
  });

  it('leaves nothing when it is interrupted, or the inventory breaks off', async () => {
    using world = await World.create();
    const stop = new AbortController();
    const items = [listed('a', { description: OWN('../a') }), listed('b'), listed('c')];
    const interrupting = {
      async *readInventory() {
        yield* items.slice(0, 2);
        stop.abort();
        yield* items.slice(2);
      },
    };
    const halt = { soon: stop.signal, now: new AbortController().signal };
    await expect(download(world, READY, { vault: interrupting, halt })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const next = (): Promise<never> => Promise.reject(new Error('broken off'));
    const breaking = { readInventory: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) };
    await expect(download(world, READY, { vault: breaking })).rejects.toThrow('broken off');
    expect(filesOf(world)).toEqual([]);
  });

  it('a journal that holds something is refused and stays as it is', async () => {
    using world = await World.create();
    writeFileSync(world.journalFile, 'B\t1\tCREATED\ta\t1\t1\tb\tc\n');
    await expect(download(world, READY, { vault: inventoryOf([listed('a')]) })).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(readFileSync(world.journalFile, 'utf8')).toBe('B\t1\tCREATED\ta\t1\t1\tb\tc\n');
    expect(filesOf(world)).toEqual(['kept.journal']);
  });

  it('an archive that is listed again has one line, whatever the inventory repeats', async () => {
    const ids = constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    await assert(
      asyncProperty(array(ids, { maxLength: 30 }), async (sequence) => {
        using world = await World.create();
        const tally = await download(world, READY, { vault: inventoryOf(sequence.map((id) => listed(id))) });
        const different = [...new Set(sequence)].sort();
        expect((await world.recorded()).map(({ id }) => id)).toEqual(different);
        expect(tally.named['archive-id'].count).toBe(different.length);
        expect(tally.setAside.count).toBe(sequence.length - different.length);
        if (tally.setAside.count > 0) expect(setAsideIn(world)).toHaveLength(tally.setAside.count);
      }),
      { numRuns: 30 },
    );
  });

  it('makes a journal that can be read of whatever an inventory lists', async () => {
    const word = text({ unit: 'binary', minLength: 1 });
    const ids = oneof(word, constantFrom('\ud800', 'é', 'B\u00a0', '\u2028', '../x', 'A\0')).filter((id) =>
      /^\S+$/.test(id),
    );
    const entries = record({
      id: ids,
      description: oneof(word, word.map(OWN), constantFrom('\ud800', '\n', '<m><p>Lg==</p></m>')),
      createdAt: oneof(integer({ min: -3, max: 3 }), integer({ min: 0, max: 2 ** 40 })).map((seconds) =>
        Instant.ofSeconds(seconds),
      ),
      size: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    });
    await assert(
      asyncProperty(array(entries, { maxLength: 10 }), constantFrom(LATIN, UTF_8), async (list, encoding) => {
        using world = await World.create();
        const vault = inventoryOf(list.map(({ id, ...more }) => listed(id, more)));
        const { setAside, named } = await download(world, READY, { vault, dialects: DIALECTS, encoding });
        const { live } = await openForReading(world.journalFile, { encoding }, () => undefined);
        expect(live.count).toBe(Object.values(named).reduce((sum, { count }) => sum + count, 0));
        expect(live.count + setAside.count).toBe(list.length);
      }),
      {
        numRuns: 100,
        examples: [[[{ id: 'a', description: OWN('a'), createdAt: Instant.ofSeconds(-1), size: 1 }], UTF_8]],
      },
    );
  });

  it('a filter that is far too small for the inventory only makes it read twice', async () => {
    using world = await World.create();
    const items = Array.from({ length: 120_000 }, (_, i) => listed(`archive-${i}`));
    const tally = await download(
      world,
      { ...READY, size: 1 },
      { vault: inventoryOf([...items, ...items.slice(7, 9)]) },
    );
    expect(tally.named['archive-id'].count).toBe(120_000);
    expect(tally.setAside.count).toBe(2);
    expect(new Set(world.journalLines()).size).toBe(120_000);
  });
});

describe('repeats', () => {
  it('a repetition is never missed', () => {
    assert(
      property(uniqueArray(text(), { minLength: 1, maxLength: 200 }), (ids) => {
        const seen = new PossibleRepeats(ids.length);
        for (const id of ids) seen.mayRepeat(id);
        for (const id of ids) expect(seen.mayRepeat(id)).toBe(true);
      }),
    );
  });

  it('few of those that are new pass for repetitions', () => {
    const seen = new PossibleRepeats(200_000);
    let wrong = 0;
    for (let i = 0; i < 200_000; i++) if (seen.mayRepeat(`${i}-${'x'.repeat(i % 140)}`)) wrong++;
    expect(wrong).toBeLessThan(3);
  });
});
