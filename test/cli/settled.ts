// Settles command lines for tests, with a config file and an environment of their own.

import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { openConfig, readConfig } from '../../src/cli/words/config.js';
import { readEnvironment } from '../../src/cli/words/environment.js';
import { type Settled, settle } from '../../src/cli/words/settings.js';
import { Failure } from '../../src/model/failure.js';

export const KEY = 'AKIDEXAMPLEAKIDEXAMP';
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** A line in which sync has all that it demands. */
export const SYNC = 'sync --dir . --vault v --journal j';

export function configFile(text: string | Uint8Array, mode = 0o600): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-config-')), 'glacier.cfg');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

export function settled(line: string, configText = '', environment: Record<string, string> = {}): Settled {
  const request = readCommandLine(line.split(' '), COMMANDS);
  if (request.ask !== 'run') throw new Error('no run');
  const { command, typed, positionals } = request;
  const config = readConfig(openConfig(configFile(configText))).entries;
  const variables = readEnvironment(new Map(Object.entries(environment)), command).entries;
  return settle(command, { typed, environment: variables, config }, [...positionals.values()].flat().length);
}

/** `CODE message`, the config's folder left out. */
export function refusal(attempt: () => unknown): string {
  const { code, message } = failureOf(attempt);
  return `${code} ${message.replaceAll(/\/\S*\/(?=glacier\.cfg)/g, '')}`;
}

export function hintOf(attempt: () => unknown): string {
  return failureOf(attempt).hint ?? '';
}

function failureOf(attempt: () => unknown): Failure {
  try {
    attempt();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('accepted');
}
