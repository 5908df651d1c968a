// The older of the two protocols of SQS: a form is brought into the shape of the JSON, and its answer into XML.

import type { Fields } from '../protocol/json-fields.js';
import { type Form, listOf, mapOf, numbered } from './form.js';
import type { Xml } from './xml.js';

/** Lists, maps and entries of a form, by their names in the JSON. Source: SQS API reference, "Query API". */
const LISTS = {
  AttributeNames: 'AttributeName',
  MessageSystemAttributeNames: 'MessageSystemAttributeName',
  MessageAttributeNames: 'MessageAttributeName',
};
const MAPS = {
  Attributes: ['Attribute', 'Name', 'Value'],
  tags: ['Tag', 'Key', 'Value'],
  MessageAttributes: ['MessageAttribute', 'Name', 'Value.StringValue'],
  MessageSystemAttributes: ['MessageSystemAttribute', 'Name', 'Value.StringValue'],
} as const;

/** @param url of the request: its path is the queue's when no parameter says which */
export function fieldsOfForm(form: Form, url: string): Fields {
  const fields: Record<string, unknown> = { QueueUrl: url.split('?', 1)[0], ...Object.fromEntries(form) };
  for (const [name, prefix] of Object.entries(LISTS)) fields[name] = listOf(form, prefix);
  for (const [name, [prefix, key, value]] of Object.entries(MAPS)) {
    fields[name] = Object.fromEntries(mapOf(form, prefix, key, value));
  }
  fields['Entries'] = numbered(form, `${form.get('Action')}RequestEntry`).map((entry) => Object.fromEntries(entry));
  return fields;
}

/** Elements for the fields of an answer: lists lie flat, maps are pairs of a name and a value. */
export function xmlOfResult(action: string, result: object): Xml[] {
  return Object.entries(result).flatMap(([name, value]) => xmlOfField(action, name, value));
}

function xmlOfField(action: string, name: string, value: unknown): Xml[] {
  if (Array.isArray(value)) {
    return value.map((one: unknown): Xml => [elementOf(action, name), contentOf(action, one)]);
  }
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).map(
    ([key, text]): Xml => [
      'Attribute',
      [
        ['Name', key],
        ['Value', String(text)],
      ],
    ],
  );
}

function contentOf(action: string, value: unknown): string | Xml[] {
  return typeof value === 'object' && value !== null ? xmlOfResult(action, value) : String(value);
}

function elementOf(action: string, list: string): string {
  switch (list) {
    case 'Successful':
      return `${action}ResultEntry`;
    case 'Failed':
      return 'BatchResultErrorEntry';
    default:
      return list.slice(0, -1);
  }
}
