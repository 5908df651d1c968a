import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { startLocalVault } from '../../src/edges/local-server/start.js';
import { Instant } from '../../src/model/clock.js';
import type { Report } from '../../src/model/events.js';
import type { Failure } from '../../src/model/failure.js';
import { VaultName } from '../../src/model/identifiers.js';
import { openVaults } from '../../src/vault/open.js';
import { contractOfVaults } from './contract.js';
import { contractOfInventories } from './inventory-contract.js';
import { contractOfRetrieving, type FailingService } from './retrieving-contract.js';

contractOfVaults('glacier', openGlacier);
contractOfInventories('glacier', openGlacier);
contractOfRetrieving('glacier', openGlacier);

it('glacier: a wrong secret is refused with the words of the server, and is never shown', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mtglacier-vault-'));
  await using server = await startLocalVault({ directory });
  const { endpoint, region, accessKeyId: key } = server;
  const settings = { endpoint, region, key, secret: 'not-the-SECRET', timeoutMs: 10_000, concurrency: 2 };
  await using opened = await openVaults(settings, () => {});
  const asking = opened.vaults.create(VaultName.parse('photos'), new AbortController().signal);
  const failure = (await asking.catch((thrown: unknown) => thrown)) as Failure;
  expect(failure.code).toBe('ACCESS_DENIED');
  expect(failure.message).toMatch(/^cannot create vault photos: The request signature/);
  expect(failure.hint).toContain('secret');
  expect(inspect(failure, { depth: 20 })).not.toContain('not-the-SECRET');
  await server.close();
  await rm(directory, { recursive: true });
});

/** Long enough that nothing becomes ready by itself, however busy the machine is. */
const DELAYS_MS = { Expedited: 300_000, Standard: 600_000, Bulk: 900_000, Inventory: 600_000 };

/** The adapter over a local vault. Both read the clock that the test moves; requests are signed with the real one. */
async function openGlacier(): Promise<FailingService> {
  let passed = 0;
  const nowMs = (): number => Date.now() + passed * 1000;
  const clock = { now: () => Instant.ofMs(nowMs()) };
  const directory = await mkdtemp(join(tmpdir(), 'mtglacier-vault-'));
  const server = await startLocalVault({ directory, now: nowMs, delaysMs: DELAYS_MS });
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = server;
  const settings = { endpoint, region, key, secret, timeoutMs: 10_000, concurrency: 2 };
  const report: Report = ({ event }) => {
    if (event === 'retrying') throw new Error('a local vault needs no patience');
  };
  const opened = await openVaults(settings, report, clock);
  return {
    vaults: opened.vaults,
    vault: (name) => opened.vault(name),
    now: () => clock.now(),
    failJob: (vault, job, failure) => server.control.endJob({ vault, job, failure }),
    pass: (seconds) => {
      passed += seconds;
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
