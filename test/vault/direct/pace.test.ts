import { expect, it } from 'vitest';
import { systemClock } from '../../../src/model/clock.js';
import { Failure } from '../../../src/model/failure.js';
import { type Pace, UNPACED } from '../../../src/model/pace.js';
import { type GlacierService, openGlacier, type Paces } from '../../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { RequestRate } from '../../../src/vault/request-rate.js';
import { wholeAt } from '../../../src/vault/retrieving-port.js';
import { serving } from '../../edges/local-server/serving.js';
import { bytesOf, collected, hashed, MIB, streamed } from '../bytes.js';
import { NAME } from '../raw-server.js';
import { openScripted } from './scripted-server.js';

const signal = new AbortController().signal;
const SLICE = 10_000;

function paced(endpoint: string, paces: Paces, keys = { key: 'k', secret: 's' }): Promise<GlacierService> {
  const settings = { endpoint, region: 'us-east-1', ...keys, timeoutMs: 60_000, concurrency: 2 };
  return openGlacier(settings, { clock: systemClock, rate: new RequestRate(ordinaryPatience(() => {})), paces });
}

/** Lets everything go, now at once and now a turn later, and remembers what. */
function counting(): Pace & { readonly taken: number[] } {
  const taken: number[] = [];
  return {
    taken,
    slice: SLICE,
    take(bytes) {
      taken.push(bytes);
      return taken.length % 2 === 0 ? undefined : new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('pace: every byte of a body is asked for, a little at a time, and none besides', async () => {
  await using served = await serving({ delaysMs: { Standard: 0 } });
  const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
  const [up, down] = [counting(), counting()];
  await using service = await paced(endpoint, { up, down }, { key, secret });
  await service.vaults.create(NAME, signal);
  const vault = service.vault(NAME);
  const bytes = bytesOf(MIB + 5);
  for (const body of [hashed(bytes), streamed(bytes), hashed(bytes.subarray(0, 10))]) {
    up.taken.length = 0;
    const { archiveId } = await vault.uploadWhole(body, '', signal);
    expect(total(up.taken)).toBe('bytes' in body ? body.bytes.length : body.size);
    expect(Math.max(...up.taken)).toBeLessThanOrEqual(SLICE);
    await vault.requestRetrieval(archiveId, wholeAt('Standard'), signal);
  }
  for await (const job of vault.jobs(signal)) {
    if (job.size !== bytes.length) continue;
    const ready = {
      state: 'ready',
      jobId: job.jobId,
      requestedAt: systemClock.now(),
      size: bytes.length,
      readableUntil: null,
    } as const;
    down.taken.length = 0;
    const { body } = await vault.read(ready, { start: 0, end: bytes.length }, signal);
    expect((await collected(body)).equals(bytes)).toBe(true);
    expect(total(down.taken)).toBe(bytes.length);
    expect(Math.max(...down.taken)).toBeLessThanOrEqual(SLICE);
  }
  expect(down.taken.length).toBeGreaterThan(0);
});

it('pace: nothing of a body goes before it may, and a signal ends the waiting', async () => {
  let reached = 0;
  await using scripted = await openScripted(async (peer) => {
    await peer.head();
    peer.socket.on('data', (bytes: Buffer) => (reached += bytes.length)).resume();
  });
  const raised = new AbortController();
  const up: Pace = {
    slice: SLICE,
    take: (_, stopped) =>
      new Promise((_resolve, reject) => {
        stopped.addEventListener('abort', () => reject(new Failure('INTERRUPTED', 'interrupted')));
        raised.abort();
      }),
  };
  await using service = await paced(scripted.endpoint, { up, down: counting() });
  const sending = service.vault(NAME).uploadWhole(hashed(bytesOf(100)), '', raised.signal);
  await expect(sending).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(reached).toBe(0);
});

function total(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0);
}

it('pace: an inventory comes no faster either', async () => {
  await using served = await serving({ delaysMs: { Inventory: 0 } });
  const { endpoint, accessKeyId: key, secretAccessKey: secret } = served.vault;
  const down = counting();
  await using service = await paced(endpoint, { up: UNPACED, down }, { key, secret });
  await service.vaults.create(NAME, signal);
  const vault = service.vault(NAME);
  await vault.uploadWhole(hashed(bytesOf(10)), '', signal);
  await vault.requestInventory('JSON', '', signal);
  const ready = (await vault.inventories(signal)).find((inventory) => inventory.state === 'ready');
  if (ready === undefined) throw new Error('there is no inventory');
  const { body } = await vault.inventoryOutput(ready, 0, signal);
  const { length } = await collected(body);
  expect(length).toBeGreaterThan(0);
  expect(total(down.taken)).toBe(length);
});
