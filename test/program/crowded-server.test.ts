// A local vault with more clients than it has file descriptors for, and one whose log is renamed while it writes it.

import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bothHashes, send, type Target } from '../edges/local-server/raw-client.js';
import { type Ended, mtglacier, type Started, sees, start } from './program.js';

let home: string;
let running: Started[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mtglacier-crowd-'));
});
afterEach(async () => {
  for (const { process, ended } of running) {
    process.kill('SIGKILL');
    await ended;
  }
  running = [];
  rmSync(home, { recursive: true });
});

const folder = (): string => join(home, 'data');

async function startServer(words: readonly string[], under: readonly string[] = []): Promise<Started> {
  const started = start(['local-vault', '--data', folder(), '--port', '0', ...words], { under });
  running.push(started);
  await sees(started, 'photos.journal');
  return started;
}

function targetOf(): Target {
  const text = readFileSync(join(folder(), 'glacier.cfg'), 'utf8');
  const value = (name: string): string => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? '';
  const [endpoint, region] = [value('endpoint'), value('region')];
  return { endpoint, region, accessKeyId: value('key'), secretAccessKey: value('secret') };
}

/** Ends the server as its users do. @returns what it said */
async function ended(server: Started, signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
  server.process.kill(signal);
  return server.ended;
}

async function outcomeOf(target: Target, text: string): Promise<number | string> {
  const body = Buffer.from(text);
  const request = { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(body), body };
  return send(target, request).then(
    ({ status }) => status,
    ({ code }: NodeJS.ErrnoException) => code ?? '',
  );
}

async function knock(target: Target): Promise<Socket> {
  const { port } = new URL(target.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

describe('local-vault with more clients than file descriptors', () => {
  it('local-vault: refuses clients rather than run out of files, and serves again when they have gone', async () => {
    const server = await startServer([], ['sh', '-c', 'ulimit -n 96; exec "$0" "$@"']);
    const target = targetOf();
    await send(target, { method: 'PUT', path: '/-/vaults/V' });
    const crowd = await Promise.all(Array.from({ length: 200 }, () => knock(target)));
    const meanwhile = await Promise.all(Array.from({ length: 30 }, (_, i) => outcomeOf(target, `crowded ${i}`)));
    expect(meanwhile.filter((outcome) => ![201, 503, 'ECONNRESET'].includes(outcome))).toEqual([]);
    expect(meanwhile.filter((outcome) => outcome !== 201).length).toBeGreaterThan(0);
    for (const socket of crowd) socket.destroy();
    let stored = meanwhile.filter((outcome) => outcome === 201).length;
    for (let i = 0; i < 10; i++) {
      while ((await outcomeOf(target, `free ${i}`)) !== 201);
      stored += 1;
    }
    expect((await send(target, { method: 'GET', path: '/-/vaults/V' })).json['NumberOfArchives']).toBe(stored);
    expect((await ended(server)).exitCode).toBe(0);
    expect((await mtglacier('local-vault', '--data', folder(), '--check')).exitCode).toBe(0);
  });
});

describe('local-vault whose log is renamed', () => {
  const pathsIn = (file: string): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { path: string }).path);

  it('local-vault: begins a new log at SIGUSR2, and loses no line', async () => {
    const [log, old] = [join(home, 'requests.ndjson'), join(home, 'requests.ndjson.1')];
    const server = await startServer(['--log', log]);
    const target = targetOf();
    const asked: string[] = [];
    const ask = async (): Promise<void> => {
      const path = `/${asked.length}`;
      asked.push(path);
      await send(target, { method: 'GET', path });
    };
    await ask();
    renameSync(log, old);
    // Until it is told, it writes on where it wrote.
    await ask();
    expect(existsSync(log)).toBe(false);
    server.process.kill('SIGUSR2');
    while (!existsSync(log)) await ask();
    await ask();
    expect((await ended(server)).exitCode).toBe(0);
    expect(pathsIn(old).length).toBeGreaterThanOrEqual(2);
    expect([...pathsIn(old), ...pathsIn(log)]).toEqual(asked);
  });

  it('local-vault: goes on with the old log when the new one cannot be opened, and says so', async () => {
    const log = join(home, 'logs', 'requests.ndjson');
    mkdirSync(join(home, 'logs'));
    const server = await startServer(['--log', log]);
    const target = targetOf();
    renameSync(join(home, 'logs'), join(home, 'gone'));
    const told = new Promise<void>((resolve) => server.process.stderr?.on('data', () => resolve()));
    server.process.kill('SIGUSR2');
    await told;
    await send(target, { method: 'GET', path: '/after' });
    const { stderr } = await ended(server);
    expect(stderr).toContain(`cannot write the log "${log}": ENOENT`);
    expect(pathsIn(join(home, 'gone', 'requests.ndjson'))).toEqual(['/after']);
  });

  it('local-vault: goes on at SIGUSR2 without a log, and ends at SIGHUP, as when its terminal is closed', async () => {
    const server = await startServer([]);
    server.process.kill('SIGUSR2');
    expect((await send(targetOf(), { method: 'GET', path: '/-/vaults' })).status).toBe(200);
    expect(await ended(server, 'SIGHUP')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('interrupted'),
    });
  });
});
