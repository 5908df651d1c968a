// The command local-vault, on loopback.

import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { openConfig, readConfig } from '../../src/cli/config.js';
import { runProgram } from '../../src/cli/run-program.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { VaultName } from '../../src/model/identifiers.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { openVaults } from '../../src/vault/open.js';
import { FakeProcess, FakeStream } from './fakes.js';

/** Runs until the first text on stdout, then does `meanwhile`, then interrupts. */
async function serve(argv: readonly string[], meanwhile: (stdout: string) => Promise<void> | void) {
  const process = new FakeProcess();
  const stderr = new FakeStream();
  let spoken: () => void = () => {};
  const first = new Promise<void>((resolve) => (spoken = resolve));
  const stdout = new (class extends FakeStream {
    override write(chunk: string | Uint8Array): unknown {
      const hasRoom = super.write(chunk);
      if (this.text.endsWith('photos.journal\n')) spoken();
      return hasRoom;
    }
  })();
  const parts = { argv, environment: {}, commands: COMMANDS, stdout: stdout.open(), stderr: stderr.open(), process };
  const running = runProgram(parts);
  await Promise.race([first, running]);
  await meanwhile(stdout.text);
  process.send('SIGINT');
  return { exitCode: await running, stderr: stderr.text };
}

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'mtglacier-local-')), 'demo');

describe('local-vault', () => {
  it('local-vault: serves, says where and what to type, and ends with 0 when interrupted', async () => {
    const data = newFolder();
    let endpoint = '';
    const { exitCode } = await serve(['local-vault', '--data', data, '--port', '0'], async (stdout) => {
      endpoint = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(stdout)?.[1] ?? '';
      expect(stdout).toContain('mtglacier create-vault photos --config');
      expect((await fetch(`${endpoint}/-/vaults`)).status).toBeGreaterThanOrEqual(400);
    });
    expect(exitCode).toBe(0);
    await expect(fetch(`${endpoint}/-/vaults`)).rejects.toThrow('fetch failed');
  });

  it('local-vault: writes a config that the other commands can use, for the user alone', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0', '--region', 'eu-west-1'], () => {
      const file = join(data, 'glacier.cfg');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const { entries, notices } = readConfig(openConfig(file));
      expect([...entries.keys()]).toEqual(['endpoint', 'region', 'key', 'secret']);
      expect(entries.get('region')?.text).toBe('eu-west-1');
      expect(notices).toEqual([]);
    });
  });

  it('local-vault: --job-delay is how long retrievals take, and clients are told', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0', '--job-delay', '70'], async () => {
      const { entries } = readConfig(openConfig(join(data, 'glacier.cfg')));
      const [endpoint, region, key, secret] = [...entries.values()].map(({ text }) => text);
      const never = new AbortController().signal;
      const common = { protocol: 'https', timeoutMs: 10_000, concurrency: 1 } as const;
      await using open = await openVaults({ ...common, endpoint, region, key, secret }, () => undefined);
      const name = VaultName.parse('v');
      await open.vaults.create(name, never);
      const bytes = Buffer.from('hello');
      const treeHash = treeHashOf(bytes, nodeEngine);
      const { archiveId } = await open.vault(name).uploadWhole({ bytes, sha256: treeHash, treeHash }, '', never);
      for (const tier of ['Expedited', 'Standard', 'Bulk'] as const) {
        const { at, expected } = await open.vault(name).requestRetrieval(archiveId, tier, never);
        expect(expected).toEqual({ from: at + 70, to: at + 70 });
      }
    });
  });

  it('local-vault: its secret is not printed', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0'], (stdout) => {
      const secret = /^secret = (.*)$/m.exec(readFileSync(join(data, 'glacier.cfg'), 'utf8'))?.[1] ?? '';
      expect(secret).toHaveLength(40);
      expect(stdout).not.toContain(secret);
    });
  });

  it('local-vault: a port in use is named, and gives 2', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { exitCode, stderr } = await serve(['local-vault', '--data', newFolder(), '--port', `${port}`], () => {});
    await new Promise((resolve) => other.close(resolve));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`^ERROR: .*${port}.*in use`));
  });

  it('local-vault: an address of another machine is named, and gives 2', async () => {
    const there = ['--data', newFolder(), '--port', '0', '--host', '192.0.2.1'];
    const { exitCode, stderr } = await serve(['local-vault', ...there], () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'ERROR: cannot listen on 192.0.2.1:0: the address is not one of this machine\n' +
        'hint: choose an address of this machine, such as 127.0.0.1\n',
    );
  });

  it('local-vault: a file in the place of its folder is refused with 2', async () => {
    const data = newFolder();
    writeFileSync(data, '');
    const { exitCode, stderr } = await serve(['local-vault', '--data', data], () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--data "${data}" cannot be used: EEXIST`);
    expect(existsSync(`${data}/glacier.cfg`)).toBe(false);
  });
});
