// A client of the local vault that does as little as it can: bodies are hashed before, and only the signature is made.

import { createHash, createHmac } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';

export interface Entrance {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Something to send, with its hashes. */
export interface Content {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly treeHash: string;
}

export interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Content;
  readonly json?: object;
}

const MIB = 1024 * 1024;
const EMPTY = sha256('');

export function contentOf(bytes: Buffer): Content {
  const leaves: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MIB) leaves.push(digest(bytes.subarray(at, at + MIB)));
  return { bytes, sha256: sha256(bytes), treeHash: rootOf(leaves).toString('hex') };
}

/** Of whole pieces that are each a power of two of MiB, and all alike: the tree hash of so many of them. */
export function treeHashOfCopies(treeHash: string, count: number): string {
  return rootOf(Array.from({ length: count }, () => Buffer.from(treeHash, 'hex'))).toString('hex');
}

/** A number of connections that stay open. */
export class SignedClient implements Disposable {
  readonly #entrance: Entrance;
  readonly #agent: Agent;

  constructor(entrance: Entrance, connections: number) {
    this.#entrance = entrance;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * The answer's headers, when all of it was read.
   * @throws Error when the status is not one of success
   */
  async send(wanted: Wanted, onData: (size: number) => void = () => undefined): Promise<Record<string, string>> {
    const answer = await this.#answer(wanted);
    const chunks: Buffer[] = [];
    const failed = (answer.statusCode ?? 0) >= 300;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      onData(chunk.length);
      if (failed) chunks.push(chunk);
    }
    if (failed)
      throw new Error(`${wanted.method} ${wanted.path}: ${answer.statusCode} ${Buffer.concat(chunks).toString()}`);
    return answer.headers as Record<string, string>;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #answer(wanted: Wanted): Promise<IncomingMessage> {
    const json = wanted.json === undefined ? undefined : Buffer.from(JSON.stringify(wanted.json));
    const body = wanted.content?.bytes ?? json;
    const payloadHash = wanted.content?.sha256 ?? (json === undefined ? EMPTY : sha256(json));
    const { host, port } = new URL(this.#entrance.endpoint);
    const { method, path } = wanted;
    const headers = { ...this.#signed(wanted, payloadHash, host), 'Content-Length': String(body?.length ?? 0) };
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, method, path, headers, agent: this.#agent }, resolve)
        .on('error', reject)
        .end(body);
    });
  }

  /** Source: AWS General Reference, "Signature Version 4 signing process". */
  #signed({ method, path, headers, content }: Wanted, payloadHash: string, host: string): Record<string, string> {
    const { region, accessKeyId, secretAccessKey } = this.#entrance;
    const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
    const signed: Record<string, string> = {
      host,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': date,
      'x-amz-glacier-version': '2012-06-01',
    };
    const names = Object.keys(signed).join(';');
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
    const canonical = `${method}\n${path}\n\n${lines.join('')}\n${names}\n${payloadHash}`;
    const scope = `${date.slice(0, 8)}/${region}/glacier/aws4_request`;
    const key = scope.split('/').reduce<Buffer | string>((key, step) => hmac(key, step), `AWS4${secretAccessKey}`);
    const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
    const credential = `Credential=${accessKeyId}/${scope}`;
    return {
      ...signed,
      ...headers,
      ...(content === undefined ? {} : { 'x-amz-sha256-tree-hash': content.treeHash }),
      Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  let level = hashes;
  while (level.length > 1) {
    const pairs: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] ?? Buffer.alloc(0), level[i + 1]];
      pairs.push(right === undefined ? left : digest(Buffer.concat([left, right])));
    }
    level = pairs;
  }
  return level[0] ?? Buffer.alloc(0);
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
