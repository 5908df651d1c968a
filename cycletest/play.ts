// Plays a life in a folder of its own and gives the verdict.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matches, parseScript, type Step } from './script.js';
import { Shell } from './shell.js';

export interface Verdict {
  readonly title: string;
  readonly commands: number;
  /** The step that did not go as the life says, with what it printed instead. */
  readonly broken: { readonly step: Step; readonly printed: readonly string[]; readonly exitCode: number } | null;
  /** Why it was not played. */
  readonly skipped: string | null;
  readonly durationMs: number;
}

export interface PlayOptions {
  /** The built program. */
  readonly program: string;
  /** A vault at AWS to play against, with the credentials of the environment; null plays on a local vault. */
  readonly awsVault: string | null;
  readonly print: (text: string) => void;
}

/** The folder of the project: the nearest with a package.json. */
export const PROJECT = projectOf(dirname(fileURLToPath(import.meta.url)));

function projectOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : projectOf(dirname(folder));
}

/** Plays the Markdown file. Stops at the first step that does not go as it says. */
export async function play(file: string, options: PlayOptions): Promise<Verdict> {
  const { title, pieces, localOnly } = parseScript(readFileSync(file, 'utf8'));
  const began = performance.now();
  const verdict = (commands: number, more: Partial<Verdict> = {}): Verdict => {
    return { title, commands, broken: null, skipped: null, durationMs: performance.now() - began, ...more };
  };
  if (localOnly && options.awsVault !== null) return verdict(0, { skipped: 'it needs a local vault' });

  const home = mkdtempSync(join(tmpdir(), 'mtglacier-life-'));
  try {
    await using shell = new Shell({ directory: home, env: settle(home, options), onOutput: options.print });
    let commands = 0;
    for (const piece of pieces) {
      if ('prose' in piece) {
        options.print(`${piece.prose}\n`);
        continue;
      }
      const { step } = piece;
      commands++;
      options.print(`$ ${step.command}\n`);
      const ran = await shell.run(step.command);
      options.print(ran.exitCode === 0 ? '' : `[${ran.exitCode}]\n`);
      if (ran.exitCode === step.exitCode && matches(step.expected, ran.lines)) continue;
      return verdict(commands, { broken: { step, printed: ran.lines, exitCode: ran.exitCode } });
    }
    return verdict(commands);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Lays out what the commands of a life find: the program, a way to wait, a config, and the vault's name. */
function settle(home: string, { program, awsVault }: PlayOptions): NodeJS.ProcessEnv {
  const bin = join(home, '.bin');
  mkdirSync(bin);
  script(join(bin, 'mtglacier'), `exec "${process.execPath}" "${program}" "$@"`);
  script(
    join(bin, 'patiently'),
    `while "$@"; s=$?; [ $s = 75 ]; do sleep ${awsVault === null ? 1 : 900}; done; exit $s`,
  );
  const where = awsVault === null ? `endpoint = local:${join(home, '.vaults')}\n` : '';
  writeFileSync(join(home, 'glacier.cfg'), where, { mode: 0o600 });
  return {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    VAULT: awsVault ?? 'photos',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
}

function script(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
