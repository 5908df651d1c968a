// Requests of one kind share what is made ready for them, and nothing else.

import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import type { Failure } from '../../src/model/failure.js';
import { VaultName } from '../../src/model/identifiers.js';
import { NAME, openRaw } from './raw-server.js';

const signal = new AbortController().signal;

function describe(url: string | undefined, response: ServerResponse): void {
  const name = url?.split('/').at(-1) ?? '';
  const VaultARN = `arn:aws:glacier:us-east-1:012345678901:vaults/${name}`;
  const counts = { NumberOfArchives: 0, SizeInBytes: 0 };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ VaultName: name, VaultARN, CreationDate: '2013-01-02T03:04:05.678Z', ...counts }));
}

it('glacier client: requests of one kind at once get each its own answer', async () => {
  await using raw = await openRaw(({ url }, response) => describe(url, response));
  const names = Array.from({ length: 8 }, (_, i) => VaultName.parse(`vault-${i}`));
  const told = await Promise.all(names.map((name) => raw.vaults.describe(name, signal)));
  expect(told.map(({ name }) => name)).toEqual(names);
});

it('glacier client: a signal ends its own requests and no others', async () => {
  const waiting: (() => void)[] = [];
  const dropped = new AbortController();
  await using raw = await openRaw(({ url }, response) => {
    waiting.push(() => describe(url, response));
    if (waiting.length === 2) dropped.abort();
  });
  const ends = raw.vaults.describe(NAME, dropped.signal).catch((thrown: unknown) => thrown);
  const goesOn = raw.vaults.describe(NAME, signal);
  expect(await ends).toMatchObject({ code: 'INTERRUPTED' } satisfies Partial<Failure>);
  for (const answer of waiting) answer();
  expect((await goesOn).name).toBe(NAME);
});
