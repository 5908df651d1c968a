// The fields of a request's JSON: null counts as absent, what nobody asks for is passed over unless all must be known.

import { invalidParameter, malformedBody } from './errors.js';

/** An object of JSON, nothing of which is checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** More than any request needs; JSON that is nested some thousand times deep could be read, but not written again. */
const LEVELS_MAX = 32;

/** @throws ApiError */
export function parseObject(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw malformedBody('The request body is not valid JSON.');
  }
  if (isTooDeep(value)) throw malformedBody(`The request body is nested more than ${LEVELS_MAX} levels deep.`);
  return objectOf(value, 'The request body');
}

/** Whether JSON has more levels than any request needs. */
export function isTooDeep(value: unknown, levelsLeft = LEVELS_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levelsLeft === 0 || Object.values(value).some((one) => isTooDeep(one, levelsLeft - 1));
}

/** What is undefined was left out. @throws ApiError when there are others than these */
export function onlyFields(fields: Fields, names: readonly string[]): void {
  const other = Object.keys(fields).find((name) => fields[name] !== undefined && !names.includes(name));
  if (other === undefined) return;
  throw invalidParameter(`There is no ${JSON.stringify(other)} here; there is ${names.join(', ') || 'nothing'}.`);
}

/** The text of a field; null when there is none. @throws ApiError */
export function textOf(fields: Fields, name: string): string | null {
  const value = fields[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw malformedBody(`${name} is not a string.`);
}

/** The number of a field; null when there is none. @throws ApiError when it is no number from `min` to `max` */
export function numberOf(fields: Fields, name: string, min: number, max: number): number | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number') throw malformedBody(`${name} is not a number.`);
  if (value >= min && value <= max) return value;
  throw invalidParameter(`Invalid ${name}: ${value}. It must be from ${min} to ${max}.`);
}

/** Whether a field is true; null when there is none. @throws ApiError */
export function truthOf(fields: Fields, name: string): boolean | null {
  const value = fields[name] ?? null;
  if (value === null || typeof value === 'boolean') return value;
  throw malformedBody(`${name} is not true or false.`);
}

/** The strings of a field; null when there is none. @throws ApiError when it is no list of strings */
export function textsOf(fields: Fields, name: string): string[] | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  const list: unknown[] = Array.isArray(value) ? value : [null];
  if (list.every((item) => typeof item === 'string')) return list;
  throw malformedBody(`${name} is not a list of strings.`);
}

/** The fields of a field; none when there is none. @throws ApiError */
export function fieldsOf(fields: Fields, name: string): Fields {
  return objectOf(fields[name] ?? {}, name);
}

function objectOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformedBody(`${what} is not a JSON object.`);
}
