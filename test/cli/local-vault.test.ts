// The command local-vault, on loopback.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/run-program.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { openConfig, readConfig } from '../../src/cli/words/config.js';
import { nodeEngine } from '../../src/model/hash-engine.js';
import { VaultName } from '../../src/model/identifiers.js';
import { treeHashOf } from '../../src/model/tree-hash.js';
import { openVaults } from '../../src/vault/open.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { FakeProcess, FakeStream } from './fakes.js';

/** Runs until stdout has that text, then does `meanwhile`, then interrupts. */
async function serve(
  argv: readonly string[],
  meanwhile: (stdout: string) => Promise<void> | void,
  awaited = 'photos.journal\n',
) {
  const process = new FakeProcess();
  const stderr = new FakeStream();
  let spoken: () => void = () => {};
  const first = new Promise<void>((resolve) => (spoken = resolve));
  const stdout = new (class extends FakeStream {
    override write(chunk: string | Uint8Array): unknown {
      const hasRoom = super.write(chunk);
      if (this.text.includes(awaited)) spoken();
      return hasRoom;
    }
  })();
  const parts = {
    argv,
    environment: {},
    commands: async () => COMMANDS,
    stdout: stdout.open(),
    stderr: stderr.open(),
    process,
  };
  const running = runProgram(parts);
  await Promise.race([first, running]);
  await meanwhile(stdout.text);
  process.send('SIGINT');
  return { exitCode: await running, stderr: stderr.text };
}

async function isThere(parts: AsyncIterable<unknown>): Promise<boolean> {
  try {
    for await (const _ of parts);
    return true;
  } catch (cause) {
    expect(cause).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    return false;
  }
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
        const { at, expected } = await open.vault(name).requestRetrieval(archiveId, wholeAt(tier), never);
        expect(expected).toEqual({ from: at + 70, to: at + 70 });
      }
    });
  });

  it('local-vault: every account has a config of its own, which a second start finds again', async () => {
    const data = newFolder();
    const keysOf = async () => {
      let keys: (string | undefined)[] = [];
      await serve(['local-vault', '--data', data, '--port', '0', '--accounts', '3'], (stdout) => {
        const configs = [...stdout.matchAll(/(?:need in|account \d{12} in) (\S+)$/gm)].map(([, file]) => file ?? '');
        expect(configs).toHaveLength(3);
        keys = configs.map((file) => readConfig(openConfig(file)).entries.get('key')?.text);
      });
      return keys;
    };
    const keys = await keysOf();
    expect(new Set(keys).size).toBe(3);
    expect(await keysOf()).toEqual(keys);
  });

  it('local-vault: --control says where, and moves the clock there', async () => {
    const line = ['local-vault', '--data', newFolder(), '--port', '0', '--control', '0', '--speed', '3600'];
    await serve(line, async (stdout) => {
      const control = /control it at (http:\/\/127\.0\.0\.1:\d+)/.exec(stdout)?.[1] ?? '';
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ advanceSeconds: 86_400 });
      const { now } = (await (await fetch(`${control}/clock`, { method: 'POST', headers, body })).json()) as {
        now: string;
      };
      expect(Date.parse(now) - Date.now()).toBeGreaterThan(86_000_000);
    });
  });

  it('local-vault: --json has everything that a script needs', async () => {
    const data = newFolder();
    const log = join(tmpdir(), `requests-${process.pid}.ndjson`);
    const line = [
      'local-vault',
      '--data',
      data,
      '--port',
      '0',
      '--control',
      '0',
      '--log',
      log,
      '--accounts',
      '2',
      '--json',
    ];
    await serve(
      line,
      (stdout) => {
        const listening = stdout.split('\n').find((one) => one.includes('"listening"')) ?? '{}';
        expect(JSON.parse(listening)).toMatchObject({
          endpoint: expect.stringMatching(/^http:/),
          control: expect.stringMatching(/^http:/),
          region: 'us-east-1',
          data,
          config: expect.stringMatching(/glacier\.cfg$/),
          accounts: [
            { account: expect.stringMatching(/^\d{12}$/), config: expect.stringMatching(/demo\/glacier\.cfg$/) },
            { account: expect.any(String), config: expect.stringMatching(/accounts\/\d{12}\/glacier\.cfg$/) },
          ],
          speed: 1,
          log,
        });
      },
      '"listening"',
    );
    rmSync(log);
  });

  it('local-vault: --log appends a line for every request, for the user alone', async () => {
    const data = newFolder();
    const log = join(data, '..', 'requests.ndjson');
    const line = ['local-vault', '--data', data, '--port', '0', '--log', log];
    for (const path of ['one', 'two']) {
      await serve(line, async (stdout) => {
        const endpoint = /listening on (http:\S+);/.exec(stdout)?.[1] ?? '';
        await (await fetch(`${endpoint}/${path}`)).text();
      });
    }
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines.map((one) => (JSON.parse(one) as { path: string }).path)).toEqual(['/one', '/two']);
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it('local-vault: --check tells what is damaged and ends with 4, or with 0 when nothing is', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0'], () => undefined);
    const check = async (): Promise<{ exitCode: number; said: string }> => {
      let said = '';
      const words = ['local-vault', '--data', data, '--check'];
      const { exitCode } = await serve(words, (stdout) => void (said = stdout), 'looked at');
      return { exitCode, said };
    };
    expect(await check()).toMatchObject({ exitCode: 0, said: expect.stringContaining('nothing is damaged\n') });
    writeFileSync(join(data, 'thesis.txt'), '');
    const found = await check();
    expect(found.exitCode).toBe(4);
    expect(found.said).toContain('thesis.txt" is no file of a local vault\n');
    expect(found.said).toContain('looked at: 1 account, 0 vaults, 0 uploads under way\n');
    expect(found.said).toContain('damaged: 1\n');
    expect(found.said).toContain('exit code 4: the folder is damaged\n');
    expect(found.said).not.toContain('journal');
  });

  it('local-vault: a log that cannot be written is refused with its name', async () => {
    const line = ['local-vault', '--data', newFolder(), '--port', '0', '--log', '/does/not/exist'];
    const { exitCode, stderr } = await serve(line, () => {});
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('cannot write the log "/does/not/exist": ENOENT');
  });

  it('local-vault: one port cannot be both', async () => {
    const line = ['local-vault', '--data', newFolder(), '--port', '8200', '--control', '8200'];
    const { exitCode, stderr } = await serve(line, () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--port and --control are the same port');
  });

  it('local-vault: a folder that is in use is refused, naming who uses it', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0'], async () => {
      const { exitCode, stderr } = await serve(['local-vault', '--data', data, '--port', '0'], () => {});
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`served by process ${process.pid}`);
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

  it('local-vault: a name that nobody knows is no address', async () => {
    const there = ['--data', newFolder(), '--port', '0', '--host', 'nowhere.invalid'];
    const { exitCode, stderr } = await serve(['local-vault', ...there], () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cannot listen on nowhere.invalid:0: ');
  });

  it('local-vault: a folder where none can be made is refused with 2', async () => {
    const { exitCode, stderr } = await serve(['local-vault', '--data', '/proc/none/demo'], () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--data "/proc/none/demo" cannot be used: ENOENT');
  });

  it('local-vault: --public-url is what clients are told, beside the address that it listens on', async () => {
    const data = newFolder();
    const line = ['local-vault', '--data', data, '--port', '0', '--public-url', 'https://vault.example/'];
    await serve(line, (stdout) => {
      expect(stdout).toMatch(
        /, listening on http:\/\/127\.0\.0\.1:\d+; .*\nclients reach it at https:\/\/vault\.example\n/,
      );
      const { entries } = readConfig(openConfig(join(data, 'glacier.cfg')));
      expect(entries.get('endpoint')?.text).toBe('https://vault.example');
    });
  });

  it('local-vault: with all addresses of this machine, the config has one that works', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0', '--host', '0.0.0.0'], async (stdout) => {
      const [, port = ''] = /listening on http:\/\/0\.0\.0\.0:(\d+);/.exec(stdout) ?? [];
      const { entries } = readConfig(openConfig(join(data, 'glacier.cfg')));
      expect(entries.get('endpoint')?.text).toBe(`http://127.0.0.1:${port}`);
      expect((await fetch(`${entries.get('endpoint')?.text}/-/vaults`)).status).toBe(400);
    });
  });

  it.each([
    ['1', true],
    ['25', false],
    ['0', false],
  ])(
    'local-vault: with --upload-idle %s, an upload that stood still for 24 hours is gone: %s',
    async (hours, isGone) => {
      const data = newFolder();
      const line = ['local-vault', '--data', data, '--port', '0', '--control', '0', '--upload-idle', hours];
      await serve(line, async (stdout) => {
        const control = /control it at (http:\/\/127\.0\.0\.1:\d+)/.exec(stdout)?.[1] ?? '';
        const { entries } = readConfig(openConfig(join(data, 'glacier.cfg')));
        const [endpoint, region, key, secret] = [...entries.values()].map(({ text }) => text);
        const never = new AbortController().signal;
        const common = { protocol: 'https', timeoutMs: 10_000, concurrency: 1 } as const;
        await using open = await openVaults({ ...common, endpoint, region, key, secret }, () => undefined);
        const name = VaultName.parse('v');
        await open.vaults.create(name, never);
        const vault = open.vault(name);
        const upload = await vault.beginUpload(1024 * 1024, '', never);
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ advanceSeconds: 24 * 3600 });
        await fetch(`${control}/clock`, { method: 'POST', headers, body });
        expect(await isThere(vault.uploadedParts(upload, never))).toBe(!isGone);
      });
    },
  );

  it('local-vault: a file in the place of its folder is refused with 2', async () => {
    const data = newFolder();
    writeFileSync(data, '');
    const { exitCode, stderr } = await serve(['local-vault', '--data', data], () => {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--data "${data}" cannot be used: there is a file where a folder should be`);
    expect(existsSync(`${data}/glacier.cfg`)).toBe(false);
  });

  it('local-vault: --check of a file, and of a folder that cannot be locked, is refused with 2 and a reason', async () => {
    const data = newFolder();
    writeFileSync(data, '');
    const file = await serve(['local-vault', '--data', data, '--check'], () => {});
    expect(file).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`cannot check ${data}: not a directory`),
    });
    rmSync(data);
    await serve(['local-vault', '--data', data, '--port', '0'], () => {});
    mkdirSync(join(data, 'lock'));
    const locked = await serve(['local-vault', '--data', data, '--check'], () => {});
    expect(locked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`cannot check ${data}: `) });
  });

  it('local-vault: tells a folder as it was named, so that who reads it elsewhere finds it', async () => {
    const data = newFolder();
    await serve(['local-vault', '--data', data, '--port', '0'], (stdout) => {
      expect(stdout).toContain(`clients find what they need in ${data}/glacier.cfg\n`);
    });
  });
});
