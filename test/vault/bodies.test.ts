import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { JobId, UploadId } from '../../src/model/identifiers.js';
import type { HashedBody } from '../../src/vault/port.js';
import type { ReadyRetrieval } from '../../src/vault/retrieving-port.js';
import { bytesOf, collected, hashed, MIB, WRONG_HASH } from './bytes.js';
import { openRaw } from './raw-server.js';

const signal = new AbortController().signal;
const SIZE = 1000;
const READY: ReadyRetrieval = {
  state: 'ready',
  jobId: JobId.parse('j'),
  requestedAt: Instant.ofSeconds(0),
  size: SIZE,
  readableUntil: null,
};
const RANGE = { start: 100, end: 200 };
const HEADERS = { 'content-length': '100', 'content-range': 'bytes 100-199/1000' };

describe('bodies that come', () => {
  it('bodies: the range is asked for in the form that Glacier heeds', async () => {
    const asked: (string | undefined)[] = [];
    await using raw = await openRaw((request, response) => {
      asked.push(request.headers.range);
      response.writeHead(206, HEADERS).end(bytesOf(100));
    });
    const { body, treeHash } = await raw.vault.read(READY, RANGE, signal);
    expect(await collected(body)).toEqual(Buffer.from(bytesOf(100)));
    expect(treeHash).toBe(null);
    expect(asked).toEqual(['bytes=100-199']);
  });

  it('bodies: an answer with another range, or with everything, is refused and its connection closed', async () => {
    for (const [status, headers] of [
      [206, { 'content-range': 'bytes 100-198/1000' }],
      [206, { 'content-range': 'bytes 100-199/1001' }],
      [206, { 'content-range': 'bytes 100-199/*' }],
      [206, {}],
      [200, {}],
    ] as const) {
      await using raw = await openRaw((_, response) => response.writeHead(status, headers).write('x'));
      expect(await codeOf(raw.vault.read(READY, RANGE, signal))).toBe('VAULT_REFUSED');
      await closed(raw.sockets[0]);
    }
  });

  it('bodies: everything may be answered with 200 when everything was asked for', async () => {
    await using raw = await openRaw((_, response) => response.writeHead(200).end(bytesOf(SIZE)));
    const { body } = await raw.vault.read(READY, { start: 0, end: SIZE }, signal);
    expect(await collected(body)).toHaveLength(SIZE);
  });

  it('bodies: one that breaks off is a broken connection', async () => {
    await using raw = await openRaw((request, response) => {
      response.writeHead(206, HEADERS).write(bytesOf(50), () => request.socket.destroy());
    });
    const { body } = await raw.vault.read(READY, RANGE, signal);
    expect(await codeOf(collected(body))).toBe('CONNECTION_BROKEN');
  });

  it('bodies: one that ends early in good order is a broken connection all the same', async () => {
    await using raw = await openRaw((_, response) => {
      response.writeHead(206, { 'content-range': HEADERS['content-range'] }).end(bytesOf(99));
    });
    const { body } = await raw.vault.read(READY, RANGE, signal);
    expect(await codeOf(collected(body))).toBe('CONNECTION_BROKEN');
  });

  it('bodies: one that is too long is refused', async () => {
    await using raw = await openRaw((_, response) => {
      response.writeHead(206, { 'content-range': HEADERS['content-range'] }).end(bytesOf(101));
    });
    const { body } = await raw.vault.read(READY, RANGE, signal);
    expect(await codeOf(collected(body))).toBe('VAULT_REFUSED');
  });

  it('bodies: one that stands still times out', async () => {
    await using raw = await openRaw((_, response) => void response.writeHead(206, HEADERS).write(bytesOf(50)), 50);
    const { body } = await raw.vault.read(READY, RANGE, signal);
    expect(await codeOf(collected(body))).toBe('TIMED_OUT');
  });

  it('bodies: a signal ends the reading as interrupted', async () => {
    const told = new AbortController();
    await using raw = await openRaw((_, response) => void response.writeHead(206, HEADERS).write(bytesOf(50)));
    const { body } = await raw.vault.read(READY, RANGE, told.signal);
    const reading = async (): Promise<void> => {
      for await (const _ of body) told.abort();
    };
    expect(await codeOf(reading())).toBe('INTERRUPTED');
    await closed(raw.sockets[0]);
  });

  it('bodies: one that is returned before its first piece, or after it, lets go of the connection', async () => {
    for (const first of [false, true]) {
      // No timeout may do it in their place.
      const answer = (_: IncomingMessage, response: ServerResponse): void =>
        void response.writeHead(206, HEADERS).write(bytesOf(50));
      await using raw = await openRaw(answer, 600_000);
      const { body } = await raw.vault.read(READY, RANGE, signal);
      const pieces = body[Symbol.asyncIterator]();
      if (first) await pieces.next();
      await pieces.return?.();
      await closed(raw.sockets[0]);
    }
  });

  it('bodies: a connection serves again once its body has been read', async () => {
    await using raw = await openRaw((_, response) => response.writeHead(206, HEADERS).end(bytesOf(100)));
    for (let i = 0; i < 5; i++) await collected((await raw.vault.read(READY, RANGE, signal)).body);
    expect(raw.sockets).toHaveLength(1);
  });
});

describe('bodies that go', () => {
  it('bodies: go out as they are under the hashes handed in, and are never hashed on the way', async () => {
    const seen: { headers: IncomingMessage['headers']; length: number }[] = [];
    await using raw = await openRaw((request, response) => {
      let length = 0;
      request.on('data', (piece: Buffer) => (length += piece.length));
      request.on('end', () => {
        seen.push({ headers: request.headers, length });
        response.writeHead(204, { 'x-amz-archive-id': 'a' }).end();
      });
    });
    const wrong: HashedBody = { bytes: bytesOf(4 * MIB), sha256: 'cd'.repeat(32), treeHash: WRONG_HASH };
    const hashedBytes = await countHashing(async () => {
      await raw.vault.uploadWhole(wrong, 'mt2 xyz', signal);
      await raw.vault.uploadPart(UploadId.parse('u'), { start: 0, end: 4 * MIB }, wrong, signal);
    });
    for (const { headers, length } of seen) {
      expect(length).toBe(4 * MIB);
      expect(headers['x-amz-content-sha256']).toBe(wrong.sha256);
      expect(headers['x-amz-sha256-tree-hash']).toBe(wrong.treeHash);
    }
    expect(seen[0]?.headers['x-amz-archive-description']).toBe('mt2 xyz');
    expect(seen[1]?.headers['content-range']).toBe(`bytes 0-${4 * MIB - 1}/*`);
    expect(hashedBytes).toBeLessThan(100_000);
  });

  it('bodies: a vault that received something else is found out by the hash it answers with', async () => {
    const body = hashed(bytesOf(10));
    await using raw = await openRaw((request, response) => {
      request.resume();
      response.writeHead(204, { 'x-amz-sha256-tree-hash': WRONG_HASH }).end();
    });
    const sending = raw.vault.uploadPart(UploadId.parse('u'), { start: 0, end: 10 }, body, signal);
    expect(await codeOf(sending)).toBe('HASH_MISMATCH');
  });

  it('bodies: a confirmation of something else is no answer to an upload, as something may have been stored', async () => {
    const body = hashed(bytesOf(10));
    for (const headers of [{}, { 'x-amz-archive-id': 'a', 'x-amz-sha256-tree-hash': WRONG_HASH }]) {
      await using raw = await openRaw((request, response) => {
        request.resume();
        response.writeHead(201, headers).end();
      });
      expect(await codeOf(raw.vault.uploadWhole(body, '', signal))).toBe('CONNECTION_BROKEN');
    }
  });
});

async function codeOf(deed: Promise<unknown>): Promise<string> {
  return deed.then(
    () => 'no failure',
    (thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown;
      return thrown.code;
    },
  );
}

async function closed(socket: { readonly closed: boolean } & NodeJS.EventEmitter = missing()): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

function missing(): never {
  throw new Error('no connection was made');
}

/** How many bytes are hashed in this process while it lasts. */
async function countHashing(deed: () => Promise<void>): Promise<number> {
  const prototype = Object.getPrototypeOf(createHash('sha256')) as { update: (...given: unknown[]) => unknown };
  const { update } = prototype;
  let count = 0;
  prototype.update = function counting(this: unknown, ...given) {
    count += (given[0] as { length: number }).length;
    return update.apply(this, given);
  };
  try {
    await deed();
  } finally {
    prototype.update = update;
  }
  return count;
}
