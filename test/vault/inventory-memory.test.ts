// What reading an inventory needs of memory at most: 200 MiB, whatever its length.

import { execFile } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MIB = 1024 * 1024;
const LIMIT = 200 * MIB;
const BUILT = join(import.meta.dirname, '..', '..', 'dist');
/** Entries in a block, and blocks in an inventory: some 300 MB. */
const [ENTRIES, BLOCKS] = [1000, 600];

interface Form {
  readonly type: string;
  readonly head: string;
  readonly block: string;
  readonly foot: string;
}

const FORMS: Readonly<Record<string, Form>> = {
  JSON: {
    type: 'application/json',
    head: '{"VaultARN":"x","InventoryDate":"2026-11-06T02:51:29Z","ArchiveList":[',
    // Each block ends with a comma; what stands last has none.
    block: `${rows()
      .map((row) => JSON.stringify(row))
      .join(',')},`,
    foot: `${JSON.stringify(rows()[0])}]}`,
  },
  CSV: {
    type: 'text/csv',
    head: `${Object.keys(rows()[0] as object).join()}\n`,
    block: rows()
      .map((row) => `${Object.values(row).join()}\n`)
      .join(''),
    foot: `${Object.values(rows()[0] as object).join()}\n`,
  },
};

let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    void send(response, FORMS[request.url?.includes('CSV') ? 'CSV' : 'JSON'] as Form);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function rows(): Record<string, string | number>[] {
  return Array.from({ length: ENTRIES }, (_, i) => ({
    ArchiveId: String(i).padStart(138, 'A'),
    ArchiveDescription: `mt2 ${Buffer.from(`{"filename":"photos/2012/some directory/IMG_${i}.jpeg"}`).toString('base64url')}`,
    CreationDate: '2012-12-28T08:56:40Z',
    Size: 1_000_000 + i,
    SHA256TreeHash: 'ab'.repeat(32),
  }));
}

async function send(response: ServerResponse, { type, head, block, foot }: Form): Promise<void> {
  const length = head.length + BLOCKS * block.length + foot.length;
  response.writeHead(200, { 'content-type': type, 'content-length': length });
  const bytes = Buffer.from(block);
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(head);
    for (let i = 0; i < BLOCKS; i++) yield bytes;
    yield Buffer.from(foot);
  }
  await pipeline(Readable.from(pieces()), response);
}

/** Reads the inventory in a process of its own and gives what it found, and its resident set at its largest. Bytes. */
async function readApart(form: string): Promise<{ archives: number; size: number; peak: number }> {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const script = `
    import { readFileSync } from 'node:fs';
    import { openVaults } from '${BUILT}/vault/open.js';
    const settings = { endpoint: '${endpoint}', region: 'r', key: 'k', secret: 's', timeoutMs: 60_000, concurrency: 1 };
    const opened = await openVaults(settings, () => {});
    const ready = { state: 'ready', jobId: '${form}', requestedAt: 0, readableUntil: null, size: null, format: null };
    let archives = 0, size = 0;
    for await (const item of opened.vault('photos').readInventory(ready, new AbortController().signal)) {
      if (item.item !== 'archive') continue;
      archives++;
      size += item.archive.size;
    }
    const peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) * 1024;
    console.log(JSON.stringify({ archives, size, peak }));`;
  const words = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: {} });
  return JSON.parse(stdout) as { archives: number; size: number; peak: number };
}

describe.runIf(process.platform === 'linux')('memory of reading an inventory', { timeout: 120_000 }, () => {
  it.each(Object.keys(FORMS))('stays within the limit for 300 MB of %s', async (form) => {
    const { archives, size, peak } = await readApart(form);
    expect(archives).toBe(ENTRIES * BLOCKS + 1);
    expect(size).toBe(BLOCKS * rows().reduce((sum, { Size }) => sum + Number(Size), 0) + 1_000_000);
    expect(peak).toBeLessThan(LIMIT);
  });
});
