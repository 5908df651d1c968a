// Yardsticks: ranges of one content fetched over plain sockets, and dropped, or written where they belong.

import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type Raw, type RawRun, timed } from './raw-figures.js';
import type { Stage } from './stage.js';

const MIB = 1024 * 1024;
/** As restore-completed does where nothing else is said. */
const SEGMENT = 16 * MIB;
const LANES = 4;

type Take = (bytes: Buffer, at: number) => void;

export function fetchedAndDropped(content: string): Raw {
  const name = `ranged GET over loopback, ${LANES} at once, dropped`;
  return { name, unit: 'bytes', run: (stage) => fetched(stage, content, () => undefined) };
}

/** Flushed at its end. */
export function fetchedAndWritten(content: string): Raw {
  const name = `ranged GET over loopback, ${LANES} at once, written`;
  return { name, unit: 'bytes', run: (stage) => written(stage, content) };
}

async function written(stage: Stage, content: string): Promise<RawRun> {
  const file = openSync(stage.path('fetched'), 'w');
  const run = await fetched(stage, content, (bytes, at) => void writeSync(file, bytes, 0, bytes.length, at), file);
  closeSync(file);
  stage.remove('fetched');
  return run;
}

/** Connecting is not counted. @param flushed an open file */
async function fetched(stage: Stage, content: string, take: Take, flushed: number | null = null): Promise<RawRun> {
  const vault = await stage.serveScript('null-vault.js', '--content', stage.path(content));
  const { size } = statSync(stage.path(content));
  const lanes = Array.from({ length: LANES }, () => new Lane(take));
  await Promise.all(lanes.map((lane) => lane.connect(Number(vault.greeting))));
  let next = 0;
  const run = await timed(async () => {
    await Promise.all(
      lanes.map(async (lane) => {
        for (let at = next; at < size; at = next) {
          next = at + SEGMENT;
          await lane.get(at, Math.min(next, size));
        }
      }),
    );
    if (flushed !== null) fdatasyncSync(flushed);
    return size;
  });
  for (const lane of lanes) lane.close();
  await vault.stop();
  return run;
}

/** One connection, all of whose bytes come through the same memory. */
class Lane {
  readonly #take: Take;
  readonly #socket: Socket;
  #at = 0;
  #end = 0;
  #isHeadRead = false;
  #arrived: () => void = () => undefined;

  constructor(take: Take) {
    this.#take = take;
    const buffer = Buffer.allocUnsafeSlow(MIB);
    const callback = (length: number): boolean => {
      this.#read(buffer.subarray(0, length));
      return true;
    };
    this.#socket = new Socket({ onread: { buffer, callback } } as ConstructorParameters<typeof Socket>[0]);
  }

  async connect(port: number): Promise<void> {
    this.#socket.setNoDelay(true).connect(port, '127.0.0.1');
    await once(this.#socket, 'connect');
  }

  get(start: number, end: number): Promise<void> {
    [this.#at, this.#end, this.#isHeadRead] = [start, end, false];
    return new Promise<void>((resolve, reject) => {
      this.#arrived = resolve;
      this.#socket.once('error', reject);
      this.#socket.write(`GET /-/vaults/bench/jobs/any/output HTTP/1.1\r\nRange: bytes=${start}-${end - 1}\r\n\r\n`);
    }).finally(() => void this.#socket.removeAllListeners('error'));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A head comes in one piece, over loopback. */
  #read(bytes: Buffer): void {
    const body = this.#isHeadRead ? bytes : bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
    this.#isHeadRead = true;
    this.#take(body, this.#at);
    this.#at += body.length;
    if (this.#at >= this.#end) this.#arrived();
  }
}
