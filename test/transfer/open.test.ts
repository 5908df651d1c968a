// Where each task is done: its threads do nothing but say that they were asked.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { type HashEngine, nodeEngine, type RunningHash } from '../../src/model/hash-engine.js';
import { JobId, UploadId, VaultName } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { SMALL_MAX } from '../../src/model/parts.js';
import { RelPath } from '../../src/model/rel-path.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { openTransfer, type TransferOptions } from '../../src/transfer/open.js';
import type { OpenVaults, VaultSettings } from '../../src/vault/open.js';
import type { Vault } from '../../src/vault/port.js';
import type { ReadyRetrieval } from '../../src/vault/retrieving-port.js';
import { never, TemporaryDirectory } from '../disk/temporary-directory.js';

const MIB = 1024 * 1024;
const UPLOAD = UploadId.parse('upload');
/** So many that this thread is not among those that take large tasks. */
const MANY = { threads: 5, width: 5 };

let folder: string;
let script: URL;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mtglacier-threads-'));
  const file = join(folder, 'thread.mjs');
  writeFileSync(
    file,
    `export const perform = () => ({ ended: 'failed', code: 'NO_CAPACITY', message: 'in a thread' });`,
  );
  script = pathToFileURL(file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A vault that takes everything. */
const TAKING = {
  uploadWhole: async () => ({ archiveId: 'archive', at: Instant.ofSeconds(0), unansweredRequests: 0 }),
  uploadPart: async () => undefined,
  async read(_: ReadyRetrieval, { start, end }: { start: number; end: number }) {
    return { treeHash: null, body: pieces(end - start) };
  },
} as unknown as Vault;

async function* pieces(size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; left -= MIB) yield new Uint8Array(Math.min(left, MIB));
}

class Here implements AsyncDisposable {
  readonly tree = new TemporaryDirectory();
  readonly place = placeOf(this.tree.path);
  readonly transfer: ReturnType<typeof openTransfer>;

  constructor(more: Partial<TransferOptions> = {}, vault = TAKING) {
    const of = { vault: () => vault, resolved: async () => ({}) as VaultSettings } as Pick<
      OpenVaults,
      'vault' | 'resolved'
    >;
    const widths = { threads: 2, width: 2, smallWidth: 2, reader: 'parallel' } as const;
    const name = VaultName.parse('photos');
    const report = (): void => undefined;
    const { place } = this;
    this.transfer = openTransfer({
      ...widths,
      place,
      vault: { of, name },
      engine: nodeEngine,
      report,
      script,
      ...more,
    });
  }

  file(size: number, name = `f${size}`): LocalFile {
    truncateSync(this.tree.put(name, ''), size);
    const looked = lookAt(this.place, RelPath.parse(name));
    if (looked.kind !== 'file') throw new Error(looked.kind);
    return looked.file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transfer[Symbol.asyncDispose]();
    this.tree[Symbol.dispose]();
  }
}

/** Counts the bodies that are being hashed, which is while they are read. */
class ReadingWatched implements HashEngine {
  readonly name = nodeEngine.name;
  mostAtOnce = 0;
  #atOnce = 0;

  digest(bytes: Uint8Array): Uint8Array {
    return nodeEngine.digest(bytes);
  }

  hexDigest(bytes: Uint8Array): string {
    return nodeEngine.hexDigest(bytes);
  }

  begin(): RunningHash {
    const running = nodeEngine.begin();
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    return {
      update: (bytes) => running.update(bytes),
      soFar: () => running.soFar(),
      digest: () => {
        this.#atOnce -= 1;
        return running.digest();
      },
    };
  }
}

async function whereabouts(task: Promise<unknown>): Promise<'here' | 'in a thread'> {
  try {
    await task;
    return 'here';
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.message === 'in a thread') return 'in a thread';
    throw thrown;
  }
}

describe('opening a transfer', () => {
  it('small files are sent here, and parts of a large one in threads, but for a short last one', async () => {
    await using here = new Here(MANY);
    const { transfer } = here;
    const small = here.file(SMALL_MAX);
    for (let i = 0; i < 80; i++) expect(await whereabouts(transfer.sendWhole(small, '', never))).toBe('here');
    const large = here.file(80 * MIB + 1);
    const part = (start: number, end: number) => transfer.sendPart(large, UPLOAD, { start, end }, null, never);
    expect(await whereabouts(part(0, 16 * MIB))).toBe('in a thread');
    expect(await whereabouts(part(80 * MIB, 80 * MIB + 1))).toBe('here');
    expect(await whereabouts(transfer.hashFile(large, never))).toBe('in a thread');
  });

  it('threads are not worth their start for a few files', async () => {
    await using here = new Here(MANY);
    const file = here.file(16 * MIB);
    const places: string[] = [];
    for (let i = 0; i < 6; i++) places.push(await whereabouts(here.transfer.sendWhole(file, '', never)));
    expect(places).toEqual(['here', 'here', 'here', 'here', 'in a thread', 'in a thread']);
  });

  it('a range is fetched in a thread where it is to land in a file, else here', async () => {
    await using here = new Here(MANY);
    const size = 80 * MIB;
    const jobId = JobId.parse('job');
    const ready = { state: 'ready', jobId, requestedAt: Instant.ofSeconds(0), size, readableUntil: null } as const;
    const range = { start: 0, end: 2 * MIB };
    const memory = { write: async () => undefined };
    const landing = { ...memory, file: { fd: 0, path: RelPath.parse('f'), size } };
    expect(await whereabouts(here.transfer.fetchRange(ready, range, memory, never))).toBe('here');
    expect(await whereabouts(here.transfer.fetchRange(ready, range, landing, never))).toBe('in a thread');
  });

  it('few threads: this one is one of them, and others get what it has no lane for', async () => {
    await using here = new Here({ threads: 2, width: 4 });
    const file = here.file(96 * MIB);
    const whereParts = (starts: readonly number[]) =>
      Promise.all(
        starts.map((mib) => {
          const range = { start: mib * MIB, end: (mib + 2) * MIB };
          return whereabouts(here.transfer.sendPart(file, UPLOAD, range, null, never));
        }),
      );
    for (let mib = 0; mib < 8; mib += 2) expect(await whereParts([mib])).toEqual(['here']);
    const [first, second, ...others] = await whereParts([0, 2, 4, 6]);
    expect([first, second]).toEqual(['here', 'here']);
    expect(others).toEqual(['in a thread', 'in a thread']);
  });

  it('with one thread all is done here', async () => {
    await using here = new Here({ threads: 1 });
    const file = here.file(80 * MIB);
    expect(await whereabouts(here.transfer.hashFile(file, never))).toBe('here');
    expect(await whereabouts(here.transfer.sendPart(file, UPLOAD, { start: 0, end: 16 * MIB }, null, never))).toBe(
      'here',
    );
  });

  it.each([
    ['sequential', 1],
    ['parallel', 3],
  ] as const)(
    'a %s reader reads %i at once, ahead of what is sent as far as there are buffers',
    async (reader, most) => {
      const answers: (() => void)[] = [];
      const sent: number[] = [];
      const uploadPart: Vault['uploadPart'] = (_, { start }) => {
        sent.push(start);
        return new Promise((resolve) => answers.push(resolve));
      };
      const engine = new ReadingWatched();
      await using here = new Here({ reader, engine, threads: 1, width: 3 }, { ...TAKING, uploadPart });
      const file = here.file(10 * MIB);
      const parts = [0, 2, 4, 6, 8].map((mib) =>
        here.transfer.sendPart(file, UPLOAD, { start: mib * MIB, end: (mib + 2) * MIB }, null, never),
      );
      while (sent.length < 3) await tick();
      for (let i = 0; i < 50; i++) await tick();
      expect(sent.toSorted((a, b) => a - b)).toEqual([0, 2 * MIB, 4 * MIB]);
      for (let answered = 0; answered < 5; ) {
        for (const answer of answers.splice(0)) {
          answer();
          answered++;
        }
        await tick();
      }
      await Promise.all(parts);
      expect(engine.mostAtOnce).toBe(most);
    },
  );

  it('a sequential reader holds small parts until they are sent, and large ones never', async () => {
    const held: boolean[] = [];
    const uploadPart: Vault['uploadPart'] = async (_, __, body) => void held.push('bytes' in body);
    const engine = new ReadingWatched();
    await using here = new Here({ reader: 'sequential', engine, width: 3 }, { ...TAKING, uploadPart });
    const file = here.file(192 * MIB);
    const part = (start: number, end: number) => here.transfer.sendPart(file, UPLOAD, { start, end }, null, never);
    await part(0, 63 * MIB);
    await Promise.all([part(0, 64 * MIB), part(64 * MIB, 128 * MIB), part(128 * MIB, 192 * MIB)]);
    expect(held).toEqual([true, false, false, false]);
    expect(engine.mostAtOnce).toBe(1);
  });

  it('without a vault files are hashed', async () => {
    await using here = new Here({ vault: null });
    const file = here.file(3 * MIB);
    expect(await here.transfer.hashFile(file, never)).toBe(treeHashOf(new Uint8Array(3 * MIB), nodeEngine));
  });

  it.each([
    ['large', 2 * MIB, 'small', 10],
    ['small', 10, 'large', 2 * MIB],
  ])('%s tasks that the vault keeps waiting (%i bytes) hold up no %s one', async (_, heldSize, __, freeSize) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const uploadPart: Vault['uploadPart'] = (___, { end }) => (end === heldSize ? held : Promise.resolve());
    await using here = new Here({ threads: 1, width: 1, smallWidth: 1 }, { ...TAKING, uploadPart });
    const send = (file: LocalFile) =>
      here.transfer.sendPart(file, UPLOAD, { start: 0, end: file.size }, null, never).then(({ sent }) => sent);
    const [held1, held2] = [here.file(heldSize, 'a'), here.file(heldSize, 'b')].map(send);
    expect(await send(here.file(freeSize, 'c'))).toBe(true);
    release();
    expect(await Promise.all([held1, held2])).toEqual([true, true]);
  });
});
