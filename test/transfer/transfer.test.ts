// One contract for the transfer in this thread and the one in others.

import { appendFileSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { setImmediate as tick } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openLanding } from '../../src/disk/landing.js';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { ArchiveId, UploadId } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { rangesOf } from '../../src/model/parts.js';
import { RelPath } from '../../src/model/rel-path.js';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { combineTreeHashes, type TreeHash, treeHashOf } from '../../src/model/tree-hash.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import { createThreadedTransfer } from '../../src/transfer/threads.js';
import { never } from '../disk/temporary-directory.js';
import { bytesOf, MIB } from '../vault/bytes.js';
import { compileThread } from './compiled-thread.js';
import { NAME, type OpenTransfer, type TransferSetup, TransferWorld } from './transfer-world.js';

const compiled = compileThread();
afterAll(() => compiled[Symbol.dispose]());

const KINDS: readonly (readonly [string, OpenTransfer])[] = [
  ['inline', (setup) => Object.assign(inline(setup), { [Symbol.asyncDispose]: async () => undefined })],
  [
    'in threads',
    ({ place, settings, width, report, ...setup }) => {
      const vault = { settings: () => Promise.resolve(settings), name: NAME };
      const shared = { place, width, report, engine: 'node', threads: 2, script: compiled.thread } as const;
      return createThreadedTransfer({ ...shared, vault, inline: inline({ place, settings, width, report, ...setup }) });
    },
  ],
];

function inline({ place, vault, width, report }: TransferSetup) {
  return createInlineTransfer({ place, vault, engine: nodeEngine, width, report });
}

function hashOf(content: Uint8Array): TreeHash {
  return treeHashOf(content, nodeEngine);
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => 'nothing was thrown',
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Failure)) throw new Error(`not a failure: ${String(thrown)}`, { cause: thrown });
  return thrown;
}

describe.each(KINDS)('transfer %s', (_, open) => {
  const world = (): Promise<TransferWorld> => TransferWorld.open(open);

  it('a file is hashed, and every byte of it told once', async () => {
    await using here = await world();
    const transfer = here.transfer();
    for (const size of [1, MIB, MIB + 1, 20 * MIB + 7]) {
      const content = bytesOf(size, size);
      const before = here.moved;
      expect(await transfer.hashFile(here.put(`f${size}`, content), never)).toBe(hashOf(content));
      expect(here.moved - before).toBe(size);
    }
  });

  it('a file is stored in one request', async () => {
    await using here = await world();
    const transfer = here.transfer();
    for (const size of [7, 3 * MIB + 5]) {
      const content = bytesOf(size, size);
      const { stored, treeHash } = await transfer.sendWhole(here.put(`f${size}`, content), 'said of it', never);
      expect(treeHash).toBe(hashOf(content));
      expect(stored.unansweredRequests).toBe(0);
      expect((await here.content(stored.archiveId)).equals(content)).toBe(true);
    }
    expect(here.moved).toBe(3 * MIB + 12);
  });

  it('a file is stored in parts, but for those that the vault has', async () => {
    await using here = await world();
    const transfer = here.transfer();
    const content = bytesOf(5 * MIB + 17);
    const file = here.put('f', content);
    const upload = await here.begin(2 * MIB);
    const ranges = [...rangesOf(file.size, 2 * MIB)];
    const send = (held: TreeHash | null) =>
      Promise.all(ranges.map((range) => transfer.sendPart(file, upload, range, held, never)));
    const sent = await send(null);
    expect(sent.map((part) => part.sent)).toEqual([true, true, true]);
    const again = await send(sent[1]?.treeHash ?? null);
    expect(again.map((part) => part.sent)).toEqual([true, false, true]);
    const whole = combineTreeHashes(
      sent.map((part) => part.treeHash),
      nodeEngine,
    );
    expect(whole).toBe(hashOf(content));
    const { archiveId } = await here.vault.completeUpload(upload, file.size, whole, never);
    expect((await here.content(archiveId)).equals(content)).toBe(true);
    expect(here.moved).toBe(2 * file.size);
  });

  it('an archive is fetched in ranges into a file, and into memory', async () => {
    await using here = await world();
    const transfer = here.transfer();
    const content = bytesOf(5 * MIB + 17);
    const { stored } = await transfer.sendWhole(here.put('f', content), '', never);
    const ready = await here.ready(stored.archiveId);
    await using landing = await openLanding(here.place, RelPath.parse('back'), ready.size);
    const memory = Buffer.alloc(ready.size);
    const intoMemory = { write: async (bytes: Uint8Array, at: number) => memory.set(bytes, at) };
    for (const into of [landing, intoMemory]) {
      const before = here.moved;
      const ranges = [...rangesOf(ready.size, 2 * MIB)];
      const hashes = await Promise.all(ranges.map((range) => transfer.fetchRange(ready, range, into, never)));
      expect(combineTreeHashes(hashes, nodeEngine)).toBe(hashOf(content));
      expect(here.moved - before).toBe(ready.size);
    }
    await landing.finish(null);
    expect(await transfer.hashFile(here.found('back'), never)).toBe(hashOf(content));
    expect(memory.equals(content)).toBe(true);
  });

  it('what has landed is found by its tree hash, and counted when it is right', async () => {
    await using here = await world();
    const transfer = here.transfer();
    const content = bytesOf(5 * MIB + 17);
    const archive = { archive: ArchiveId.parse('a'.repeat(138)), treeHash: hashOf(content), segmentSize: 2 * MIB };
    await using landing = await openLanding(here.place, RelPath.parse('back'), content.length, archive);
    const { file } = landing;
    await landing.write(content, 0);
    const segment = { start: 2 * MIB, end: 4 * MIB };
    const due = hashOf(content.subarray(segment.start, segment.end));
    expect(await transfer.hasLanded(file, segment, due, never)).toBe(true);
    const last = { start: 4 * MIB, end: content.length };
    expect(await transfer.hasLanded(file, last, hashOf(content.subarray(last.start)), never)).toBe(true);
    expect(here.moved).toBe(3 * MIB + 17);
    await landing.write(Uint8Array.of(0xff & ~(content[3 * MIB] ?? 0)), 3 * MIB);
    expect(await transfer.hasLanded(file, segment, due, never)).toBe(false);
    const hidden = readdirSync(here.tree.path).find((name) => name.endsWith('.part'));
    truncateSync(`${here.tree.path}/${hidden}`, 4 * MIB + 3);
    expect(await transfer.hasLanded(file, last, hashOf(content.subarray(last.start)), never)).toBe(false);
    await expect(transfer.hasLanded(file, segment, due, AbortSignal.abort())).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(here.moved).toBe(3 * MIB + 17);
  });

  it('names stand on the disk as the place says', async () => {
    await using here = await world();
    const place = placeOf(here.tree.path, await loadEncoding('KOI8-R'));
    writeFileSync(Buffer.concat([Buffer.from(`${here.tree.path}/`), Buffer.from([0xd4, 0xc5, 0xd3, 0xd4])]), 'test');
    const looked = lookAt(place, RelPath.parse('тест'));
    if (looked.kind !== 'file') throw new Error(looked.kind);
    const transfer = here.transfer(1, place);
    expect(await transfer.hashFile(looked.file, never)).toBe(hashOf(Buffer.from('test')));
    const unnamed = { ...looked.file, path: RelPath.parse('一') };
    expect(await failureOf(transfer.hashFile(unnamed, never))).toMatchObject({ code: 'NAME_REFUSED' });
  });

  it('what the disk refuses is told as it is', async () => {
    await using here = await world();
    const transfer = here.transfer();
    const upload = await here.begin(MIB);
    const gone = here.put('d/gone', 'x');
    const changed = here.put('changed', 'x');
    const unreadable = here.put('unreadable', 'x');
    rmSync(`${here.tree.path}/d`, { recursive: true });
    appendFileSync(`${here.tree.path}/changed`, 'y');
    rmSync(`${here.tree.path}/unreadable`);
    symlinkSync('unreadable', `${here.tree.path}/unreadable`);
    const range = { start: 0, end: 1 };
    for (const deed of [
      (file: typeof gone) => transfer.hashFile(file, never),
      (file: typeof gone) => transfer.sendWhole(file, '', never),
      (file: typeof gone) => transfer.sendPart(file, upload, range, null, never),
    ]) {
      expect(await failureOf(deed(gone))).toMatchObject({
        code: 'FILE_VANISHED',
        message: '"d/gone" is no longer there',
      });
      expect(await failureOf(deed(changed))).toMatchObject({
        code: 'FILE_CHANGED',
        message: '"changed" was changed meanwhile',
        hint: 'run the same command again when nobody writes to it',
      });
      expect(await failureOf(deed(unreadable))).toMatchObject({ code: 'FILE_UNREADABLE' });
    }
    expect(here.moved).toBe(0);
  });

  it('what the vault refuses is told as it is', async () => {
    await using here = await world();
    const transfer = here.transfer();
    const file = here.put('f', 'content');
    const upload = UploadId.parse('n'.repeat(92));
    const sending = transfer.sendPart(file, upload, { start: 0, end: 7 }, null, never);
    expect(await failureOf(sending)).toMatchObject({
      code: 'UPLOAD_NOT_FOUND',
      message: expect.stringMatching(/^cannot upload a part to vault photos: /) as string,
    });
    here.server.vault.control.changeConditions({ serviceClosed: true });
    expect(await failureOf(transfer.sendWhole(file, '', never))).toMatchObject({
      code: 'SERVICE_CLOSED',
      hint: expect.stringContaining('AWS has closed') as string,
    });
  });

  it('what is tried again is told, and each byte still once', async () => {
    await using here = await world();
    const { control } = here.server.vault;
    const transfer = here.transfer();
    control.addFault({ operation: 'UploadArchive', fault: 'error', status: 500, next: 1 });
    const content = bytesOf(2 * MIB);
    const { stored } = await transfer.sendWhole(here.put('f', content), '', never);
    expect(here.retried).toEqual(['upload archive']);
    const ready = await here.ready(stored.archiveId);
    control.addFault({ operation: 'GetJobOutput', fault: 'corrupt', next: 1 });
    await using landing = await openLanding(here.place, RelPath.parse('back'), ready.size);
    expect(await transfer.fetchRange(ready, { start: 0, end: ready.size }, landing, never)).toBe(hashOf(content));
    expect(here.retried).toEqual(['upload archive', 'read']);
    expect(here.moved).toBe(2 * content.length);
  });

  it('a request that nobody answered is counted', async () => {
    await using here = await world();
    here.server.vault.control.addFault({ operation: 'UploadArchive', fault: 'lost-answer', next: 1 });
    const { stored } = await here.transfer().sendWhole(here.put('f', 'content'), '', never);
    expect(stored.unansweredRequests).toBe(1);
  });

  it('a file that is written to while it is hashed is told as changed', async () => {
    await using here = await world();
    const file = here.putZeros('f', 256 * MIB);
    const hashing = failureOf(here.transfer().hashFile(file, never));
    while (here.moved === 0) await tick();
    appendFileSync(`${here.tree.path}/f`, 'x');
    expect(await hashing).toMatchObject({ code: 'FILE_CHANGED' });
    expect(here.sizeOf('f')).toBe(file.size + 1);
  });

  it('a directory that goes away takes only what has not been read yet', async () => {
    await using here = await world();
    const transfer = here.transfer(1);
    const [read, unread] = ['d/read', 'd/unread'].map((name) => here.put(name, bytesOf(2 * MIB))) as [
      LocalFile,
      LocalFile,
    ];
    const stays = here.put('stays', 'content');
    const held = here.gate.holding(1);
    const first = transfer.sendWhole(read, '', never);
    const second = failureOf(transfer.sendWhole(unread, '', never));
    const third = transfer.sendWhole(stays, '', never);
    await held;
    renameSync(`${here.tree.path}/d`, `${here.tree.path}/elsewhere`);
    here.gate.release();
    expect((await first).treeHash).toBe(hashOf(bytesOf(2 * MIB)));
    expect((await second).code).toBe('FILE_VANISHED');
    expect((await third).treeHash).toBe(hashOf(Buffer.from('content')));
  });

  it('told to stop in the middle, it stops at once, and what others asked for goes on', async () => {
    await using here = await world();
    const transfer = here.transfer(4);
    const stop = new AbortController();
    const held = here.gate.holding(4);
    const files = [1, 2, 3, 4].map((seed) => here.put(`f${seed}`, bytesOf(2 * MIB, seed)));
    const sending = files.map((file, index) => transfer.sendWhole(file, '', index < 2 ? stop.signal : never));
    const stopped = sending.slice(0, 2).map(failureOf);
    await held;
    stop.abort();
    expect((await Promise.all(stopped)).map(({ code }) => code)).toEqual(['INTERRUPTED', 'INTERRUPTED']);
    here.gate.release();
    const [third, fourth] = await Promise.all(sending.slice(2));
    expect([third?.treeHash, fourth?.treeHash]).toEqual([3, 4].map((seed) => hashOf(bytesOf(2 * MIB, seed))));
    expect(await failureOf(transfer.hashFile(files[0]!, stop.signal))).toMatchObject({ code: 'INTERRUPTED' });
    expect(await transfer.hashFile(files[0]!, never)).toBe(hashOf(bytesOf(2 * MIB, 1)));
  });

  it('who waits for a turn stops waiting when told to', async () => {
    await using here = await world();
    const transfer = here.transfer(1);
    const stop = new AbortController();
    const held = here.gate.holding(1);
    const first = transfer.sendWhole(here.put('a', 'x'), '', never);
    await held;
    const second = failureOf(transfer.hashFile(here.found('a'), stop.signal));
    stop.abort();
    expect(await second).toMatchObject({ code: 'INTERRUPTED' });
    here.gate.release();
    expect((await first).treeHash).toBe(hashOf(Buffer.from('x')));
  });

  it('as many tasks are at work as it was made for, and no more', async () => {
    await using here = await world();
    const transfer = here.transfer(3);
    here.gate.onlyTogether(3);
    const files = Array.from({ length: 12 }, (__, seed) => here.put(`f${seed}`, bytesOf(MIB, seed)));
    const hashes = await Promise.all(files.map((file) => transfer.sendWhole(file, '', never)));
    expect(hashes.map(({ treeHash }) => treeHash)).toEqual(files.map((___, seed) => hashOf(bytesOf(MIB, seed))));
    expect(here.gate.most).toBe(3);
  });
});
