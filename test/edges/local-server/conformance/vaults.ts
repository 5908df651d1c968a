// Cases 1–15 and 44–47: vaults.

import { expect } from 'vitest';
import { type RawRequest, send, uploadWhole } from '../raw-client.js';
import { ABSENT, type Area, DENIED, INVALID, LIMITED, row } from './row.js';
import { archive, DAY_MS, get, HELLO, MILLISECONDS, post, put, remove, Stage } from './stage.js';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:jobs';
const POLICY = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}';

/** All operations that need a vault: methods, and paths below it. */
const IN_A_VAULT = [
  'GET',
  'POST archives',
  `DELETE archives/${'x'.repeat(138)}`,
  'POST multipart-uploads',
  'GET multipart-uploads',
  'PUT multipart-uploads/x',
  'POST multipart-uploads/x',
  'GET multipart-uploads/x',
  'DELETE multipart-uploads/x',
  'POST jobs',
  'GET jobs',
  'GET jobs/x',
  'GET jobs/x/output',
  ...['notification-configuration', 'access-policy'].flatMap((name) =>
    ['PUT', 'GET', 'DELETE'].map((method) => `${method} ${name}`),
  ),
  'POST lock-policy',
  'GET lock-policy',
  'DELETE lock-policy',
  'POST lock-policy/x',
  'GET tags',
  'POST tags?operation=add',
  'POST tags?operation=remove',
];

/** A request that lacks nothing but the vault. */
function within(name: string, operation: string): RawRequest {
  const [method = '', path] = operation.split(' ');
  const request = operation.startsWith('POST jobs')
    ? post(`${name}/jobs`, { Type: 'inventory-retrieval' })
    : { ...archive({}, HELLO, name), path: `/-/vaults/${name}${path === undefined ? '' : `/${path}`}` };
  const more = { 'x-amz-part-size': '1048576', 'content-range': 'bytes 0-4/*', 'x-amz-archive-size': '5' };
  return { ...request, method, headers: { ...request.headers, ...more } };
}

const notEmpty = (name: string) => (stage: Stage) => `Vault not empty or recently written to: ${stage.arn(name)}`;

export const vaults: Area = {
  name: 'vaults',
  stage: new Stage((stage) => stage.makeVaults('other')),
  rows: [
    row(1, 'a vault is made', () => put('V'), 201, { headers: (stage) => ({ location: stage.at('V') }) }),
    row(2, 'to make it again changes nothing', () => put('V'), 201, {
      before: async (stage) => {
        stage.ids['before'] = JSON.stringify(await stage.json('V'));
        stage.now += 1000;
      },
      headers: (stage) => ({ location: stage.at('V') }),
      afterwards: async (stage) => expect(JSON.stringify(await stage.json('V'))).toBe(stage.ids['before']),
    }),
    row(3, 'the account may be named', (stage) => ({ method: 'PUT', path: stage.at('V') }), 201, {
      headers: (stage) => ({ location: stage.at('V') }),
    }),
    row(4, 'a foreign account is denied', () => ({ method: 'PUT', path: '/999999999999/vaults/V' }), 403, {
      code: DENIED,
    }),
    row(5, 'an illegal name cannot be made', () => put('a%2Ab'), 400, { code: INVALID }),
    row(6, 'a name of 256 characters cannot be made', () => put('x'.repeat(256)), 400, { code: INVALID }),
    row(6, 'a name of 255 characters can', () => put('x'.repeat(255)), 201),
    row(7, 'every legal character is taken', () => put('a.b-c_D9'), 201, {
      headers: (stage) => ({ location: stage.at('a.b-c_D9') }),
    }),
    row(9, 'a fresh vault has no inventory', () => get('V'), 200, {
      json: (stage) => ({
        CreationDate: expect.stringMatching(MILLISECONDS),
        LastInventoryDate: null,
        NumberOfArchives: 0,
        SizeInBytes: 0,
        VaultARN: stage.arn('V'),
        VaultName: 'V',
      }),
    }),
    ...IN_A_VAULT.map((operation) =>
      row(10, `a missing vault is named by its ARN: ${operation}`, () => within('X', operation), 404, {
        code: ABSENT,
        message: (stage) => `Vault not found for ARN: ${stage.arn('X')}`,
      }),
    ),
    ...[...IN_A_VAULT, 'DELETE'].map((operation) =>
      row(11, `an illegal name is named as it came: ${operation}`, () => within('te%3Ast', operation), 404, {
        code: ABSENT,
        message: () => 'Vault not found for ARN: te:st',
      }),
    ),
    row(44, 'an empty vault is deleted', () => remove('V'), 204, {
      afterwards: async (stage) => expect((await send(stage.vault, get('V'))).status).toBe(404),
    }),
    row(45, 'a vault with archives is not', () => remove('full'), 400, {
      before: async (stage) => {
        await stage.makeVaults('full');
        stage.ids['archive'] = await uploadWhole(stage.vault, 'full', HELLO);
      },
      code: INVALID,
      message: notEmpty('full'),
    }),
    row(46, 'one that was emptied is, when inventories are of the present', () => remove('full'), 204, {
      before: (stage) => stage.done(remove(`full/archives/${stage.ids['archive']}`)),
      afterwards: async (stage) => {
        await stage.makeVaults('full');
        expect((await stage.json('full'))['LastInventoryDate']).toBeNull();
      },
    }),
    row(47, 'a missing vault is deleted already', () => remove('never'), 204),
  ],
};

const ALPHABET = ['A', 'B', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

export const lists: Area = {
  name: 'lists of vaults',
  stage: new Stage((stage) => stage.makeVaults('a', 'b', 'A')),
  rows: [
    row(13, 'a page has so many vaults, and the ARN of the next', () => get('?limit=2'), 200, {
      json: (stage) => ({
        Marker: stage.arn('b'),
        VaultList: ['A', 'a'].map((name) => expect.objectContaining({ VaultName: name })),
      }),
    }),
    row(13, 'its marker gives the rest', (stage) => get(`?limit=2&marker=${encodeURIComponent(stage.arn('b'))}`), 200, {
      json: () => ({ Marker: null, VaultList: [expect.objectContaining({ VaultName: 'b' })] }),
    }),
    row(12, 'all have one page, in the order of ASCII, described as one by one', () => get(''), 200, {
      json: (stage) => ({
        Marker: null,
        VaultList: ['A', 'a', 'b'].map((name) => ({
          CreationDate: '2026-03-01T12:00:00.250Z',
          LastInventoryDate: null,
          NumberOfArchives: 0,
          SizeInBytes: 0,
          VaultARN: stage.arn(name),
          VaultName: name,
        })),
      }),
    }),
    row(15, 'an empty marker is the start', () => get('?marker='), 200, {
      json: () => ({
        Marker: null,
        VaultList: ['A', 'a', 'b'].map((name) => expect.objectContaining({ VaultName: name })),
      }),
    }),
    row(12, 'a page has ten unless fewer are asked for', () => get(''), 200, {
      before: (stage) => stage.makeVaults(...ALPHABET),
      json: (stage) => ({
        Marker: stage.arn('i'),
        VaultList: ALPHABET.slice(0, 10).map((name) => expect.objectContaining({ VaultName: name })),
      }),
    }),
    row(13, 'pages neither overlap nor skip, of any size', () => get('?limit=1'), 200, {
      afterwards: async (stage) => {
        for (let limit = 1; limit <= 10; limit++) {
          const pages = await stage.pages<{ VaultName: string }>('', 'VaultList', limit);
          expect(pages.flat().map((vault) => vault.VaultName)).toEqual(ALPHABET);
        }
      },
    }),
    row(13, 'a marker that was never given is refused', () => get('?marker=xyz'), 400, { code: INVALID }),
    ...['0', '11', 'x', '-1', '1.5'].map((limit) =>
      row(14, `limit ${limit} is refused`, () => get(`?limit=${limit}`), 400, { code: INVALID }),
    ),
    row(8, 'the 1,001st vault is refused', () => put('one-more'), 400, {
      before: async (stage) => {
        for (let made = ALPHABET.length; made < 1000; made += 19) {
          await Promise.all(Array.from({ length: 19 }, (_, i) => stage.done(put(`v${made + i}`))));
        }
      },
      code: LIMITED,
    }),
    row(8, 'those that are there are made again', () => put('A'), 201),
  ],
};

export const daily: Area = {
  name: 'vaults by the day',
  stage: new Stage((stage) => stage.makeVaults('V'), { realistic: true }),
  rows: [
    row(45, 'a vault is not deleted while its last inventory has archives', () => remove('V'), 400, {
      before: async (stage) => {
        stage.ids['archive'] = await uploadWhole(stage.vault, 'V', HELLO);
        stage.now += DAY_MS;
        expect(await stage.count()).toBe(1);
      },
      code: INVALID,
      message: notEmpty('V'),
    }),
    row(45, 'nor after its archives were deleted, before the next', () => remove('V'), 400, {
      before: (stage) => stage.done(remove(`V/archives/${stage.ids['archive']}`)),
      code: INVALID,
      message: notEmpty('V'),
    }),
    row(45, 'nor when it was written to and emptied within a day', () => remove('brief'), 400, {
      before: async (stage) => {
        await stage.makeVaults('brief');
        await stage.done(remove(`brief/archives/${await uploadWhole(stage.vault, 'brief', HELLO)}`));
      },
      code: INVALID,
      message: notEmpty('brief'),
    }),
    row(46, 'it is deleted after an inventory with none, and its settings with it', () => remove('V'), 204, {
      before: async (stage) => {
        await stage.done(put('V/access-policy', { Policy: POLICY }));
        await stage.done(
          put('V/notification-configuration', { SNSTopic: TOPIC, Events: ['ArchiveRetrievalCompleted'] }),
        );
        await stage.done({ ...put('V/tags?operation=add', { Tags: { a: '1' } }), method: 'POST' });
        stage.now += DAY_MS;
      },
      afterwards: async (stage) => {
        await stage.makeVaults('V');
        for (const setting of ['access-policy', 'notification-configuration']) {
          expect((await send(stage.vault, get(`V/${setting}`))).status).toBe(404);
        }
        expect(await stage.json('V/tags')).toEqual({ Tags: {} });
      },
    }),
  ],
};
