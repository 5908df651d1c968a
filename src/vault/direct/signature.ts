// AWS Signature Version 4 for requests whose body is hashed already; what is the same all day is computed once.

import { hash } from 'node:crypto';

/** Who signs. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Signable {
  readonly method: string;
  /** As it is sent. No request of ours has a query. */
  readonly path: string;
  /** All that are signed, `x-amz-date` among them: names in small letters, in ascending order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in lower-case hex. */
  readonly payloadHash: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'glacier';

/** Signs for one region. Source: AWS General Reference, "Create a signed AWS API request". */
export class Signer {
  readonly #region: string;
  #secret = '';
  #day = '';
  #key = new HmacKey(Buffer.alloc(0));
  /** The path that was signed last, and its form for that: most requests of a run have the same. */
  #path = '';
  #canonicalPath = '/';
  /** Those that were signed last, and their names: the same holds of them. */
  #headers: Signable['headers'] = [];
  #names = '';

  constructor(region: string) {
    this.#region = region;
  }

  /**
   * The header `authorization`.
   * @param date as in `x-amz-date`: `20261120T082648Z`
   */
  sign({ method, path, headers, payloadHash }: Signable, keys: Keys, date: string): string {
    let canonical = '';
    // By number: taking pairs apart is a loop of its own for each, several times as long.
    for (const header of headers) canonical += `${header[0]}:${collapsed(header[1])}\n`;
    const names = this.#namesOf(headers);
    const request = `${method}\n${this.#canonical(path)}\n\n${canonical}\n${names}\n${payloadHash}`;
    const day = date.slice(0, 8);
    const scope = `${day}/${this.#region}/${SERVICE}/aws4_request`;
    const text = `${ALGORITHM}\n${date}\n${scope}\n${hash('sha256', request)}`;
    const signature = this.#keyOf(keys.secretAccessKey, day).sign(text, 'hex');
    return `${ALGORITHM} Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  }

  #namesOf(headers: Signable['headers']): string {
    const isOfLast =
      headers.length === this.#headers.length && headers.every((header, i) => header[0] === this.#headers[i]?.[0]);
    if (!isOfLast) {
      this.#headers = headers;
      this.#names = headers.map((header) => header[0]).join(';');
    }
    return this.#names;
  }

  #canonical(path: string): string {
    if (path !== this.#path) {
      this.#canonicalPath = canonicalPath(path);
      this.#path = path;
    }
    return this.#canonicalPath;
  }

  #keyOf(secret: string, day: string): HmacKey {
    if (secret !== this.#secret || day !== this.#day) {
      const scope = [day, this.#region, SERVICE, 'aws4_request'];
      const key = scope.reduce<Buffer>(
        (secret, word) => new HmacKey(secret).sign(word, 'buffer'),
        Buffer.from(`AWS4${secret}`),
      );
      this.#key = new HmacKey(key);
      this.#secret = secret;
      this.#day = day;
    }
    return this.#key;
  }
}

/** Bytes that SHA-256 takes at a time. */
const BLOCK = 64;

/** HMAC-SHA-256 (RFC 2104) without an object for each, whose clearing away would cost more than the hashes. */
class HmacKey {
  /** The key in its two forms, each with room for what is hashed behind it. */
  #inner = Buffer.alloc(BLOCK + 1024, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + 32, 0x5c);

  constructor(key: Buffer) {
    const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
    for (const [i, byte] of short.entries()) {
      this.#inner[i] = byte ^ 0x36;
      this.#outer[i] = byte ^ 0x5c;
    }
  }

  /** An encoded digest spares a buffer. */
  sign(text: string, form: 'hex'): string;
  sign(text: string, form: 'buffer'): Buffer;
  sign(text: string, form: 'hex' | 'buffer'): string | Buffer {
    const end = BLOCK + 3 * text.length;
    if (end > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK)], end);
    const written = this.#inner.write(text, BLOCK);
    this.#outer.write(hash('sha256', this.#inner.subarray(0, BLOCK + written), 'hex'), BLOCK, 'hex');
    return hash('sha256', this.#outer, form);
  }
}

/** What stands in a header has no white space but blanks. */
function collapsed(value: string): string {
  const isPlain = !value.includes('  ') && !value.startsWith(' ') && !value.endsWith(' ');
  return isPlain ? value : value.trim().replace(/ +/g, ' ');
}

/** Each segment is encoded once more than it is sent, after `.` and `..` have been followed. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const slash = path.endsWith('/') && segments.length > 0 ? '/' : '';
  return encoded(`/${segments.join('/')}${slash}`).replace(/%2F/g, '/');
}

/** RFC 3986: all but letters, digits and `-_.~`. */
export function encoded(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Writes moments as `x-amz-date` does; keeps the last, as many requests share a second. */
export class SigningDates {
  #second = Number.NaN;
  #text = '';

  of(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    }
    return this.#text;
  }
}
