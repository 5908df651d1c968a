// The conformance cases of the Glacier reference that concern inventories in parts, in CSV and in ranges.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { askForJob, beginUpload, outputOf, type RawAnswer, send, treeHash, uploadWhole } from './raw-client.js';

const HOUR_MS = 3_600_000;
const HELLO = Buffer.from('hello');
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).concat(['"', ',', '\\']);
const HEADER = 'ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash';

let directory: string;
let vault: LocalVault;
let clock = Date.parse('2026-03-01T00:00:00.500Z');
/** Stored an hour apart, the first at `begun`. */
let ids: string[];
let begun: number;
let name = 'V0';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, now: () => clock });
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  name = `V${Number(name.slice(1)) + 1}`;
  await send(vault, { method: 'PUT', path: `/-/vaults/${name}` });
  begun = clock;
  ids = [];
  for (const description of ['one', '', 'a,"b', 'back\\slash', 'both "\\",']) {
    ids.push(await uploadWhole(vault, name, HELLO, description));
    clock += HOUR_MS;
  }
});

describe('local vault: inventories', () => {
  test('case 121: CSV quotes what has a comma or a quote, with backslashes before quotes and nowhere else', async () => {
    const { headers, body } = await inventory({ Format: 'CSV' });
    expect(headers).toMatchObject({ 'content-type': 'text/csv', 'content-length': String(body.length) });
    const rest = (hour: number): string => `${secondsOf(begun + hour * HOUR_MS)},5,${treeHash(HELLO)}`;
    expect(body.toString()).toBe(
      [
        HEADER,
        `${ids[0]},one,${rest(0)}`,
        `${ids[1]},,${rest(1)}`,
        `${ids[2]},"a,\\"b",${rest(2)}`,
        `${ids[3]},back\\slash,${rest(3)}`,
        `${ids[4]},"both \\"\\\\",",${rest(4)}`,
        '',
      ].join('\n'),
    );
  });

  test('case 121: any description can be had back from CSV, unless it has backslashes before quotes', async () => {
    const printable = fc.string({ unit: fc.constantFrom(...PRINTABLE), maxLength: 30 });
    const descriptions = fc
      .sample(printable, 200)
      .map((text) => text.replace(/\\+"/g, '"').trim())
      .concat(['"', '""', ',', '",', ',"', '\\', 'a\\', '\\,']);
    await send(vault, { method: 'PUT', path: '/-/vaults/odd' });
    for (const description of descriptions) await uploadWhole(vault, 'odd', HELLO, description);
    const [, ...lines] = (await inventory({ Format: 'CSV' }, 'odd')).body.toString().trimEnd().split('\n');
    expect(lines.map(describedIn)).toEqual(descriptions);
  });

  test('case 121: CSV of an empty vault is its header', async () => {
    await send(vault, { method: 'PUT', path: '/-/vaults/empty' });
    expect((await inventory({ Format: 'CSV' }, 'empty')).body.toString()).toBe(`${HEADER}\n`);
  });

  test('case 122: from the start date on, up to and without the end date', async () => {
    const between = async (from: number | null, to: number | null): Promise<string[]> => {
      const dates = { StartDate: from && dateOf(begun + from), EndDate: to && dateOf(begun + to) };
      return listed(await inventory({ InventoryRetrievalParameters: dates }));
    };
    expect(await between(HOUR_MS, 3 * HOUR_MS)).toEqual(ids.slice(1, 3));
    expect(await between(HOUR_MS + 1, null)).toEqual(ids.slice(2));
    expect(await between(null, HOUR_MS + 1)).toEqual(ids.slice(0, 2));
    expect(await between(null, -HOUR_MS)).toEqual([]);
  });

  test.each([
    ['the first of the next page', 2],
    ['another', 3],
  ])('case 123: pages by limit and marker neither overlap nor skip, when %s is deleted too', async (_, deleted) => {
    const found: string[] = [];
    const pages: number[] = [];
    for (let marker: string | null = null, rounds = 0; rounds < 5; rounds++) {
      const asked: Record<string, unknown> = { Limit: '2', Marker: marker };
      const job = await askForJob(vault, name, { Type: 'inventory-retrieval', InventoryRetrievalParameters: asked });
      expect((await describeJob(job))['InventoryRetrievalParameters']).toEqual({ ...NO_PARAMETERS, ...asked });
      clock += 5000;
      const page = listed(await send(vault, outputOf(name, job)));
      found.push(...page);
      pages.push(page.length);
      const parameters = (await describeJob(job))['InventoryRetrievalParameters'] as Record<string, string | null>;
      marker = parameters['Marker'] ?? null;
      if (marker === null) break;
      // What is deleted meanwhile neither hides nor repeats another.
      if (rounds === 0) await send(vault, { method: 'DELETE', path: `/-/vaults/${name}/archives/${ids[deleted]}` });
    }
    expect(found).toEqual(ids.filter((_, i) => i !== deleted));
    expect(pages).toEqual([2, 2]);
  });

  test.each([
    ['a date of no ISO form', { StartDate: '1 March 2026' }],
    ['a date without its zone', { EndDate: '2026-03-01T00:00:00' }],
    ['a day that no month has', { StartDate: '2026-13-01T00:00:00Z' }],
    ['an end before the start', { StartDate: '2026-03-02T00:00:00Z', EndDate: '2026-03-01T00:00:00Z' }],
    ['an end at the start', { StartDate: '2026-03-01T00:00:00Z', EndDate: '2026-03-01T00:00:00Z' }],
    ['a limit of nothing', { Limit: '0' }],
    ['a limit that is no number', { Limit: 'all' }],
    ['a marker that was never given', { Marker: 'xyz' }],
  ])('cases 122, 123: %s is refused', async (_, parameters) => {
    const answer = await ask({ InventoryRetrievalParameters: parameters });
    expect([answer.status, answer.json['code']]).toEqual([400, 'InvalidParameterValueException']);
  });

  test.each([
    ['parameters that are no object', { InventoryRetrievalParameters: 'all' }],
    ['a limit that is no text', { InventoryRetrievalParameters: { Limit: 2 } }],
    ['a format that is no text', { Format: 1 }],
  ])('case 87: %s is refused', async (_, body) => {
    const answer = await ask(body);
    expect([answer.status, answer.json['code']]).toEqual([400, 'SerializationException']);
  });

  test('cases 99, 100: a job tells format, description and, once it is ready, the size', async () => {
    const job = await askForJob(vault, name, { Type: 'inventory-retrieval', Format: 'CSV', Description: 'mtijob1 x' });
    const parameters = { ...NO_PARAMETERS, Format: 'CSV' };
    const common = {
      Action: 'InventoryRetrieval',
      JobDescription: 'mtijob1 x',
      InventoryRetrievalParameters: parameters,
    };
    expect(await describeJob(job)).toMatchObject({ ...common, InventorySizeInBytes: null, StatusCode: 'InProgress' });
    clock += 5000;
    const { body } = await send(vault, outputOf(name, job));
    expect(await describeJob(job)).toMatchObject({
      ...common,
      InventorySizeInBytes: body.length,
      StatusCode: 'Succeeded',
      SHA256TreeHash: null,
      Tier: null,
    });
  });

  test.each(['JSON', 'CSV'])('cases 109, 116: an inventory in %s is read in ranges', async (Format) => {
    const job = await askForJob(vault, name, { Type: 'inventory-retrieval', Format });
    clock += 5000;
    const whole = (await send(vault, outputOf(name, job))).body;
    const size = whole.length;
    for (const [range, start, end] of [
      ['bytes=0-9', 0, 10],
      [`bytes=10-${size - 1}`, 10, size],
      [`bytes=${size - 1}-${size + 100}`, size - 1, size],
    ] as const) {
      const { status, headers, body } = await send(vault, outputOf(name, job, range));
      expect(status).toBe(206);
      expect(headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
      expect(headers['content-type']).toBe(Format === 'CSV' ? 'text/csv' : 'application/json');
      expect(body.equals(whole.subarray(start, end))).toBe(true);
    }
    expect((await send(vault, outputOf(name, job, `bytes=${size}-`))).status).toBe(400);
  });

  test('case 64: uploads are listed in pages that neither overlap nor skip, without those that have ended', async () => {
    const begunUploads: string[] = [];
    for (let i = 0; i < 5; i++) begunUploads.push(await beginUpload(vault, name, 1024 * 1024, i === 0 ? '' : `u${i}`));
    const page = (query: string) =>
      send(vault, { method: 'GET', path: `/-/vaults/${name}/multipart-uploads?${query}` });
    const found: unknown[] = [];
    for (let marker: string | null = ''; marker !== null; ) {
      const { json } = await page(`limit=2&marker=${marker}`);
      found.push(...(json['UploadsList'] as { MultipartUploadId: string }[]).map((one) => one.MultipartUploadId));
      marker = json['Marker'] as string | null;
      const ended = begunUploads[3];
      if (found.length === 2) {
        await send(vault, { method: 'DELETE', path: `/-/vaults/${name}/multipart-uploads/${ended}` });
      }
    }
    expect(found).toEqual(begunUploads.filter((_, i) => i !== 3));
    for (const query of ['limit=0', 'limit=51', 'marker=xyz']) expect((await page(query)).status).toBe(400);
  });

  test('a log of before there were forms is read as it was meant', async () => {
    const own = await mkdtemp(join(tmpdir(), 'local-vault-'));
    const now = (): number => clock;
    const before = await startLocalVault({ directory: own, now });
    await send(before, { method: 'PUT', path: '/-/vaults/V' });
    await before.close();
    const [folder = ''] = await readdir(join(own, 'vaults'));
    const text = '{"VaultARN":"x","InventoryDate":"2026-01-01T00:00:00Z","ArchiveList":[]}';
    const record = {
      type: 'job',
      id: 'old-job',
      at: clock - 5000,
      delayMs: 5000,
      description: null,
      snsTopic: null,
      action: 'inventory-retrieval',
      size: text.length,
    };
    await writeFile(join(own, 'vaults', folder, 'staged', 'old-job'), text);
    const lines = [{ type: 'vault', format: 1, name: 'V', at: clock - 6000 }, record];
    const log = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(join(own, 'vaults', folder, 'log.ndjson'), log);
    await using after = await startLocalVault({ directory: own, now });
    const { headers, body } = await send(after, outputOf('V', 'old-job'));
    expect([headers['content-type'], body.toString()]).toEqual(['application/json', text]);
    const { json } = await send(after, { method: 'GET', path: '/-/vaults/V/jobs/old-job' });
    expect(json).toMatchObject({ StatusCode: 'Succeeded', InventoryRetrievalParameters: NO_PARAMETERS });
  });
});

/** The description is what lies between the first comma and the last three: nothing else can have any. */
function describedIn(line: string): string {
  const [, ...rest] = line.split(',');
  const field = rest.slice(0, -3).join(',');
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('\\"', '"') : field;
}

const NO_PARAMETERS = { EndDate: null, Format: 'JSON', Limit: null, Marker: null, StartDate: null };

function ask(more: object, of = name): Promise<RawAnswer> {
  const body = JSON.stringify({ Type: 'inventory-retrieval', ...more });
  return send(vault, { method: 'POST', path: `/-/vaults/${of}/jobs`, body });
}

async function inventory(more: object, of = name): Promise<RawAnswer> {
  const job = await askForJob(vault, of, { Type: 'inventory-retrieval', ...more });
  clock += 5000;
  return send(vault, outputOf(of, job));
}

function listed({ json }: RawAnswer): string[] {
  return (json['ArchiveList'] as { ArchiveId: string }[]).map(({ ArchiveId }) => ArchiveId);
}

async function describeJob(job: string): Promise<Record<string, unknown>> {
  return (await send(vault, { method: 'GET', path: `/-/vaults/${name}/jobs/${job}` })).json;
}

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
