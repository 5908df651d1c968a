// Bodies that are read twice and never held: what was hashed is what is sent, or it is said why not.

import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { VaultName } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import type { Transfer } from '../../src/transfer/port.js';
import { type MemoryVault, MemoryVaults } from '../../src/vault/memory.js';
import type { Body, StreamedBody } from '../../src/vault/port.js';
import { never, TemporaryDirectory } from '../disk/temporary-directory.js';
import { bytesOf, MIB } from '../vault/bytes.js';

const CONTENT = bytesOf(5 * MIB + 17);
const HASH = treeHashOf(CONTENT, nodeEngine);
const RANGE = { start: 0, end: CONTENT.length };

class StreamWorld implements Disposable {
  readonly tree = new TemporaryDirectory();
  readonly events: RunEvent[] = [];
  readonly file: LocalFile;
  readonly vault: MemoryVault;

  static async open(): Promise<StreamWorld> {
    const vaults = new MemoryVaults({ now: () => Instant.ofSeconds(0) });
    const name = VaultName.parse('photos');
    await vaults.create(name, never);
    return new StreamWorld(vaults.vault(name));
  }

  private constructor(vault: MemoryVault) {
    this.vault = vault;
    utimesSync(this.tree.put('f', CONTENT), 100, 100);
    const looked = lookAt(placeOf(this.tree.path), RelPath.parse('f'));
    if (looked.kind !== 'file') throw new Error(looked.kind);
    this.file = looked.file;
  }

  /** Everything from a MiB on is streamed. `sending` stands in the way of bodies. */
  transfer(sending: (body: StreamedBody, send: (body: Body) => Promise<void>) => Promise<void>): Transfer {
    const { vault } = this;
    const report = (event: RunEvent): void => void this.events.push(event);
    const uploadPart: MemoryVault['uploadPart'] = (upload, range, body, signal) => {
      if ('bytes' in body) throw new Error('the body is in memory');
      return sending(body, (other) => vault.uploadPart(upload, range, other, signal));
    };
    const place = placeOf(this.tree.path);
    const uploadWhole: MemoryVault['uploadWhole'] = (...words) => vault.uploadWhole(...words);
    const read: MemoryVault['read'] = (...words) => vault.read(...words);
    const meddled = { uploadPart, uploadWhole, read };
    return createInlineTransfer({ place, vault: meddled, engine: nodeEngine, width: 1, streamFrom: MIB, report });
  }

  async send(sending: Parameters<StreamWorld['transfer']>[0]): Promise<Buffer> {
    const upload = await this.vault.beginUpload(8 * MIB, '', never);
    const { treeHash, sent } = await this.transfer(sending).sendPart(this.file, upload, RANGE, null, never);
    expect({ treeHash, sent }).toEqual({ treeHash: HASH, sent: true });
    await this.vault.completeUpload(upload, this.file.size, treeHash, never);
    return Buffer.from(this.vault.archives()[0]?.bytes ?? []);
  }

  /** Other content of the same length and time: nothing that a status shows is another. */
  changeSecretly(): void {
    const path = `${this.tree.path}/f`;
    const bytes = readFileSync(path);
    bytes[3 * MIB] = (bytes[3 * MIB] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    utimesSync(path, 100, 100);
  }

  [Symbol.dispose](): void {
    this.tree[Symbol.dispose]();
  }
}

describe('a body that is streamed', () => {
  it('arrives as it was hashed, and its memory is 2 MiB', async () => {
    using world = await StreamWorld.open();
    const memories = new Set<ArrayBufferLike>();
    const stored = await world.send(async (body, send) => {
      expect(body.size).toBe(CONTENT.length);
      const pieces: StreamedBody['pieces'] = async function* (signal) {
        for await (const piece of body.pieces(signal)) {
          memories.add(piece.buffer);
          yield piece;
        }
      };
      await send({ ...body, pieces });
    });
    expect(stored.equals(CONTENT)).toBe(true);
    expect([...memories].map(({ byteLength }) => byteLength)).toEqual([2 * MIB]);
    expect(world.events).toEqual([{ event: 'moved', bytes: CONTENT.length }]);
  });

  it('is read anew for each attempt, also after one that left off in the middle', async () => {
    using world = await StreamWorld.open();
    const stored = await world.send(async (body, send) => {
      const abandoned = body.pieces(never)[Symbol.asyncIterator]();
      await abandoned.next();
      for await (const _ of body.pieces(never)) break;
      await send(body);
    });
    expect(stored.equals(CONTENT)).toBe(true);
  });

  it('is streamed as a whole archive too', async () => {
    using world = await StreamWorld.open();
    const transfer = world.transfer(() => Promise.reject(new Error('no part')));
    const { stored, treeHash } = await transfer.sendWhole(world.file, 'said of it', never);
    expect(treeHash).toBe(HASH);
    const [held] = world.vault.archives();
    expect(held).toMatchObject({ id: stored.archiveId, description: 'said of it' });
    expect(Buffer.from(held?.bytes ?? []).equals(CONTENT)).toBe(true);
  });

  it('is not sent where the vault has it already', async () => {
    using world = await StreamWorld.open();
    const upload = await world.vault.beginUpload(8 * MIB, '', never);
    const transfer = world.transfer(() => Promise.reject(new Error('it was sent')));
    const part = await transfer.sendPart(world.file, upload, RANGE, HASH, never);
    expect(part).toEqual({ treeHash: HASH, sent: false });
  });

  it('a file that is written to between its two readings is told as changed before all of it is sent', async () => {
    using world = await StreamWorld.open();
    let given = 0;
    const sending = world.send(async (body) => {
      writeFileSync(`${world.tree.path}/f`, CONTENT);
      for await (const piece of body.pieces(never)) given += piece.length;
    });
    await expect(sending).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect(given).toBe(5 * MIB);
  });

  it('and so when its time was put back, and only the vault can tell', async () => {
    using world = await StreamWorld.open();
    const sending = world.send((body, send) => {
      world.changeSecretly();
      return send(body);
    });
    await expect(sending).rejects.toMatchObject({ code: 'FILE_CHANGED', message: '"f" was changed meanwhile' });
  });

  it('what changed on the way is no change of the file', async () => {
    using world = await StreamWorld.open();
    const refused = new Failure('HASH_MISMATCH', 'other bytes arrived');
    const sending = world.send(() => Promise.reject(refused));
    await expect(sending).rejects.toBe(refused);
  });
});
