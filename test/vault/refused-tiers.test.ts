// Retrievals that a vault refuses for their tier: what is said, what to do, and that nothing was asked for.

import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/model/failure.js';
import { VaultName } from '../../src/model/identifiers.js';
import { TIERS, type Tier } from '../../src/model/tier.js';
import { openVaults } from '../../src/vault/open.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { send } from '../edges/local-server/raw-client.js';
import { serving } from '../edges/local-server/serving.js';
import { bytesOf, hashed, MIB } from './bytes.js';

const NAME = VaultName.parse('photos');
const signal = new AbortController().signal;

/** A local vault with one archive of 2 MiB, and our own patient client. */
async function opened() {
  const served = await serving();
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret, control } = served.vault;
  const open = await openVaults({ endpoint, region, key, secret, timeoutMs: 10_000, concurrency: 1 }, () => undefined);
  await open.vaults.create(NAME, signal);
  const vault = open.vault(NAME);
  const { archiveId } = await vault.uploadWhole(hashed(bytesOf(2 * MIB)), '', signal);
  const body = (rule: Record<string, unknown>) => JSON.stringify({ Policy: { Rules: [rule] } });
  return {
    control,
    vaults: open.vaults,
    setPolicy: (rule: Record<string, unknown>) =>
      send(served.vault, { method: 'PUT', path: '/-/policies/data-retrieval', body: body(rule) }),
    ask: (tier: Tier) => vault.requestRetrieval(archiveId, wholeAt(tier), signal),
    /** The tiers in which it is taken, and what is said of the others. */
    async outcomes() {
      const refused = new Map<Tier, Failure>();
      for (const tier of TIERS) await this.ask(tier).catch((failure: Failure) => void refused.set(tier, failure));
      return refused;
    },
    async jobs() {
      let count = 0;
      for await (const _ of vault.jobs(signal)) count++;
      return count;
    },
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]();
      await served[Symbol.asyncDispose]();
    },
  };
}

describe('tiers', () => {
  it('tiers: without capacity Expedited is refused at once, and the hint names what is not', async () => {
    await using own = await opened();
    own.control.changeConditions({ expeditedCapacity: false });
    const refused = await own.outcomes();
    expect([...refused.keys()]).toEqual(['Expedited']);
    const { code, message, hint } = refused.get('Expedited') ?? expect.fail();
    expect(code).toBe('NO_CAPACITY');
    expect(message).toMatch(/^cannot request archive .*capacity/i);
    expect(hint).toMatch(/ask again later, or with --tier Standard/);
    expect(own.control.requests().counts['InitiateJob']).toMatchObject({ 503: 1, 202: 2 });
    own.control.changeConditions({ expeditedCapacity: true });
    await own.ask('Expedited');
  });

  it.each([
    [
      'so much an hour',
      { Strategy: 'BytesPerHour', BytesPerHour: MIB },
      { strategy: 'bytes-per-hour', bytesPerHour: MIB },
    ],
    ['what is free', { Strategy: 'FreeTier' }, { strategy: 'free-tier' }],
  ])('tiers: a policy of %s refuses Standard alone, and the hint names what is not', async (_, rule, policy) => {
    await using own = await opened();
    await own.setPolicy(rule);
    expect(await own.vaults.retrievalPolicy(signal)).toEqual(policy);
    // The free allowance of an hour is some 14 MiB.
    if (policy.strategy === 'free-tier') for (let taken = 2; taken <= 14; taken += 2) await own.ask('Standard');
    const before = await own.jobs();
    const refused = await own.outcomes();
    expect([...refused.keys()]).toEqual(['Standard']);
    const { code, message, hint } = refused.get('Standard') ?? expect.fail();
    expect(code).toBe('RETRIEVAL_POLICY');
    expect(message).toContain('denied by current data retrieval policy');
    for (const advice of ['in an hour', '--tier Bulk or Expedited', 'raise the limit', '--quote'])
      expect(hint).toContain(advice);
    expect(await own.jobs()).toBe(before + 2);
    await own.setPolicy({ Strategy: 'None' });
    await own.ask('Standard');
  });
});
