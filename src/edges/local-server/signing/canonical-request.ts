// The canonical request of Signature Version 4: what a client signed, rebuilt from what arrived.

import { hash } from 'node:crypto';

/** A request as it came over the wire; header values are Latin-1 text, one character a byte. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

const NEEDS_NO_CODE = /^[\w.~-]*$/;

/**
 * The canonical request, of which a client signs the SHA-256.
 * Source: AWS general reference, "Create a signed AWS API request"; paths are encoded twice, as for every service but S3.
 */
export function canonicalRequestOf(
  request: WireRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const [path, query] = splitOnce(request.url, '?');
  const headers = signedHeaders.map((name) => `${name}:${headerValue(request.headers[name])}\n`).join('');
  const names = signedHeaders.join(';');
  return `${request.method}\n${canonicalPath(path)}\n${canonicalQuery(query)}\n${headers}\n${names}\n${payloadHash}`;
}

/**
 * Hex SHA-256 of a canonical request.
 * @param encoding of header bytes: some clients sign UTF-8 and send Latin-1
 */
export function hashOf(canonicalRequest: string, encoding: 'latin1' | 'utf8'): string {
  return hash('sha256', Buffer.from(canonicalRequest, encoding));
}

function headerValue(values: readonly string[] | undefined): string {
  return (values ?? []).map((value) => value.trim().replace(/\s+/g, ' ')).join(',');
}

function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name, value] = splitOnce(pair, '=');
    return [encode(decode(name)), encode(decode(value))] as const;
  });
  pairs.sort(([nameA, valueA], [nameB, valueB]) => ascii(nameA, nameB) || ascii(valueA, valueB));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function ascii(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encode(text: string): string {
  if (NEEDS_NO_CODE.test(text)) return text;
  return encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
