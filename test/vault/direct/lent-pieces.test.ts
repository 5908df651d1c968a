// Pieces of a range whose reader gives them back, or does not: memory is used again, and content stays what it is.

import { expect, it } from 'vitest';
import { systemClock } from '../../../src/model/clock.js';
import { giveBack } from '../../../src/model/lent-memory.js';
import { UNPACED } from '../../../src/model/pace.js';
import { openGlacier } from '../../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { RequestRate } from '../../../src/vault/request-rate.js';
import { wholeAt } from '../../../src/vault/retrieving-port.js';
import { serving } from '../../edges/local-server/serving.js';
import { bytesOf, collected, hashed, MIB } from '../bytes.js';
import { NAME } from '../raw-server.js';

const signal = new AbortController().signal;
const SIZE = 8 * MIB;
/** What is not worth lending. */
const SMALL = 32 * 1024;

it('lent pieces: memory that is given back is used again, and what is kept stays what it is', async () => {
  await using served = await serving({ delaysMs: { Standard: 0 } });
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = served.vault;
  const settings = { endpoint, region, key, secret, timeoutMs: 60_000, concurrency: 2 };
  const rate = new RequestRate(ordinaryPatience(() => {}));
  const paces = { up: UNPACED, down: UNPACED };
  await using service = await openGlacier(settings, { clock: systemClock, rate, paces });
  await service.vaults.create(NAME, signal);
  const vault = service.vault(NAME);
  const content = bytesOf(SIZE);
  const { archiveId } = await vault.uploadWhole(hashed(content), '', signal);
  const { jobId, at: requestedAt } = await vault.requestRetrieval(archiveId, wholeAt('Standard'), signal);
  const ready = { state: 'ready', jobId, requestedAt, size: SIZE, readableUntil: null } as const;
  const read = async () => (await vault.read(ready, { start: 0, end: SIZE }, signal)).body;

  const memories = new Set<ArrayBufferLike>();
  let [at, lent] = [0, 0];
  for await (const piece of await read()) {
    expect(Buffer.compare(piece, content.subarray(at, at + piece.length))).toBe(0);
    at += piece.length;
    if (piece.length < SMALL) continue;
    lent += piece.length;
    memories.add(piece.buffer);
    giveBack(piece);
  }
  expect(at).toBe(SIZE);
  expect(lent).toBeGreaterThan(SIZE / 2);
  expect(memories.size).toBeLessThanOrEqual(4);

  const [first, second] = await Promise.all([read(), read()].map(async (body) => collected(await body)));
  expect([first!.equals(content), second!.equals(content)]).toEqual([true, true]);
});
