// Plays a life in a folder of its own and gives the verdict.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Mismatch, mismatch } from './expectation.js';
import { Home, PROJECT } from './home.js';
import type { Page } from './page.js';
import { parseScript, type Script, type Step } from './script.js';
import { type Ran, Shell } from './shell.js';

/** A step that did not go as the life says. */
export interface Broken {
  readonly step: Step;
  readonly ran: Ran;
  /** Null when only the exit code is another. */
  readonly mismatch: Mismatch | null;
  /** The folder it was played in, as it was left; null where it is gone. */
  readonly left: string | null;
}

interface Skipped {
  readonly is: 'skipped';
  /** What is missing here, as in "it needs …". */
  readonly needs: string;
}

export interface Verdict {
  /** Path in the project. */
  readonly file: string;
  readonly title: string;
  readonly commands: number;
  readonly outcome: { readonly is: 'as it should' } | Skipped | ({ readonly is: 'broken' } & Broken);
  readonly durationMs: number;
}

export interface PlayOptions {
  /** A vault at AWS to play against, with the credentials of the environment; null plays on a local vault. */
  readonly awsVault: string | null;
  readonly page: Page;
  /** Leaves the folder of a life that did not go as it should, to be looked at. */
  readonly keepsBroken: boolean;
  /** How long a command may take. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Plays the Markdown file. Stops at the first step that does not go as it says. */
export async function play(file: string, options: PlayOptions): Promise<Verdict> {
  const script = parseScript(readFileSync(file, 'utf8'));
  const began = performance.now();
  const { commands, outcome } = await playScript(script, options);
  const { title } = script;
  const durationMs = performance.now() - began;
  return { file: relative(PROJECT, file), title, commands, outcome, durationMs };
}

async function playScript(script: Script, options: PlayOptions): Promise<Pick<Verdict, 'commands' | 'outcome'>> {
  const { awsVault, page, signal, limitMs } = options;
  if (script.localOnly && awsVault !== null) return skipped('a local vault');
  using home = new Home(awsVault);
  if (script.needs !== null && !succeeds(script.needs, home)) return skipped(script.needs);
  const onOutput = (text: string): void => page.output(text);
  await using shell = new Shell({ directory: home.directory, env: home.env, limitMs, onOutput, signal });
  let commands = 0;
  for (const piece of script.pieces) {
    if (piece.localOnly && awsVault !== null) continue;
    if ('prose' in piece) {
      page.prose(piece.prose);
      continue;
    }
    commands++;
    const broken = await playStep(piece.step, shell, page);
    if (broken === null) continue;
    if (options.keepsBroken) home.keep();
    const left = options.keepsBroken ? home.directory : null;
    return { commands, outcome: { is: 'broken', ...broken, left } };
  }
  return { commands, outcome: { is: 'as it should' } };
}

function skipped(needs: string): { commands: 0; outcome: Skipped } {
  return { commands: 0, outcome: { is: 'skipped', needs } };
}

function succeeds(command: string, { directory, env }: Home): boolean {
  return spawnSync('sh', ['-c', command], { cwd: directory, env, stdio: 'ignore' }).status === 0;
}

async function playStep(step: Step, shell: Shell, page: Page): Promise<Omit<Broken, 'left'> | null> {
  page.command(step.command);
  const ran = await shell.run(step.command);
  page.ended(ran.exitCode);
  const found = mismatch(step.expected, ran.lines);
  return found === null && ran.exitCode === step.exitCode ? null : { step, ran, mismatch: found };
}
