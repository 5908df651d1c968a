// The conformance cases of the Glacier reference that concern vaults, archives, uploads and jobs: one row each.

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { ABSENT, checkRow, INVALID, MISSING, type Row } from './conformance-row.js';
import {
  askForJob,
  beginUpload,
  bothHashes,
  completionOf,
  outputOf,
  partOf,
  type RawRequest,
  send,
  sha256,
  signedHeaders,
  treeHash,
  uploadInParts,
  uploadWhole,
} from './raw-client.js';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello');
const A4 = Buffer.alloc(4 * MIB, 'a');
const B65 = Buffer.alloc(6.5 * MIB, 'b');
const WRONG = '0'.repeat(63) + '1';

let directory: string;
let vault: LocalVault;
let clock = Date.now();

/** What the rows refer to. */
const world = { hello: '', a4: '', b65: '', upload: '', aborted: '', completed: '', waiting: '', done: '', ranged: '' };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
  vault = await startLocalVault({ directory, now: () => clock, bodyIdleMs: 200 });
  for (const name of ['V', 'other', 'empty', 'fresh']) await send(vault, { method: 'PUT', path: `/-/vaults/${name}` });
  world.hello = await uploadWhole(vault, 'V', HELLO, 'greeting');
  world.a4 = await uploadWhole(vault, 'V', A4, 'four');
  world.b65 = await uploadInParts(vault, 'V', B65, 2 * MIB);
  world.upload = await beginUpload(vault, 'V', MIB, 'under way');
  world.aborted = await beginUpload(vault, 'V', MIB);
  await send(vault, { method: 'DELETE', path: `/-/vaults/V/multipart-uploads/${world.aborted}` });
  world.completed = await beginUpload(vault, 'V', MIB);
  await send(vault, partOf('V', world.completed, 0, HELLO));
  await send(vault, completionOf('V', world.completed, 5, treeHash(HELLO)));
  world.done = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: world.a4 });
  world.ranged = await askForJob(vault, 'V', {
    Type: 'archive-retrieval',
    ArchiveId: world.b65,
    RetrievalByteRange: `${4 * MIB}-${6.5 * MIB - 1}`,
  });
  clock += 60_000;
  world.waiting = await askForJob(vault, 'V', { Type: 'archive-retrieval', ArchiveId: world.a4, Tier: 'Bulk' });
});

afterAll(async () => {
  await vault.close();
  await rm(directory, { recursive: true });
});

const FORGED = 'InvalidSignatureException';

const get = (path: string): RawRequest => ({ method: 'GET', path: `/-/vaults${path}` });
const put = (path: string): RawRequest => ({ method: 'PUT', path: `/-/vaults${path}` });
const post = (path: string, headers: Record<string, string | null> = {}): RawRequest => ({
  method: 'POST',
  path: `/-/vaults${path}`,
  headers,
});
const remove = (path: string): RawRequest => ({ method: 'DELETE', path: `/-/vaults${path}` });
const upload = (more: Record<string, string | null> = {}, body = HELLO, name = 'V'): RawRequest => ({
  ...post(`/${name}/archives`, { ...bothHashes(body), ...more }),
  body,
});
const part = (range: string | null, body = HELLO, more: Record<string, string | null> = {}): RawRequest => ({
  ...put(`/V/multipart-uploads/${world.upload}`),
  headers: { ...bothHashes(body), 'content-range': range, ...more },
  body,
});
const job = (body: object | string): RawRequest => ({
  ...post('/V/jobs'),
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const retrieval = (more: object = {}): RawRequest => job({ Type: 'archive-retrieval', ArchiveId: world.a4, ...more });
const arn = (name: string): string => `arn:aws:glacier:us-east-1:${vault.accountId}:vaults/${name}`;
const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

const VAULTS: Row[] = [
  {
    row: '1',
    that: 'a vault is made',
    request: () => put('/V'),
    status: 201,
    headers: () => ({ location: `/${vault.accountId}/vaults/V`, 'content-length': '0' }),
  },
  {
    row: '3',
    that: 'the account may be named',
    request: () => ({ method: 'PUT', path: `/${vault.accountId}/vaults/V` }),
    status: 201,
  },
  {
    row: '4',
    that: 'a foreign account is denied',
    request: () => ({ method: 'PUT', path: '/999999999999/vaults/V' }),
    status: 403,
    code: 'AccessDeniedException',
  },
  { row: '5', that: 'an illegal name cannot be made', request: () => put('/a%2Ab'), status: 400, code: INVALID },
  {
    row: '6',
    that: 'a name of 256 characters cannot be made',
    request: () => put(`/${'x'.repeat(256)}`),
    status: 400,
    code: INVALID,
  },
  { row: '6', that: 'a name of 255 characters can', request: () => put(`/${'x'.repeat(255)}`), status: 201 },
  { row: '7', that: 'every legal character is taken', request: () => put('/a.b-c_D9'), status: 201 },
  {
    row: '9',
    that: 'a fresh vault has no inventory',
    request: () => get('/fresh'),
    status: 200,
    json: () => ({
      NumberOfArchives: 0,
      SizeInBytes: 0,
      LastInventoryDate: null,
      VaultARN: arn('fresh'),
      VaultName: 'fresh',
    }),
  },
  {
    row: '10',
    that: 'a missing vault is named by its ARN',
    request: () => get('/X'),
    status: 404,
    code: ABSENT,
    message: () => `Vault not found for ARN: ${arn('X')}`,
  },
  {
    row: '11',
    that: 'an illegal name is named as it came',
    request: () => get('/te%3Ast'),
    status: 404,
    code: ABSENT,
    message: () => 'Vault not found for ARN: te:st',
  },
  { row: '14', that: 'limit 0 is refused', request: () => get('?limit=0'), status: 400, code: INVALID },
  { row: '14', that: 'limit 11 is refused', request: () => get('?limit=11'), status: 400, code: INVALID },
  { row: '14', that: 'limit x is refused', request: () => get('?limit=x'), status: 400, code: INVALID },
  {
    row: '15',
    that: 'an empty marker is the start',
    request: () => get('?marker='),
    status: 200,
    json: () => ({ Marker: null }),
  },
  { row: '44', that: 'an empty vault is deleted', request: () => remove('/empty'), status: 204 },
  {
    row: '45',
    that: 'a vault with archives is not',
    request: () => remove('/V'),
    status: 400,
    code: INVALID,
    message: () => `Vault not empty or recently written to: ${arn('V')}`,
  },
  { row: '47', that: 'a missing vault is deleted already', request: () => remove('/never'), status: 204 },
];

const DATED = new Date();

const PROTOCOL: Row[] = [
  {
    row: '16',
    that: 'the API version is required',
    request: () => ({ ...get('/V'), headers: { 'x-amz-glacier-version': null } }),
    status: 400,
    code: MISSING,
    message: () => 'Required parameter missing: API version',
  },
  {
    row: '17',
    that: 'another API version is refused',
    request: () => ({ ...get('/V'), headers: { 'x-amz-glacier-version': '2011-01-01' } }),
    status: 400,
    code: INVALID,
  },
  {
    row: '18',
    that: 'a request needs a signature',
    request: () => ({ ...get('/V'), unsigned: true }),
    status: 400,
    code: 'MissingAuthenticationTokenException',
  },
  {
    row: '19',
    that: 'a wrong secret is refused',
    request: () => ({ ...get('/V'), secretAccessKey: 'x'.repeat(40) }),
    status: 403,
    code: FORGED,
  },
  {
    row: '20',
    that: 'an unknown key is refused',
    request: () => ({ ...get('/V'), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    status: 400,
    code: 'UnrecognizedClientException',
  },
  {
    row: '21',
    that: 'a request of 10 minutes ago is refused',
    request: () => ({ ...get('/V'), date: minutesAgo(10) }),
    status: 403,
    code: FORGED,
    message: () => /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
  },
  {
    row: '21',
    that: 'a request of 4 minutes ago is taken',
    request: () => ({ ...get('/V'), date: minutesAgo(4) }),
    status: 200,
  },
  {
    row: '21',
    that: 'Date serves where there is no x-amz-date',
    request: () => ({ ...get('/V'), date: DATED, headers: { 'x-amz-date': null, date: DATED.toUTCString() } }),
    status: 200,
  },
  {
    row: '146',
    that: 'an unknown path is refused in JSON',
    request: () => get('/V/secrets'),
    status: 404,
    code: 'UnknownOperationException',
  },
  {
    row: '146',
    that: 'an unknown method is refused in JSON',
    request: () => ({ ...get('/V'), method: 'PATCH' }),
    status: 405,
    code: 'UnknownOperationException',
  },
];

const ARCHIVES: Row[] = [
  {
    row: '23',
    that: 'an archive is stored',
    request: () => upload({ 'x-amz-archive-description': 'd' }),
    status: 201,
    headers: () => ({
      'x-amz-archive-id': expect.stringMatching(/^[\w-]{138}$/),
      'x-amz-sha256-tree-hash': treeHash(HELLO),
      location: expect.stringMatching(`^/${vault.accountId}/vaults/V/archives/`),
    }),
  },
  {
    row: '25',
    that: 'the tree hash is required',
    request: () => upload({ 'x-amz-sha256-tree-hash': null }),
    status: 400,
    code: MISSING,
  },
  {
    row: '26',
    that: 'the content hash is required',
    request: () => upload({ 'x-amz-content-sha256': null }),
    status: 400,
    code: MISSING,
  },
  {
    row: '27',
    that: 'a wrong tree hash is refused',
    request: () => upload({ 'x-amz-sha256-tree-hash': WRONG }),
    status: 400,
    code: INVALID,
    message: () => `Checksum mismatch: expected ${WRONG}, computed ${treeHash(HELLO)}`,
  },
  {
    row: '28',
    that: 'a tree hash that is none is refused',
    request: () => upload({ 'x-amz-sha256-tree-hash': '000' }),
    status: 400,
    code: INVALID,
    message: () => 'Invalid x-amz-sha256-tree-hash: 000',
  },
  {
    row: '29',
    that: 'a wrong content hash is refused',
    request: () => upload({ 'x-amz-content-sha256': WRONG }),
    status: 403,
    code: FORGED,
    message: () =>
      `The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: ${sha256(HELLO)} expected hash: ${WRONG}`,
  },
  {
    row: '30',
    that: 'an empty archive is refused',
    request: () => upload({}, Buffer.alloc(0)),
    status: 400,
    code: INVALID,
    message: () => 'Invalid Content-Length: 0',
  },
  {
    row: '31',
    that: 'more than 4 GiB are refused before they are sent',
    request: () => ({ ...upload({ 'content-length': '4294967297' }), bodySent: HELLO }),
    status: 400,
    code: INVALID,
    message: () => 'Invalid Content-Length: 4294967297',
    headers: () => ({ connection: 'close' }),
  },
  {
    row: '32',
    that: 'a body of unknown length is refused',
    request: () => ({ ...upload({ 'transfer-encoding': 'chunked' }), chunked: true }),
    status: 400,
    code: MISSING,
  },
  {
    row: '33',
    that: 'a description may have 1,024 characters',
    request: () => upload({ 'x-amz-archive-description': 'x'.repeat(1024) }),
    status: 201,
  },
  {
    row: '33',
    that: 'a description may not have 1,025',
    request: () => upload({ 'x-amz-archive-description': 'x'.repeat(1025) }),
    status: 400,
    code: INVALID,
  },
  {
    row: '34',
    that: 'a description is ASCII',
    request: () => upload({ 'x-amz-archive-description': 'caf\xe9' }),
    status: 400,
    code: INVALID,
  },
  { row: '36', that: 'an upload needs its vault', request: () => upload({}, HELLO, 'X'), status: 404, code: ABSENT },
  {
    row: '37',
    that: 'a body that stands still is refused',
    request: () => ({ ...upload(), bodySent: Buffer.from('he') }),
    status: 408,
    code: 'RequestTimeoutException',
    message: () => 'Request timed out.',
  },
  {
    row: '40',
    that: 'an unknown archive is deleted already',
    request: () => remove(`/V/archives/${'x'.repeat(138)}`),
    status: 204,
  },
  {
    row: '41',
    that: 'an archive is deleted in its own vault',
    request: () => remove(`/other/archives/${world.hello}`),
    status: 400,
    code: INVALID,
    message: () => `Invalid vault name: ${arn('other')}`,
  },
  {
    row: '42',
    that: 'an archive id has its shape',
    request: () => remove('/V/archives/short'),
    status: 400,
    code: INVALID,
  },
];

const UPLOADS: Row[] = [
  {
    row: '48',
    that: 'an upload is begun',
    request: () => post('/V/multipart-uploads', { 'x-amz-part-size': '1048576' }),
    status: 201,
    headers: () => ({
      'x-amz-multipart-upload-id': expect.stringMatching(/^[\w-]{92}$/),
      location: expect.stringMatching(`^/${vault.accountId}/vaults/V/multipart-uploads/`),
    }),
  },
  ...['0', '3145728', '524288', '8589934592', 'abc'].map((size) => ({
    row: '49',
    that: `part size ${size} is refused`,
    request: () => post('/V/multipart-uploads', { 'x-amz-part-size': size }),
    status: 400,
    code: INVALID,
    message: () =>
      `Invalid part size: ${size}. Part size must not be null, must be a power of two and be between 1048576 and 4294967296 bytes.`,
  })),
  {
    row: '49',
    that: 'part size 4 GiB is taken',
    request: () => post('/V/multipart-uploads', { 'x-amz-part-size': '4294967296' }),
    status: 201,
  },
  {
    row: '50',
    that: 'a part size is required',
    request: () => post('/V/multipart-uploads'),
    status: 400,
    code: MISSING,
  },
  {
    row: '51',
    that: 'a part is stored',
    request: () => part('bytes 0-4/*'),
    status: 204,
    headers: () => ({ 'x-amz-sha256-tree-hash': treeHash(HELLO) }),
  },
  {
    row: '54',
    that: 'a range has the length of its body',
    request: () => part('bytes 0-5/*'),
    status: 400,
    code: INVALID,
    message: () => 'Content-Range: bytes 0-5/* is incompatible with Content-Length: 5',
  },
  {
    row: '55',
    that: 'a part starts at a multiple of the part size',
    request: () => part('bytes 5-9/*'),
    status: 400,
    code: INVALID,
    message: () => 'Invalid Content-Range: bytes 5-9/*',
  },
  {
    row: '56',
    that: 'a part is no longer than the part size',
    request: () => part(`bytes 0-${MIB}/*`, Buffer.alloc(MIB + 1)),
    status: 400,
    code: INVALID,
    message: () => `Invalid Content-Range: bytes 0-${MIB}/*`,
  },
  { row: '57', that: 'a range is required', request: () => part(null), status: 400, code: MISSING },
  ...['bytes 5-4/*', '0-10', 'items 0-1/*'].map((range) => ({
    row: '58',
    that: `range ${range} is refused`,
    request: () => part(range),
    status: 400,
    code: INVALID,
    message: () => `Invalid Content-Range: ${range}`,
  })),
  {
    row: '60',
    that: "a part's tree hash is checked",
    request: () => part('bytes 0-4/*', HELLO, { 'x-amz-sha256-tree-hash': WRONG }),
    status: 400,
    code: INVALID,
    message: () => /^Checksum mismatch/,
  },
  {
    row: '61',
    that: 'an unknown upload is refused',
    request: () => partOf('V', 'unknown', 0, HELLO),
    status: 404,
    code: ABSENT,
    message: () => 'The upload ID was not found: unknown',
  },
  {
    row: '62',
    that: 'an upload belongs to its vault',
    request: () => partOf('other', world.upload, 0, HELLO),
    status: 404,
    code: ABSENT,
  },
  {
    row: '63',
    that: 'part 10,001 is refused',
    request: () => partOf('V', world.upload, 10_000 * MIB, HELLO),
    status: 400,
    code: INVALID,
    message: () => 'This is part number 10001 for the current multipart upload. It exceeds the limit of 10000 parts.',
  },
  {
    row: '64',
    that: 'uploads are listed',
    request: () => get('/V/multipart-uploads?limit=50'),
    status: 200,
    json: () => ({
      UploadsList: expect.arrayContaining([
        expect.objectContaining({
          MultipartUploadId: world.upload,
          ArchiveDescription: 'under way',
          PartSizeInBytes: MIB,
          VaultARN: arn('V'),
        }),
      ]),
    }),
  },
  {
    row: '67',
    that: 'limit 0 is refused',
    request: () => get(`/V/multipart-uploads/${world.upload}?limit=0`),
    status: 400,
    code: INVALID,
  },
  {
    row: '67',
    that: 'limit 51 is refused',
    request: () => get(`/V/multipart-uploads/${world.upload}?limit=51`),
    status: 400,
    code: INVALID,
  },
  {
    row: '70',
    that: 'a completed upload has no parts',
    request: () => get(`/V/multipart-uploads/${world.completed}`),
    status: 404,
    code: ABSENT,
  },
  {
    row: '75',
    that: 'a completion needs the size',
    request: () => post(`/V/multipart-uploads/${world.upload}`, { 'x-amz-sha256-tree-hash': WRONG }),
    status: 400,
    code: MISSING,
  },
  {
    row: '75',
    that: 'a completion needs the tree hash',
    request: () => post(`/V/multipart-uploads/${world.upload}`, { 'x-amz-archive-size': '5' }),
    status: 400,
    code: MISSING,
  },
  {
    row: '77',
    that: 'an aborted upload is aborted again',
    request: () => remove(`/V/multipart-uploads/${world.aborted}`),
    status: 204,
  },
  {
    row: '78',
    that: 'a completed upload is not aborted',
    request: () => remove(`/V/multipart-uploads/${world.completed}`),
    status: 404,
    code: ABSENT,
  },
  {
    row: '79',
    that: 'an aborted upload takes no part',
    request: () => partOf('V', world.aborted, 0, HELLO),
    status: 404,
    code: ABSENT,
  },
];

const JOBS: Row[] = [
  {
    row: '81',
    that: 'a retrieval is asked for',
    request: () => retrieval(),
    status: 202,
    headers: () => ({
      'x-amz-job-id': expect.stringMatching(/^[\w-]{92}$/),
      location: expect.stringMatching(`^/${vault.accountId}/vaults/V/jobs/`),
      'x-mtglacier-retrieval-delays': 'Expedited=1000;Standard=5000;Bulk=10000;Inventory=5000',
    }),
  },
  {
    row: '82',
    that: 'nulls and unknown fields are passed over',
    request: () => retrieval({ Tier: null, Description: null, SNSTopic: null, Format: null, Colour: 'red' }),
    status: 202,
  },
  { row: '83', that: 'a type is required', request: () => job({ ArchiveId: world.a4 }), status: 400, code: MISSING },
  { row: '84', that: 'an unknown type is refused', request: () => job({ Type: 'foo' }), status: 400, code: INVALID },
  {
    row: '85',
    that: 'a retrieval needs its archive',
    request: () => job({ Type: 'archive-retrieval' }),
    status: 400,
    code: MISSING,
  },
  {
    row: '86',
    that: 'an unknown archive is refused',
    request: () => retrieval({ ArchiveId: 'gone' }),
    status: 404,
    code: ABSENT,
    message: () => 'The archive ID was not found: gone',
  },
  {
    row: '87',
    that: 'a body that is not JSON is refused',
    request: () => job('{"Type":'),
    status: 400,
    code: 'SerializationException',
  },
  {
    row: '87',
    that: 'a body that is no object is refused',
    request: () => job('[1]'),
    status: 400,
    code: 'SerializationException',
  },
  {
    row: '88',
    that: 'an inventory takes no archive',
    request: () => job({ Type: 'inventory-retrieval', ArchiveId: world.a4 }),
    status: 400,
    code: INVALID,
  },
  {
    row: '88',
    that: 'an inventory takes no range',
    request: () => job({ Type: 'inventory-retrieval', RetrievalByteRange: '0-1048575' }),
    status: 400,
    code: INVALID,
  },
  ...['1-1048575', '0-1000', `0-${4 * MIB}`, `${MIB}-0`, '0', '-1'].map((range) => ({
    row: '89, 91',
    that: `range ${range} is refused`,
    request: () => retrieval({ RetrievalByteRange: range }),
    status: 400,
    code: INVALID,
  })),
  {
    row: '90',
    that: 'a range of whole MiB is taken',
    request: () => retrieval({ RetrievalByteRange: '0-1048575' }),
    status: 202,
  },
  {
    row: '90',
    that: 'a range to the end is taken',
    request: () => retrieval({ ArchiveId: world.b65, RetrievalByteRange: `${MIB}-${6.5 * MIB - 1}` }),
    status: 202,
  },
  {
    row: '92',
    that: 'an unknown tier is refused',
    request: () => retrieval({ Tier: 'Fast' }),
    status: 400,
    code: INVALID,
  },
  {
    row: '95',
    that: 'a long description is refused',
    request: () => retrieval({ Description: 'x'.repeat(1025) }),
    status: 400,
    code: INVALID,
  },
  {
    row: '96',
    that: 'an unknown format is refused',
    request: () => job({ Type: 'inventory-retrieval', Format: 'XML' }),
    status: 400,
    code: INVALID,
  },
  {
    row: '98',
    that: 'a select is refused',
    request: () => job({ Type: 'select', ArchiveId: world.a4 }),
    status: 400,
    code: INVALID,
  },
  {
    row: '99',
    that: 'a job under way says so',
    request: () => get(`/V/jobs/${world.waiting}`),
    status: 200,
    json: () => ({
      StatusCode: 'InProgress',
      StatusMessage: 'Operation in progress.',
      Completed: false,
      CompletionDate: null,
      Tier: 'Bulk',
    }),
  },
  {
    row: '100',
    that: 'a finished job says so',
    request: () => get(`/V/jobs/${world.done}`),
    status: 200,
    headers: () => ({ 'x-mtglacier-retrieval-delays': expect.any(String) }),
    json: () => ({
      Action: 'ArchiveRetrieval',
      StatusCode: 'Succeeded',
      StatusMessage: 'Succeeded',
      Completed: true,
      CompletionDate: expect.any(String),
      ArchiveSizeInBytes: 4 * MIB,
      RetrievalByteRange: `0-${4 * MIB - 1}`,
      SHA256TreeHash: treeHash(A4),
      ArchiveSHA256TreeHash: treeHash(A4),
      Tier: 'Standard',
      InventorySizeInBytes: null,
      InventoryRetrievalParameters: null,
      JobDescription: null,
      SNSTopic: null,
      VaultARN: arn('V'),
    }),
  },
  {
    row: '101',
    that: 'an unknown job is refused',
    request: () => get('/V/jobs/none'),
    status: 404,
    code: ABSENT,
    message: () => 'The job ID was not found: none',
  },
  {
    row: '103',
    that: 'an unknown status code is refused',
    request: () => get('/V/jobs?statuscode=finished'),
    status: 400,
    code: INVALID,
    message: () => 'The job status code is not valid: finished',
  },
  {
    row: '104',
    that: 'completed is true or false',
    request: () => get('/V/jobs?completed=maybe'),
    status: 400,
    code: INVALID,
  },
  { row: '105', that: 'limit 51 is refused', request: () => get('/V/jobs?limit=51'), status: 400, code: INVALID },
  {
    row: '147',
    that: 'hashes on JSON are passed over when they are surplus',
    request: () => ({ ...retrieval(), headers: { 'x-amz-sha256-tree-hash': WRONG } }),
    status: 202,
  },
];

const OUTPUTS: Row[] = [
  {
    row: '106',
    that: 'a job under way has no output',
    request: () => outputOf('V', world.waiting),
    status: 400,
    code: INVALID,
    message: () => `The job is not currently available for download: ${world.waiting}`,
  },
  {
    row: '108',
    that: 'an archive comes whole',
    request: () => outputOf('V', world.done),
    status: 200,
    headers: () => ({
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'content-length': String(4 * MIB),
      'x-amz-sha256-tree-hash': treeHash(A4),
      'x-amz-archive-description': 'four',
      'content-range': undefined,
    }),
  },
  {
    row: '109',
    that: 'an aligned range has its tree hash',
    request: () => outputOf('V', world.done, `bytes=0-${MIB - 1}`),
    status: 206,
    headers: () => ({
      'content-range': `bytes 0-${MIB - 1}/${4 * MIB}`,
      'x-amz-sha256-tree-hash': treeHash(A4.subarray(0, MIB)),
    }),
  },
  {
    row: '110',
    that: 'a range of no whole MiB has none',
    request: () => outputOf('V', world.done, 'bytes=0-1023'),
    status: 206,
    headers: () => ({ 'content-length': '1024', 'x-amz-sha256-tree-hash': undefined }),
  },
  {
    row: '111',
    that: 'a range that is no subtree has none',
    request: () => outputOf('V', world.done, `bytes=${MIB}-${3 * MIB - 1}`),
    status: 206,
    headers: () => ({ 'x-amz-sha256-tree-hash': undefined }),
  },
  {
    row: '112',
    that: 'the second half is a subtree',
    request: () => outputOf('V', world.done, `bytes=${2 * MIB}-${4 * MIB - 1}`),
    status: 206,
    headers: () => ({ 'x-amz-sha256-tree-hash': treeHash(A4.subarray(2 * MIB)) }),
  },
  {
    row: '113',
    that: 'the end of an archive is a subtree',
    request: () => outputOf('V', world.ranged),
    status: 200,
    headers: () => ({ 'content-length': String(2.5 * MIB), 'x-amz-sha256-tree-hash': treeHash(B65.subarray(4 * MIB)) }),
  },
  {
    row: '113',
    that: "offsets are those of the job's range",
    request: () => outputOf('V', world.ranged, `bytes=0-${2 * MIB - 1}`),
    status: 206,
    headers: () => ({
      'content-range': `bytes 0-${2 * MIB - 1}/${2.5 * MIB}`,
      'x-amz-sha256-tree-hash': treeHash(B65.subarray(4 * MIB, 6 * MIB)),
    }),
  },
  {
    row: '115',
    that: 'a range past the end is refused',
    request: () => outputOf('V', world.done, 'bytes=8388608-12582911'),
    status: 400,
    code: INVALID,
    message: () => 'The start of the range is larger than size of retrieved data: bytes=8388608-12582911',
  },
  {
    row: '116',
    that: 'a range over the end is clipped',
    request: () => outputOf('V', world.done, `bytes=${3 * MIB}-99999999`),
    status: 206,
    headers: () => ({ 'content-range': `bytes ${3 * MIB}-${4 * MIB - 1}/${4 * MIB}` }),
  },
  {
    row: '117',
    that: 'a range without = is passed over',
    request: () => outputOf('V', world.done, 'bytes 0-9'),
    status: 200,
    headers: () => ({ 'content-length': String(4 * MIB) }),
  },
];

describe.each([
  ['vaults', VAULTS],
  ['protocol', PROTOCOL],
  ['archives', ARCHIVES],
  ['uploads', UPLOADS],
  ['jobs', JOBS],
  ['outputs', OUTPUTS],
])('local vault %s', (_, rows) => {
  test.each(rows.map((row) => [row.row, row.that, row] as const))('case %s: %s', (_row, _that, row) =>
    checkRow(vault, row),
  );
});

describe('local vault', () => {
  test('case 2: making a vault again changes nothing', async () => {
    const before = await send(vault, get('/fresh'));
    clock += 1000;
    await send(vault, put('/fresh'));
    expect((await send(vault, get('/fresh'))).json).toEqual(before.json);
  });

  test('case 8: the 1,001st vault is refused', async () => {
    const own = await mkdtemp(join(tmpdir(), 'local-vault-'));
    const crowded = await startLocalVault({ directory: own });
    for (let i = 0; i < 1000; i += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, j) => send(crowded, put(`/v${i + j}`))));
    }
    const answer = await send(crowded, put('/one-more'));
    expect([answer.status, answer.json['code']]).toEqual([400, 'LimitExceededException']);
    await crowded.close();
    await rm(own, { recursive: true });
  });

  test('cases 12, 13: pages of vaults neither overlap nor skip', async () => {
    const names: string[] = [];
    for (let marker: string | null = ''; marker !== null; ) {
      const page = await send(vault, get(`?limit=2&marker=${encodeURIComponent(marker)}`));
      names.push(...(page.json['VaultList'] as { VaultName: string }[]).map((one) => one.VaultName));
      marker = page.json['Marker'] as string | null;
    }
    expect(names).toEqual([...names].sort());
    expect(new Set(names)).toEqual(new Set(['V', 'a.b-c_D9', 'fresh', 'other', 'x'.repeat(255)]));
  });

  test.each(['\x1f', '\x7f'])('case 34: a description with %j is refused', async (character) => {
    const headers = signedHeaders(vault, upload({ 'x-amz-archive-description': `a${character}b` }));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const answer = await sendText(
      `POST /-/vaults/V/archives HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: 5\r\n\r\nhello`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain(INVALID);
    expect(answer.toLowerCase()).toContain('x-amzn-requestid: ');
  });

  test('case 35: leading blanks of a description are dropped, and no description is an empty one', async () => {
    await send(vault, put('/described'));
    await uploadWhole(vault, 'described', HELLO, '   x');
    await uploadWhole(vault, 'described', HELLO);
    const list = (await inventory('described'))['ArchiveList'] as { ArchiveDescription: string }[];
    expect(list.map((archive) => archive.ArchiveDescription)).toEqual(['x', '']);
  });

  test('cases 38, 39: the same content twice is two archives, and deleting twice is deleting once', async () => {
    const [one, two] = [await uploadWhole(vault, 'other', HELLO), await uploadWhole(vault, 'other', HELLO)];
    expect(one).not.toBe(two);
    for (const id of [one, one, two]) expect((await send(vault, remove(`/other/archives/${id}`))).status).toBe(204);
    expect((await send(vault, get('/other'))).json['NumberOfArchives']).toBe(0);
  });

  test('case 43: ids that begin with a dash work everywhere', async () => {
    await send(vault, put('/dashes'));
    const ids: string[] = [];
    while (!ids.at(-1)?.startsWith('-')) ids.push(await uploadWhole(vault, 'dashes', HELLO));
    const id = ids.at(-1) ?? '';
    const ready = await askForJob(vault, 'dashes', { Type: 'archive-retrieval', ArchiveId: id });
    clock += 5000;
    expect((await send(vault, outputOf('dashes', ready))).body).toEqual(HELLO);
    expect((await send(vault, remove(`/dashes/archives/${id}`))).status).toBe(204);
  });

  test('case 46: an emptied vault is deleted at once, with all that was in it', async () => {
    await send(vault, put('/brief'));
    const id = await uploadWhole(vault, 'brief', HELLO);
    await send(vault, remove(`/brief/archives/${id}`));
    expect((await send(vault, remove('/brief'))).status).toBe(204);
    expect((await send(vault, get('/brief'))).status).toBe(404);
    await send(vault, put('/brief'));
    expect((await send(vault, get('/brief'))).json['LastInventoryDate']).toBeNull();
  });

  test('cases 52, 53, 59, 65–69, 71–73, 76: parts come in any order, twice, in pages; completion checks them all', async () => {
    const id = await beginUpload(vault, 'V', MIB);
    const pieces = [0, 1, 2].map((i) => Buffer.alloc(i === 2 ? 10 : MIB, String(i)));
    const whole = Buffer.concat(pieces);
    const complete = (size = whole.length, hash = treeHash(whole)) => send(vault, completionOf('V', id, size, hash));
    expect((await complete()).json['code']).toBe(INVALID);
    await Promise.all([2, 0].map((i) => send(vault, partOf('V', id, i * MIB, pieces[i]!))));
    expect((await complete()).json['code']).toBe(INVALID);
    expect((await send(vault, partOf('V', id, MIB, HELLO))).status).toBe(204);
    expect((await complete()).json['code']).toBe(INVALID);
    await send(vault, partOf('V', id, MIB, pieces[1]!));

    const parts: unknown[] = [];
    for (let marker: string | null = ''; marker !== null; ) {
      const page = await send(vault, get(`/V/multipart-uploads/${id}?limit=1&marker=${marker}`));
      expect(page.json).toMatchObject({ ArchiveDescription: null, MultipartUploadId: id, PartSizeInBytes: MIB });
      parts.push(...(page.json['Parts'] as unknown[]));
      marker = page.json['Marker'] as string | null;
    }
    expect(parts).toEqual(
      pieces.map((piece, i) => ({
        RangeInBytes: `${i * MIB}-${i * MIB + piece.length - 1}`,
        SHA256TreeHash: treeHash(piece),
      })),
    );

    expect((await complete(whole.length + 1)).json['code']).toBe(INVALID);
    expect((await complete(whole.length, WRONG)).json['message']).toBe(`Invalid x-amz-sha256-tree-hash: ${WRONG}`);
    const [first, second] = [await complete(), await complete()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers['x-amz-archive-id']).toBe(first.headers['x-amz-archive-id']);
    expect(first.headers['x-amz-sha256-tree-hash']).toBe(treeHash(whole));
    expect((await send(vault, get('/V/multipart-uploads'))).body.toString()).not.toContain(id);
  });

  test('case 69: a completion is remembered for 24 hours', async () => {
    const id = await beginUpload(vault, 'V', MIB);
    await send(vault, partOf('V', id, 0, HELLO));
    const complete = () => send(vault, completionOf('V', id, 5, treeHash(HELLO)));
    const before = clock;
    expect((await complete()).status).toBe(201);
    clock = before + 24 * 3_600_000 - 1;
    expect((await complete()).status).toBe(201);
    clock = before + 24 * 3_600_000;
    expect((await complete()).status).toBe(404);
    clock = before;
  });

  test('cases 102, 105: jobs are filtered, and come in pages in the order they were asked for', async () => {
    await send(vault, put('/jobs'));
    const archive = await uploadWhole(vault, 'jobs', HELLO);
    const ask = (tier: string) =>
      askForJob(vault, 'jobs', { Type: 'archive-retrieval', ArchiveId: archive, Tier: tier });
    const ids = [await ask('Expedited'), await ask('Bulk'), await ask('Expedited')];
    clock += 1000;
    const list = async (query: string) =>
      ((await send(vault, get(`/jobs/jobs?${query}`))).json['JobList'] as { JobId: string }[]).map((one) => one.JobId);
    expect(await list('statuscode=Succeeded&completed=true')).toEqual([ids[0], ids[2]]);
    expect(await list('completed=false')).toEqual([ids[1]]);
    expect(await list('statuscode=InProgress')).toEqual([ids[1]]);
    expect(await list('statuscode=Failed')).toEqual([]);
    const paged: string[] = [];
    for (let marker: string | null = ''; marker !== null; ) {
      const page = await send(vault, get(`/jobs/jobs?limit=1&marker=${marker}`));
      paged.push(...(page.json['JobList'] as { JobId: string }[]).map((one) => one.JobId));
      marker = page.json['Marker'] as string | null;
    }
    expect(paged).toEqual(ids);
  });

  test('case 114: a job whose range is no subtree gives no tree hash', async () => {
    const id = await askForJob(vault, 'V', {
      Type: 'archive-retrieval',
      ArchiveId: world.b65,
      RetrievalByteRange: `${MIB}-${3 * MIB - 1}`,
    });
    clock += 5000;
    const answer = await send(vault, outputOf('V', id));
    expect([answer.status, answer.headers['x-amz-sha256-tree-hash']]).toEqual([200, undefined]);
    expect(answer.body.equals(B65.subarray(MIB, 3 * MIB))).toBe(true);
    expect((await send(vault, get(`/V/jobs/${id}`))).json['SHA256TreeHash']).toBeNull();
  });

  test('cases 118, 119: output outlives its archive, for 24 hours', async () => {
    await send(vault, put('/outlived'));
    for (const archive of [await uploadWhole(vault, 'outlived', A4), await uploadInParts(vault, 'outlived', A4, MIB)]) {
      const id = await askForJob(vault, 'outlived', { Type: 'archive-retrieval', ArchiveId: archive });
      await send(vault, remove(`/outlived/archives/${archive}`));
      clock += 5000 + 24 * 3_600_000 - 1;
      expect((await send(vault, outputOf('outlived', id))).body.equals(A4)).toBe(true);
      clock += 1;
      expect((await send(vault, outputOf('outlived', id))).status).toBe(404);
    }
  });

  test('case 120: an inventory lists archives with dates of whole seconds, and no tree hash of its own', async () => {
    await send(vault, put('/listed'));
    const id = await uploadWhole(vault, 'listed', A4, 'a "quoted" \\ name');
    const at = `${new Date(clock).toISOString().slice(0, 19)}Z`;
    expect(await inventory('listed')).toEqual({
      VaultARN: arn('listed'),
      InventoryDate: at,
      ArchiveList: [
        {
          ArchiveId: id,
          ArchiveDescription: 'a "quoted" \\ name',
          CreationDate: at,
          Size: A4.length,
          SHA256TreeHash: treeHash(A4),
        },
      ],
    });
  });

  test('cases 97, 124: a realistic vault takes its inventory once a day', async () => {
    const own = await mkdtemp(join(tmpdir(), 'local-vault-'));
    let time = Date.parse('2026-03-01T00:00:00Z');
    const hours = (count: number) => (time += count * 3_600_000);
    await using daily = await startLocalVault({ directory: own, realistic: true, now: () => time });
    await send(daily, put('/V'));
    const id = await uploadWhole(daily, 'V', HELLO);
    const ask = () => send(daily, { ...post('/V/jobs'), body: '{"Type":"inventory-retrieval"}' });
    expect((await ask()).status).toBe(404);
    expect((await send(daily, get('/V'))).json['NumberOfArchives']).toBe(0);
    hours(24);
    const counted = (await send(daily, get('/V'))).json;
    expect(counted).toMatchObject({
      NumberOfArchives: 1,
      SizeInBytes: 5,
      LastInventoryDate: '2026-03-02T00:00:00.000Z',
    });
    expect((await ask()).status).toBe(202);
    hours(48);
    expect((await send(daily, get('/V'))).json['LastInventoryDate']).toBe('2026-03-02T00:00:00.000Z');
    await send(daily, remove(`/V/archives/${id}`));
    expect((await send(daily, get('/V'))).json['NumberOfArchives']).toBe(1);
    expect((await send(daily, remove('/V'))).status).toBe(400);
    hours(24);
    expect((await send(daily, remove('/V'))).status).toBe(204);
  });

  test('case 149: a long body that is refused early leaves the answer readable', async () => {
    const body = Buffer.alloc(8 * MIB);
    const answer = await send(vault, upload({}, body, 'X'));
    expect([answer.status, answer.headers.connection]).toEqual([404, 'close']);
  });
});

async function inventory(name: string): Promise<Record<string, unknown>> {
  const id = await askForJob(vault, name, { Type: 'inventory-retrieval' });
  clock += 5000;
  const answer = await send(vault, outputOf(name, id));
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(answer.headers['x-amz-sha256-tree-hash']).toBeUndefined();
  return answer.json;
}

function sendText(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(vault.endpoint);
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
