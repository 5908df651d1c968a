// Cases 16–22 and 146–150: what holds for every request.

import { expect } from 'vitest';
import { type RawRequest, send, sha256 } from '../raw-client.js';
import { ABSENT, type Area, FORGED, INVALID, MISSING, type Row, row } from './row.js';
import { archive, get, MIB, post, Stage, WRONG } from './stage.js';

const DATED = new Date();
const INVENTORY = '{"Type":"inventory-retrieval"}';
const UNKNOWN = 'UnknownOperationException';
const EXPIRED = /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/;

const minutesAgo = (minutes: number): RawRequest => ({ ...get('V'), date: new Date(Date.now() - minutes * 60_000) });

const faulty = (status: number, code: string, message: string): Row =>
  row(148, `on order an upload fails with ${status} ${code}, once`, () => archive(), status, {
    before: async (stage) =>
      stage.vault.control.addFault({ operation: 'UploadArchive', fault: 'error', status, code, message }),
    code,
    message: () => message,
    afterwards: async (stage) => {
      expect(await stage.count()).toBe(0);
      await stage.done(post('V/jobs', INVENTORY));
    },
  });

export const protocol: Area = {
  name: 'protocol',
  stage: new Stage((stage) => stage.makeVaults('V')),
  rows: [
    row(16, 'the API version is required', () => get('V', { 'x-amz-glacier-version': null }), 400, {
      code: MISSING,
      message: () => 'Required parameter missing: API version',
    }),
    row(17, 'another API version is refused', () => get('V', { 'x-amz-glacier-version': '2011-01-01' }), 400, {
      code: INVALID,
    }),
    row(18, 'a request needs a signature', () => ({ ...get('V'), unsigned: true }), 400, {
      code: 'MissingAuthenticationTokenException',
    }),
    row(19, 'a wrong secret is refused', () => ({ ...get('V'), secretAccessKey: 'x'.repeat(40) }), 403, {
      code: FORGED,
    }),
    row(20, 'an unknown key is refused', () => ({ ...get('V'), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }), 400, {
      code: 'UnrecognizedClientException',
    }),
    row(21, 'a request of 10 minutes ago is refused', () => minutesAgo(10), 403, {
      code: FORGED,
      message: () => EXPIRED,
    }),
    row(21, 'a request of 10 minutes ahead is refused', () => minutesAgo(-10), 403, { code: FORGED }),
    row(21, 'a request of 4 minutes ago is taken', () => minutesAgo(4), 200),
    row(21, 'a request of 4 minutes ahead is taken', () => minutesAgo(-4), 200),
    row(
      21,
      'Date serves where there is no x-amz-date',
      () => ({ ...get('V', { 'x-amz-date': null, date: DATED.toUTCString() }), date: DATED }),
      200,
    ),
    row(
      22,
      'a session token that is over is refused',
      (stage) => ({
        ...get('V', { 'x-amz-security-token': stage.ids['token'] ?? '' }),
        accessKeyId: stage.ids['key'] ?? '',
        secretAccessKey: stage.ids['secret'] ?? '',
      }),
      403,
      {
        before: async (stage) => {
          const over = await stage.vault.control.addTemporaryKey(0);
          Object.assign(stage.ids, { key: over.accessKeyId, secret: over.secretAccessKey, token: over.sessionToken });
        },
        code: 'ExpiredTokenException',
      },
    ),
    row(146, 'an unknown path is refused in JSON', () => get('V/secrets'), 404, { code: UNKNOWN }),
    row(146, 'a path above the account is refused in JSON', () => ({ method: 'GET', path: '/' }), 404, {
      code: UNKNOWN,
    }),
    row(146, 'an unknown method is refused in JSON', () => ({ ...get('V'), method: 'PATCH' }), 405, { code: UNKNOWN }),
    row(
      147,
      'a tree hash on JSON is passed over',
      () => post('V/jobs', INVENTORY, { 'x-amz-sha256-tree-hash': WRONG, 'x-amz-content-sha256': sha256(INVENTORY) }),
      202,
    ),
    row(
      147,
      'a content hash is not, when it is another',
      () => post('V/jobs', INVENTORY, { 'x-amz-content-sha256': WRONG }),
      403,
      { code: FORGED },
    ),
    faulty(400, 'ThrottlingException', 'Rate exceeded'),
    faulty(500, 'ServiceUnavailableException', 'Service unavailable.'),
    faulty(408, 'RequestTimeoutException', 'Request timed out.'),
    faulty(400, 'NoLongerSupportedException', 'No longer supported.'),
    row(148, 'beyond the rate that was set, requests are throttled', () => get('V'), 400, {
      before: async (stage) => {
        stage.vault.control.changeConditions({ requestsPerSecond: 1e-6 });
        await stage.done(get('V'));
      },
      code: 'ThrottlingException',
      message: () => 'Rate exceeded',
      afterwards: (stage) => stage.vault.control.changeConditions({ requestsPerSecond: null }),
    }),
    row(148, 'a closed service refuses everything', () => get('V'), 400, {
      before: async (stage) => stage.vault.control.changeConditions({ serviceClosed: true }),
      code: 'NoLongerSupportedException',
      afterwards: (stage) => stage.vault.control.changeConditions({ serviceClosed: false }),
    }),
    row(149, 'a long body that is refused early leaves the answer readable', () => archive({}, LONG, 'X'), 404, {
      code: ABSENT,
      headers: () => ({ connection: 'close' }),
    }),
    row(149, 'one without a body that is refused keeps the connection', () => get('X'), 404, {
      code: ABSENT,
      headers: () => ({ connection: 'keep-alive' }),
    }),
    row(149, 'HEAD is no method of the API', () => ({ ...get('V'), method: 'HEAD' }), 405, {
      headers: () => ({ connection: 'keep-alive' }),
      afterwards: (_, answer) => expect(answer.body).toHaveLength(0),
    }),
    row(150, 'two answers have two request ids', () => get('V'), 200, {
      afterwards: async (stage, answer) => {
        const other = await send(stage.vault, get('V'));
        expect(other.headers['x-amzn-requestid']).not.toBe(answer.headers['x-amzn-requestid']);
      },
    }),
    row(150, 'a request that is refused before its signature is looked at has them too', () => get('%'), 400, {
      code: INVALID,
    }),
  ],
};

const LONG = Buffer.alloc(8 * MIB);
