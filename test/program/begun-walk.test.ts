// The walk of a large directory begins before the vault is asked: whatever comes of that, the run ends as any other.

import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, mtglacier, start } from './program.js';
import { objectsOf, openWorkplace, type Workplace, writeConfig } from './workplace.js';

const ARCHIVES = 50_000;
/** More than a walk finds before anything of it is asked for: then it waits. */
const FILES = 40_000;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('begun-walk');
  mkdirSync(place.at('kept'));
  for (const name of ['a', 'b', 'c']) writeFileSync(place.at('kept', name), `content of ${name}`);
  mkdirSync(place.at('many'));
  for (let n = 0; n < FILES; n++) linkSync(place.at('kept', 'a'), place.at('many', `${n}`));
  const line = (n: number) => `B\t1800000000\tCREATED\tid-${n}\t1\t1\t${'0'.repeat(64)}\tgone/${n}\n`;
  writeFileSync(place.at('large'), Array.from({ length: ARCHIVES }, (_, n) => line(n)).join(''));
  // Its index says from now on how many files are expected.
  expect((await planned('large')).exitCode).toBe(0);
});

afterAll(() => place[Symbol.asyncDispose]());

function kept(journal: string, directory = 'kept'): readonly string[] {
  return ['--dir', place.at(directory), '--journal', place.at(journal)];
}

function planned(journal: string): Promise<Ended> {
  return mtglacier('sync', ...kept(journal), ...place.config, '--vault', 'photos', '--dry-run', '--json');
}

describe('a walk that began early', () => {
  it('finds what any walk finds', async () => {
    const { stdout } = await planned('large');
    const paths = objectsOf(stdout).flatMap(({ event, path }) => (event === 'planned' ? [path] : []));
    expect(paths).toEqual(['a', 'b', 'c']);
  });

  it('is of no account where there is no such vault', async () => {
    const syncing = (journal: string): Promise<Ended> =>
      mtglacier('sync', ...kept(journal, 'many'), ...place.config, '--vault', 'nowhere');
    const { exitCode, stderr } = await syncing('large');
    expect(exitCode).not.toBe(0);
    expect({ exitCode, stderr }).toMatchObject(
      await syncing('small').then(({ exitCode, stderr }) => ({ exitCode, stderr })),
    );
  });

  it('ends when the run is interrupted while the vault is silent', async () => {
    const sockets: Socket[] = [];
    const server = createServer();
    const asked = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        sockets.push(socket);
        resolve();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      writeConfig(place.at('silent.cfg'), place.server, `http://127.0.0.1:${port}`);
      const started = start([
        'sync',
        ...kept('large', 'many'),
        '--config',
        place.at('silent.cfg'),
        '--vault',
        'photos',
      ]);
      await asked;
      started.process.kill('SIGINT');
      const { exitCode, stderr } = await started.ended;
      expect(exitCode).toBe(130);
      expect(stderr).toContain('ERROR: interrupted by SIGINT');
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});
