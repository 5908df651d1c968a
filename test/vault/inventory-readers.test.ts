import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { itemsOfCsv } from '../../src/vault/inventory-csv.js';
import { itemsOfJson } from '../../src/vault/inventory-json.js';
import type { InventoriedArchive, InventoryItem } from '../../src/vault/inventory-port.js';

const TAKEN = '2026-11-06T02:51:29Z';
const HEADER = 'ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash';
const ID = 'A'.repeat(138);
const HASH = 'ab'.repeat(32);
const readers = { JSON: itemsOfJson, CSV: itemsOfCsv };
type Form = keyof typeof readers;
const FORMS: readonly Form[] = ['JSON', 'CSV'];

/** What the service can hold, and for JSON also what it cannot: descriptions of any Unicode. */
const archives = (description: fc.Arbitrary<string>): fc.Arbitrary<InventoriedArchive[]> =>
  fc.array(
    fc.record({
      id: fc.stringMatching(/^[\w-]{1,138}$/).map((text) => ArchiveId.parse(text)),
      description,
      createdAt: fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => Instant.ofSeconds(seconds)),
      size: fc.maxSafeNat(),
      treeHash: fc.stringMatching(/^[0-9a-f]{64}$/).map((text) => TreeHash.parse(text)),
    }),
    { maxLength: 20 },
  );
const printable = fc.stringMatching(/^[\x20-\x7e]{0,60}$/);
/** Full of what makes the form difficult. */
const awkward = fc
  .array(fc.constantFrom('\\', '"', ',', '\\"', '",', 'a', ' ', '{', ']', "'"))
  .map((all) => all.join(''));
const stored = archives(fc.oneof(printable, awkward));
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

describe('inventories', () => {
  it('inventories: any archives, written in JSON and cut anywhere, are read as they were', async () => {
    const any = archives(fc.oneof(printable, awkward, fc.string({ unit: 'binary' })));
    await fc.assert(
      fc.asyncProperty(any, cuts, fc.boolean(), async (written, sizes, isSpaced) => {
        const read = await items('JSON', piecesOf(jsonOf(written, isSpaced ? 2 : undefined), sizes));
        expect(read).toEqual([{ item: 'taken', at: instantOf(TAKEN) }, ...written.map(asItem)]);
      }),
    );
  });

  it('inventories: any archives, written in CSV and cut anywhere, are read as they were', async () => {
    const ends = fc.constantFrom('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(stored, cuts, ends, fc.boolean(), async (written, sizes, end, isAllQuoted) => {
        const text = csvOf(written, isAllQuoted).join(end);
        expect(await items('CSV', piecesOf(text, sizes))).toEqual(written.map(asItem));
      }),
    );
  });

  it.each(FORMS)('inventories: whatever the %s holds, reading it ends with archives or a failure', async (form) => {
    const noise = fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat({ max: 4 }));
    await fc.assert(
      fc.asyncProperty(stored, cuts, fc.array(noise, { maxLength: 4 }), async (written, sizes, spots) => {
        let bytes = Buffer.from(form === 'JSON' ? jsonOf(written) : csvOf(written, false).join('\n'));
        for (const [spot, put, cut] of spots) {
          const at = spot % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        }
        await items(form, piecesOf(bytes, sizes)).catch((thrown: unknown) => {
          expect(thrown).toBeInstanceOf(Failure);
          expect((thrown as Failure).code).toBe('VAULT_REFUSED');
        });
      }),
      { numRuns: 300 },
    );
  });

  it.each(FORMS)('inventories: any bytes at all, taken for %s, end with a failure or items', async (form) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), cuts, async (bytes, sizes) => {
        await items(form, piecesOf(Buffer.from(bytes), sizes)).catch((thrown: unknown) => {
          expect(thrown).toBeInstanceOf(Failure);
        });
      }),
    );
  });

  it('inventories: JSON that breaks off anywhere is no shorter inventory, but none', async () => {
    const text = jsonOf([archive({ description: 'a "b" \\' }), archive({})]);
    for (let end = 0; end < text.length; end++) {
      await expect(items('JSON', [Buffer.from(text.slice(0, end))]), text.slice(0, end)).rejects.toMatchObject({
        code: 'VAULT_REFUSED',
        message: expect.stringContaining('breaks off'),
      });
    }
  });
});

describe('inventories in JSON', () => {
  it.each<[what: string, text: string]>([
    ['a mark of byte order', `\ufeff${jsonOf([archive({})])}`],
    ['blanks', ` \n\t{ "ArchiveList" : [ ${entry({})} ] , "InventoryDate" : "${TAKEN}" } \r\n`],
    [
      'members that are unknown',
      `{"A":{"b":[1,"}"]},"ArchiveList":[${entry({})}],"InventoryDate":"${TAKEN}","C":null}`,
    ],
    ['a list before all else', `{"ArchiveList":[${entry({})}],"InventoryDate":"${TAKEN}","VaultARN":"x"}`],
    ['escapes in names', `{"Arch\\u0069veList":[${entry({})}],"InventoryDate":"${TAKEN}"}`],
  ])('inventories in JSON: %s', async (_, text) => {
    const read = await items('JSON', piecesOf(text, [1]));
    expect(new Set(read)).toEqual(new Set([{ item: 'taken', at: instantOf(TAKEN) }, asItem(archive({}))]));
  });

  it.each<[what: string, text: string, why: RegExp]>([
    ['nothing', '', /breaks off where object was expected/],
    ['a list', '[]', /"\[" where object/],
    ['an error', '{"code":"X","message":"y"}', /no array ArchiveList/],
    ['a list that is none', '{"ArchiveList":null}', /no array ArchiveList/],
    ['more than one object', `${jsonOf([])}{}`, /"{" where nothing/],
    ['a comma too many', '{"ArchiveList":[],}', /"}" where name/],
    ['a comma too few', '{"ArchiveList":[] "a":1}', /where after value/],
    ['an empty element', '{"ArchiveList":[,]}', /where first element/],
    ['a name without quotes', '{ArchiveList:[]}', /where first name/],
    ['a member that is no JSON', '{"a":b,"ArchiveList":[]}', /not valid JSON/],
  ])('inventories in JSON: %s is none', async (_, text, why) => {
    await expect(items('JSON', piecesOf(text, [1]))).rejects.toMatchObject({
      code: 'VAULT_REFUSED',
      message: expect.stringMatching(why),
    });
  });

  it('inventories in JSON: a part of more than a MiB is refused before it fills memory', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"ArchiveList":[{"ArchiveId":"');
      for (; given < 1000; given++) yield Buffer.alloc(65_536, 'A');
    }
    await expect(drained(itemsOfJson(endless()))).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
    expect(given).toBeLessThan(20);
  });
});

describe('inventories in CSV', () => {
  const line = `${ID},d,2012-12-28T08:56:40Z,7,${HASH}`;

  it.each<[what: string, text: string]>([
    ['no end after the last line', `${HEADER}\n${line}`],
    ['a mark of byte order', `\ufeff${HEADER}\n${line}\n`],
    ['empty lines', `${HEADER}\r\n\r\n${line}\r\n\r\n`],
    ['columns in quotes', `"${HEADER.replaceAll(',', '","')}"\n${line}\n`],
    [
      'columns in another order, and more of them',
      `Size,ArchiveId,ArchiveDescription,Region,CreationDate,SHA256TreeHash\n7,${ID},"d",eu,2012-12-28T08:56:40Z,${HASH}\n`,
    ],
  ])('inventories in CSV: %s', async (_, text) => {
    expect(await items('CSV', piecesOf(text, [1]))).toEqual([asItem(archive({ description: 'd' }))]);
  });

  it.each<[written: string, description: string]>([
    ['', ''],
    ['""', ''],
    ['a\\b', 'a\\b'],
    ['"a,\\"b"', 'a,"b'],
    ['"a\\"', 'a\\'],
    ['"\\\\""', '\\"'],
    ['a,b', 'a,b'],
    ['"', '"'],
  ])('inventories in CSV: the description written %s is %s', async (written, description) => {
    const text = `${HEADER}\n${ID},${written},2012-12-28T08:56:40Z,7,${HASH}\n`;
    expect(await items('CSV', piecesOf(text, [1]))).toEqual([asItem(archive({ description }))]);
  });

  it.each<[what: string, text: string, why: RegExp]>([
    ['nothing', '', /it is empty/],
    ['a page', '<html>\n</html>\n', /no column ArchiveId/],
    ['a column too few', `${HEADER.replace(',Size', '')}\n`, /no column Size/],
  ])('inventories in CSV: %s is none', async (_, text, why) => {
    await expect(items('CSV', piecesOf(text, [1]))).rejects.toMatchObject({
      code: 'VAULT_REFUSED',
      message: expect.stringMatching(why),
    });
  });

  it('inventories in CSV: a line of more than a MiB is refused before it fills memory', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; given < 1000; given++) yield Buffer.alloc(65_536, 'A');
    }
    await expect(drained(itemsOfCsv(endless()))).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
    expect(given).toBeLessThan(20);
  });
});

describe('entries', () => {
  it.each<[date: string, due: string | null]>([
    ['2012-12-28T08:56:40Z', '2012-12-28T08:56:40Z'],
    ['2012-12-28T08:56:40.123Z', '2012-12-28T08:56:40Z'],
    ['2012-12-28T08:56:40.999999Z', '2012-12-28T08:56:40Z'],
    ['1969-12-31T23:59:59.500Z', '1969-12-31T23:59:59Z'],
    ['2012-13-28T08:56:40Z', null],
    ['2012-12-28', null],
    ['yesterday', null],
  ])('entries: the date %s is %s, or the entry is unreadable', async (date, due) => {
    const read = await items('JSON', [Buffer.from(`{"ArchiveList":[${entry({ CreationDate: date })},${entry({})}]}`)]);
    expect(read[0]).toMatchObject(
      due === null ? { item: 'unreadable' } : { item: 'archive', archive: { createdAt: instantOf(due) } },
    );
    expect(read[1]).toEqual(asItem(archive({})));
  });

  it.each<[what: string, text: string, why: RegExp]>([
    ['no archive id', entry({ ArchiveId: undefined }), /^no archive id$/],
    ['an id that is no text', entry({ ArchiveId: 1 }), /^not an archive id: 1$/],
    ['an id with a blank', entry({ ArchiveId: 'a b' }), /not an archive id: "a b"/],
    ['an empty id', entry({ ArchiveId: '' }), /not an archive id/],
    ['a size beyond what numbers can tell', entry({}).replace(':7', ':9007199254740993'), /^not a size/],
    ['a negative size', entry({ Size: -1 }), /not a size: -1/],
    ['a size with a fraction', entry({ Size: 1.5 }), /not a size/],
    ['no tree hash', entry({ SHA256TreeHash: null }), /not a tree hash: null/],
    ['a short tree hash', entry({ SHA256TreeHash: 'abc' }), /not a tree hash: "abc"/],
    ['a description that is no text', entry({ ArchiveDescription: { a: 1 } }), /not a description/],
    ['a number', '5', /not an object/],
    ['a list', '[]', /not an object/],
    ['no JSON', '{"ArchiveId":}', /JSON/],
  ])('entries: one with %s is unreadable, and the rest is read on', async (_, text, why) => {
    const read = await items('JSON', piecesOf(`{"ArchiveList":[${entry({})},${text},${entry({})}]}`, [7]));
    const good = asItem(archive({}));
    expect(read).toEqual([good, { item: 'unreadable', text, why: expect.stringMatching(why) }, good]);
  });

  it('entries: a line with too few fields is unreadable', async () => {
    expect(await items('CSV', [Buffer.from(`${HEADER}\na,b,c\n`)])).toMatchObject([
      { item: 'unreadable', text: 'a,b,c' },
    ]);
  });

  it('entries: a missing description is an empty one, hashes are compared in lower case, sizes may be texts', async () => {
    const text = entry({ ArchiveDescription: null, SHA256TreeHash: HASH.toUpperCase(), Size: '7' });
    expect(await items('JSON', [Buffer.from(`{"ArchiveList":[${text}]}`)])).toEqual([asItem(archive({}))]);
  });

  it('entries: an unreadable one is shown up to a bound', async () => {
    const [item] = await items('JSON', [Buffer.from(`{"ArchiveList":["${'x'.repeat(100_000)}"]}`)]);
    expect(item).toMatchObject({ item: 'unreadable', text: expect.stringMatching(/^"x{4095}…$/) });
  });

  it('entries: an inventory whose date cannot be read is read all the same', async () => {
    const text = `{"InventoryDate":"soon","ArchiveList":[${entry({})}]}`;
    expect(await items('JSON', [Buffer.from(text)])).toEqual([
      { item: 'unreadable', text: '"soon"', why: 'not a date: "soon"' },
      asItem(archive({})),
    ]);
  });
});

function archive(more: Partial<InventoriedArchive>): InventoriedArchive {
  const createdAt = instantOf('2012-12-28T08:56:40Z');
  return { id: ArchiveId.parse(ID), description: '', createdAt, size: 7, treeHash: TreeHash.parse(HASH), ...more };
}

/** As the service writes it. */
function entry(more: Record<string, unknown>): string {
  return JSON.stringify({ ...rowOf(archive({})), ...more });
}

function rowOf({ id, description, createdAt, size, treeHash }: InventoriedArchive): Record<string, string | number> {
  return {
    ArchiveId: id,
    ArchiveDescription: description,
    CreationDate: new Date(createdAt * 1000).toISOString().replace('.000', ''),
    Size: size,
    SHA256TreeHash: treeHash,
  };
}

function jsonOf(written: readonly InventoriedArchive[], indent?: number): string {
  const inventory = { VaultARN: 'arn:aws:glacier:r:0:vaults/v', InventoryDate: TAKEN, ArchiveList: written.map(rowOf) };
  return JSON.stringify(inventory, null, indent);
}

/** Lines, the last of them empty. */
function csvOf(written: readonly InventoriedArchive[], isAllQuoted: boolean): string[] {
  const field = (value: string | number): string =>
    isAllQuoted || /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '\\"')}"` : String(value);
  return [HEADER, ...written.map((one) => Object.values(rowOf(one)).map(field).join(',')), ''];
}

function asItem(archive: InventoriedArchive): InventoryItem {
  return { item: 'archive', archive };
}

function instantOf(date: string): Instant {
  return Instant.ofMs(Date.parse(date));
}

/** The text in pieces of these sizes, over and over. */
function* piecesOf(text: string | Buffer, sizes: readonly number[]): Generator<Uint8Array> {
  const bytes = Buffer.from(text as string);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function items(form: Form, pieces: Iterable<Uint8Array>): Promise<InventoryItem[]> {
  async function* arriving(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  return drained(readers[form](arriving()));
}

async function drained(read: AsyncIterable<InventoryItem>): Promise<InventoryItem[]> {
  const found: InventoryItem[] = [];
  for await (const item of read) found.push(item);
  return found;
}
