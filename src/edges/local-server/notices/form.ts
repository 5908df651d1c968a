// Requests of the query protocols: flat names with dots, in a form body or behind the question mark.

import { malformedBody } from '../protocol/errors.js';
import { missingField } from './notice-errors.js';

/** Values by their whole names. */
export type Form = ReadonlyMap<string, string>;

/** Ten times what the longest list needs; a body of 4 MiB could have two million. */
const PARAMETERS_MAX = 1000;

/**
 * Of parameters that come twice the last one counts.
 * @param url path and query, undecoded
 * @throws ApiError when there are too many
 */
export function parseForm(url: string, body: Buffer): Form {
  const query = url.split('?').slice(1).join('?');
  return new Map([...parametersIn(query), ...parametersIn(body.toString())]);
}

function parametersIn(text: string): URLSearchParams {
  if (text.split('&', PARAMETERS_MAX + 1).length <= PARAMETERS_MAX) return new URLSearchParams(text);
  throw malformedBody(`The request has more than ${PARAMETERS_MAX} parameters.`);
}

/** @throws NoticeError when it is missing or empty */
export function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined || value === '') throw missingField(name);
  return value;
}

/** `Name.1`, `Name.2`, … in the order of their numbers, each with what stands behind the number. */
export function numbered(form: Form, name: string): ReadonlyMap<string, string>[] {
  const items = new Map<number, Map<string, string>>();
  for (const [key, value] of form) {
    const [, index, rest = ''] = key.startsWith(`${name}.`)
      ? (/^(\d{1,4})(?:\.(.+))?$/.exec(key.slice(name.length + 1)) ?? [])
      : [];
    if (index === undefined) continue;
    const item = items.get(Number(index)) ?? new Map<string, string>();
    items.set(Number(index), item.set(rest, value));
  }
  return [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
}

/** A list of texts: `Name.1=a&Name.2=b`. */
export function listOf(form: Form, name: string): string[] {
  return numbered(form, name).flatMap((item) => item.get('') ?? []);
}

/** A map: `Name.1.key=a&Name.1.value=1`, whatever the two parts are called. */
export function mapOf(form: Form, name: string, key: string, value: string): Map<string, string> {
  return new Map(numbered(form, name).map((item) => [item.get(key) ?? '', item.get(value) ?? '']));
}
