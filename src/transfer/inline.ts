// The transfer tasks in this thread.

import { type LandingFile, readFromLanding } from '../disk/landing-file.js';
import type { Place } from '../disk/place.js';
import { openSource } from '../disk/source.js';
import type { Report } from '../model/events.js';
import { asFailure, Failure, reachOf, throwIfInterrupted } from '../model/failure.js';
import type { HashEngine } from '../model/hash-engine.js';
import { giveBack } from '../model/lent-memory.js';
import type { LocalFile } from '../model/local-file.js';
import { type ByteRange, wholeOf } from '../model/parts.js';
import { LEAF_SIZE, type TreeHash, TreeHasher } from '../model/tree-hash.js';
import type { Body, Uploading } from '../vault/port.js';
import type { Retrieving } from '../vault/retrieving-port.js';
import { STREAM_FROM, WINDOW, withFileBody } from './file-body.js';
import { LaneBuffer } from './lane-buffer.js';
import type { RangeWriter, Transfer } from './port.js';
import { inReadingTurn, mediumOf, type ReadingTurn } from './reading-turn.js';
import { Turns } from './turns.js';

export interface InlineTransferOptions {
  /** Where the files are. */
  readonly place: Pick<Place, 'locate' | 'encoding'>;
  readonly vault: Pick<Uploading, 'uploadWhole' | 'uploadPart'> & Pick<Retrieving, 'read'>;
  readonly engine: HashEngine;
  /** How many tasks at once. */
  readonly width: number;
  /** Bodies of so many bytes or more are read twice and never held in memory. */
  readonly streamFrom?: number;
  /** Where files are to be read one after another: the turn at it, which others may share. */
  readonly reading?: ReadingTurn | undefined;
  readonly report: Report;
}

/** How often a range is fetched anew when it breaks off on the way; opening it has its own patience. */
const FETCH_ATTEMPTS = 8;

export function createInlineTransfer(options: InlineTransferOptions): Transfer {
  const { place, vault, engine, streamFrom = STREAM_FROM, reading, report } = options;
  const lanes = new Turns(options.width, () => new LaneBuffer());
  const moved = (bytes: number): void => report({ event: 'moved', bytes });
  const bodies = { engine, streamFrom, place, reading };

  const hashRange: Transfer['hashRange'] = (file, range, signal) =>
    lanes.during(signal, (lane) => inReadingTurn(reading, signal, () => hashOf(file, range, lane, signal)));

  return {
    hashFile: (file, signal) => hashRange(file, wholeOf(file), signal),

    hashRange,

    sendWhole(file, description, signal) {
      const send = async (body: Body) => {
        const stored = await vault.uploadWhole(body, description, signal);
        moved(file.size);
        return { stored, treeHash: body.treeHash };
      };
      return lanes.during(signal, (lane) => withFileBody(file, wholeOf(file), lane, bodies, signal, send));
    },

    sendPart(file, upload, range, held, signal) {
      const send = async (body: Body) => {
        const sent = body.treeHash !== held;
        if (sent) await vault.uploadPart(upload, range, body, signal);
        moved(range.end - range.start);
        return { treeHash: body.treeHash, sent };
      };
      return lanes.during(signal, (lane) => withFileBody(file, range, lane, bodies, signal, send));
    },

    async fetchRange(ready, range, into, signal) {
      using lane = await lanes.take(signal);
      for (let attempt = 1; ; attempt++) {
        try {
          const { treeHash, body } = await vault.read(ready, range, signal);
          const received = await receive(body, range, lane.tool, engine, into);
          if (treeHash === null && into.mustBeTold === true) throw unproven(range);
          if (treeHash !== null && treeHash !== received) {
            const what = `bytes ${range.start}-${range.end - 1} of retrieval ${ready.jobId}`;
            throw new Failure('HASH_MISMATCH', `${what} arrived with another tree hash`);
          }
          moved(range.end - range.start);
          return received;
        } catch (thrown) {
          const failure = asFailure(thrown);
          const again = reachOf(failure.code) === 'retry' || failure.code === 'HASH_MISMATCH';
          if (!again || attempt === FETCH_ATTEMPTS) throw failure;
          report({ event: 'retrying', request: 'read', attempt: attempt + 1, delayMs: 0, why: failure.message });
        }
      }
    },

    hasLanded: provingLanded({ lanes, engine, moved }),
  };

  async function hashOf(file: LocalFile, range: ByteRange, lane: LaneBuffer, signal: AbortSignal): Promise<TreeHash> {
    await using source = openSource(place, file, mediumOf(reading));
    const hasher = new TreeHasher(engine);
    for await (const piece of source.pieces(range, windowFor(range, lane), signal)) {
      hasher.update(piece);
      moved(piece.length);
    }
    return hasher.digest();
  }
}

function windowFor({ start, end }: ByteRange, lane: LaneBuffer): Uint8Array {
  return lane.ofSize(Math.min(end - start, WINDOW));
}

interface Proving {
  readonly lanes: Turns<LaneBuffer>;
  readonly engine: HashEngine;
  readonly moved: (bytes: number) => void;
}

function provingLanded({ lanes, engine, moved }: Proving): Transfer['hasLanded'] {
  return async (file, range, treeHash, signal) => {
    using lane = await lanes.take(signal);
    const isSame = (await hashLanded(file, range, lane.tool, engine, signal)) === treeHash;
    if (isSame) moved(range.end - range.start);
    return isSame;
  };
}

/** Null where not all of it is there, or readable. */
async function hashLanded(
  file: LandingFile,
  { start, end }: ByteRange,
  lane: LaneBuffer,
  engine: HashEngine,
  signal: AbortSignal,
): Promise<TreeHash | null> {
  const hasher = new TreeHasher(engine);
  const buffer = lane.ofSize(LEAF_SIZE);
  for (let at = start; at < end; at += LEAF_SIZE) {
    throwIfInterrupted(signal);
    const piece = buffer.subarray(0, Math.min(LEAF_SIZE, end - at));
    if (!(await readFromLanding(file, piece, at))) return null;
    hasher.update(piece);
  }
  return hasher.digest();
}

/**
 * Writes what arrives to its place, in pieces of a MiB: one is filled and hashed while the one before is written.
 * @throws Failure CONNECTION_BROKEN when it is not exactly the range
 */
async function receive(
  body: AsyncIterable<Uint8Array>,
  range: ByteRange,
  lane: LaneBuffer,
  engine: HashEngine,
  into: RangeWriter,
): Promise<TreeHash> {
  const hasher = new TreeHasher(engine);
  const both = lane.ofSize(2 * LEAF_SIZE);
  const halves = [both.subarray(0, LEAF_SIZE), both.subarray(LEAF_SIZE)] as const;
  let at = range.start;
  let turn: 0 | 1 = 0;
  let filled = 0;
  let writing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const piece = halves[turn].subarray(0, filled);
    hasher.update(piece);
    await writing; // its half is filled next: it must be on its way out of memory
    writing = into.write(piece, at);
    writing.catch(() => undefined); // looked at by the next flush, or at the end
    at += filled;
    filled = 0;
    turn = turn === 0 ? 1 : 0;
  };

  try {
    for await (const chunk of body) {
      if (at + filled + chunk.length > range.end) throw incomplete(range, 'more');
      for (let taken = 0; taken < chunk.length; ) {
        const fits = chunk.subarray(taken, taken + LEAF_SIZE - filled);
        halves[turn].set(fits, filled);
        filled += fits.length;
        taken += fits.length;
        if (filled === LEAF_SIZE) await flush();
      }
      giveBack(chunk);
    }
    if (filled > 0) await flush();
  } finally {
    // Nobody may take over this lane's buffer while it is still being written from.
    await writing.catch(() => undefined);
  }
  await writing;
  if (at !== range.end) throw incomplete(range, 'fewer');
  return hasher.digest();
}

function unproven({ start, end }: ByteRange): Failure {
  return new Failure('VAULT_REFUSED', `the vault tells no tree hash of bytes ${start}-${end - 1}: nothing proves them`);
}

function incomplete(range: ByteRange, than: string): Failure {
  return new Failure('CONNECTION_BROKEN', `${than} bytes arrived than the ${range.end - range.start} asked for`);
}
