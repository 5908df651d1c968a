// Requests of one kind that the SDK carries share what is made ready for them, and nothing else.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { Failure } from '../../src/model/failure.js';
import { openRaw } from './raw-server.js';

const signal = new AbortController().signal;

/** A job whose id is the description that was sent. */
async function begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { Description } = JSON.parse(await text(request)) as { Description: string };
  response.writeHead(202, { 'x-amz-job-id': Description });
  response.end();
}

it('glacier client: requests of one kind at once get each its own answer', async () => {
  await using raw = await openRaw((request, response) => void begin(request, response));
  const names = Array.from({ length: 8 }, (_, i) => `job-${i}`);
  const begun = await Promise.all(names.map((name) => raw.vault.requestInventory('JSON', name, signal)));
  expect(begun.map(({ jobId }) => jobId)).toEqual(names);
});

it('glacier client: a signal ends its own requests and no others', async () => {
  const waiting: (() => Promise<void>)[] = [];
  const dropped = new AbortController();
  await using raw = await openRaw((request, response) => {
    waiting.push(() => begin(request, response));
    if (waiting.length === 2) dropped.abort();
  });
  const ends = raw.vault.requestInventory('JSON', 'dropped', dropped.signal).catch((thrown: unknown) => thrown);
  const goesOn = raw.vault.requestInventory('JSON', 'kept', signal);
  expect(await ends).toMatchObject({ code: 'INTERRUPTED' } satisfies Partial<Failure>);
  for (const answer of waiting) void answer().catch(() => undefined);
  expect((await goesOn).jobId).toBe('kept');
});
