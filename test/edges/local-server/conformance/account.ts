// Cases 94 and 143–145: what holds for a whole account.

import { expect } from 'vitest';
import { type RawAnswer, type RawRequest, send, uploadWhole } from '../raw-client.js';
import { type Area, INVALID, LIMITED, MALFORMED, MISSING, type Row, row } from './row.js';
import { HOUR_MS, MIB, post, Stage } from './stage.js';

const POLICY = '/-/policies/data-retrieval';
const CAPACITY = '/-/provisioned-capacity';

const getPolicy = (): RawRequest => ({ method: 'GET', path: POLICY });
const setPolicy = (body: unknown): RawRequest => ({
  method: 'PUT',
  path: POLICY,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const setRules = (...rules: readonly unknown[]): RawRequest => setPolicy({ Policy: { Rules: rules } });
const refused = (that: string, request: RawRequest, code = INVALID): Row =>
  row(143, that, () => request, 400, { code });
const shows = (rule: object): Partial<Row> => ({ json: () => ({ Policy: { Rules: [rule] } }) });

const ask = (more: object = {}) => {
  return (stage: Stage): RawRequest =>
    post('V/jobs', { Type: 'archive-retrieval', ArchiveId: stage.ids['archive'], ...more });
};
const ENFORCED: Partial<Row> = {
  code: 'PolicyEnforcedException',
  message: () => 'InitiateJob request denied by current data retrieval policy.',
};

export const retrievalPolicy: Area = {
  name: 'retrieval policy',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V');
    stage.ids['archive'] = await uploadWhole(stage.vault, 'V', Buffer.alloc(4 * MIB));
  }),
  rows: [
    row(144, 'nothing is limited before it is said', getPolicy, 200, shows({ BytesPerHour: null, Strategy: 'None' })),
    refused('BytesPerHour needs a value', setRules({ Strategy: 'BytesPerHour' })),
    refused('None has no value', setRules({ Strategy: 'None', BytesPerHour: 1 })),
    refused('FreeTier has no value', setRules({ Strategy: 'FreeTier', BytesPerHour: 1 })),
    refused('two rules are too many', setRules({ Strategy: 'None' }, { Strategy: 'None' })),
    refused('no rule is too few', setRules()),
    refused('rules are required', setPolicy({ Policy: {} })),
    refused('a strategy is one of three', setRules({ Strategy: 'Cheap' })),
    refused('a strategy is required', setRules({ BytesPerHour: 1 })),
    refused('0 bytes are refused', setRules({ Strategy: 'BytesPerHour', BytesPerHour: 0 })),
    refused('half a byte is refused', setRules({ Strategy: 'BytesPerHour', BytesPerHour: 1.5 })),
    refused('bytes are a number', setRules({ Strategy: 'BytesPerHour', BytesPerHour: '1' })),
    refused('more than 2^63-1 are refused', setRules({ Strategy: 'BytesPerHour', BytesPerHour: 1e19 })),
    refused('a policy is required', setPolicy({}), MISSING),
    refused('a rule is an object', setRules(['None']), MALFORMED),
    refused('a body that is not JSON is refused', setPolicy('Policy=None'), MALFORMED),
    row(143, 'what was refused was not set', getPolicy, 200, shows({ BytesPerHour: null, Strategy: 'None' })),
    row(
      143,
      '2^63-1 bytes are taken',
      () => setPolicy('{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":9223372036854775807}]}}'),
      204,
    ),
    row(
      143,
      'and read, as exactly as a number can be',
      getPolicy,
      200,
      shows({ BytesPerHour: Number.MAX_SAFE_INTEGER, Strategy: 'BytesPerHour' }),
    ),
    row(143, 'nulls are absent', () => setRules({ Strategy: 'None', BytesPerHour: null }), 204),
    row(94, 'within the limit a retrieval is taken', ask(), 202, {
      before: (stage) => stage.done(setRules({ Strategy: 'BytesPerHour', BytesPerHour: 4 * MIB })),
    }),
    row(94, 'one over the limit is refused', ask({ RetrievalByteRange: `0-${MIB - 1}` }), 400, ENFORCED),
    row(94, 'Bulk is not asked', ask({ Tier: 'Bulk' }), 202),
    row(94, 'Expedited is not asked', ask({ Tier: 'Expedited' }), 202),
    row(94, 'an inventory is not asked', () => post('V/jobs', { Type: 'inventory-retrieval' }), 202),
    row(94, 'an hour later it is taken', ask(), 202, {
      before: async (stage) => {
        stage.now += HOUR_MS;
      },
    }),
  ],
};

const capacity = (): RawRequest => ({ method: 'GET', path: CAPACITY });
const purchase = (): RawRequest => ({ method: 'POST', path: CAPACITY });
const keepUnit =
  (name: string) =>
  (stage: Stage, { headers }: RawAnswer): void => {
    stage.ids[name] = String(headers['x-amz-capacity-id']);
    expect(stage.ids[name]).toMatch(/^[\w-]{24}$/);
  };

export const provisionedCapacity: Area = {
  name: 'provisioned capacity',
  stage: new Stage(async (stage) => {
    stage.now = Date.parse('2028-01-31T10:00:00.250Z');
  }),
  rows: [
    row(145, 'at first there is none', capacity, 200, { json: () => ({ ProvisionedCapacityList: [] }) }),
    row(145, 'a unit is bought', purchase, 201, { afterwards: keepUnit('first') }),
    row(145, 'and another', purchase, 201, {
      before: async (stage) => {
        stage.now = Date.parse('2028-02-15T10:00:00.250Z');
      },
      afterwards: keepUnit('second'),
    }),
    row(145, 'but no third', purchase, 400, { code: LIMITED }),
    row(145, 'each ends a month later, or with the month', capacity, 200, {
      json: (stage) => ({
        ProvisionedCapacityList: [
          ['first', '2028-01-31T10:00:00.250Z', '2028-02-29T10:00:00.250Z'],
          ['second', '2028-02-15T10:00:00.250Z', '2028-03-15T10:00:00.250Z'],
        ].map(([name, start, end]) => ({ CapacityId: stage.ids[name ?? ''], ExpirationDate: end, StartDate: start })),
      }),
    }),
    row(145, 'after that there is room for a third', purchase, 201, {
      before: async (stage) => {
        stage.now = Date.parse('2028-02-29T10:00:00.250Z');
      },
      afterwards: async (stage) => {
        const { json } = await send(stage.vault, capacity());
        expect(json['ProvisionedCapacityList']).toHaveLength(2);
      },
    }),
  ],
};
