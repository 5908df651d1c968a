// A vault by a clock that is not the machine's: what was asked for was asked for by that.

import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { VaultName } from '../../src/model/identifiers.js';
import { openVaults } from '../../src/vault/open.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { allOf } from '../all-of.js';
import { serving } from '../edges/local-server/serving.js';
import { bytesOf, hashed } from './bytes.js';

const NAME = VaultName.parse('photos');
const signal = new AbortController().signal;
const NOW = 1_900_000_000;

describe('a clock of its own', () => {
  it('a clock of its own: a retrieval is asked for, expected and looked up by it, though signed by that of the machine', async () => {
    await using served = await serving({ now: () => NOW * 1000, delaysMs: { Standard: 4 * 3_600_000 } });
    const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = served.vault;
    const settings = { endpoint, region, key, secret, timeoutMs: 10_000, concurrency: 1 };
    const clock = { now: () => Instant.ofSeconds(NOW) };
    await using open = await openVaults(settings, () => undefined, clock);
    await open.vaults.create(NAME, signal);
    const vault = open.vault(NAME);
    const { archiveId } = await vault.uploadWhole(hashed(bytesOf(5)), '', signal);
    const { at, expected } = await vault.requestRetrieval(archiveId, wholeAt('Standard'), signal);
    // As long ago as the answer took.
    expect(NOW - at).toBeGreaterThanOrEqual(0);
    expect(NOW - at).toBeLessThan(60);
    expect(expected?.to).toBe(at + 4 * 3600);
    const [job] = await allOf(vault.jobs(signal));
    expect(job).toMatchObject({ requestedAt: NOW, progress: { state: 'running' } });
  });
});
