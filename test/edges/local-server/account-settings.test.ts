// What is set for a whole account: retrieval policy and provisioned capacity, over hours, months and restarts.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { type RawRequest, send, uploadWhole } from './raw-client.js';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 10 GiB a month of 30 days, hour by hour. */
const FREE_BYTES_PER_HOUR = 14_913_080;

let directory: string;
let vault: LocalVault;
let clock = Date.parse('2026-01-31T12:00:00Z');
let archive = '';

const POLICY = '/-/policies/data-retrieval';
const CAPACITY = '/-/provisioned-capacity';
const getPolicy = (): RawRequest => ({ method: 'GET', path: POLICY });
const setPolicy = (policy: unknown): RawRequest => ({
  method: 'PUT',
  path: POLICY,
  body: typeof policy === 'string' ? policy : JSON.stringify({ Policy: policy }),
});
const setRule = (rule: unknown): RawRequest => setPolicy({ Rules: [rule] });
const purchase = (): RawRequest => ({ method: 'POST', path: CAPACITY });
const ask = (fields: object, name = 'V'): RawRequest => ({
  method: 'POST',
  path: `/-/vaults/${name}/jobs`,
  body: JSON.stringify({ Type: 'archive-retrieval', ArchiveId: archive, ...fields }),
});

/** Status, and the code of an error. */
async function outcomeOf(request: RawRequest): Promise<string> {
  const { status, json } = await send(vault, request);
  return status < 300 ? String(status) : `${status} ${String(json['code'])}`;
}

const TAKEN = '202';
const ENFORCED = '400 PolicyEnforcedException';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, now: () => clock });
  await send(vault, { method: 'PUT', path: '/-/vaults/V' });
  archive = await uploadWhole(vault, 'V', Buffer.alloc(4 * MIB));
});
/** What was retrieved in one test is over an hour ago in the next. */
beforeEach(() => {
  clock += HOUR_MS;
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

describe('local vault retrieval policy', () => {
  test('case 94: Standard retrievals of an hour stay within the limit; the others are not asked', async () => {
    await send(vault, setRule({ Strategy: 'BytesPerHour', BytesPerHour: 5 * MIB }));
    expect(await outcomeOf(ask({}))).toBe(TAKEN);
    clock += 10_000;
    const answer = await send(vault, ask({ RetrievalByteRange: `0-${2 * MIB - 1}` }));
    expect([answer.status, answer.json]).toEqual([
      400,
      {
        code: 'PolicyEnforcedException',
        message: 'InitiateJob request denied by current data retrieval policy.',
        type: 'Client',
      },
    ]);
    for (const Tier of ['Bulk', 'Expedited']) expect(await outcomeOf(ask({ Tier }))).toBe(TAKEN);
    expect(await outcomeOf(ask({ Type: 'inventory-retrieval', ArchiveId: null }))).toBe(TAKEN);
    expect(await outcomeOf(ask({ RetrievalByteRange: `0-${MIB - 1}` }))).toBe(TAKEN);
    clock += HOUR_MS - 10_001;
    expect(await outcomeOf(ask({}))).toBe(ENFORCED);
    clock += 1;
    expect(await outcomeOf(ask({}))).toBe(TAKEN);
  });

  test('case 94: all vaults of the account count together, and requests at once are not let through together', async () => {
    await send(vault, { method: 'PUT', path: '/-/vaults/other' });
    const there = await uploadWhole(vault, 'other', Buffer.alloc(2 * MIB));
    await send(vault, setRule({ Strategy: 'BytesPerHour', BytesPerHour: 6 * MIB }));
    const outcomes = await Promise.all([ask({}), ask({ ArchiveId: there }, 'other'), ask({})].map(outcomeOf));
    expect(outcomes.filter((outcome) => outcome === TAKEN)).toHaveLength(2);
    await send(vault, setRule({ Strategy: 'None' }));
    expect(await outcomeOf(ask({}))).toBe(TAKEN);
  });

  test('case 94: the free allowance is 10 GiB a month, hour by hour', async () => {
    await send(vault, setRule({ Strategy: 'FreeTier' }));
    expect((await send(vault, getPolicy())).json).toEqual({
      Policy: { Rules: [{ BytesPerHour: null, Strategy: 'FreeTier' }] },
    });
    for (let taken = 4 * MIB; taken <= FREE_BYTES_PER_HOUR; taken += 4 * MIB)
      expect(await outcomeOf(ask({}))).toBe(TAKEN);
    expect(await outcomeOf(ask({}))).toBe(ENFORCED);
    await send(vault, setRule({ Strategy: 'None' }));
  });

  test('case 94: a policy survives the server, and so does what was retrieved', async () => {
    await send(vault, setRule({ Strategy: 'BytesPerHour', BytesPerHour: 5 * MIB }));
    expect(await outcomeOf(ask({}))).toBe(TAKEN);
    await vault.close();
    vault = await startLocalVault({ directory, now: () => clock });
    expect(await outcomeOf(ask({}))).toBe(ENFORCED);
    await send(vault, setRule({ Strategy: 'None' }));
  });
});

describe('local vault provisioned capacity', () => {
  const units = async () =>
    (await send(vault, { method: 'GET', path: CAPACITY })).json['ProvisionedCapacityList'] as Record<string, string>[];

  test('cases 93, 145: two units are sold, for a month each; with one, Expedited never lacks capacity', async () => {
    clock = Date.parse('2027-01-31T12:00:00Z');
    vault.control.changeConditions({ expeditedCapacity: false });
    expect(await units()).toEqual([]);
    const answer = await send(vault, ask({ Tier: 'Expedited' }));
    expect([answer.status, answer.json['code'], answer.json['type']]).toEqual([
      503,
      'InsufficientCapacityException',
      'Server',
    ]);
    expect(await outcomeOf(ask({ Tier: 'Bulk' }))).toBe(TAKEN);

    const first = await send(vault, purchase());
    expect(first.status).toBe(201);
    const id = first.headers['x-amz-capacity-id'];
    expect(id).toMatch(/^[\w-]{24}$/);
    expect(await units()).toEqual([
      { CapacityId: id, StartDate: '2027-01-31T12:00:00.000Z', ExpirationDate: '2027-02-28T12:00:00.000Z' },
    ]);
    expect(await outcomeOf(ask({ Tier: 'Expedited' }))).toBe(TAKEN);
    clock += DAY_MS;
    expect((await send(vault, purchase())).status).toBe(201);
    expect((await units()).map((unit) => unit['ExpirationDate'])).toEqual([
      '2027-02-28T12:00:00.000Z',
      '2027-03-01T12:00:00.000Z',
    ]);
    expect(await outcomeOf(purchase())).toBe('400 LimitExceededException');

    await vault.close();
    vault = await startLocalVault({ directory, now: () => clock });
    vault.control.changeConditions({ expeditedCapacity: false });
    expect(await units()).toHaveLength(2);
    clock = Date.parse('2027-02-28T12:00:00Z');
    expect(await units()).toHaveLength(1);
    expect(await outcomeOf(purchase())).toBe('201');
    clock = Date.parse('2027-03-28T12:00:00Z');
    expect(await units()).toEqual([]);
    expect(await outcomeOf(ask({ Tier: 'Expedited' }))).toBe('503 InsufficientCapacityException');
    vault.control.changeConditions({ expeditedCapacity: true });
    expect(await outcomeOf(ask({ Tier: 'Expedited' }))).toBe(TAKEN);
  });

  test.each([
    ['2029-08-31T23:59:59.999Z', '2029-09-30T23:59:59.999Z'],
    ['2029-12-31T00:00:00.000Z', '2030-01-31T00:00:00.000Z'],
    ['2032-01-30T12:00:00.000Z', '2032-02-29T12:00:00.000Z'],
    ['2032-02-29T12:00:00.000Z', '2032-03-29T12:00:00.000Z'],
    ['2100-01-29T12:00:00.000Z', '2100-02-28T12:00:00.000Z'],
  ])('case 145: a unit of %s ends at %s', async (start, end) => {
    clock = Date.parse(start);
    await send(vault, purchase());
    expect((await units()).at(-1)).toMatchObject({ StartDate: start, ExpirationDate: end });
    clock = Date.parse(end) - 1;
    expect(await units()).toHaveLength(1);
    clock += 1;
    expect(await units()).toEqual([]);
  });

  test('another account has its own policy and its own units', async () => {
    const other = { ...vault, ...(await vault.control.addAccount()) };
    await send(vault, setRule({ Strategy: 'FreeTier' }));
    await send(vault, purchase());
    expect((await send(other, getPolicy())).json).toMatchObject({ Policy: { Rules: [{ Strategy: 'None' }] } });
    expect((await send(other, { method: 'GET', path: CAPACITY })).json).toEqual({ ProvisionedCapacityList: [] });
    await send(vault, setRule({ Strategy: 'None' }));
  });
});
