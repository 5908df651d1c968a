// Reads an HTTP/1.1 answer out of the bytes of a connection, strictly: what is not understood is refused.

import { WireError } from './wire-error.js';

export interface AnswerHead {
  readonly status: number;
  /** By name in small letters; what comes more than once is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Told what an answer consists of, in order: its head, pieces of its body, its end. */
export interface AnswerListener {
  head(head: AnswerHead): void;
  /** The bytes are good only while it is told. */
  piece(bytes: Buffer): void;
  /** @param lasts whether another request may follow on the connection */
  end(lasts: boolean): void;
}

/** As Node's own limit for heads. Bytes. */
const HEAD_MAX = 16 * 1024;
/** Bytes of a line that tells the size of a chunk. */
const SIZE_LINE_MAX = 1024;
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

type State = 'head' | 'counted' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'ended';

/** One answer, and the 1xx ones before it. */
export class AnswerParser {
  readonly #listener: AnswerListener;
  #state: State = 'head';
  #kept: Buffer = NOTHING;
  #begun = false;
  #lasts = true;
  /** Bytes of the body, or of its chunk, that are still to come; of trailers: that may. */
  #left = 0;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  /** Whether any byte of an answer has come. */
  get begun(): boolean {
    return this.#begun;
  }

  /** @throws WireError when it is no answer */
  feed(bytes: Buffer): void {
    this.#begun = true;
    let rest = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]);
    this.#kept = NOTHING;
    while (rest.length > 0 && this.#state !== 'ended') {
      const after = this.#step(rest);
      if (after === null) {
        this.#kept = Buffer.from(rest);
        return;
      }
      rest = after;
    }
  }

  /** The server sends no more. @throws WireError unless the answer has ended, or ends by that */
  close(): void {
    if (this.#state === 'until-close') this.#end();
    else if (this.#state !== 'ended') {
      throw new WireError('ECONNRESET', 'the connection was closed before the answer had ended', {
        beforeAnswer: !this.#begun,
      });
    }
  }

  /** What is left after the next thing; null when more must come to know. */
  #step(bytes: Buffer): Buffer | null {
    switch (this.#state) {
      case 'head':
        return this.#head(bytes);
      case 'counted':
        return this.#counted(bytes, 'ended');
      case 'chunk':
        return this.#counted(bytes, 'chunk-end');
      case 'chunk-size':
        return this.#chunkSize(bytes);
      case 'chunk-end':
        return this.#chunkEnd(bytes);
      case 'trailers':
        return this.#trailers(bytes);
      case 'until-close':
      case 'ended':
        this.#listener.piece(bytes);
        return NOTHING;
    }
  }

  #head(bytes: Buffer): Buffer | null {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0 && bytes.length <= HEAD_MAX) {
      if (!couldBeHttp(bytes)) throw invalid('what answers does not speak HTTP');
      return null;
    }
    if (end < 0 || end > HEAD_MAX) throw invalid(`the head of the answer is longer than ${HEAD_MAX} bytes`);
    const rest = bytes.subarray(end + HEAD_END.length);
    const lines = bytes.toString('latin1', 0, end).split('\r\n');
    const found = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(lines[0] ?? '');
    if (found === null) throw invalid('what answers does not speak HTTP/1.1');
    const status = Number(found[2]);
    if (status === 101) throw invalid('the server wants to speak something else than HTTP');
    if (status < 200) return rest;
    const headers = headersOf(lines);
    this.#lasts = found[1] === '1' && !/\bclose\b/i.test(headers.get('connection') ?? '');
    this.#begin(status, headers, rest.length);
    this.#listener.head({ status, headers });
    if (this.#state === 'ended') this.#listener.end(this.#lasts);
    return rest;
  }

  /** Decides how the body's end is told. Source: RFC 9112, section 6.3. */
  #begin(status: number, headers: ReadonlyMap<string, string>, following: number): void {
    const coding = headers.get('transfer-encoding');
    const length = headers.get('content-length');
    if (status === 204 || status === 304) this.#left = 0;
    else if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked' || length !== undefined)
        throw invalid('the length of the answer is unclear');
      this.#state = 'chunk-size';
      return;
    } else if (length === undefined) {
      this.#state = 'until-close';
      this.#lasts = false;
      return;
    } else {
      if (!/^\d{1,15}$/.test(length)) throw invalid('the length of the answer is no number');
      this.#left = Number(length);
    }
    this.#state = this.#left === 0 ? 'ended' : 'counted';
    if (following > this.#left) this.#lasts = false;
  }

  #counted(bytes: Buffer, next: 'ended' | 'chunk-end'): Buffer {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    this.#listener.piece(piece);
    const rest = bytes.subarray(piece.length);
    if (this.#left > 0) return rest;
    if (next === 'chunk-end') this.#state = next;
    else {
      if (rest.length > 0) this.#lasts = false;
      this.#end();
    }
    return rest;
  }

  #chunkSize(bytes: Buffer): Buffer | null {
    const end = bytes.indexOf(LINE_END);
    if (end > SIZE_LINE_MAX || (end < 0 && bytes.length > SIZE_LINE_MAX)) throw invalid('a chunk tells no size');
    if (end < 0) return null;
    const found = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(bytes.toString('latin1', 0, end));
    if (found === null) throw invalid('a chunk tells no size');
    this.#left = Number.parseInt(found[1] ?? '', 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    if (this.#state === 'trailers') this.#left = HEAD_MAX;
    return bytes.subarray(end + LINE_END.length);
  }

  #chunkEnd(bytes: Buffer): Buffer | null {
    if (bytes.length < LINE_END.length) return null;
    if (bytes.indexOf(LINE_END) !== 0) throw invalid('a chunk is longer than it says');
    this.#state = 'chunk-size';
    return bytes.subarray(LINE_END.length);
  }

  /** Nobody reads them. */
  #trailers(bytes: Buffer): Buffer | null {
    const end = bytes.indexOf(LINE_END);
    if ((end < 0 ? bytes.length : end) > this.#left) throw invalid('the trailers of the answer do not end');
    if (end < 0) return null;
    const rest = bytes.subarray(end + LINE_END.length);
    if (end > 0) this.#left -= end;
    else {
      if (rest.length > 0) this.#lasts = false;
      this.#end();
    }
    return rest;
  }

  #end(): void {
    this.#state = 'ended';
    this.#listener.end(this.#lasts);
  }
}

/** As far as it has come. */
function couldBeHttp(bytes: Buffer): boolean {
  const begin = 'HTTP/1.';
  return begin.startsWith(bytes.toString('latin1', 0, begin.length));
}

const HEADER = /^[\w!#$%&'*+.^`|~-]+:[\t -~\x80-\xff]*$/;

/** Of all lines but the first. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (!HEADER.test(line)) throw invalid('a header of the answer is none');
    const colon = line.indexOf(':');
    const key = line.slice(0, colon).toLowerCase();
    const value = withoutBlanks(line.slice(colon + 1));
    const before = headers.get(key);
    if (before !== undefined && key === 'content-length' && before !== value) {
      throw invalid('the answer has two lengths');
    }
    headers.set(key, before === undefined || key === 'content-length' ? value : `${before}, ${value}`);
  }
  return headers;
}

/** Around it; no other white space is one here. */
function withoutBlanks(value: string): string {
  let [begin, end] = [0, value.length];
  while (begin < end && isBlank(value.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function invalid(message: string): WireError {
  return new WireError('NOT_HTTP', message);
}
