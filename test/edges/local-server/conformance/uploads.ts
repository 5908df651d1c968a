// Cases 48–80: archives that come in parts.

import { expect } from 'vitest';
import { beginUpload, completionOf, partOf, type RawAnswer, type RawRequest, send, treeHash } from '../raw-client.js';
import { ABSENT, type Area, FORGED, INVALID, MISSING, type Row, row } from './row.js';
import { DAY_MS, get, HELLO, MIB, MILLISECONDS, post, remove, Stage, WRONG } from './stage.js';

const PIECES = [Buffer.alloc(MIB, '0'), Buffer.alloc(MIB, '1'), Buffer.alloc(10, '2')] as const;
const WHOLE = Buffer.concat(PIECES);
const RANGES = ['0-1048575', '1048576-2097151', '2097152-2097161'];
const PARTS = RANGES.map((range, i) => ({ RangeInBytes: range, SHA256TreeHash: treeHash(PIECES[i]!) }));

const begin = (size: string | null, more: Record<string, string> = {}): RawRequest =>
  post('V/multipart-uploads', undefined, { 'x-amz-part-size': size, ...more });
const path = (stage: Stage, upload: string): string => `V/multipart-uploads/${stage.ids[upload] ?? upload}`;
/** A part of the upload that rows are about, unless another is named. */
const part = (start: number, body: Buffer, more: Record<string, string | null> = {}, upload = 'open') => {
  return (stage: Stage): RawRequest => {
    const request = partOf('V', stage.ids[upload] ?? upload, start, body);
    return { ...request, headers: { ...request.headers, ...more } };
  };
};
const complete = (upload: string, size = WHOLE.length, hash = treeHash(WHOLE)) => {
  return (stage: Stage): RawRequest => completionOf('V', stage.ids[upload] ?? upload, size, hash);
};
const partsOf = async (stage: Stage, upload = 'open'): Promise<unknown> =>
  (await stage.json(path(stage, upload)))['Parts'];
const noPart = async (stage: Stage): Promise<void> => expect(await partsOf(stage)).toEqual([]);

export const parts: Area = {
  name: 'parts',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V', 'other');
    stage.ids['open'] = await beginUpload(stage.vault, 'V', MIB);
    stage.ids['named'] = await beginUpload(stage.vault, 'V', 2 * MIB, 'under way');
  }),
  rows: [
    row(48, 'an upload is begun', () => begin('1048576'), 201, {
      headers: () => ({ 'x-amz-multipart-upload-id': expect.stringMatching(/^[\w-]{92}$/) }),
      afterwards: async (stage, { headers }) => {
        const id = String(headers['x-amz-multipart-upload-id']);
        expect(headers.location).toBe(stage.at(`V/multipart-uploads/${id}`));
        await stage.done(remove(`V/multipart-uploads/${id}`));
      },
    }),
    ...['0', '3145728', '524288', '8589934592', 'abc', '-1048576', '1048576.0'].map((size) =>
      row(49, `part size ${size} is refused`, () => begin(size), 400, {
        code: INVALID,
        message: () =>
          `Invalid part size: ${size}. Part size must not be null, must be a power of two and be between 1048576 and 4294967296 bytes.`,
      }),
    ),
    row(49, 'part size 4 GiB is taken', () => begin('4294967296'), 201, {
      afterwards: async (stage, { headers }) => {
        await stage.done(remove(`V/multipart-uploads/${String(headers['x-amz-multipart-upload-id'])}`));
      },
    }),
    row(50, 'a part size is required', () => begin(null), 400, { code: MISSING }),
    row(64, 'uploads are listed', () => get('V/multipart-uploads'), 200, {
      json: (stage) => ({
        Marker: null,
        UploadsList: [
          ['open', null, MIB],
          ['named', 'under way', 2 * MIB],
        ].map(([name, description, size]) => ({
          ArchiveDescription: description,
          CreationDate: expect.stringMatching(MILLISECONDS),
          MultipartUploadId: stage.ids[String(name)],
          PartSizeInBytes: size,
          VaultARN: stage.arn('V'),
        })),
      }),
    }),
    row(64, 'a page of them has a marker', () => get('V/multipart-uploads?limit=1'), 200, {
      json: () => ({ Marker: expect.any(String), UploadsList: [expect.anything()] }),
      afterwards: async (stage) => {
        const pages = await stage.pages<{ MultipartUploadId: string }>('V/multipart-uploads', 'UploadsList', 1);
        expect(pages.map(([one]) => one?.MultipartUploadId)).toEqual([stage.ids['open'], stage.ids['named']]);
      },
    }),
    ...['0', '51', 'x'].map((limit) =>
      row(64, `limit ${limit} of uploads is refused`, () => get(`V/multipart-uploads?limit=${limit}`), 400, {
        code: INVALID,
      }),
    ),
    row(54, 'a range has the length of its body', part(0, HELLO, { 'content-range': 'bytes 0-5/*' }), 400, {
      code: INVALID,
      message: () => 'Content-Range: bytes 0-5/* is incompatible with Content-Length: 5',
      afterwards: noPart,
    }),
    row(55, 'a part starts at a multiple of the part size', part(5, HELLO), 400, {
      code: INVALID,
      message: () => 'Invalid Content-Range: bytes 5-9/*',
    }),
    row(56, 'a part is no longer than the part size', part(0, Buffer.alloc(MIB + 1)), 400, {
      code: INVALID,
      message: () => `Invalid Content-Range: bytes 0-${MIB}/*`,
    }),
    row(57, 'a range is required', part(0, HELLO, { 'content-range': null }), 400, { code: MISSING }),
    ...['bytes 5-4/*', '0-10', 'items 0-1/*'].map((range) =>
      row(58, `range ${range} is refused`, part(0, HELLO, { 'content-range': range }), 400, {
        code: INVALID,
        message: () => `Invalid Content-Range: ${range}`,
      }),
    ),
    row(61, 'an unknown upload is refused', part(0, HELLO, {}, 'unknown'), 404, {
      code: ABSENT,
      message: () => 'The upload ID was not found: unknown',
    }),
    row(62, 'an upload belongs to its vault', (stage) => partOf('other', stage.ids['open'] ?? '', 0, HELLO), 404, {
      code: ABSENT,
      afterwards: noPart,
    }),
    row(63, 'part 10,001 is refused', part(10_000 * MIB, HELLO), 400, {
      code: INVALID,
      message: () => 'This is part number 10001 for the current multipart upload. It exceeds the limit of 10000 parts.',
    }),
    row(63, 'part 10,000 is taken', part(9_999 * MIB, HELLO), 204, {
      afterwards: async (stage) => {
        expect(await partsOf(stage)).toEqual([
          { RangeInBytes: `${9_999 * MIB}-${9_999 * MIB + 4}`, SHA256TreeHash: treeHash(HELLO) },
        ]);
        stage.ids['open'] = await beginUpload(stage.vault, 'V', MIB);
      },
    }),
    row(51, 'a part is stored', part(0, PIECES[1]), 204, {
      headers: () => ({ 'x-amz-sha256-tree-hash': treeHash(PIECES[1]) }),
    }),
    ...['x-amz-content-sha256', 'x-amz-sha256-tree-hash'].map((name) =>
      row(51, `a part needs ${name}`, part(0, HELLO, { [name]: null }), 400, { code: MISSING }),
    ),
    row(52, 'other data for the same range replaces it', part(0, PIECES[0]), 204, {
      afterwards: async (stage) => expect(await partsOf(stage)).toEqual([PARTS[0]]),
    }),
    row(60, "a part's tree hash is checked", part(0, HELLO, { 'x-amz-sha256-tree-hash': WRONG }), 400, {
      code: INVALID,
      message: () => `Checksum mismatch: expected ${WRONG}, computed ${treeHash(HELLO)}`,
      afterwards: async (stage) => expect(await partsOf(stage)).toEqual([PARTS[0]]),
    }),
    row(60, "a part's content hash is checked", part(0, HELLO, { 'x-amz-content-sha256': WRONG }), 403, {
      code: FORGED,
      afterwards: async (stage) => expect(await partsOf(stage)).toEqual([PARTS[0]]),
    }),
    row(53, 'parts come out of order and at once', part(2 * MIB, PIECES[2]), 204, {
      before: (stage) => Promise.all([2, 1].map((i) => stage.done(part(i * MIB, PIECES[i]!)(stage)))),
      afterwards: async (stage) => expect(await partsOf(stage)).toEqual(PARTS),
    }),
    row(65, 'parts are listed by their ranges', (stage) => get(path(stage, 'open')), 200, {
      json: (stage) => ({
        ArchiveDescription: null,
        CreationDate: expect.stringMatching(MILLISECONDS),
        Marker: null,
        MultipartUploadId: stage.ids['open'],
        PartSizeInBytes: MIB,
        Parts: PARTS,
        VaultARN: stage.arn('V'),
      }),
    }),
    row(65, 'with the description that there is', (stage) => get(path(stage, 'named')), 200, {
      afterwards: (_, { json }) => expect(json).toMatchObject({ ArchiveDescription: 'under way', Parts: [] }),
    }),
    row(66, 'a page of parts has a marker, the last has none', (stage) => get(`${path(stage, 'open')}?limit=1`), 200, {
      afterwards: async (stage, { json }) => {
        expect(json).toMatchObject({ Marker: expect.any(String), Parts: [PARTS[0]] });
        expect(await stage.pages(path(stage, 'open'), 'Parts', 1)).toEqual(PARTS.map((one) => [one]));
      },
    }),
    row(
      66,
      'a page has 50 unless fewer are asked for, also while parts are sent again',
      (stage) => get(path(stage, 'open')),
      200,
      {
        before: async (stage) => {
          stage.ids['open'] = await beginUpload(stage.vault, 'V', MIB);
          const places = Array.from({ length: 110 }, (_, i) => (i * 37) % 110);
          await Promise.all(places.map((i) => stage.done(part(i * MIB, Buffer.from(`${i}`))(stage))));
        },
        afterwards: async (stage, { json }) => {
          const seen = json['Parts'] as unknown[];
          expect(seen).toHaveLength(50);
          for (let page = json; page['Marker'] !== null; seen.push(...(page['Parts'] as unknown[]))) {
            await Promise.all([3, 60, 109].map((i) => stage.done(part(i * MIB, Buffer.from(`${i}`))(stage))));
            page = await stage.json(`${path(stage, 'open')}?marker=${page['Marker'] as string}`);
          }
          expect(seen).toEqual(
            Array.from({ length: 110 }, (_, i) => ({
              RangeInBytes: `${i * MIB}-${i * MIB + `${i}`.length - 1}`,
              SHA256TreeHash: treeHash(Buffer.from(`${i}`)),
            })),
          );
        },
      },
    ),
    row(66, 'a marker that was never given is refused', (stage) => get(`${path(stage, 'open')}?marker=xyz`), 400, {
      code: INVALID,
    }),
    ...['0', '51', 'x'].map((limit) =>
      row(67, `limit ${limit} of parts is refused`, (stage) => get(`${path(stage, 'open')}?limit=${limit}`), 400, {
        code: INVALID,
      }),
    ),
  ],
};

/** Refused, and the upload is as open as before. */
const incomplete = (number: number, that: string, request: Row['request'], more: Partial<Row> = {}): Row =>
  row(number, that, request, 400, {
    code: INVALID,
    afterwards: async (stage) => expect(await partsOf(stage)).toEqual(PARTS),
    ...more,
  });
const emptyUpload = async (stage: Stage): Promise<void> => {
  stage.ids['empty'] = await beginUpload(stage.vault, 'V', MIB);
};
const expectArchive = (stage: Stage, { headers }: RawAnswer): void => {
  expect(headers['x-amz-archive-id']).toBe(stage.ids['archive']);
  expect(headers.location).toBe(stage.at(`V/archives/${stage.ids['archive']}`));
};
const COMPLETED = { 'x-amz-sha256-tree-hash': treeHash(WHOLE) };

export const completions: Area = {
  name: 'ends of uploads',
  stage: new Stage(async (stage) => {
    await stage.makeVaults('V');
    stage.ids['open'] = await beginUpload(stage.vault, 'V', MIB, 'whole');
    for (const [i, piece] of PIECES.entries()) await stage.done(part(i * MIB, piece)(stage));
  }),
  rows: [
    incomplete(71, 'a wrong size is refused', complete('open', WHOLE.length + 1)),
    incomplete(71, 'a size that is none is refused', complete('open', Number.NaN)),
    incomplete(72, 'a wrong tree hash is refused', complete('open', WHOLE.length, WRONG), {
      message: () => `Invalid x-amz-sha256-tree-hash: ${WRONG}`,
    }),
    row(59, 'a short part before the last is taken', part(MIB, HELLO), 204),
    row(73, 'and refused in the end', complete('open', MIB + 15, WRONG), 400, { code: INVALID, message: () => /gap/ }),
    incomplete(73, 'a gap is refused', complete('gap', MIB + 10, treeHash(Buffer.concat([PIECES[0], PIECES[2]]))), {
      message: () => /gap/,
      before: async (stage) => {
        await stage.done(part(MIB, PIECES[1])(stage));
        stage.ids['gap'] = await beginUpload(stage.vault, 'V', MIB);
        for (const i of [0, 2]) await stage.done(part(i * MIB, PIECES[i]!, {}, 'gap')(stage));
      },
    }),
    incomplete(74, 'no parts are no archive', complete('empty', 5, treeHash(HELLO)), { before: emptyUpload }),
    ...['x-amz-archive-size', 'x-amz-sha256-tree-hash'].map((name) =>
      incomplete(
        75,
        `${name} is required`,
        (stage) => {
          const request = complete('open')(stage);
          return { ...request, headers: { ...request.headers, [name]: null } };
        },
        { code: MISSING },
      ),
    ),
    row(68, 'all parts are an archive', complete('open'), 201, {
      headers: () => ({ ...COMPLETED, 'x-amz-archive-id': expect.stringMatching(/^[\w-]{138}$/) }),
      afterwards: async (stage, answer) => {
        stage.ids['archive'] = String(answer.headers['x-amz-archive-id']);
        expectArchive(stage, answer);
        expect(await stage.count()).toBe(1);
        const open = (await stage.json('V/multipart-uploads'))['UploadsList'] as { MultipartUploadId: string }[];
        expect(open.map((one) => one.MultipartUploadId)).toEqual([stage.ids['gap'], stage.ids['empty']]);
      },
    }),
    row(69, 'to complete again gives the same archive', complete('open'), 201, {
      headers: () => COMPLETED,
      afterwards: expectArchive,
    }),
    row(69, 'but not with another size', complete('open', 5), 400, { code: INVALID }),
    row(69, 'nor with another tree hash', complete('open', WHOLE.length, WRONG), 400, {
      code: INVALID,
      message: () => `Invalid x-amz-sha256-tree-hash: ${WRONG}`,
    }),
    row(70, 'what is complete has no parts', (stage) => get(path(stage, 'open')), 404, {
      code: ABSENT,
      message: (stage) => `The upload ID was not found: ${stage.ids['open']}`,
    }),
    row(78, 'what is complete is not aborted', (stage) => remove(path(stage, 'open')), 404, {
      code: ABSENT,
      afterwards: async (stage) => expect(await stage.count()).toBe(1),
    }),
    row(69, 'a completion is remembered for 24 hours', complete('open'), 201, {
      before: async (stage) => {
        stage.now += DAY_MS - 1;
      },
      afterwards: async (stage) => {
        stage.now += 1;
        expect((await send(stage.vault, complete('open')(stage))).status).toBe(404);
      },
    }),
    row(76, 'a completion needs no x-amz-content-sha256', complete('small', 5, treeHash(HELLO)), 201, {
      before: async (stage) => {
        stage.ids['small'] = await beginUpload(stage.vault, 'V', MIB);
        await stage.done(part(0, HELLO, {}, 'small')(stage));
        expect(Object.keys(complete('small')(stage).headers ?? {})).not.toContain('x-amz-content-sha256');
      },
    }),
    row(77, 'an upload is aborted', (stage) => remove(path(stage, 'empty')), 204, {
      before: emptyUpload,
      afterwards: async (stage) => expect((await send(stage.vault, get(path(stage, 'empty')))).status).toBe(404),
    }),
    row(77, 'and aborted again', (stage) => remove(path(stage, 'empty')), 204),
    row(79, 'what is aborted takes no part', part(0, HELLO, {}, 'empty'), 404, { code: ABSENT }),
    row(80, 'an upload that stood still for 24 hours is gone', part(0, HELLO, {}, 'empty'), 404, {
      before: async (stage) => {
        await emptyUpload(stage);
        stage.now += DAY_MS;
      },
      code: ABSENT,
      message: (stage) => `The upload ID was not found: ${stage.ids['empty']}`,
    }),
  ],
};
