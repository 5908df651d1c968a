// Cases 97 and 120–124: inventories.

import { expect } from 'vitest';
import { askForJob, outputOf, type RawAnswer, type RawRequest, send, treeHash, uploadWhole } from '../raw-client.js';
import { ABSENT, type Area, row } from './row.js';
import { DAY_MS, get, HELLO, HOUR_MS, MIB, post, Stage } from './stage.js';

const TWO_MIB = Buffer.alloc(2 * MIB, 'a');
const INVENTORY = { Type: 'inventory-retrieval' };
const HEADER = 'ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash';
const NO_PARAMETERS = { EndDate: null, Format: 'JSON', Limit: null, Marker: null, StartDate: null };

const secondsOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Asks for it, and lets it be made. */
const asking =
  (name: string, more: object = {}) =>
  async (stage: Stage): Promise<void> => {
    stage.ids[name] = await askForJob(stage.vault, 'V', { ...INVENTORY, ...more });
    stage.now += 4 * HOUR_MS;
  };
const output = (name: string) => (stage: Stage) => outputOf('V', stage.ids[name] ?? '');
/** A job for a part of it, and what its description says of that part when it is done. */
const limited = (parameters: object) => (): RawRequest =>
  post('V/jobs', { ...INVENTORY, InventoryRetrievalParameters: parameters });
async function page(
  stage: Stage,
  { headers }: RawAnswer,
): Promise<{ ids: string[]; parameters: Record<string, unknown> }> {
  const job = String(headers['x-amz-job-id']);
  stage.now += 4 * HOUR_MS;
  const { json } = await send(stage.vault, outputOf('V', job));
  const archives = json['ArchiveList'] as { ArchiveId: string }[];
  const described = await stage.json(`V/jobs/${job}`);
  return {
    ids: archives.map(({ ArchiveId }) => ArchiveId),
    parameters: described['InventoryRetrievalParameters'] as Record<string, unknown>,
  };
}

const DESCRIPTIONS = ['a,"b', '', 'back\\slash', 'x, y', 'plain'];
const BEGUN = Date.parse('2026-03-01T12:00:00.250Z');
const at = (index: number): string => secondsOf(BEGUN + index * HOUR_MS);
const bodyOf = (index: number): Buffer => (index === 4 ? TWO_MIB : HELLO);
const idsOf = (stage: Stage, first: number, end: number): unknown[] =>
  Array.from({ length: end - first }, (_, i) => stage.ids[String(first + i)]);

export const inventories: Area = {
  name: 'inventories',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V');
    for (const [i, description] of DESCRIPTIONS.entries()) {
      stage.ids[String(i)] = await uploadWhole(stage.vault, 'V', bodyOf(i), description);
      stage.now += HOUR_MS;
    }
  }),
  rows: [
    row(120, 'an inventory is JSON, dated to the second, without a tree hash of its own', output('json'), 200, {
      before: asking('json'),
      headers: () => ({
        'accept-ranges': 'bytes',
        'x-amz-archive-description': undefined,
        'x-amz-sha256-tree-hash': undefined,
      }),
      json: (stage) => ({
        VaultARN: stage.arn('V'),
        InventoryDate: at(4),
        ArchiveList: DESCRIPTIONS.map((description, i) => ({
          ArchiveId: stage.ids[String(i)],
          ArchiveDescription: description,
          CreationDate: at(i),
          Size: bodyOf(i).length,
          SHA256TreeHash: treeHash(bodyOf(i)),
        })),
      }),
      afterwards: (_, { body, json }) => expect(body.toString()).toBe(JSON.stringify(json)),
    }),
    row(120, 'its job has its size, and nothing of an archive', (stage) => get(`V/jobs/${stage.ids['json']}`), 200, {
      json: (stage) => ({
        Action: 'InventoryRetrieval',
        ArchiveId: null,
        ArchiveSHA256TreeHash: null,
        ArchiveSizeInBytes: null,
        Completed: true,
        CompletionDate: expect.any(String),
        CreationDate: expect.any(String),
        InventoryRetrievalParameters: NO_PARAMETERS,
        InventorySizeInBytes: expect.any(Number),
        JobDescription: null,
        JobId: stage.ids['json'],
        RetrievalByteRange: null,
        SHA256TreeHash: null,
        SNSTopic: null,
        StatusCode: 'Succeeded',
        StatusMessage: 'Succeeded',
        Tier: null,
        VaultARN: stage.arn('V'),
      }),
      afterwards: async (stage, { json }) => {
        expect(json['InventorySizeInBytes']).toBe((await send(stage.vault, output('json')(stage))).body.length);
      },
    }),
    row(121, 'CSV quotes what has a comma or a quote, with backslashes before quotes alone', output('csv'), 200, {
      before: asking('csv', { Format: 'CSV' }),
      headers: () => ({ 'content-type': 'text/csv', 'x-amz-sha256-tree-hash': undefined }),
      afterwards: (stage, { body }) => {
        const shown = ['"a,\\"b"', '', 'back\\slash', '"x, y"', 'plain'];
        const lines = shown.map(
          (text, i) => `${stage.ids[String(i)]},${text},${at(i)},${bodyOf(i).length},${treeHash(bodyOf(i))}`,
        );
        expect(body.toString()).toBe([HEADER, ...lines, ''].join('\n'));
      },
    }),
    row(
      122,
      'from the start date on, up to and without the end date',
      limited({ StartDate: at(1), EndDate: at(3) }),
      202,
      {
        afterwards: async (stage, answer) => {
          const { ids, parameters } = await page(stage, answer);
          expect(ids).toEqual(idsOf(stage, 1, 3));
          expect(parameters).toEqual({ ...NO_PARAMETERS, StartDate: at(1), EndDate: at(3) });
        },
      },
    ),
    row(122, 'a start without an end', limited({ StartDate: at(3) }), 202, {
      afterwards: async (stage, answer) => expect((await page(stage, answer)).ids).toEqual(idsOf(stage, 3, 5)),
    }),
    row(122, 'an end without a start', limited({ EndDate: at(2) }), 202, {
      afterwards: async (stage, answer) => expect((await page(stage, answer)).ids).toEqual(idsOf(stage, 0, 2)),
    }),
    row(123, 'a part of it has a marker for the next', limited({ Limit: '2' }), 202, {
      afterwards: async (stage, answer) => {
        const { ids, parameters } = await page(stage, answer);
        expect(ids).toEqual(idsOf(stage, 0, 2));
        expect(parameters).toEqual({ ...NO_PARAMETERS, Limit: '2', Marker: expect.stringMatching(/./) });
        stage.ids['marker'] = String(parameters['Marker']);
      },
    }),
    row(123, 'which goes on there', (stage) => limited({ Limit: '2', Marker: stage.ids['marker'] })(), 202, {
      afterwards: async (stage, answer) => {
        const { ids, parameters } = await page(stage, answer);
        expect(ids).toEqual(idsOf(stage, 2, 4));
        stage.ids['marker'] = String(parameters['Marker']);
      },
    }),
    row(123, 'and ends with null', (stage) => limited({ Limit: '2', Marker: stage.ids['marker'] })(), 202, {
      afterwards: async (stage, answer) => {
        const { ids, parameters } = await page(stage, answer);
        expect(ids).toEqual(idsOf(stage, 4, 5));
        expect(parameters['Marker']).toBeNull();
      },
    }),
    row(123, 'a limit that all of it meets has no marker', limited({ Limit: '5' }), 202, {
      afterwards: async (stage, answer) => expect((await page(stage, answer)).parameters['Marker']).toBeNull(),
    }),
  ],
};

/** Ids that an inventory has which is made now, and its date. */
async function listedNow(stage: Stage): Promise<[unknown, string[]]> {
  await asking('now')(stage);
  const { json } = await send(stage.vault, output('now')(stage));
  const archives = json['ArchiveList'] as { ArchiveId: string }[];
  return [json['InventoryDate'], archives.map(({ ArchiveId }) => ArchiveId)];
}

export const snapshots: Area = {
  name: 'inventories by the day',
  stage: new Stage((stage) => stage.makeVaults('V'), { realistic: true }),
  rows: [
    row(97, 'there is none before the first', () => post('V/jobs', INVENTORY), 404, {
      before: async (stage) => {
        stage.ids['one'] = await uploadWhole(stage.vault, 'V', HELLO);
        stage.now += DAY_MS - 1;
      },
      code: ABSENT,
    }),
    row(124, 'a day later there is', () => post('V/jobs', INVENTORY), 202, {
      before: async (stage) => {
        stage.now += 1;
      },
      afterwards: async (stage) => {
        expect(await stage.json('V')).toMatchObject({
          LastInventoryDate: '2026-03-02T12:00:00.250Z',
          NumberOfArchives: 1,
          SizeInBytes: 5,
        });
      },
    }),
    row(124, 'what came since is not in it, before the next', () => post('V/jobs', INVENTORY), 202, {
      before: async (stage) => {
        stage.ids['two'] = await uploadWhole(stage.vault, 'V', HELLO);
      },
      afterwards: async (stage) => {
        expect(await listedNow(stage)).toEqual(['2026-03-02T12:00:00Z', [stage.ids['one']]]);
        stage.now += DAY_MS;
        expect(await listedNow(stage)).toEqual(['2026-03-03T12:00:00Z', [stage.ids['one'], stage.ids['two']]]);
      },
    }),
    row(124, 'its date stays while nothing changes', () => get('V'), 200, {
      before: async (stage) => {
        stage.now += 3 * DAY_MS;
      },
      afterwards: async (stage, { json }) => {
        expect(json['LastInventoryDate']).toBe('2026-03-03T12:00:00.250Z');
        expect(await listedNow(stage)).toEqual(['2026-03-03T12:00:00Z', [stage.ids['one'], stage.ids['two']]]);
      },
    }),
    row(124, 'one can be had at once', () => get('V'), 200, {
      before: async (stage) => {
        await uploadWhole(stage.vault, 'V', HELLO);
        await stage.vault.control.takeInventory({ vault: 'V' });
      },
      afterwards: (_, { json }) => expect(json['NumberOfArchives']).toBe(3),
    }),
  ],
};
