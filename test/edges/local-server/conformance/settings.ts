// Cases 125–127 and 129–142: what is set for a vault.

import { expect } from 'vitest';
import { type RawRequest, send } from '../raw-client.js';
import { ABSENT, type Area, DENIED, INVALID, LIMITED, MALFORMED, MISSING, type Row, row } from './row.js';
import { DAY_MS, get, post, put, remove, Stage } from './stage.js';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:jobs';
const EVENTS = ['ArchiveRetrievalCompleted', 'InventoryRetrievalCompleted'];
const NOTIFICATIONS = 'V/notification-configuration';

const refused = (number: number, that: string, request: RawRequest, code = INVALID, message?: string | RegExp): Row =>
  row(number, that, () => request, 400, { code, ...(message === undefined ? {} : { message: () => message }) });
const notify = (json: unknown): RawRequest => put(NOTIFICATIONS, json);

export const notifications: Area = {
  name: 'notifications',
  stage: new Stage((stage) => stage.makeVaults('V')),
  rows: [
    row(126, 'notifications that are not set are not found', () => get(NOTIFICATIONS), 404, { code: ABSENT }),
    refused(
      127,
      'an unknown event is refused',
      notify({ SNSTopic: TOPIC, Events: ['ArchiveDeleted'] }),
      INVALID,
      'Invalid notification event: ArchiveDeleted',
    ),
    refused(127, 'a topic is required', notify({ Events: EVENTS }), MISSING),
    refused(127, 'a topic is an ARN', notify({ SNSTopic: 'jobs', Events: EVENTS })),
    refused(127, 'events are required', notify({ SNSTopic: TOPIC }), MISSING),
    refused(127, 'no events are refused', notify({ SNSTopic: TOPIC, Events: [] })),
    refused(127, 'events are a list', notify({ SNSTopic: TOPIC, Events: 'all' }), MALFORMED),
    refused(127, 'events are strings', notify({ SNSTopic: TOPIC, Events: [1] }), MALFORMED),
    refused(127, 'a body that is not JSON is refused', notify('{'), MALFORMED),
    row(126, 'what was refused was not set', () => get(NOTIFICATIONS), 404, { code: ABSENT }),
    row(125, 'notifications are set', () => notify({ SNSTopic: TOPIC, Events: EVENTS }), 204),
    row(125, 'and read as they were set', () => get(NOTIFICATIONS), 200, {
      json: () => ({ SNSTopic: TOPIC, Events: EVENTS }),
    }),
    row(125, 'others replace them', () => notify({ SNSTopic: TOPIC, Events: EVENTS.slice(1) }), 204, {
      afterwards: async (stage) => expect((await stage.json(NOTIFICATIONS))['Events']).toEqual(EVENTS.slice(1)),
    }),
    row(125, 'they are deleted', () => remove(NOTIFICATIONS), 204, {
      afterwards: async (stage) => expect((await send(stage.vault, get(NOTIFICATIONS))).status).toBe(404),
    }),
    row(125, 'twice', () => remove(NOTIFICATIONS), 204),
    row(126, 'a missing vault has none', () => get('X/notification-configuration'), 404, {
      code: ABSENT,
      message: (stage) => `Vault not found for ARN: ${stage.arn('X')}`,
    }),
  ],
};

const statement = (more: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Principal: '*', Action: 'glacier:*', Resource: '*', ...more }],
  });
const ALLOW = statement({ Effect: 'Allow' });
const UNENFORCEABLE = statement({ Effect: 'Deny', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
const sized = (bytes: number): string => ALLOW + ' '.repeat(bytes - ALLOW.length);
const setPolicy = (policy: unknown): RawRequest => put('V/access-policy', { Policy: policy });

export const accessPolicies: Area = {
  name: 'access policies',
  stage: new Stage((stage) => stage.makeVaults('V')),
  rows: [
    row(129, 'a policy that is not set is not found', () => get('V/access-policy'), 404, { code: ABSENT }),
    refused(130, 'a policy of more than 20 KB is refused', setPolicy(sized(20_481))),
    refused(130, 'a policy is JSON', setPolicy('deny all')),
    refused(130, 'a policy is a string', setPolicy({ Statement: [] }), MALFORMED),
    refused(130, 'a policy is required', setPolicy(null), MISSING),
    refused(130, 'a policy has statements', setPolicy('{"Statement":[]}')),
    refused(130, 'a Deny that could not be enforced is refused', setPolicy(UNENFORCEABLE), INVALID, /aws:SourceIp/),
    row(130, 'what was refused was not set', () => get('V/access-policy'), 404, { code: ABSENT }),
    row(129, 'a policy of 20 KB is taken', () => setPolicy(sized(20_480)), 204),
    row(129, 'a policy is set', () => setPolicy(` ${ALLOW}`), 204),
    row(129, 'and read letter by letter', () => get('V/access-policy'), 200, { json: () => ({ Policy: ` ${ALLOW}` }) }),
    row(129, 'it is deleted', () => remove('V/access-policy'), 204),
    row(129, 'twice', () => remove('V/access-policy'), 204),
    row(129, 'and gone', () => get('V/access-policy'), 404, { code: ABSENT }),
  ],
};

const beginLock = (policy: unknown = ALLOW): RawRequest => post('V/lock-policy', { Policy: policy });
const completion = (stage: Stage): RawRequest => post(`V/lock-policy/${stage.ids['lock']}`);
const begun: Partial<Row> = {
  headers: () => ({ 'x-amz-lock-id': expect.stringMatching(/^[\w-]{24}$/) }),
  afterwards: (stage, { headers }) => {
    stage.ids['lock'] = String(headers['x-amz-lock-id']);
  },
};
const denied = (number: number, that: string, request: Row['request']): Row =>
  row(number, that, request, 403, { code: DENIED });
const noLock = (number: number, that: string, more: Partial<Row> = {}): Row =>
  row(number, that, () => get('V/lock-policy'), 404, { code: ABSENT, ...more });

export const vaultLocks: Area = {
  name: 'vault locks',
  stage: new Stage((stage) => stage.makeVaults('V')),
  rows: [
    row(136, 'no lock is aborted already', () => remove('V/lock-policy'), 204),
    row(133, 'no lock cannot be completed', () => post('V/lock-policy/WRONG'), 404, { code: ABSENT }),
    refused(131, 'a policy is required', post('V/lock-policy', {}), MISSING),
    refused(131, 'a policy is checked', beginLock('{}')),
    refused(131, 'a policy of more than 20 KB is refused', beginLock(sized(20_481))),
    noLock(131, 'what was refused is no lock'),
    noLock(131, 'an access policy alone is none', { before: (stage) => stage.done(setPolicy(ALLOW)) }),
    row(131, 'a lock is begun', () => beginLock(), 201, begun),
    row(131, 'it has 24 hours', () => get('V/lock-policy'), 200, {
      json: () => ({
        CreationDate: '2026-03-01T12:00:00.250Z',
        ExpirationDate: '2026-03-02T12:00:00.250Z',
        Policy: ALLOW,
        State: 'InProgress',
      }),
    }),
    denied(132, 'a lock in progress is not begun again', () => beginLock()),
    refused(133, 'a lock in progress needs its id', post('V/lock-policy/WRONG')),
    row(136, 'it is aborted', () => remove('V/lock-policy'), 204),
    noLock(136, 'and gone'),
    row(137, 'a lock is there up to its 24th hour', () => get('V/lock-policy'), 200, {
      before: async (stage) => {
        await stage.done(beginLock());
        stage.now += DAY_MS - 1;
      },
    }),
    noLock(137, 'and then no longer', {
      before: async (stage) => {
        stage.now += 1;
      },
    }),
    row(131, 'another is begun', () => beginLock(), 201, begun),
    row(134, 'it is completed', completion, 204),
    row(134, 'and completed again', completion, 204),
    row(134, 'what is locked does not expire', () => get('V/lock-policy'), 200, {
      before: async (stage) => {
        stage.now += 365 * DAY_MS;
      },
      json: () => ({
        CreationDate: '2026-03-02T12:00:00.250Z',
        ExpirationDate: null,
        Policy: ALLOW,
        State: 'Locked',
      }),
    }),
    denied(132, 'what is locked is not begun again', () => beginLock()),
    denied(135, 'a wrong id for what is locked is denied', () => post('V/lock-policy/WRONG')),
    denied(135, 'what is locked is not aborted', () => remove('V/lock-policy')),
    row(134, 'it is as locked as before', completion, 204),
  ],
};

const addTags = (tags: unknown): RawRequest => post('V/tags?operation=add', { Tags: tags });
const removeTags = (keys: unknown): RawRequest => post('V/tags?operation=remove', { TagKeys: keys });
const tagged = (tags: object): Partial<Row> => ({
  afterwards: async (stage) => expect(await stage.json('V/tags')).toEqual({ Tags: tags }),
});
const LONGEST = { ['\u{1d4b3}'.repeat(128)]: '\u{1d4b3}'.repeat(255) };
const NAMED = { a: '2', 'Zo\xeb \u6f22 _./=+-@9': 'b c', empty: '' };

export const tags: Area = {
  name: 'tags',
  stage: new Stage((stage) => stage.makeVaults('V')),
  rows: [
    row(138, 'no tags are an empty map', () => get('V/tags'), 200, { json: () => ({ Tags: {} }) }),
    row(138, 'a tag is added', () => addTags({ a: '1' }), 204, tagged({ a: '1' })),
    row(138, 'others too, and one gets another value', () => addTags(NAMED), 204),
    row(138, 'all are listed', () => get('V/tags'), 200, { json: () => ({ Tags: NAMED }) }),
    ...['', 'x'.repeat(129), '\u{1d4b3}'.repeat(129), 'aws:x', 'AWS:x', 'a*b', 'a\nb'].map((key) =>
      refused(140, `key ${JSON.stringify(key.slice(0, 9))} of ${key.length} is refused`, addTags({ [key]: '' })),
    ),
    refused(140, 'a value of 256 is refused', addTags({ b: 'v'.repeat(256) })),
    refused(140, 'a value has the characters of a key', addTags({ b: 'v*' })),
    refused(140, 'a value is a string', addTags({ b: 1 }), MALFORMED),
    refused(140, 'no tags are refused', addTags({})),
    refused(140, 'tags are required', addTags(null), MISSING),
    refused(140, 'one wrong tag refuses all', addTags({ b: '1', 'c*': '1' })),
    row(140, 'what was refused was not added', () => get('V/tags'), 200, { json: () => ({ Tags: NAMED }) }),
    row(140, 'a key of 128 and a value of 255 characters are taken', () => addTags(LONGEST), 204),
    row(
      141,
      'a tag that is not there is removed already',
      () => removeTags(['zz']),
      204,
      tagged({ ...NAMED, ...LONGEST }),
    ),
    row(141, 'those that are there are removed', () => removeTags([...Object.keys(LONGEST), 'a', 'zz']), 204, {
      ...tagged(Object.fromEntries(Object.entries(NAMED).slice(1))),
    }),
    refused(141, 'no keys are refused', removeTags([])),
    refused(141, 'keys are required', removeTags(null), MISSING),
    refused(142, 'tags are added or removed', post('V/tags?operation=foo', { Tags: { a: '1' } })),
    refused(142, 'one must be said', post('V/tags', { Tags: { a: '1' } }), MISSING),
    row(
      139,
      '50 tags are taken',
      () => addTags(Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`k${i}`, '']))),
      204,
    ),
    refused(
      139,
      'the 51st is refused',
      addTags({ k0: 'x', more: '' }),
      LIMITED,
      'The quota for the number of tags that can be assigned to this resource has been reached.',
    ),
    row(139, 'one of the 50 gets another value', () => addTags({ k1: 'x' }), 204, {
      afterwards: async (stage) => {
        const { Tags } = (await stage.json('V/tags')) as { Tags: Record<string, string> };
        expect([Object.keys(Tags).length, Tags['k0'], Tags['k1']]).toEqual([50, '', 'x']);
      },
    }),
  ],
};
