import { setImmediate as tick } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { type RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { type HashEngine, nodeEngine } from '../../src/model/hash-engine.js';
import { ArchiveId, UploadId } from '../../src/model/identifiers.js';
import { TreeHash, treeHashOf } from '../../src/model/tree-hash.js';
import { createIncoming } from '../../src/transfer/incoming.js';
import type { Incoming, IncomingPart, Inflow } from '../../src/transfer/port.js';
import type { HashedBody } from '../../src/vault/port.js';

const MIB = 1024 * 1024;
const UPLOAD = UploadId.parse('upload');
const never = new AbortController().signal;

/** Gives the pieces, then the end or what is thrown. */
function inflowOf(pieces: Iterable<Uint8Array>, thrown: Failure | null = null): Inflow {
  const rest = pieces[Symbol.iterator]();
  return {
    name: 'the pipe',
    async read() {
      const { done, value } = rest.next();
      if (done !== true) return value;
      if (thrown !== null) throw thrown;
      return null;
    },
  };
}

/** A vault that keeps copies of what it is sent. */
class Sent {
  readonly bodies: HashedBody[] = [];
  readonly events: RunEvent[] = [];

  incoming(
    inflow: Inflow,
    parts: { partSize: number; maxSize?: number; width?: number; engine?: HashEngine },
  ): Incoming {
    const keep = ({ bytes, ...hashes }: HashedBody): void => {
      this.bodies.push({ bytes: new Uint8Array(bytes), ...hashes });
    };
    const vault = {
      async uploadWhole(body: HashedBody) {
        keep(body);
        return { archiveId: ArchiveId.parse('archive'), at: Instant.ofSeconds(0), unansweredRequests: 0 };
      },
      async uploadPart(_: UploadId, __: unknown, body: HashedBody) {
        keep(body);
      },
    };
    const report = (event: RunEvent): void => void this.events.push(event);
    return createIncoming({ maxSize: 100 * MIB, width: 2, engine: nodeEngine, ...parts, inflow, vault, report });
  }
}

async function* partsOf(incoming: Incoming): AsyncGenerator<IncomingPart> {
  for (;;) {
    const part = await incoming.next(never);
    if (part === null) return;
    yield part;
  }
}

/** Content cut at the given places. */
function cut(content: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (content.length + 1)).sort((a, b) => a - b), content.length];
  return at
    .slice(1)
    .map((end, index) => content.subarray(at[index], end))
    .filter(({ length }) => length > 0);
}

describe('incoming', () => {
  it('however the content comes, its parts are the same, each with both hashes', async () => {
    const lengths = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(1000, 2000, 1001));
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 1500 }),
        async (length, places, partSize) => {
          const content = Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
          const sent = new Sent();
          const ranges: unknown[] = [];
          for await (const one of partsOf(sent.incoming(inflowOf(cut(content, places)), { partSize }))) {
            using part = one;
            ranges.push(part.range);
            await part.send(UPLOAD, never);
          }
          const starts = Array.from({ length: Math.ceil(length / partSize) }, (_, index) => index * partSize);
          expect(ranges).toEqual(starts.map((start) => ({ start, end: Math.min(start + partSize, length) })));
          for (const [index, { bytes, sha256, treeHash }] of sent.bodies.entries()) {
            expect(bytes).toEqual(content.subarray(index * partSize, (index + 1) * partSize));
            expect(sha256).toBe(TreeHash.ofDigest(nodeEngine.digest(bytes)));
            expect(treeHash).toBe(treeHashOf(bytes, nodeEngine));
          }
        },
      ),
    );
  });

  it('a part of more than a MiB has a tree hash that is not its SHA-256', async () => {
    const content = Buffer.alloc(2 * MIB + 5, 'ab');
    const sent = new Sent();
    using part = (await sent.incoming(inflowOf(cut(content, [70_000, MIB + 3])), { partSize: 4 * MIB }).next(never))!;
    await part.sendWhole('description', never);
    expect(part.treeHash).toBe(treeHashOf(content, nodeEngine));
    expect(sent.bodies).toMatchObject([
      { sha256: TreeHash.ofDigest(nodeEngine.digest(content)), treeHash: part.treeHash },
    ]);
    expect(sent.events).toEqual([{ event: 'moved', bytes: content.length }]);
  });

  it('a part of up to a MiB is hashed once', async () => {
    for (const [size, begun] of [
      [MIB, 1],
      [MIB + 1, 2],
    ] as const) {
      let count = 0;
      const engine: HashEngine = { ...nodeEngine, begin: () => (count++, nodeEngine.begin()) };
      const inflow = inflowOf(cut(Buffer.alloc(size, 'ab'), [70_000]));
      using part = (await new Sent().incoming(inflow, { partSize: 4 * MIB, engine }).next(never))!;
      expect(part.range.end).toBe(size);
      // One for the whole, which is that of the first leaf as well, and one for each further leaf that comes in pieces.
      expect(count).toBe(begun);
    }
  });

  it('as many parts as it was made for are in memory, and the next is not read before one is done with', async () => {
    let read = 0;
    const pieces = Array.from({ length: 5 }, (_, index) => new Uint8Array(10).fill(index));
    const inflow = inflowOf(pieces);
    const counting: Inflow = { ...inflow, read: (signal) => (read++, inflow.read(signal)) };
    const incoming = new Sent().incoming(counting, { partSize: 10, width: 2 });
    const first = await incoming.next(never);
    await incoming.next(never);
    const third = incoming.next(never);
    await tick();
    expect(read).toBe(2);
    first?.[Symbol.dispose]();
    expect((await third)?.range).toEqual({ start: 20, end: 30 });
    expect(read).toBe(3);
  });

  it('what is exactly as large as allowed is taken, a byte more is refused, with what was allowed', async () => {
    const allowed = new Sent().incoming(inflowOf([new Uint8Array(MIB)]), { partSize: MIB, maxSize: MIB });
    for await (const part of partsOf(allowed)) part[Symbol.dispose]();
    const larger = new Sent().incoming(inflowOf([new Uint8Array(MIB), new Uint8Array(1)]), {
      partSize: MIB,
      maxSize: MIB,
    });
    (await larger.next(never))?.[Symbol.dispose]();
    await expect(larger.next(never)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: 'the pipe brings more than 1 MiB',
    });
  });

  it('a failure to read gives the memory back and is passed on', async () => {
    const broken = new Failure('FILE_UNREADABLE', 'broken');
    const incoming = new Sent().incoming(inflowOf([new Uint8Array(15)], broken), { partSize: 10, width: 1 });
    (await incoming.next(never))?.[Symbol.dispose]();
    for (const _ of [1, 2]) await expect(incoming.next(never)).rejects.toBe(broken);
  });

  it('who is told to stop while waiting for memory waits no longer', async () => {
    const incoming = new Sent().incoming(inflowOf([new Uint8Array(20)]), { partSize: 10, width: 1 });
    await incoming.next(never);
    const stop = new AbortController();
    const second = incoming.next(stop.signal);
    stop.abort();
    await expect(second).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
