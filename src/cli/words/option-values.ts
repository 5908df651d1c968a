// How the text of an option's value becomes a value: one parser for each kind, alike for command line and config file.

import { existsSync, statSync } from 'node:fs';
import { type Location, placeOf } from '../../disk/place.js';
import { Failure } from '../../model/failure.js';
import { MIB } from '../../model/parts.js';
import { QueueReference } from '../../model/queue-reference.js';
import { printable, RelPath } from '../../model/rel-path.js';
import type { TextEncoding } from '../../model/text-encoding.js';

/** Turns text into a value. `subject` names the option as the user wrote it. @throws Failure USAGE */
export type Parser<T> = (text: string, subject: string) => T;

export const text: Parser<string> = (given, subject) => {
  if (given === '') throw new Failure('USAGE', `${subject} needs a value`);
  if (given.includes('\0')) throw new Failure('USAGE', `${subject} must not contain a NUL character`);
  return given;
};

export const relativeName: Parser<RelPath> = (given, subject) => {
  const why = RelPath.whyNot(given);
  if (why === null) return given as RelPath;
  const hint = 'give a name such as 2024/mail.tar, with no / in front and no . or .. in it';
  throw new Failure('USAGE', `${subject}: name ${printable(given)} ${why}`, { hint });
};

/** A switch in a config file: bare, or with a word for yes or no. */
export const yesOrNo: Parser<boolean> = (given, subject) => {
  if (/^(?:1|true|yes|on)$/i.test(given)) return true;
  if (/^(?:0|false|no|off)$/i.test(given)) return false;
  throw refusal(subject, '1 or 0', given);
};

export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return (given, subject) => {
    const found = words.find((word) => word === given);
    if (found === undefined) throw refusal(subject, `one of ${words.join(', ')}`, given);
    return found;
  };
}

/** The same, where upper and lower case do not matter. */
export function oneOfInAnyCase<const T extends string>(words: readonly T[]): Parser<T> {
  const one = oneOf(words);
  return (given, subject) => one(words.find((word) => word.toLowerCase() === given.toLowerCase()) ?? given, subject);
}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return (given, subject) => {
    const number = wholeNumberIn(given);
    if (!(number >= min && number <= max)) throw refusal(subject, `a whole number ${range}`, given);
    return number;
  };
}

/** As mt-aws-glacier took them: with a sign, and with `_` between digits. Not a number where it is none. */
function wholeNumberIn(given: string): number {
  return /^[+-]?_*\d[\d_]*$/.test(given) ? Number(given.replaceAll('_', '')) : Number.NaN;
}

/** Gives bytes. @param max MiB */
export function powerOfTwoMebibytes(max: number, zero: 'or zero' | 'not zero'): Parser<number> {
  const wanted = `a power of two from 1 to ${max} (MiB)${zero === 'or zero' ? ', or 0' : ''}`;
  return (given, subject) => {
    const number = wholeNumberIn(given);
    const lawful = number === 0 ? zero === 'or zero' : number <= max && Number.isInteger(Math.log2(number));
    if (!lawful) throw refusal(subject, wanted, given);
    return number * MIB;
  };
}

/** Text of a fixed form. `wanted` ends the sentence "must be …". */
export function matching(form: RegExp, wanted: string): Parser<string> {
  return (given, subject) => {
    if (!form.test(given)) throw refusal(subject, wanted, given);
    return given;
  };
}

/** As `matching`, but what was given is never shown. */
export function secretMatching(form: RegExp, wanted: string): Parser<string> {
  return (given, subject) => {
    if (!form.test(given)) throw new Failure('USAGE', `${subject} must be ${wanted}`);
    return given;
  };
}

/** Whether there is such an encoding is seen when it is loaded. */
export const encodingName: Parser<string> = (given, subject) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.:()+-]*$/.test(given)) throw refusal(subject, 'the name of an encoding', given);
  return given;
};

/** The origin of a server, or `local:DIR`: a folder that this program serves to itself. */
export const endpoint: Parser<string> = (given, subject) => {
  if (given.startsWith('local:') && given.length > 'local:'.length) return text(given, subject);
  const hint = 'for example https://glacier.eu-west-1.amazonaws.com, http://127.0.0.1:8118 or local:/path/to/folder';
  return originIn(given) ?? refuseAddress(`${subject} must be the address of a server, or local:DIR`, hint);
};

/** The origin of a server, as others name it. */
export const serverOrigin: Parser<string> = (given, subject) => {
  const hint = 'give http:// or https:// and a name, without a path: http://vault.example:8118';
  return originIn(given) ?? refuseAddress(`${subject} must be the address of a server, not ${printable(given)}`, hint);
};

/** What is meant by it is seen when it is looked for. */
export const queueReference: Parser<string> = (given, subject) => {
  QueueReference.parse(given, subject);
  return given;
};

/** Any address of the web. */
export const webAddress: Parser<string> = (given, subject) => {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url.href;
  return refuseAddress(
    `${subject} must be a web address, not ${printable(given)}`,
    'for example https://home.example/glacier',
  );
};

function originIn(given: string): string | null {
  const url = URL.canParse(given) ? new URL(given) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : null;
}

function refuseAddress(message: string, hint: string): never {
  throw new Failure('USAGE', message, { hint });
}

/** @param filenames how its name stands on disk. @throws Failure USAGE */
export function checkIsDirectory(path: string, subject: string, filenames: TextEncoding): void {
  if (!isDirectory(path, subject, placeOf(path, filenames).location))
    throw new Failure('USAGE', `${subject} ${printable(path)} is not a directory`);
}

/**
 * A journal, and the files beside it, go by names in UTF-8 whatever the encoding of other names; so a path that would
 * name another file in that encoding is refused.
 * @throws Failure USAGE
 */
export function checkIsJournalPath(path: string, subject: string, filenames: TextEncoding): void {
  if (!Buffer.from(path).equals(filenames.encode(path) ?? Buffer.alloc(0))) {
    const message = `${subject} ${printable(path)} has another name in ${filenames.name} than in UTF-8`;
    throw new Failure('USAGE', message, { hint: 'with --filenames-encoding, give the journal a path in plain ASCII' });
  }
  if (path.endsWith('/') || (existsSync(path) && isDirectory(path, subject, path))) {
    throw new Failure('USAGE', `${subject} ${printable(path)} is a directory`, { hint: 'name a file' });
  }
}

function isDirectory(path: string, subject: string, location: Location): boolean {
  try {
    return statSync(location).isDirectory();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be used: ${code}`;
    const hint = code === 'ENOENT' ? 'check the name; a directory to restore into must be made first' : undefined;
    throw new Failure('USAGE', `${subject} ${printable(path)} ${why}`, { hint, cause });
  }
}

function refusal(subject: string, wanted: string, given: string): Failure {
  return new Failure('USAGE', `${subject} must be ${wanted}, not ${printable(given)}`);
}
