import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { JobId } from '../../src/model/identifiers.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import type { InventoryItem, ReadyInventory } from '../../src/vault/inventory-port.js';
import { ordinaryPatience } from '../../src/vault/patience.js';
import { patientVault } from '../../src/vault/patient.js';
import type { Vault } from '../../src/vault/port.js';
import { allOf } from '../all-of.js';
import { WRONG_HASH } from './bytes.js';
import { openRaw } from './raw-server.js';

const signal = new AbortController().signal;
const READY: ReadyInventory = {
  state: 'ready',
  jobId: JobId.parse('j'),
  requestedAt: Instant.ofSeconds(0),
  readableUntil: null,
  size: null,
  format: null,
};
const COUNT = 2000;
const ROWS = Array.from({ length: COUNT }, (_, i) => ({
  ArchiveId: String(i).padStart(138, 'A'),
  ArchiveDescription: `file ${i}`,
  CreationDate: '2012-12-28T08:56:40Z',
  Size: i,
  SHA256TreeHash: 'ab'.repeat(32),
}));
const JSON_TEXT = Buffer.from(JSON.stringify({ InventoryDate: '2026-11-06T02:51:29Z', ArchiveList: ROWS }));
const CSV_TEXT = Buffer.from(
  [Object.keys(ROWS[0]!), ...ROWS.map((row) => Object.values(row))].map((fields) => `${fields.join()}\n`).join(''),
);
const HASH = treeHashOf(JSON_TEXT, nodeEngine);
const JSON_TYPE = { 'content-type': 'application/json' };
const CSV_TYPE = { 'content-type': 'text/csv' };

type Headers = Record<string, string | number>;

/** Reads what a server answers with these headers and this text, without patience. */
async function read(headers: Headers, text: Buffer, ready: Partial<ReadyInventory> = {}): Promise<InventoryItem[]> {
  await using raw = await openRaw((_, response) => response.writeHead(200, headers).end(text));
  return await allOf(raw.vault.readInventory({ ...READY, ...ready }, signal));
}

describe('an inventory over the wire', () => {
  it.each([
    ['application/json', JSON_TEXT],
    ['application/json; charset=utf-8', JSON_TEXT],
    ['Application/JSON ;charset=UTF-8', JSON_TEXT],
    ['text/csv', CSV_TEXT],
    ['text/csv;header=present', CSV_TEXT],
  ])('an inventory over the wire: %s is read', async (type, text) => {
    const items = await read({ 'content-type': type, 'content-length': text.length }, text);
    expect(items.filter(({ item }) => item === 'archive')).toHaveLength(COUNT);
  });

  it.each(['text/html', 'application/octet-stream', 'text/csvx', ''])(
    'an inventory over the wire: %j is refused and named',
    async (type) => {
      const headers: Headers = type === '' ? {} : { 'content-type': type };
      await expect(read(headers, JSON_TEXT)).rejects.toMatchObject({
        code: 'VAULT_REFUSED',
        message: expect.stringContaining(JSON.stringify(type)),
      });
    },
  );

  it('an inventory over the wire: fewer bytes than the job speaks of are refused, more are read', async () => {
    for (const [type, text] of [
      [JSON_TYPE, JSON_TEXT],
      [CSV_TYPE, CSV_TEXT],
    ] as const) {
      const headers = { ...type, 'content-length': text.length };
      await expect(read(headers, text, { size: text.length + 1 })).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
      await read(headers, text, { size: text.length });
      await read(headers, text, { size: text.length - 1 });
    }
  });

  it('an inventory over the wire: without any length JSON is read, as it tells its end, and CSV is not', async () => {
    expect((await read(JSON_TYPE, JSON_TEXT)).length).toBe(COUNT + 1);
    await expect(read(JSON_TYPE, JSON_TEXT.subarray(0, -1))).rejects.toMatchObject({ code: 'VAULT_REFUSED' });
    await expect(read(CSV_TYPE, CSV_TEXT)).rejects.toMatchObject({
      code: 'VAULT_REFUSED',
      hint: expect.stringContaining('JSON'),
    });
    expect((await read(CSV_TYPE, CSV_TEXT, { size: CSV_TEXT.length })).length).toBe(COUNT);
    const cut = CSV_TEXT.subarray(0, CSV_TEXT.lastIndexOf('\n', -2) + 1);
    await expect(read(CSV_TYPE, cut, { size: CSV_TEXT.length })).rejects.toMatchObject({ code: 'CONNECTION_BROKEN' });
  });

  it('an inventory over the wire: a body that stops short of its length is a broken connection', async () => {
    await using raw = await openRaw((_, response) => {
      response.writeHead(200, { ...CSV_TYPE, 'content-length': CSV_TEXT.length });
      response.write(CSV_TEXT.subarray(0, 1000), () => response.destroy());
    });
    await expect(allOf(raw.vault.readInventory(READY, signal))).rejects.toMatchObject({ code: 'CONNECTION_BROKEN' });
  });

  it('an inventory over the wire: a tree hash that the server tells must be that of the bytes', async () => {
    expect((await read({ ...JSON_TYPE, 'x-amz-sha256-tree-hash': HASH }, JSON_TEXT)).length).toBe(COUNT + 1);
    await expect(read({ ...JSON_TYPE, 'x-amz-sha256-tree-hash': WRONG_HASH }, JSON_TEXT)).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
    });
  });

  it('an inventory over the wire: another range than the one that was asked for is refused', async () => {
    const size = JSON_TEXT.length;
    for (const contentRange of [`bytes 11-${size - 1}/${size}`, `bytes 10-${size - 2}/${size}`, 'bytes */10', 'x']) {
      await using raw = await openRaw((_, response) => {
        response.writeHead(206, { ...JSON_TYPE, 'content-range': contentRange }).end(JSON_TEXT.subarray(10));
      });
      await expect(raw.vault.inventoryOutput({ ...READY, size }, 10, signal)).rejects.toMatchObject({
        code: 'VAULT_REFUSED',
      });
    }
  });

  it('an inventory over the wire: what is not wanted any more gives its connection back', async () => {
    await using raw = await openRaw((_, response) => response.writeHead(200, JSON_TYPE).end(JSON_TEXT));
    for (let i = 0; i < 10; i++) {
      const items = raw.vault.readInventory(READY, signal)[Symbol.asyncIterator]();
      await items.next();
      await items.return?.();
    }
    for (const socket of raw.sockets) {
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
    }
  });

  it('an inventory over the wire: the whole vault is asked for, with format and description', async () => {
    const bodies: unknown[] = [];
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      bodies.push(JSON.parse(await textOf(request)));
      response.writeHead(202, { 'x-amz-job-id': 'the-job' }).end();
    };
    await using raw = await openRaw((request, response) => void take(request, response));
    expect(await raw.vault.requestInventory('CSV', 'mtijob1 eyJ0eXBlIjoiZnVsbCJ9', signal)).toMatchObject({
      jobId: 'the-job',
    });
    await raw.vault.requestInventory('JSON', '', signal);
    expect(bodies).toEqual([
      { Type: 'inventory-retrieval', Format: 'CSV', Description: 'mtijob1 eyJ0eXBlIjoiZnVsbCJ9' },
      { Type: 'inventory-retrieval', Format: 'JSON' },
    ]);
  });
});

describe('an inventory over a connection that breaks', () => {
  for (const [form, type, text] of [
    ['JSON', JSON_TYPE, JSON_TEXT],
    ['CSV', CSV_TYPE, CSV_TEXT],
  ] as const) {
    for (const knowsRanges of [true, false]) {
      const server = knowsRanges ? 'a server that knows ranges' : 'a server that knows only wholes';
      it(`an inventory over a connection that breaks: ${form} from ${server} is read on where it broke`, async () => {
        const asked: (string | undefined)[] = [];
        await using raw = await openRaw((request, response) => {
          asked.push(request.headers.range);
          const range = knowsRanges ? request.headers.range : undefined;
          const limit = asked.length * 40_000;
          answer(response, type, text, range, limit);
        });
        const { vault, events } = patient(raw.vault);
        const items = await allOf(vault.readInventory(READY, signal));
        expect(archiveIds(items)).toEqual(ROWS.map(({ ArchiveId }) => ArchiveId));
        expect(events.filter(({ event }) => event === 'retrying').length).toBeGreaterThan(1);
        expect(events.filter(({ event }) => event === 'ahead')).toEqual([
          { event: 'ahead', files: 0, bytes: text.length },
        ]);
        expect(sum(events.map((event) => (event.event === 'moved' ? event.bytes : 0)))).toBe(text.length);
        expect(asked[0]).toBeUndefined();
        expect(asked.slice(1)).toEqual(
          asked.slice(1).map(() => expect.stringMatching(`^bytes=\\d+-${text.length - 1}$`)),
        );
      });
    }
  }

  it('an inventory over a connection that breaks: after its last byte nothing is missing', async () => {
    let requests = 0;
    await using raw = await openRaw((_, response) => {
      requests++;
      response.writeHead(200, { ...JSON_TYPE, 'transfer-encoding': 'chunked' });
      response.write(JSON_TEXT, () => response.destroy());
    });
    const { vault } = patient(raw.vault);
    expect(await allOf(vault.readInventory({ ...READY, size: JSON_TEXT.length }, signal))).toHaveLength(COUNT + 1);
    expect(requests).toBe(1);
  });

  it('an inventory over a connection that breaks: one that never gets further is given up', async () => {
    await using raw = await openRaw((request, response) =>
      answer(response, JSON_TYPE, JSON_TEXT, request.headers.range, request.headers.range === undefined ? 1000 : 0),
    );
    const { vault, events } = patient(raw.vault);
    await expect(allOf(vault.readInventory(READY, signal))).rejects.toMatchObject({
      code: 'CONNECTION_BROKEN',
      message: expect.stringContaining('gave up after'),
    });
    expect(events.filter(({ event }) => event === 'retrying').length).toBeGreaterThan(10);
  });

  it('an inventory over a connection that breaks: one that is another the next time is refused', async () => {
    let requests = 0;
    await using raw = await openRaw((_, response) => {
      requests++;
      answer(
        response,
        JSON_TYPE,
        requests === 1 ? JSON_TEXT : Buffer.concat([JSON_TEXT, Buffer.from(' ')]),
        undefined,
        requests * 50_000,
      );
    });
    await expect(allOf(patient(raw.vault).vault.readInventory(READY, signal))).rejects.toMatchObject({
      code: 'VAULT_REFUSED',
      message: expect.stringContaining('is another one'),
    });
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** The text, or its range, up to `limit` bytes: then the connection breaks. */
function answer(response: ServerResponse, type: Headers, text: Buffer, range: string | undefined, limit: number): void {
  const start = range === undefined ? 0 : Number(/^bytes=(\d+)-/.exec(range)?.[1]);
  const body = text.subarray(start);
  const partial = range === undefined ? {} : { 'content-range': `bytes ${start}-${text.length - 1}/${text.length}` };
  response.writeHead(range === undefined ? 200 : 206, { ...type, ...partial, 'content-length': body.length });
  response.flushHeaders();
  if (limit >= body.length) response.end(body);
  else response.write(body.subarray(0, limit), () => response.destroy());
}

/** Patience that takes no time. */
function patient(vault: Vault): { vault: Vault; events: RunEvent[] } {
  const events: RunEvent[] = [];
  let sleptMs = 0;
  const patience = {
    ...ordinaryPatience((event) => events.push(event)),
    random: () => 0.5,
    elapsedMs: () => sleptMs,
    sleep: async (ms: number) => void (sleptMs += ms),
  };
  return { vault: patientVault(vault, patience), events };
}

function archiveIds(items: readonly InventoryItem[]): string[] {
  return items.flatMap((item) => (item.item === 'archive' ? item.archive.id : []));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
