// Gathers all that was said about options, in words, in the environment and in a config file, each in its encoding.

import type { Notice } from '../report/notice.js';
import { readArguments } from './arguments.js';
import type { Command } from './command.js';
import { type RunRequest, readCommandLine } from './command-line.js';
import { type ConfigFile, encodingEntries, openConfig, readConfig } from './config.js';
import { decodeTyped, type Encodings, loadEncodings } from './encodings.js';
import { ownVariables, readEnvironment, variableOf } from './environment.js';
import { Problems } from './problems.js';
import { rawArguments, rawVariables, shownWord } from './raw-arguments.js';
import type { Sources } from './sources.js';

interface Given {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly commands: readonly Command[];
}

export interface Gathered extends Sources {
  /** With its words as they were typed, whatever the terminal's encoding. */
  readonly request: RunRequest;
  readonly encodings: Encodings;
  readonly notices: readonly Notice[];
}

/**
 * @param draft what the words mean, read as UTF-8
 * @throws Failure USAGE, CONFIG
 */
export async function gather(given: Given, draft: RunRequest): Promise<Gathered> {
  const { command } = draft;
  const raw = rawArguments(given.argv);
  const variables = rawVariables(ownVariables(given.environment));
  const path = command.uses.includes('config') ? configPath(raw, variables) : null;
  const file = path === null ? null : openConfig(path);
  const encodings = await loadEncodings(command, draftSources(draft, variables, command, file));
  const request = typedIn(given, raw, path, draft, encodings);
  const environment = readEnvironment(decodedVariables(variables, encodings), command);
  const config = file === null ? NOTHING : readConfig(file, encodings.config);
  return {
    request,
    encodings,
    typed: request.typed,
    environment: environment.entries,
    config: config.entries,
    notices: [...request.notices, ...environment.notices, ...config.notices],
  };
}

const NOTHING = { entries: new Map(), notices: [] } as const;

/** Its bytes as they were given: where the file lies does not depend on an encoding that it may itself name. */
function configPath(raw: readonly Buffer[], variables: ReadonlyMap<string, Buffer>): Buffer | null {
  const bytewise = readArguments(
    raw.map((bytes) => bytes.toString('latin1')),
    new Problems(),
  );
  const typed = bytewise.typed.get('config');
  if (typeof typed === 'string' && typed !== '') return Buffer.from(typed, 'latin1');
  return variables.get(variableOf('config')) ?? null;
}

/** What is known of the encodings before there is an encoding. */
function draftSources(
  draft: RunRequest,
  variables: ReadonlyMap<string, Buffer>,
  command: Command,
  file: ConfigFile | null,
): Sources {
  const texts = new Map([...variables].map(([name, bytes]) => [name, bytes.toString('latin1')]));
  return {
    typed: draft.typed,
    environment: readEnvironment(texts, command).entries,
    config: file === null ? new Map() : encodingEntries(file),
  };
}

/** The request with its words decoded as the terminal wrote them. */
function typedIn(
  { argv, commands }: Given,
  raw: readonly Buffer[],
  path: Buffer | null,
  draft: RunRequest,
  { terminal }: Encodings,
): RunRequest {
  const problems = new Problems();
  const words = raw.map((bytes, index) => {
    const word = argv[index] ?? '';
    if (path !== null && bytes.subarray(-path.length).equals(path) && terminal.decode(bytes) === null) return word;
    return problems.attempt(() => decodeTyped(bytes, terminal, shownWord(word))) ?? '';
  });
  problems.throwIfAny();
  if (words.every((word, index) => word === argv[index])) return draft;
  return readCommandLine(words, commands) as RunRequest;
}

function decodedVariables(variables: ReadonlyMap<string, Buffer>, { terminal }: Encodings): Map<string, string> {
  const problems = new Problems();
  const texts = new Map<string, string>();
  for (const [name, bytes] of variables) {
    // Which file that is has been settled by its bytes.
    const text =
      name === variableOf('config')
        ? bytes.toString()
        : problems.attempt(() => decodeTyped(bytes, terminal, `the value of ${name}`));
    if (text !== undefined) texts.set(name, text);
  }
  problems.throwIfAny();
  return texts;
}
