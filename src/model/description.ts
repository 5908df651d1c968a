// The archive description that carries a file's name and time: `mt2`, and the `mt1` of early betas.

import { Instant } from './clock.js';
import { Failure } from './failure.js';
import { printable } from './rel-path.js';

/** Source: Glacier developer guide, x-amz-archive-description: 1,024 characters of printable ASCII. */
const MAX_LENGTH = 1024;

/** The name is as found: it may be unsafe and must be parsed before it is used as a path. */
export interface DescribedFile {
  readonly filename: string;
  readonly mtime: Instant;
}

/**
 * `mt2 ` and base64url of `{"filename":…,"mtime":"YYYYMMDDTHHMMSSZ"}`.
 * @throws Failure NAME_REFUSED when the name is too long or its time is outside the years 1000–9999
 */
export function encodeDescription(file: DescribedFile): string {
  const json = JSON.stringify({ filename: file.filename, mtime: basicIso(file) });
  const description = `mt2 ${Buffer.from(json, 'utf8').toString('base64url')}`;
  if (description.length > MAX_LENGTH) {
    throw new Failure('NAME_REFUSED', `name ${printable(file.filename)} is too long for an archive description`, {
      hint: 'about 720 bytes of path are the most that Glacier can carry; shorten a directory or file name',
    });
  }
  return description;
}

function basicIso(file: DescribedFile): string {
  const date = new Date(file.mtime * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) {
    throw new Failure(
      'NAME_REFUSED',
      `name ${printable(file.filename)} has a modification time outside the years 1000 to 9999`,
      {
        hint: 'give the file a sensible time, for example with touch',
      },
    );
  }
  const iso = date.toISOString(); // YYYY-MM-DDTHH:MM:SS.000Z
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/**
 * What the description says of the file, or null when it is no `mt1` or `mt2` description: other programs' are not
 * interpreted here. Never throws.
 */
export function decodeDescription(description: string): DescribedFile | null {
  const [marker, base64] = description.trimStart().split(/\s+/);
  if (base64 === undefined || base64.length > MAX_LENGTH) return null;
  if (marker === 'mt2') return decodeJson(utf8(Buffer.from(base64, 'base64')));
  if (marker === 'mt1') return decodeJson(undoDoubleUtf8(Buffer.from(base64, 'base64')));
  return null;
}

/** mt1 encoded its UTF-8 bytes a second time, as if each were a character of its own. */
function undoDoubleUtf8(bytes: Uint8Array): string | null {
  const once = utf8(bytes);
  if (once === null || /[^\u0000-\u00ff]/.test(once)) return null;
  return utf8(Buffer.from(once, 'latin1'));
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function decodeJson(json: string | null): DescribedFile | null {
  const value = json === null ? undefined : flatObject(json);
  if (value === undefined) return null;
  const filename = typeof value.filename === 'number' ? asWritten(json as string).filename : value.filename;
  // Half of a surrogate pair, escaped, is no JSON to other programs.
  if (typeof filename !== 'string' || /\p{Surrogate}/u.test(filename)) return null;
  const mtime = typeof value.mtime === 'string' ? parseTime(value.mtime) : null;
  return mtime === null ? null : { filename, mtime };
}

interface Fields {
  readonly filename?: unknown;
  readonly mtime?: unknown;
}

const STRING = /"(?:[^"\\]|\\.)*"/g;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The JSON object, if that is what it is and it holds no other object or array. Of a key that stands twice the last counts. */
function flatObject(json: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const isFlat = /^\s*\{[^[{]*$/.test(json.replace(STRING, ''));
  return isFlat ? (value as Fields) : undefined;
}

/** The same with every number as its text: a number of JavaScript keeps no more than some 15 digits. */
function asWritten(json: string): Fields {
  return JSON.parse(json.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}

const TIME = /^\s*(\d{4})[-\s]*(\d\d)[-\s]*(\d\d)\s*T\s*(\d\d)[:\s]*(\d\d)[:\s]*(\d\d)(?:[.,]\d+)?\s*Z\s*$/i;

/** `YYYYMMDDTHHMMSSZ`, also with `-`, `:`, blanks or a fraction; seconds 60 and 61 count on top of 59. Null: no time. */
export function parseTime(text: string): Instant | null {
  const found = TIME.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (second > 61 || minute > 59 || hour > 23) return null;
  const ms = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59));
  const date = new Date(ms);
  if (year < 1000 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return Instant.ofSeconds(ms / 1000 + Math.max(0, second - 59));
}
