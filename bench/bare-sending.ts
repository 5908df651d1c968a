// A yardstick: a warm file read and sent in parts over plain sockets, without any hash.

import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { type Raw, timed } from './raw-figures.js';
import type { Stage } from './stage.js';

const MIB = 1024 * 1024;
const PART = 16 * MIB;
const LANES = 2;

export function readAndSent(file: string): Raw {
  const name = `read and sent without hashes, ${LANES} at once`;
  return { name, unit: 'bytes', run: (stage) => sent(stage, stage.path(file)) };
}

/** Connecting is not counted. */
async function sent(stage: Stage, path: string) {
  const vault = await stage.serveScript('null-vault.js');
  const file = await open(path);
  const { size } = await file.stat();
  const sockets = Array.from({ length: LANES }, () => connect(Number(vault.greeting), '127.0.0.1').setNoDelay(true));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  let next = 0;
  const run = await timed(async () => {
    await Promise.all(
      sockets.map(async (socket) => {
        for (let at = next; at < size; at = next) {
          next = at + PART;
          await sendPart(socket, file, at);
        }
      }),
    );
    return size;
  });
  for (const socket of sockets) socket.destroy();
  await file.close();
  await vault.stop();
  return run;
}

async function sendPart(socket: Socket, file: FileHandle, start: number): Promise<void> {
  const answered = once(socket, 'data');
  socket.write(`PUT /-/vaults/bench/multipart-uploads/any HTTP/1.1\r\nContent-Length: ${PART}\r\n\r\n`);
  const piece = Buffer.allocUnsafeSlow(MIB);
  for (let at = start; at < start + PART; at += MIB) {
    await file.read(piece, 0, MIB, at);
    await new Promise<void>((resolve) => void socket.write(piece, () => resolve()));
  }
  await answered;
}
