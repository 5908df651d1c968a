// A bare HTTP client with a signer of its own: it shares nothing with the server's verification.

import { createHash, createHmac } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Target {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** A header that is null is not sent, though it would be by default. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent beside the others, and left out of the signature. */
  readonly unsignedHeaders?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Payload hash to sign, when it is not that of the body. */
  readonly payloadHash?: string;
  /** Send the headers and this much of the body only. */
  readonly bodySent?: Buffer;
  readonly unsigned?: boolean;
  /** That it is signed for; default glacier. */
  readonly service?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly date?: Date;
  readonly chunked?: boolean;
  /** Told the size of each piece of the answer's body. */
  readonly onData?: (size: number) => void;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: Record<string, unknown>;
}

const MIB = 1024 * 1024;
const agent = new Agent({ keepAlive: true });

export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Level by level, as the guide draws it; the server computes it otherwise. */
export function treeHash(data: Buffer): string {
  let level: Buffer[] = [];
  for (let at = 0; at < Math.max(data.length, 1); at += MIB) level.push(digest(data.subarray(at, at + MIB)));
  while (level.length > 1) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => level.slice(2 * i, 2 * i + 2));
    level = pairs.map((pair) => (pair.length === 2 ? digest(Buffer.concat(pair)) : pair[0]!));
  }
  return level[0]!.toString('hex');
}

function digest(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

export function bothHashes(body: Buffer): Record<string, string> {
  return { 'x-amz-content-sha256': sha256(body), 'x-amz-sha256-tree-hash': treeHash(body) };
}

/** All but letters, digits, `-`, `.`, `_` and `~`. */
function encodedFully(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function byName(a: string, b: string): number {
  const [[nameA = '', valueA = ''], [nameB = '', valueB = '']] = [a.split('='), b.split('=')];
  const [left, right] = nameA === nameB ? [valueA, valueB] : [nameA, nameB];
  return left < right ? -1 : Number(left > right);
}

/** Headers in the order of their names, with the signature. */
export function signedHeaders(target: Target, request: RawRequest): Record<string, string> {
  const stamp = (request.date ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const wanted: Record<string, string | null> = {
    host: new URL(target.endpoint).host,
    'x-amz-date': stamp,
    'x-amz-glacier-version': '2012-06-01',
    ...request.headers,
  };
  const headers = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
  if (request.unsigned === true) return headers;
  const names = Object.keys(headers).sort();
  const scope = `${stamp.slice(0, 8)}/${target.region}/${request.service ?? 'glacier'}/aws4_request`;
  const payload = request.payloadHash ?? headers['x-amz-content-sha256'] ?? sha256(request.body ?? '');
  const [path = '', query = ''] = request.path.split('?');
  const canonical = [
    request.method,
    path.split('/').map(encodedFully).join('/'),
    query.split('&').sort(byName).join('&'),
    ...names.map((name) => `${name}:${headers[name]!.trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(Buffer.from(canonical, 'latin1'))].join('\n');
  let key: Buffer | string = `AWS4${request.secretAccessKey ?? target.secretAccessKey}`;
  for (const step of scope.split('/')) key = createHmac('sha256', key).update(step).digest();
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const credential = `${request.accessKeyId ?? target.accessKeyId}/${scope}`;
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, ...request.unsignedHeaders };
}

export function send(target: Target, request: RawRequest): Promise<RawAnswer> {
  const headers = signedHeaders(target, request);
  const body = request.body ?? Buffer.alloc(0);
  if (request.chunked !== true) headers['content-length'] ??= String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(target.endpoint);
    const outgoing = httpRequest(
      { hostname, port, method: request.method, path: request.path, headers, agent, setHost: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          request.onData?.(chunk.length);
        });
        incoming.on('error', reject);
        incoming.on('end', () => {
          outgoing.destroy();
          resolve(answerOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks)));
        });
      },
    );
    outgoing.on('error', reject);
    if (request.bodySent === undefined) outgoing.end(body);
    else outgoing.write(request.bodySent);
    if (request.bodySent !== undefined) outgoing.flushHeaders();
  });
}

function answerOf(status: number, headers: IncomingHttpHeaders, body: Buffer): RawAnswer {
  // A range of JSON is none.
  const isJson = headers['content-type'] === 'application/json' && body.length > 0 && status !== 206;
  return { status, headers, body, json: isJson ? (JSON.parse(body.toString()) as Record<string, unknown>) : {} };
}

/** One archive, in one request. */
export async function uploadWhole(target: Target, vault: string, body: Buffer, description?: string): Promise<string> {
  const headers = {
    ...bothHashes(body),
    ...(description === undefined ? {} : { 'x-amz-archive-description': description }),
  };
  const answer = await send(target, { method: 'POST', path: `/-/vaults/${vault}/archives`, headers, body });
  if (answer.status !== 201) throw new Error(`upload was refused: ${answer.body.toString()}`);
  return String(answer.headers['x-amz-archive-id']);
}

export async function beginUpload(
  target: Target,
  vault: string,
  partSize: number,
  description?: string,
): Promise<string> {
  const headers = {
    'x-amz-part-size': String(partSize),
    ...(description === undefined ? {} : { 'x-amz-archive-description': description }),
  };
  const answer = await send(target, { method: 'POST', path: `/-/vaults/${vault}/multipart-uploads`, headers });
  return String(answer.headers['x-amz-multipart-upload-id']);
}

export function partOf(vault: string, upload: string, start: number, body: Buffer): RawRequest {
  const headers = { ...bothHashes(body), 'content-range': `bytes ${start}-${start + body.length - 1}/*` };
  return { method: 'PUT', path: `/-/vaults/${vault}/multipart-uploads/${upload}`, headers, body };
}

export function completionOf(vault: string, upload: string, size: number, hash: string): RawRequest {
  const headers = { 'x-amz-archive-size': String(size), 'x-amz-sha256-tree-hash': hash };
  return { method: 'POST', path: `/-/vaults/${vault}/multipart-uploads/${upload}`, headers };
}

/** An archive in parts of `partSize`. */
export async function uploadInParts(target: Target, vault: string, body: Buffer, partSize: number): Promise<string> {
  const upload = await beginUpload(target, vault, partSize);
  for (let at = 0; at < body.length; at += partSize) {
    await send(target, partOf(vault, upload, at, body.subarray(at, at + partSize)));
  }
  const answer = await send(target, completionOf(vault, upload, body.length, treeHash(body)));
  if (answer.status !== 201) throw new Error(`completion was refused: ${answer.body.toString()}`);
  return String(answer.headers['x-amz-archive-id']);
}

export async function askForJob(target: Target, vault: string, job: object): Promise<string> {
  const answer = await send(target, { method: 'POST', path: `/-/vaults/${vault}/jobs`, body: JSON.stringify(job) });
  if (answer.status !== 202) throw new Error(`job was refused: ${answer.body.toString()}`);
  return String(answer.headers['x-amz-job-id']);
}

export function outputOf(vault: string, job: string, range?: string): RawRequest {
  const headers: Record<string, string> = range === undefined ? {} : { range };
  return { method: 'GET', path: `/-/vaults/${vault}/jobs/${job}/output`, headers };
}
