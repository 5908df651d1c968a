// An inventory in CSV as Amazon writes it, read as it comes. It is no ordinary CSV: see `fieldsOf`.

import { Failure } from '../model/failure.js';
import {
  INVENTORY_FIELDS,
  type InventoryField,
  type InventoryFields,
  itemOf,
  unreadable,
} from './inventory-archive.js';
import type { InventoryItem } from './inventory-port.js';

/** Memory: one piece and one line. @throws Failure VAULT_REFUSED when it is no inventory */
export async function* itemsOfCsv(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<InventoryItem> {
  const splitter = new LineSplitter();
  const table = new Table();
  for await (const piece of pieces) {
    for (const line of splitter.split(piece)) yield* table.take(line);
  }
  yield* table.take(splitter.rest());
  table.end();
}

/** No line may be longer than this. Bytes. */
const LINE_MAX = 1024 * 1024;
const NEWLINE = 0x0a;

/** Text in pieces of any length, line by line, without the ends of lines. */
class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  *split(piece: Uint8Array): Generator<string> {
    const bytes = Buffer.concat([this.#rest, piece]);
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, at)) {
      yield lineOf(bytes.subarray(at, end));
      at = end + 1;
    }
    this.#rest = bytes.subarray(at);
    if (this.#rest.length > LINE_MAX) throw refused(`it has a line of more than ${LINE_MAX} bytes`);
  }

  /** The last line, where nothing ends it; else an empty one. */
  rest(): string {
    return lineOf(this.#rest);
  }
}

function lineOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/\r$/, '');
}

/** The first line names the columns, each other holds an entry. Empty lines mean nothing. */
class Table {
  #columns: readonly string[] | null = null;

  *take(line: string): Generator<InventoryItem> {
    if (line === '') return;
    if (this.#columns === null) this.#columns = columnsOf(line);
    else yield entryOf(line, this.#columns);
  }

  end(): void {
    if (this.#columns === null) throw refused('it is empty');
  }
}

function columnsOf(header: string): string[] {
  const columns = header
    .replace(/^\ufeff/, '')
    .split(',')
    .map((name) => unquoted(name.trim()));
  const missing = INVENTORY_FIELDS.find((name) => !columns.includes(name));
  if (missing !== undefined) throw refused(`it has no column ${missing}`);
  return columns;
}

function entryOf(line: string, columns: readonly string[]): InventoryItem {
  const fields = fieldsOf(line, columns);
  return fields === null ? unreadable(line, `fewer than ${columns.length} fields`) : itemOf(fields, line);
}

/**
 * Only the description may hold commas, so it is what lies between as many fields from the left as come before it and
 * as many from the right as come after it. In quotes, each quote of its own stands after a backslash, but a backslash
 * of its own is written once: were the quotes looked for from the left, `"a\"` could not be told from a beginning.
 * Source: observed inventories.
 */
function fieldsOf(line: string, columns: readonly string[]): InventoryFields | null {
  const parts = line.split(',');
  if (parts.length < columns.length) return null;
  const at = columns.indexOf('ArchiveDescription');
  const after = columns.length - 1 - at;
  const description = parts.slice(at, parts.length - after).join(',');
  const texts = [...parts.slice(0, at), description, ...parts.slice(parts.length - after)];
  const entries = columns.map((name, i) => [name as InventoryField, unquoted(texts[i] ?? '')] as const);
  return Object.fromEntries(entries);
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('\\"', '"')
    : text;
}

function refused(why: string): Failure {
  return new Failure('VAULT_REFUSED', `this is no inventory in CSV: ${why}`);
}
