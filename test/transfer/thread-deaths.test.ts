// Threads that die: who notices, what is done again, and what is told of it.

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openLanding } from '../../src/disk/landing.js';
import { Failure } from '../../src/model/failure.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { RelPath } from '../../src/model/rel-path.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { createThreadedTransfer } from '../../src/transfer/threads.js';
import { never } from '../disk/temporary-directory.js';
import { bytesOf, MIB } from '../vault/bytes.js';
import { compileThread } from './compiled-thread.js';
import { NAME, TransferWorld } from './transfer-world.js';

const compiled = compileThread();
afterAll(() => compiled[Symbol.dispose]());

/** A world whose threads run this program. */
function world(script: URL): Promise<TransferWorld> {
  return TransferWorld.open(({ place, settings, width, report }) => {
    const vault = { settings: () => Promise.resolve(settings), name: NAME };
    const inline = { fetchRange: () => Promise.reject(new Error('not here')) };
    return createThreadedTransfer({ place, vault, engine: 'node', threads: 2, width, report, inline, script });
  });
}

const CONTENT = bytesOf(9 * MIB);
const HASH = treeHashOf(CONTENT, nodeEngine);

/** A path of its own for each use: what has died once of a path does not die of it again. */
function named(deed: string, where: string): string {
  return `${where}/${deed}`;
}

describe('threads that die', () => {
  it.each([
    ['exits', 'when it exits'],
    ['throws', 'of an error that nobody catches'],
    ['fills', 'for want of memory'],
  ])('%s: a file is hashed again by another, and every byte told once', async (deed) => {
    await using here = await world(compiled.mortal);
    const dying = here.put(named(`${deed}-1`, 'hashed'), CONTENT);
    const healthy = here.put('healthy', CONTENT);
    const transfer = here.transfer(4);
    const hashes = await Promise.all([dying, healthy, healthy].map((file) => transfer.hashFile(file, never)));
    expect(hashes).toEqual([HASH, HASH, HASH]);
    expect(here.moved).toBe(3 * CONTENT.length);
    expect(here.retried.length).toBeGreaterThanOrEqual(1);
    expect(new Set(here.retried)).toEqual(new Set(['hash range']));
  });

  it('a part is sent again', async () => {
    await using here = await world(compiled.mortal);
    const file = here.put(named('exits-2', 'parts'), CONTENT);
    const upload = await here.begin(16 * MIB);
    const part = await here.transfer().sendPart(file, upload, { start: 0, end: file.size }, null, never);
    expect(part).toEqual({ treeHash: HASH, sent: true });
    expect(here.moved).toBe(file.size);
    const { archiveId } = await here.vault.completeUpload(upload, file.size, HASH, never);
    expect((await here.content(archiveId)).equals(CONTENT)).toBe(true);
  });

  it('a file that may have been stored is stored again, and the request counted', async () => {
    await using here = await world(compiled.mortal);
    const file = here.put(named('exits-1', 'whole'), CONTENT);
    const { stored, treeHash } = await here.transfer().sendWhole(file, '', never);
    expect(treeHash).toBe(HASH);
    expect(stored.unansweredRequests).toBe(1);
    // It died when it told of the bytes, and so when the vault had them.
    expect(here.server.vault.control.requests().counts['UploadArchive']).toEqual({ '201': 2 });
    expect(here.moved).toBe(file.size);
  });

  it('after that a refusal does not say that nothing was stored', async () => {
    await using here = await world(compiled.mortal);
    const file = here.put(named('exits-1', 'refused'), 'content');
    const refuse = (): void => here.server.vault.control.changeConditions({ serviceClosed: true });
    const transfer = here.transfer();
    here.onEvent = refuse;
    const failure = await transfer.sendWhole(file, '', never).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'THREAD_LOST', message: expect.stringContaining('no longer accepts') });
  });

  it('a range is fetched again into its place', async () => {
    await using here = await world(compiled.mortal);
    const { stored } = await here.transfer().sendWhole(here.put('f', CONTENT), '', never);
    const ready = await here.ready(stored.archiveId);
    const path = RelPath.parse(named('exits-1', 'fetched'));
    await using landing = await openLanding(here.place, path, ready.size);
    const before = here.moved;
    expect(await here.transfer().fetchRange(ready, { start: 0, end: ready.size }, landing, never)).toBe(HASH);
    await landing.finish(null);
    expect(readFileSync(`${here.tree.path}/${path}`).equals(CONTENT)).toBe(true);
    expect(here.moved - before).toBe(ready.size);
    expect(here.retried).toEqual(['fetch range']);
  });

  it('when they keep dying of a task, that is given up, and others go on', async () => {
    await using here = await world(compiled.mortal);
    const transfer = here.transfer(4);
    const file = here.put(named('exits-before-9', 'given-up'), CONTENT);
    const failure = await transfer.hashFile(file, never).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'THREAD_LOST', hint: 'run it with --threads 1' });
    expect(here.retried).toEqual(['hash range', 'hash range']);
    expect(await transfer.hashFile(here.put('healthy', CONTENT), never)).toBe(HASH);
  });

  it('when they cannot even start, all that waits is told so', async () => {
    await using here = await world(compiled.stillborn);
    const transfer = here.transfer(2);
    const file = here.put('f', CONTENT);
    const failures = await Promise.all(
      [1, 2, 3].map(() => transfer.hashFile(file, never).catch((thrown: unknown) => thrown)),
    );
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(Failure);
      expect(failure).toMatchObject({ code: 'THREAD_LOST' });
    }
  });
});
