// Cases 23–43: archives.

import { connect } from 'node:net';
import { expect } from 'vitest';
import { askForJob, type RawAnswer, type RawRequest, sha256, signedHeaders, uploadWhole } from '../raw-client.js';
import { ABSENT, type Area, FORGED, INVALID, MISSING, row } from './row.js';
import { archive, HELLO, remove, Stage, WRONG } from './stage.js';

/** SHA-256 of `hello`, the tree hash of anything up to 1 MiB. */
const HELLO_HASH = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const described = (description: string): RawRequest => archive({ 'x-amz-archive-description': description });

const keep =
  (name: string) =>
  (stage: Stage, answer: RawAnswer): void => {
    stage.ids[name] = String(answer.headers['x-amz-archive-id']);
    expect(answer.headers.location).toBe(stage.at(`V/archives/${stage.ids[name]}`));
  };

const nothingStored = async (stage: Stage): Promise<void> => expect(await stage.count()).toBe(2);

/** The description that an inventory has for the archive. */
async function listedDescription(stage: Stage, name: string): Promise<unknown> {
  const job = await askForJob(stage.vault, 'V', { Type: 'inventory-retrieval' });
  stage.now += 5000;
  const { json } = await stage.output(job);
  const archives = json['ArchiveList'] as { ArchiveId: string; ArchiveDescription: string }[];
  return archives.find(({ ArchiveId }) => ArchiveId === stage.ids[name])?.ArchiveDescription;
}

export const archives: Area = {
  name: 'archives',
  stage: new Stage((stage) => stage.makeVaults('V', 'other'), { bodyIdleMs: 200 }),
  rows: [
    row(23, 'an archive is stored', () => described('d'), 201, {
      headers: () => ({
        'x-amz-archive-id': expect.stringMatching(/^[\w-]{138}$/),
        'x-amz-sha256-tree-hash': HELLO_HASH,
      }),
      afterwards: keep('described'),
    }),
    row(24, 'without a description its inventory has an empty one', () => archive(), 201, {
      afterwards: async (stage, answer) => {
        keep('plain')(stage, answer);
        expect([await listedDescription(stage, 'described'), await listedDescription(stage, 'plain')]).toEqual([
          'd',
          '',
        ]);
      },
    }),
    row(25, 'the tree hash is required', () => archive({ 'x-amz-sha256-tree-hash': null }), 400, { code: MISSING }),
    row(26, 'the content hash is required', () => archive({ 'x-amz-content-sha256': null }), 400, { code: MISSING }),
    row(27, 'a wrong tree hash is refused', () => archive({ 'x-amz-sha256-tree-hash': WRONG }), 400, {
      code: INVALID,
      message: () => `Checksum mismatch: expected ${WRONG}, computed ${HELLO_HASH}`,
      afterwards: nothingStored,
    }),
    ...['000', 'g'.repeat(64), `${HELLO_HASH}0`].map((hash) =>
      row(28, `a tree hash like ${hash.slice(0, 3)} is none`, () => archive({ 'x-amz-sha256-tree-hash': hash }), 400, {
        code: INVALID,
        message: () => `Invalid x-amz-sha256-tree-hash: ${hash}`,
      }),
    ),
    row(29, 'a wrong content hash is refused', () => archive({ 'x-amz-content-sha256': WRONG }), 403, {
      code: FORGED,
      message: () =>
        `The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: ${HELLO_HASH} expected hash: ${WRONG}`,
      afterwards: nothingStored,
    }),
    row(
      30,
      'an empty archive is refused',
      () => archive({ 'x-amz-content-sha256': sha256('') }, Buffer.alloc(0)),
      400,
      {
        code: INVALID,
        message: () => 'Invalid Content-Length: 0',
      },
    ),
    ...['4294967297', '38505164800'].map((size) =>
      row(
        31,
        `${size} bytes are refused before they are sent`,
        () => ({ ...archive({ 'content-length': size }), bodySent: HELLO }),
        400,
        {
          code: INVALID,
          message: () => `Invalid Content-Length: ${size}`,
          headers: () => ({ connection: 'close' }),
        },
      ),
    ),
    row(
      32,
      'a body of unknown length is refused',
      () => ({ ...archive({ 'transfer-encoding': 'chunked' }), chunked: true }),
      400,
      {
        code: MISSING,
      },
    ),
    row(33, 'a description may have 1,024 characters', () => described('x'.repeat(1024)), 201, {
      afterwards: async (stage, answer) => {
        await stage.done(remove(`V/archives/${String(answer.headers['x-amz-archive-id'])}`));
      },
    }),
    row(33, 'a description may not have 1,025', () => described('x'.repeat(1025)), 400, { code: INVALID }),
    row(34, 'a description has no 0xE9', () => described('caf\xe9'), 400, { code: INVALID }),
    ...['\x1f', '\x7f'].map((character) =>
      row(34, `a description has no ${JSON.stringify(character)}`, () => described(`a${character}b`), 400, {
        by: sendAsText,
        code: INVALID,
      }),
    ),
    row(35, 'leading blanks of a description are dropped', () => described('  x'), 201, {
      afterwards: async (stage, answer) => {
        keep('blank')(stage, answer);
        expect(await listedDescription(stage, 'blank')).toBe('x');
        await stage.done(remove(`V/archives/${stage.ids['blank']}`));
      },
    }),
    row(36, 'an upload needs its vault', () => archive({}, HELLO, 'X'), 404, {
      code: ABSENT,
      message: (stage) => `Vault not found for ARN: ${stage.arn('X')}`,
    }),
    row(37, 'a body that stands still is refused', () => ({ ...archive(), bodySent: Buffer.from('he') }), 408, {
      code: 'RequestTimeoutException',
      message: () => 'Request timed out.',
      afterwards: nothingStored,
    }),
    row(38, 'the same content twice is two archives', () => archive(), 201, {
      afterwards: async (stage, answer) => {
        keep('twin')(stage, answer);
        expect(stage.ids['twin']).not.toBe(stage.ids['plain']);
        expect(await stage.count()).toBe(3);
      },
    }),
    row(39, 'an archive is deleted', (stage) => remove(`V/archives/${stage.ids['twin']}`), 204, {
      afterwards: nothingStored,
    }),
    row(39, 'and deleted again', (stage) => remove(`V/archives/${stage.ids['twin']}`), 204, {
      afterwards: nothingStored,
    }),
    row(40, 'an unknown archive is deleted already', () => remove(`V/archives/${'x'.repeat(138)}`), 204),
    row(41, 'an archive is deleted in its own vault', (stage) => remove(`other/archives/${stage.ids['plain']}`), 400, {
      code: INVALID,
      message: (stage) => `Invalid vault name: ${stage.arn('other')}`,
      afterwards: nothingStored,
    }),
    row(42, 'an archive id has its shape', () => remove('V/archives/short'), 400, { code: INVALID }),
    row(
      43,
      'ids that begin with a dash work everywhere',
      (stage) => remove(`other/archives/${stage.ids['dash']}`),
      204,
      {
        before: async (stage) => {
          do stage.ids['dash'] = await uploadWhole(stage.vault, 'other', HELLO);
          while (!stage.ids['dash'].startsWith('-'));
          const wanted = { Type: 'archive-retrieval', ArchiveId: stage.ids['dash'] };
          const job = await askForJob(stage.vault, 'other', wanted);
          stage.now += 5000;
          expect((await stage.output(job, undefined, 'other')).body).toEqual(HELLO);
        },
      },
    ),
  ],
};

/** A request that Node's own client refuses to send. */
async function sendAsText({ vault }: Stage, request: RawRequest): Promise<RawAnswer> {
  const lines = Object.entries(signedHeaders(vault, request)).map(([name, value]) => `${name}: ${value}`);
  const head = [`${request.method} ${request.path} HTTP/1.1`, ...lines, 'content-length: 5', '', ''].join('\r\n');
  const { hostname, port } = new URL(vault.endpoint);
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${head}hello`, 'latin1'));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
  const [top = '', body = ''] = text.split('\r\n\r\n');
  const [status = '', ...fields] = top.split('\r\n');
  const pairs = fields.map((field) => [
    field.slice(0, field.indexOf(':')).toLowerCase(),
    field.replace(/^[^:]*: */, ''),
  ]);
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(pairs) as RawAnswer['headers'],
    body: Buffer.from(body),
    json: JSON.parse(body) as Record<string, unknown>,
  };
}
