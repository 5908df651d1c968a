// Cases 108–119: the output of archive retrievals.

import { expect } from 'vitest';
import { askForJob, outputOf, treeHash, uploadInParts, uploadWhole } from '../raw-client.js';
import { ABSENT, type Area, INVALID, type Row, row } from './row.js';
import { A4, B65, DAY_MS, MIB, remove, Stage } from './stage.js';

/** Sources: computed with other programs. */
const B65_HASH = 'eca94b30f35b68a3f73ed105297189cf8e38e406d07940e522f83438c0c933a7';
const A2_HASH = '560c2c9333c719cb00cfdffee3ba293db17f58743cdd1f7e4055373ae6300afa';
const A1_HASH = '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360';

const ask = (stage: Stage, archive: string, range?: string): Promise<string> =>
  askForJob(stage.vault, 'V', {
    Type: 'archive-retrieval',
    ArchiveId: stage.ids[archive],
    ...(range === undefined ? {} : { RetrievalByteRange: range }),
  });

const output = (job: string, range?: string) => (stage: Stage) => outputOf('V', stage.ids[job] ?? '', range);

interface Wanted {
  readonly body: Buffer;
  readonly range?: string;
  readonly hash?: string;
}

/** The bytes, the range and the tree hash; no range or hash where there must be none. */
const gives = ({ body, range, hash }: Wanted): Partial<Row> => ({
  headers: () => ({
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': String(body.length),
    'content-range': range,
    'x-amz-sha256-tree-hash': hash,
  }),
  afterwards: (_, answer) => expect(answer.body.equals(body)).toBe(true),
});

export const jobOutput: Area = {
  name: 'output of archives',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V');
    stage.ids['a4'] = await uploadWhole(stage.vault, 'V', A4, 'four');
    stage.ids['b65'] = await uploadInParts(stage.vault, 'V', B65, 2 * MIB);
    stage.ids['whole'] = await ask(stage, 'a4');
    stage.ids['plain'] = await ask(stage, 'b65');
    stage.ids['end'] = await ask(stage, 'b65', `${4 * MIB}-${6.5 * MIB - 1}`);
    stage.ids['middle'] = await ask(stage, 'b65', `${MIB}-${3 * MIB - 1}`);
    stage.now += 5000;
  }),
  rows: [
    row(108, 'an archive comes whole', output('whole'), 200, gives({ body: A4, hash: treeHash(A4) })),
    row(108, 'with its description', output('whole'), 200, {
      headers: () => ({ 'x-amz-archive-description': 'four' }),
    }),
    row(108, 'or without one', output('plain'), 200, {
      headers: () => ({ 'x-amz-archive-description': undefined, 'x-amz-sha256-tree-hash': B65_HASH }),
    }),
    row(
      109,
      'an aligned range has its tree hash',
      output('whole', 'bytes=0-1048575'),
      206,
      gives({ body: A4.subarray(0, MIB), range: 'bytes 0-1048575/4194304', hash: A1_HASH }),
    ),
    row(
      110,
      'a range of no whole MiB has none',
      output('whole', 'bytes=0-1023'),
      206,
      gives({ body: A4.subarray(0, 1024), range: 'bytes 0-1023/4194304' }),
    ),
    row(
      111,
      'a range that is no subtree has none',
      output('whole', 'bytes=1048576-3145727'),
      206,
      gives({ body: A4.subarray(0, 2 * MIB), range: 'bytes 1048576-3145727/4194304' }),
    ),
    row(
      112,
      'the second half is a subtree',
      output('whole', 'bytes=2097152-4194303'),
      206,
      gives({ body: A4.subarray(0, 2 * MIB), range: 'bytes 2097152-4194303/4194304', hash: A2_HASH }),
    ),
    row(
      113,
      'the end of an archive is a subtree',
      output('end'),
      200,
      gives({ body: B65.subarray(4 * MIB), hash: treeHash(B65.subarray(4 * MIB)) }),
    ),
    row(
      113,
      "offsets are those of the job's range",
      output('end', 'bytes=0-2097151'),
      206,
      gives({
        body: B65.subarray(4 * MIB, 6 * MIB),
        range: 'bytes 0-2097151/2621440',
        hash: treeHash(B65.subarray(4 * MIB, 6 * MIB)),
      }),
    ),
    row(
      114,
      'a job whose range is no subtree gives no hash',
      output('middle'),
      200,
      gives({ body: B65.subarray(0, 2 * MIB) }),
    ),
    row(
      114,
      'nor for a part of it that is one',
      output('middle', 'bytes=0-1048575'),
      206,
      gives({ body: B65.subarray(0, MIB), range: 'bytes 0-1048575/2097152' }),
    ),
    ...['bytes=8388608-12582911', 'bytes=4194304-4194305'].map((range) =>
      row(115, `${range} is past the end, and refused`, output('whole', range), 400, {
        code: INVALID,
        message: () => `The start of the range is larger than size of retrieved data: ${range}`,
      }),
    ),
    row(
      116,
      'a range over the end is clipped',
      output('whole', 'bytes=3145728-99999999'),
      206,
      gives({ body: A4.subarray(0, MIB), range: 'bytes 3145728-4194303/4194304', hash: A1_HASH }),
    ),
    ...['bytes 0-9', 'items=0-9'].map((range) =>
      row(
        117,
        `${range} is no range, and passed over`,
        output('whole', range),
        200,
        gives({ body: A4, hash: treeHash(A4) }),
      ),
    ),
    row(119, 'output outlives its archive', output('whole'), 200, {
      before: (stage) => Promise.all(['a4', 'b65'].map((name) => stage.done(remove(`V/archives/${stage.ids[name]}`)))),
      ...gives({ body: A4, hash: treeHash(A4) }),
    }),
    row(119, 'also one that came in parts', output('plain'), 200, gives({ body: B65, hash: B65_HASH })),
    row(118, 'it is there for 24 hours', output('plain'), 200, {
      before: async (stage) => {
        stage.now += DAY_MS - 1;
      },
      ...gives({ body: B65, hash: B65_HASH }),
    }),
    row(118, 'and no longer', output('plain'), 404, {
      before: async (stage) => {
        stage.now += 1;
      },
      code: ABSENT,
      message: (stage) => `The job ID was not found: ${stage.ids['plain']}`,
    }),
  ],
};
