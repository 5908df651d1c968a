// One request and its answer, as operations see them.

import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { invalidParameter, missingParameter } from './errors.js';

/** Names in the path, decoded; empty where the path has none. */
export interface PathNames {
  readonly vault: string;
  readonly archive: string;
  readonly upload: string;
  readonly job: string;
  readonly lock: string;
}

/** One request whose sender is known. */
export interface Call {
  readonly names: PathNames;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  /** Empty for the operations that take an archive's bytes: those read `incoming`. */
  readonly body: Buffer;
  readonly incoming: AsyncIterable<Buffer>;
}

/** What goes back: JSON, or bytes that are written, or nothing but headers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** Writes the body itself and ends it; `headers` then has its length. */
  readonly write?: (to: Writable) => Promise<void>;
}

/** Text of a header; undefined when it was not sent. @throws ApiError when it was sent more than once */
export function headerOf(call: Call, name: string): string | undefined {
  const [value, ...more] = call.request.headersDistinct[name] ?? [];
  if (more.length === 0) return value;
  throw invalidParameter(`The header ${name} was sent more than once.`);
}

/** @throws ApiError when the header is missing or empty */
export function requiredHeader(call: Call, name: string): string {
  const value = headerOf(call, name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

/** Archive description, without leading blanks. @throws ApiError when it is too long or not printable ASCII */
export function descriptionOf(call: Call): string {
  return checkDescription((headerOf(call, 'x-amz-archive-description') ?? '').trimStart());
}

export function checkDescription(text: string): string {
  if (/^[\x20-\x7e]{0,1024}$/.test(text)) return text;
  throw invalidParameter('Invalid description: it must be at most 1024 printable ASCII characters, 0x20 to 0x7E.');
}

/** Size of the body that is coming. @throws ApiError unless it is from 1 to `max` */
export function announcedSize(call: Call, max: number): number {
  const text = headerOf(call, 'content-length');
  if (text === undefined) throw missingParameter('Content-Length');
  if (Number(text) < 1 || Number(text) > max) throw invalidParameter(`Invalid Content-Length: ${text}`);
  return Number(text);
}

/** @throws ApiError when it is missing or not 64 hex digits */
export function treeHashHeader(call: Call): string {
  const value = requiredHeader(call, 'x-amz-sha256-tree-hash');
  if (!/^[0-9a-fA-F]{64}$/.test(value)) throw invalidParameter(`Invalid x-amz-sha256-tree-hash: ${value}`);
  return value.toLowerCase();
}

/** As all of the API but inventories writes it: `2012-05-25T00:24:53.000Z`. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
