// Bodies of senders who have proved nothing yet: together they take no more memory than they are given.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { receiveUnproven } from '../../../src/edges/local-server/bodies/body.js';
import { RoomForBodies } from '../../../src/edges/local-server/bodies/room-for-bodies.js';
import { snsRequest } from './notices/notice-client.js';
import { type RawRequest, send, signedHeaders, type Target } from './raw-client.js';
import { serving } from './serving.js';

const MIB = 1024 * 1024;

async function* chunks(...sizes: number[]): AsyncGenerator<Buffer> {
  for (const size of sizes) yield Buffer.alloc(size);
}

/** All of a body but its last byte, under a signature that is not the key's. */
async function unfinished(target: Target, request: RawRequest, size: number): Promise<Socket> {
  const { hostname, port } = new URL(target.endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const headers = Object.entries(signedHeaders(target, { ...request, secretAccessKey: 'x'.repeat(40) }));
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${lines}Content-Length: ${size}\r\n\r\n`);
  socket.write(Buffer.alloc(size - 1, 'a'));
  return socket;
}

describe('room for bodies', () => {
  test('what is received, refused or broken off makes room for the next', async () => {
    const room = new RoomForBodies(100);
    const refused = /holds 100 bytes of requests at once/;
    for (let i = 0; i < 3; i++) expect(await receiveUnproven(chunks(60, 40), room)).toHaveLength(100);
    for (let i = 0; i < 3; i++) await expect(receiveUnproven(chunks(60, 41), room)).rejects.toThrow(refused);
    for (let i = 0; i < 3; i++) await expect(receiveUnproven(chunks(60, 1), room, 60)).rejects.toThrow('more than 60');
    const held = room.take();
    held.add(99);
    expect(await receiveUnproven(chunks(1), room)).toHaveLength(1);
    await expect(receiveUnproven(chunks(2), room)).rejects.toThrow(refused);
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(await receiveUnproven(chunks(100), room)).toHaveLength(100);
    await expect(receiveUnproven(chunks(101), room)).rejects.toThrow(refused);
  });

  test.each<[string, RawRequest, number, number]>([
    ['Glacier', { method: 'POST', path: '/-/vaults/V/jobs' }, MIB, 140],
    ['SNS', { method: 'POST', path: '/', service: 'sns' }, 4 * MIB, 40],
  ])('one body too many for %s is refused, and served when the others are gone', async (_, request, size, count) => {
    await using own = await serving();
    const sockets = await Promise.all(Array.from({ length: count }, () => unfinished(own.vault, request, size)));
    const [answer] = (await Promise.race(sockets.map((socket) => once(socket, 'data')))) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 50[03] /);
    for (const socket of sockets) socket.destroy();
    const whole = snsRequest({ Action: 'ListTopics', Padding: 'x'.repeat(3 * MIB) });
    while ((await send(own.vault, whole)).status !== 200);
  });
});
