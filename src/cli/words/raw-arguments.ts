// The bytes that were typed: Node gives words decoded as UTF-8, in which what is no UTF-8 is lost.

import { readFileSync } from 'node:fs';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';

/** The kernel's own record of this process, each string ended by a NUL. */
type ReadRecord = () => Buffer;

/** What Node puts where bytes are no UTF-8. It can also have been typed. */
const LOST = '\ufffd';

/**
 * The words of the command line as bytes.
 * @param argv the same as Node gives them: the last words of the process
 * @throws Failure USAGE where bytes were lost, and the system does not tell them
 */
export function rawArguments(
  argv: readonly string[],
  readRecord: ReadRecord = () => readFileSync('/proc/self/cmdline'),
): readonly Buffer[] {
  const lost = argv.find((word) => word.includes(LOST));
  if (lost === undefined) return argv.map((word) => Buffer.from(word));
  const raw = stringsOf(readRecord).slice(-argv.length);
  if (raw.length === argv.length && raw.every((bytes, index) => bytes.toString() === argv[index])) return raw;
  throw unreadable(shownWord(lost));
}

/**
 * The values of environment variables as bytes, by name; those that are not set left out.
 * @throws Failure USAGE where bytes were lost, and the system does not tell them
 */
export function rawVariables(
  environment: NodeJS.ProcessEnv,
  readRecord: ReadRecord = () => readFileSync('/proc/self/environ'),
): ReadonlyMap<string, Buffer> {
  const values = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Map(values.map(([name, value]) => [name, rawValue(name, value, readRecord)]));
}

/** A word as messages name it: what follows `=` may be nobody's business. */
export function shownWord(word: string): string {
  const [, option] = /^([-+][^=]*)=/.exec(word) ?? [];
  return option === undefined ? `the word ${printable(word)}` : `the value of ${option}`;
}

function rawValue(name: string, value: string, readRecord: ReadRecord): Buffer {
  if (!value.includes(LOST)) return Buffer.from(value);
  const raw = stringsOf(readRecord)
    .find((bytes) => bytes.toString('latin1').startsWith(`${name}=`))
    ?.subarray(name.length + 1);
  if (raw?.toString() !== value) throw unreadable(`the value of ${name}`);
  return raw;
}

function stringsOf(readRecord: ReadRecord): readonly Buffer[] {
  let rest: Buffer;
  try {
    rest = readRecord();
  } catch {
    return [];
  }
  const strings: Buffer[] = [];
  for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
    strings.push(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
  }
  return strings;
}

function unreadable(what: string): Failure {
  return new Failure('USAGE', `${what} is no UTF-8, and this system does not tell its bytes`, {
    hint: 'type it in UTF-8, or keep it in a config file and give --config-encoding',
  });
}
