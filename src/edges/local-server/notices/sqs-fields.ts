// The parameters of an SQS request: JSON, or a form brought into the same shape.

import { malformedBody } from '../protocol/errors.js';
import { type Fields, fieldsOf, textOf } from '../protocol/json-fields.js';
import { invalidSqs, missingField, notEmulated } from './notice-errors.js';

/** @throws NoticeError when it is missing or empty */
export function requiredText(fields: Fields, name: string): string {
  const text = textOf(fields, name);
  if (text === null || text === '') throw missingField(name);
  return text;
}

/** A whole number, which the query protocol writes as text; `standard` when there is none. @throws NoticeError */
export function numberOf(
  fields: Fields,
  name: string,
  [least, most]: readonly [number, number],
  standard: number,
): number {
  const value = fields[name] ?? null;
  if (value === null) return standard;
  const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
  if (Number.isInteger(number) && Number(number) >= least && Number(number) <= most) return Number(number);
  throw invalidSqs(
    `Value ${typeof value === 'string' ? value : JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

/** A list of texts; none when there is none. @throws ApiError */
export function textsOf(fields: Fields, name: string): string[] {
  return listOf(fields, name).map((one) => {
    if (typeof one === 'string') return one;
    throw malformedBody(`${name} is not a list of strings.`);
  });
}

/** A list of objects. @throws ApiError */
export function entriesOf(fields: Fields, name: string): Fields[] {
  return listOf(fields, name).map((one) => fieldsOf({ [name]: one }, name));
}

/** A map of texts. @throws ApiError */
export function mapOfTexts(fields: Fields, name: string): Map<string, string> {
  const map = fieldsOf(fields, name);
  return new Map(Object.keys(map).map((key) => [key, textOf(map, key) ?? '']));
}

/** @throws NoticeError for a parameter that is neither emulated nor harmless to pass over */
export function refuseFields(fields: Fields, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name] ?? null;
    if (value !== null && !(typeof value === 'object' && Object.keys(value).length === 0)) {
      throw notEmulated(`The parameter ${name}`);
    }
  }
}

function listOf(fields: Fields, name: string): unknown[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value)) return value;
  throw malformedBody(`${name} is not a list.`);
}
