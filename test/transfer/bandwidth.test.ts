// A limit of bandwidth holds in threads as it does here: they book their bytes in the same memory.

import { afterAll, describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { limitBandwidth, type SharedBandwidth, sharedBandwidth } from '../../src/transfer/bandwidth.js';
import { createInlineTransfer } from '../../src/transfer/inline.js';
import { createThreadedTransfer } from '../../src/transfer/threads.js';
import { never } from '../disk/temporary-directory.js';
import { bytesOf, MIB } from '../vault/bytes.js';
import { compileThread } from './compiled-thread.js';
import { NAME, type OpenTransfer, TransferWorld } from './transfer-world.js';

const compiled = compileThread();
afterAll(() => compiled[Symbol.dispose]());

const RATE = 1024 * MIB;

function inThreads(bandwidth: SharedBandwidth): OpenTransfer {
  return ({ place, settings, vault, width, report }) => {
    const inline = createInlineTransfer({ place, vault, engine: nodeEngine, width, report });
    const told = { settings: () => Promise.resolve(settings), name: NAME };
    const shared = { place, width, report, engine: 'node', threads: 2, script: compiled.thread } as const;
    return createThreadedTransfer({ ...shared, vault: told, inline, bandwidth });
  };
}

/** Nanoseconds that were booked at this rate, by whoever. */
function bookedNs(memory: SharedArrayBuffer): bigint {
  return new BigInt64Array(memory)[1] ?? 0n;
}

describe('bandwidth in threads', () => {
  it('what they send is booked where everybody books', async () => {
    const bandwidth = sharedBandwidth();
    limitBandwidth(bandwidth, { up: RATE, down: null });
    await using world = await TransferWorld.open(inThreads(bandwidth));
    const transfer = world.transfer(2);
    const began = bookedNs(bandwidth.up);
    const { stored } = await transfer.sendWhole(world.put('f', bytesOf(4 * MIB)), '', never);
    expect(bookedNs(bandwidth.up) - began).toBeGreaterThanOrEqual((BigInt(4 * MIB) * 1_000_000_000n) / BigInt(RATE));
    expect(bookedNs(bandwidth.down)).toBe(0n);
    expect((await world.content(stored.archiveId)).length).toBe(4 * MIB);
  });
});
