// Reads the lines that nearly every journal is made of by their bytes; whatever is unusual is left to the codec.

import { isUtf8 } from 'node:buffer';

const TAB = 0x09;
const CR = 0x0d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
/** Numbers of more digits may not be whole ones. */
const DIGITS_MAX = 15;

const CREATED = Buffer.from('CREATED\t');
const DELETED = Buffer.from('DELETED\t');
const RETRIEVE_JOB = Buffer.from('RETRIEVE_JOB\t');

/**
 * The fields of one line; reused for the next. `start` and `end` of a field are places in the bytes that were read.
 * Only what cannot be read in two ways is plain: version B or C, short numbers, ids and hashes of visible ASCII, and a name that
 * is a path. The codec reads all of it the same.
 */
export class PlainLine {
  kind: 'created' | 'deleted' | 'retrieve-job' = 'created';
  at = 0;
  size = 0;
  /** NaN where it is not known. */
  mtime = Number.NaN;
  idStart = 0;
  idEnd = 0;
  hashStart = 0;
  hashEnd = 0;
  /** The name in CREATED and DELETED, the job id in RETRIEVE_JOB: the rest of the line. */
  restStart = 0;
  restEnd = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #next = 0;
  #end = 0;

  /** Whether the line, without its line end, is plain. The fields mean nothing when it is not. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#next = start + 2;
    this.#end = end;
    const version = bytes[start];
    if ((version !== 0x42 && version !== 0x43) || bytes[start + 1] !== TAB) return false;
    this.at = this.#number();
    if (this.at < 0) return false;
    if (this.#skips(CREATED)) return this.#readCreated();
    if (this.#skips(DELETED)) return this.#readNamed('deleted');
    return this.#skips(RETRIEVE_JOB) && this.#readNamed('retrieve-job');
  }

  #readCreated(): boolean {
    this.kind = 'created';
    if (!this.#readId()) return false;
    this.size = this.#number();
    if (this.size < 0 || !this.#readMtime()) return false;
    this.hashStart = this.#next;
    this.hashEnd = this.#token();
    if (this.hashEnd < 0) return false;
    return this.#readRest() && isPath(this.#bytes, this.restStart, this.restEnd);
  }

  #readNamed(kind: 'deleted' | 'retrieve-job'): boolean {
    this.kind = kind;
    return this.#readId() && this.#readRest();
  }

  #readId(): boolean {
    this.idStart = this.#next;
    this.idEnd = this.#token();
    return this.idEnd >= 0;
  }

  #readMtime(): boolean {
    const bytes = this.#bytes;
    const at = this.#next;
    if (bytes[at] === 0x4e) {
      // NONE; any other word has no digits either.
      if (bytes[at + 1] !== 0x4f || bytes[at + 2] !== 0x4e || bytes[at + 3] !== 0x45 || bytes[at + 4] !== TAB)
        return false;
      this.#next = at + 5;
      this.mtime = Number.NaN;
      return true;
    }
    const isNegative = bytes[at] === 0x2d;
    if (isNegative) this.#next++;
    const magnitude = this.#number();
    this.mtime = isNegative ? 0 - magnitude : magnitude;
    return magnitude >= 0;
  }

  #readRest(): boolean {
    this.restStart = this.#next;
    this.restEnd = this.#end;
    return isText(this.#bytes, this.restStart, this.restEnd);
  }

  /** Digits and the TAB behind them; -1 where there is no such thing. */
  #number(): number {
    const bytes = this.#bytes;
    const start = this.#next;
    let value = 0;
    let at = start;
    for (; at < this.#end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === start || at - start > DIGITS_MAX || at >= this.#end || bytes[at] !== TAB) return -1;
    this.#next = at + 1;
    return value;
  }

  /** Visible ASCII and the TAB behind it: the end of the token; -1 where there is no such thing. */
  #token(): number {
    const bytes = this.#bytes;
    let at = this.#next;
    while (at < this.#end && (bytes[at] as number) > 0x20 && (bytes[at] as number) < 0x7f) at++;
    if (at === this.#next || at >= this.#end || bytes[at] !== TAB) return -1;
    this.#next = at + 1;
    return at;
  }

  #skips(word: Buffer): boolean {
    const bytes = this.#bytes;
    const at = this.#next;
    if (at + word.length > this.#end) return false;
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
    this.#next = at + word.length;
    return true;
  }
}

function isText(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] as number) >= 0x80) return isUtf8(bytes.subarray(at, end));
  return true;
}

/** As `RelPath.whyNot` sees it, of well-formed text. */
function isPath(bytes: Buffer, start: number, end: number): boolean {
  let component = start;
  for (let at = start; at <= end; at++) {
    const byte = at === end ? SLASH : (bytes[at] as number);
    if (byte === TAB || byte === CR) return false;
    if (byte !== SLASH) continue;
    const length = at - component;
    // Only at its end may a path have a slash too many: old journals hold such names.
    if (length === 0 && (at !== end || at === start)) return false;
    if (length === 1 && bytes[component] === DOT) return false;
    if (length === 2 && bytes[component] === DOT && bytes[component + 1] === DOT) return false;
    component = at + 1;
  }
  return true;
}
