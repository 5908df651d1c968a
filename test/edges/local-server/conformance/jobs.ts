// Cases 81–107: jobs.

import { expect } from 'vitest';
import { askForJob, outputOf, type RawRequest, treeHash, uploadInParts, uploadWhole } from '../raw-client.js';
import { ABSENT, type Area, INVALID, MALFORMED, MISSING, type Row, row } from './row.js';
import { A4, B65, get, HELLO, MIB, MILLISECONDS, post, Stage } from './stage.js';

const job = (json: unknown): RawRequest => post('V/jobs', json);
const retrieval = (more: object = {}, archive = 'a4') => {
  return (stage: Stage): RawRequest => job({ Type: 'archive-retrieval', ArchiveId: stage.ids[archive], ...more });
};
const inventory = (more: object) => () => job({ Type: 'inventory-retrieval', ...more });
const refused = (number: number, that: string, request: Row['request'], code = INVALID): Row =>
  row(number, that, request, 400, { code });

/** Keeps the id, and describes the job. */
const describing = (name: string, expected: object): Partial<Row> => ({
  afterwards: async (stage, { headers }) => {
    stage.ids[name] = String(headers['x-amz-job-id']);
    expect(headers.location).toBe(stage.at(`V/jobs/${stage.ids[name]}`));
    expect(await stage.json(`V/jobs/${stage.ids[name]}`)).toMatchObject(expected);
  },
});

const NOT_OF_ARCHIVES = { InventoryRetrievalParameters: null, InventorySizeInBytes: null };
const DESCRIPTION = (stage: Stage): object => ({
  ...NOT_OF_ARCHIVES,
  Action: 'ArchiveRetrieval',
  ArchiveId: stage.ids['a4'],
  ArchiveSHA256TreeHash: treeHash(A4),
  ArchiveSizeInBytes: 4 * MIB,
  CreationDate: '2026-03-01T12:00:00.250Z',
  JobDescription: null,
  RetrievalByteRange: `0-${4 * MIB - 1}`,
  SHA256TreeHash: treeHash(A4),
  SNSTopic: null,
  Tier: 'Standard',
  VaultARN: stage.arn('V'),
});

const listed = async (stage: Stage, query: string): Promise<unknown[]> => {
  const pages = await stage.pages<{ JobId: string }>(`listed/jobs${query}`, 'JobList', 2);
  // All pages but the last are full, whatever the filter leaves out.
  expect(pages.slice(0, -1).every((page) => page.length === 2)).toBe(true);
  return pages.flat().map(({ JobId }) => Object.keys(stage.ids).find((name) => stage.ids[name] === JobId));
};

export const jobs: Area = {
  name: 'jobs',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V', 'listed');
    stage.ids['a4'] = await uploadWhole(stage.vault, 'V', A4, 'four');
    stage.ids['b65'] = await uploadInParts(stage.vault, 'V', B65, 2 * MIB);
  }),
  rows: [
    row(81, 'a retrieval is asked for, of tier Standard', retrieval(), 202, {
      headers: () => ({
        'x-amz-job-id': expect.stringMatching(/^[\w-]{92}$/),
        'x-mtglacier-retrieval-delays': 'Expedited=1000;Standard=5000;Bulk=10000;Inventory=5000',
      }),
      ...describing('job', { Tier: 'Standard', Action: 'ArchiveRetrieval' }),
    }),
    row(
      82,
      'nulls and unknown fields are passed over',
      retrieval({
        Tier: null,
        Description: null,
        SNSTopic: null,
        Format: null,
        RetrievalByteRange: null,
        InventoryRetrievalParameters: null,
        Colour: 'red',
      }),
      202,
      describing('nulls', { Tier: 'Standard', JobDescription: null, RetrievalByteRange: `0-${4 * MIB - 1}` }),
    ),
    refused(83, 'a type is required', retrieval({ Type: null }), MISSING),
    refused(84, 'an unknown type is refused', retrieval({ Type: 'foo' })),
    refused(85, 'a retrieval needs its archive', () => job({ Type: 'archive-retrieval' }), MISSING),
    row(86, 'an unknown archive is refused', retrieval({ ArchiveId: 'x'.repeat(138) }), 404, {
      code: ABSENT,
      message: () => `The archive ID was not found: ${'x'.repeat(138)}`,
    }),
    ...['{"Type":', '[1]', '"text"', 'null', ''].map((body) =>
      refused(87, `a body that is ${JSON.stringify(body)} is refused`, () => job(body), MALFORMED),
    ),
    refused(88, 'an inventory takes no archive', (stage) => inventory({ ArchiveId: stage.ids['a4'] })()),
    refused(88, 'an inventory takes no range', inventory({ RetrievalByteRange: '0-1048575' })),
    ...['1-1048575', '0-1000', `${MIB}-${2 * MIB}`].map((range) =>
      refused(89, `range ${range} is not of whole MiB`, retrieval({ RetrievalByteRange: range })),
    ),
    row(
      90,
      'a range of whole MiB is taken, its hash told when it is ready',
      retrieval({ RetrievalByteRange: '0-1048575' }),
      202,
      describing('ranged', { RetrievalByteRange: '0-1048575', SHA256TreeHash: null, ArchiveSizeInBytes: 4 * MIB }),
    ),
    row(
      90,
      'a range to the end is taken',
      retrieval({ RetrievalByteRange: `${MIB}-${6.5 * MIB - 1}` }, 'b65'),
      202,
      describing('unaligned', { RetrievalByteRange: `${MIB}-${6.5 * MIB - 1}`, SHA256TreeHash: null }),
    ),
    ...[`0-${4 * MIB}`, `0-${5 * MIB - 1}`, `${4 * MIB}-${5 * MIB - 1}`, `${2 * MIB}-${MIB - 1}`, '0', '-1', '0-'].map(
      (range) => refused(91, `range ${range} is none of the archive`, retrieval({ RetrievalByteRange: range })),
    ),
    refused(92, 'an unknown tier is refused', retrieval({ Tier: 'Fast' })),
    row(93, 'without capacity, Expedited is refused', retrieval({ Tier: 'Expedited' }), 503, {
      before: async (stage) => stage.vault.control.changeConditions({ expeditedCapacity: false }),
      code: 'InsufficientCapacityException',
      afterwards: (stage) => stage.vault.control.changeConditions({ expeditedCapacity: true }),
    }),
    refused(95, 'a description of 1,025 characters is refused', retrieval({ Description: 'x'.repeat(1025) })),
    refused(95, 'a description is ASCII', retrieval({ Description: 'caf\xe9' })),
    row(
      95,
      'a description of 1,024 is taken, without its leading blanks',
      retrieval({ Description: `  ${'x'.repeat(1024)}` }),
      202,
      describing('described', { JobDescription: 'x'.repeat(1024) }),
    ),
    refused(96, 'an unknown format is refused', inventory({ Format: 'XML' })),
    refused(98, 'a select is refused', retrieval({ Type: 'select' })),
    row(99, 'a job under way says so', (stage) => get(`V/jobs/${stage.ids['job']}`), 200, {
      json: (stage) => ({
        ...DESCRIPTION(stage),
        Completed: false,
        CompletionDate: null,
        JobId: stage.ids['job'],
        StatusCode: 'InProgress',
        StatusMessage: 'Operation in progress.',
      }),
    }),
    row(106, 'a job under way has no output', (stage) => outputOf('V', stage.ids['job'] ?? ''), 400, {
      code: INVALID,
      message: (stage) => `The job is not currently available for download: ${stage.ids['job']}`,
    }),
    row(107, 'a job that failed has none either', (stage) => outputOf('V', stage.ids['nulls'] ?? ''), 400, {
      before: async (stage) => {
        const failed = stage.ids['nulls'] ?? '';
        await stage.vault.control.endJob({ vault: 'V', job: failed, failure: 'The disk broke.' });
        expect(await stage.json(`V/jobs/${failed}`)).toMatchObject({
          Completed: true,
          CompletionDate: expect.stringMatching(MILLISECONDS),
          StatusCode: 'Failed',
          StatusMessage: 'The disk broke.',
        });
      },
      code: INVALID,
      message: (stage) => `The job is not currently available for download: ${stage.ids['nulls']}`,
    }),
    row(100, 'a finished job says so', (stage) => get(`V/jobs/${stage.ids['job']}`), 200, {
      before: async (stage) => {
        stage.now += 5000;
      },
      json: (stage) => ({
        ...DESCRIPTION(stage),
        Completed: true,
        CompletionDate: '2026-03-01T12:00:05.250Z',
        JobId: stage.ids['job'],
        StatusCode: 'Succeeded',
        StatusMessage: 'Succeeded',
      }),
    }),
    row(100, 'one of an aligned range has its tree hash', (stage) => get(`V/jobs/${stage.ids['ranged']}`), 200, {
      afterwards: (_, { json }) => expect(json['SHA256TreeHash']).toBe(treeHash(A4.subarray(0, MIB))),
    }),
    row(100, 'one of a range that is no subtree has none', (stage) => get(`V/jobs/${stage.ids['unaligned']}`), 200, {
      afterwards: (_, { json }) => expect(json['SHA256TreeHash']).toBeNull(),
    }),
    row(101, 'an unknown job is refused', () => get('V/jobs/none'), 404, {
      code: ABSENT,
      message: () => 'The job ID was not found: none',
    }),
    row(
      102,
      'jobs are filtered by status and completion',
      () => get('listed/jobs?statuscode=Succeeded&completed=true'),
      200,
      {
        before: async (stage) => {
          const ArchiveId = await uploadWhole(stage.vault, 'listed', HELLO);
          const tiers = {
            e1: 'Expedited',
            b1: 'Bulk',
            e2: 'Expedited',
            s1: 'Standard',
            b2: 'Bulk',
            e3: 'Expedited',
            e4: 'Expedited',
          };
          for (const [name, Tier] of Object.entries(tiers)) {
            stage.ids[name] = await askForJob(stage.vault, 'listed', { Type: 'archive-retrieval', ArchiveId, Tier });
          }
          await stage.vault.control.endJob({ vault: 'listed', job: stage.ids['e2'] ?? '', failure: 'no' });
          stage.now += 1000;
        },
        json: (stage) => ({
          JobList: ['e1', 'e3', 'e4'].map((name) => expect.objectContaining({ JobId: stage.ids[name] })),
          Marker: null,
        }),
        afterwards: async (stage, { json }) => {
          const [first] = json['JobList'] as unknown[];
          expect(first).toEqual(await stage.json(`listed/jobs/${stage.ids['e1']}`));
        },
      },
    ),
    row(103, 'an unknown status code is refused', () => get('V/jobs?statuscode=finished'), 400, {
      code: INVALID,
      message: () => 'The job status code is not valid: finished',
    }),
    row(104, 'completed is true or false', () => get('V/jobs?completed=maybe'), 400, { code: INVALID }),
    row(105, 'a page has so many jobs, and a marker', () => get('listed/jobs?limit=1'), 200, {
      json: (stage) => ({
        JobList: [expect.objectContaining({ JobId: stage.ids['e1'] })],
        Marker: expect.any(String),
      }),
      afterwards: async (stage) => {
        expect(await listed(stage, '')).toEqual(['e1', 'b1', 'e2', 's1', 'b2', 'e3', 'e4']);
        expect(await listed(stage, '?statuscode=Succeeded')).toEqual(['e1', 'e3', 'e4']);
        expect(await listed(stage, '?completed=true')).toEqual(['e1', 'e2', 'e3', 'e4']);
        expect(await listed(stage, '?completed=false')).toEqual(['b1', 's1', 'b2']);
        expect(await listed(stage, '?statuscode=Failed&completed=true')).toEqual(['e2']);
        expect(await listed(stage, '?statuscode=InProgress&completed=true')).toEqual([]);
      },
    }),
    refused(105, 'a marker that was never given is refused', () => get('V/jobs?marker=xyz')),
    ...['0', '51', 'x'].map((limit) => refused(105, `limit ${limit} is refused`, () => get(`V/jobs?limit=${limit}`))),
  ],
};
