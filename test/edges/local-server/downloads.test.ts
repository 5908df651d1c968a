// Job output on its way out: whole or not at all, and nothing is left open when its client goes away.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { readdir, truncate } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesOfFile } from '../../../src/edges/local-server/vault/archive-bytes.js';
import { askForJob, outputOf, send, signedHeaders, uploadInParts, uploadWhole } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const MIB = 1024 * 1024;
const BODY = Buffer.alloc(16 * MIB, 'mtglacier');

async function retrieved(here: Serving, archive: string): Promise<string> {
  return askForJob(here.vault, 'V', { Type: 'archive-retrieval', ArchiveId: archive, Tier: 'Expedited' });
}

async function withVault(): Promise<Serving> {
  const here = await serving({ delaysMs: { Expedited: 0 } });
  await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
  return here;
}

test('an output crosses the borders of reads and of parts', async () => {
  await using here = await withVault();
  const body = Buffer.from(BODY.map((byte, i) => byte ^ (i >> 16)));
  for (const id of [await uploadWhole(here.vault, 'V', body), await uploadInParts(here.vault, 'V', body, MIB)]) {
    const job = await retrieved(here, id);
    expect((await send(here.vault, outputOf('V', job))).body.equals(body)).toBe(true);
    const [start, end] = [MIB - 7, 5 * MIB + 300_001];
    const some = await send(here.vault, outputOf('V', job, `bytes=${start}-${end - 1}`));
    expect(some.body.equals(body.subarray(start, end))).toBe(true);
  }
});

test('an archive whose file is shorter than its log says breaks the connection off', async () => {
  await using here = await withVault();
  const id = await uploadWhole(here.vault, 'V', BODY);
  const job = await retrieved(here, id);
  const [folder = ''] = await readdir(join(here.directory, 'vaults'));
  await truncate(join(here.directory, 'vaults', folder, 'archives', id), 5 * MIB + 1);
  await expect(send(here.vault, outputOf('V', job))).rejects.toThrow('aborted');
});

test.runIf(existsSync('/proc/self/fd'))('a reader that stops in the middle leaves no file open', async () => {
  await using here = await withVault();
  const id = await uploadWhole(here.vault, 'V', BODY);
  const [folder = ''] = await readdir(join(here.directory, 'vaults'));
  const bytes = bytesOfFile(join(here.directory, 'vaults', folder, 'archives', id), 100, BODY.length);
  expect((await bytes.next()).value?.[0]).toBe(BODY[100]);
  expect(isOpen(id)).toBe(true);
  await bytes.return(undefined);
  expect(isOpen(id)).toBe(false);
});

test('a client that goes away in the middle of an output is told of as one that did not get it', async () => {
  await using here = await withVault();
  const wanted = outputOf('V', await retrieved(here, await uploadWhole(here.vault, 'V', BODY)));
  const { hostname, port } = new URL(here.vault.endpoint);
  const headers = signedHeaders(here.vault, wanted);
  const outgoing = httpRequest({ hostname, port, path: wanted.path, headers, agent: false }, (answer) => {
    answer.once('data', () => outgoing.destroy());
  });
  outgoing.on('error', () => undefined).end();
  await expect
    .poll(() => here.seen(), { timeout: 20_000 })
    .toMatchObject({ operation: 'GetJobOutput', complete: false });
});

function isOpen(name: string): boolean {
  return readdirSync('/proc/self/fd').some((descriptor) => {
    try {
      return readlinkSync(join('/proc/self/fd', descriptor)).endsWith(name);
    } catch {
      return false; // it was that of the listing itself
    }
  });
}
