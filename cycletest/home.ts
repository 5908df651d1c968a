// The folder that a life is played in: the program under its name, a way to wait, a config, and the vault's name.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project: the nearest with a package.json. */
export const PROJECT = projectOf(dirname(fileURLToPath(import.meta.url)));

/** How long `patiently` waits before it asks again. */
const WAIT_S = { local: 1, aws: 900 };

function projectOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectOf(dirname(folder));
}

export class Home implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'mtglacier-life-'));
  readonly env: NodeJS.ProcessEnv;
  #isKept = false;

  /** @param awsVault a vault at AWS, with the credentials of the environment; null: vaults in this folder */
  constructor(awsVault: string | null) {
    const bin = join(this.directory, '.bin');
    mkdirSync(bin);
    const program = join(PROJECT, 'dist', 'cli', 'main.js');
    script(join(bin, 'mtglacier'), `exec "${process.execPath}" "${program}" "$@"`);
    const wait = awsVault === null ? WAIT_S.local : WAIT_S.aws;
    script(join(bin, 'patiently'), patiently(wait));
    const config = `concurrency = 1\n${awsVault === null ? 'endpoint = local:vaults\n' : ''}`;
    writeFileSync(join(this.directory, 'glacier.cfg'), config, { mode: 0o600 });
    this.env = {
      ...(awsVault === null ? withoutAccount(process.env, this.directory) : process.env),
      PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
      VAULT: awsVault ?? 'photos',
      PROJECT,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
    };
  }

  keep(): void {
    this.#isKept = true;
  }

  [Symbol.dispose](): void {
    if (!this.#isKept) rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Nothing of whoever plays gets in: no credentials, no files of their home, no address of their machine's role. */
function withoutAccount(env: NodeJS.ProcessEnv, directory: string): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !/^(?:AWS_|MTGLACIER_)/.test(name));
  return { ...Object.fromEntries(others), HOME: directory, AWS_EC2_METADATA_DISABLED: 'true' };
}

/** Runs a command until it ends with another code than 75; prints when it is expected, and then the last run whole. */
function patiently(waitS: number): string {
  return [
    'while printed=$("$@" 2>&1); code=$?; [ $code = 75 ]; do',
    "  printf '%s\\n' \"$printed\" | grep ' be ready '",
    `  sleep ${waitS}`,
    'done',
    'printf \'%s\\n\' "$printed"',
    'exit $code',
  ].join('\n');
}

function script(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
