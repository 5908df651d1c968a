// Loads the encodings in which names, journals, the command line and the config file are written.

import { Failure } from '../../model/failure.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../model/text-encoding.js';
import type { Command } from './command.js';
import { type OptionName, optionOf } from './options.js';
import { blamedOn, Problems } from './problems.js';
import type { Entries, Sources } from './sources.js';

export interface Encodings {
  readonly filenames: TextEncoding;
  readonly journal: TextEncoding;
  readonly terminal: TextEncoding;
  readonly config: TextEncoding;
}

/**
 * They are known before anything that is written in them is read: their names are ASCII.
 * @throws Failure USAGE, CONFIG for each that is unknown, naming the option
 */
export async function loadEncodings(command: Command, sources: Sources): Promise<Encodings> {
  const problems = new Problems();
  const load = (name: OptionName): Promise<TextEncoding> =>
    command.uses.includes(name) ? loadOne(name, sources, problems) : Promise.resolve(UTF_8);
  const filenames = await load('filenames-encoding');
  const encodings = {
    filenames,
    journal: excludingUtf8(await load('journal-encoding'), filenames),
    terminal: await load('terminal-encoding'),
    config: await load('config-encoding'),
  };
  problems.throwIfAny();
  return encodings;
}

/**
 * Who names one encoding for the names on disk and in the journal may have named the wrong one long ago, or any, so that
 * all bytes pass: both sides are read alike then, and no harm comes of it.
 */
function excludingUtf8(journal: TextEncoding, filenames: TextEncoding): TextEncoding {
  if (journal === UTF_8 || journal.canonicalName === filenames.canonicalName) return journal;
  return { ...journal, excludesUtf8: true };
}

async function loadOne(option: OptionName, sources: Sources, problems: Problems): Promise<TextEncoding> {
  const said = nameSaid(option, sources);
  if (said === null) return UTF_8;
  try {
    return await loadEncoding(String(optionOf(option).parse(said.name, said.subject)));
  } catch (thrown) {
    problems.note(blamedOn(said.subject, said.code, thrown));
    return UTF_8;
  }
}

function nameSaid(
  option: OptionName,
  { typed, environment, config }: Sources,
): { name: string; subject: string; code: 'USAGE' | 'CONFIG' } | null {
  const name = typed.get(option);
  if (typeof name === 'string') return { name, subject: `--${option}`, code: 'USAGE' };
  const entry = entryOf(option, environment, 'USAGE') ?? entryOf(option, config, 'CONFIG');
  return entry ?? null;
}

function entryOf(option: OptionName, entries: Entries, code: 'USAGE' | 'CONFIG') {
  const entry = entries.get(option);
  return entry === undefined ? undefined : { name: entry.text, subject: entry.subject, code };
}

/**
 * Bytes as text of the terminal.
 * @param what names the bytes in a message
 * @throws Failure USAGE
 */
export function decodeTyped(bytes: Uint8Array, terminal: TextEncoding, what: string): string {
  const text = terminal.decode(bytes);
  if (text !== null) return text;
  throw new Failure('USAGE', `${what} is not ${terminal.name} text`, {
    hint: 'say how your terminal writes with --terminal-encoding, such as KOI8-R',
  });
}
