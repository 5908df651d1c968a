// A JSON object that never lies in memory as a whole: its members one by one, and of one long array each element.

/** A member of the object, or an element of the array under that name: as it was written, not yet parsed. */
export interface JsonPart {
  readonly of: 'member' | 'array';
  readonly name: string;
  readonly text: string;
}

type Expecting =
  | 'object'
  | 'first name'
  | 'name'
  | 'colon'
  | 'value'
  | 'first element'
  | 'element'
  | 'after element'
  | 'after value'
  | 'nothing';

/** No part may be longer than this. Bytes. */
const PART_MAX = 1024 * 1024;

/**
 * Takes the text piece by piece, in pieces of any length, and gives what is complete. Only what lies between the parts
 * is looked at: whether a part is JSON its reader finds out.
 * Memory: one piece and one part.
 * @throws SyntaxError where there is something else than an object of members
 */
export class JsonSplitter {
  readonly #arrayName: string;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #expecting: Expecting = 'object';
  #name = '';
  #sawArray = false;

  constructor(arrayName: string) {
    this.#arrayName = arrayName;
  }

  *split(piece: Uint8Array): Generator<JsonPart> {
    this.#append(piece);
    for (;;) {
      this.#skipBlanks();
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return;
      const part = this.#step(byte);
      if (part === INCOMPLETE) return;
      if (part !== null) yield part;
    }
  }

  /** Nothing more comes. @throws SyntaxError when the object is not over, or was without the array */
  end(): void {
    if (this.#expecting !== 'nothing') throw new SyntaxError(`it breaks off where ${this.#expecting} was expected`);
    if (!this.#sawArray) throw new SyntaxError(`it has no array ${this.#arrayName}`);
  }

  #append(piece: Uint8Array): void {
    const added = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    this.#bytes = this.#at === this.#bytes.length ? added : Buffer.concat([this.#bytes.subarray(this.#at), added]);
    this.#at = 0;
  }

  #skipBlanks(): void {
    while (BLANKS.has(this.#bytes[this.#at] ?? 0)) this.#at++;
  }

  /** Takes one step, which may complete a part. */
  #step(byte: number): JsonPart | typeof INCOMPLETE | null {
    switch (this.#expecting) {
      case 'object':
        return this.#begin(byte);
      case 'first name':
        return byte === CLOSE_OBJECT ? this.#pass('nothing') : this.#takeName(byte);
      case 'name':
        return this.#takeName(byte);
      case 'colon':
        return byte === COLON ? this.#pass('value') : this.#refuse();
      case 'value':
        return byte === OPEN_ARRAY && this.#name === this.#arrayName ? this.#beginArray() : this.#takePart('member');
      case 'first element':
        return byte === CLOSE_ARRAY ? this.#pass('after value') : this.#takePart('array');
      case 'element':
        return this.#takePart('array');
      case 'after element':
        if (byte === COMMA) return this.#pass('element');
        return byte === CLOSE_ARRAY ? this.#pass('after value') : this.#refuse();
      case 'after value':
        if (byte === COMMA) return this.#pass('name');
        return byte === CLOSE_OBJECT ? this.#pass('nothing') : this.#refuse();
      case 'nothing':
        return this.#refuse();
    }
  }

  /** The mark that says which byte order a text has may stand before it, and means nothing in UTF-8. */
  #begin(byte: number): typeof INCOMPLETE | null {
    if (byte === OPEN_OBJECT) return this.#pass('first name');
    const seen = this.#bytes.subarray(this.#at, this.#at + MARK.length);
    if (!seen.equals(MARK.subarray(0, seen.length))) return this.#refuse();
    if (seen.length < MARK.length) return INCOMPLETE;
    this.#at += MARK.length;
    return null;
  }

  #beginArray(): null {
    this.#sawArray = true;
    return this.#pass('first element');
  }

  #pass(next: Expecting): null {
    this.#at++;
    this.#expecting = next;
    return null;
  }

  #takeName(byte: number): typeof INCOMPLETE | null {
    if (byte !== QUOTE) return this.#refuse();
    const text = this.#takeValue();
    if (text === INCOMPLETE) return INCOMPLETE;
    this.#name = JSON.parse(text) as string;
    this.#expecting = 'colon';
    return null;
  }

  #takePart(of: JsonPart['of']): JsonPart | typeof INCOMPLETE {
    const text = this.#takeValue();
    if (text === INCOMPLETE) return INCOMPLETE;
    this.#expecting = of === 'array' ? 'after element' : 'after value';
    return { of, name: this.#name, text };
  }

  #takeValue(): string | typeof INCOMPLETE {
    const end = endOfValue(this.#bytes, this.#at);
    if ((end === -1 ? this.#bytes.length : end) - this.#at > PART_MAX) {
      throw new SyntaxError(`it has a part of more than ${PART_MAX} bytes`);
    }
    if (end === -1) return INCOMPLETE;
    if (end === this.#at) this.#refuse();
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  #refuse(): never {
    const found = this.#bytes.toString('utf8', this.#at, this.#at + 20);
    throw new SyntaxError(`it has ${JSON.stringify(found)} where ${this.#expecting} was expected`);
  }
}

const INCOMPLETE = Symbol('incomplete');
const MARK = Buffer.from('\ufeff');
const BLANKS: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n'));
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where the value ends that begins at `at`; -1 when that cannot be seen yet. */
function endOfValue(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return endOfString(bytes, at);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfNested(bytes, at);
  let end = at;
  while (end < bytes.length && !ENDS_A_WORD.has(bytes[end] as number)) end++;
  return end === bytes.length ? -1 : end;
}

const ENDS_A_WORD: ReadonlySet<number> = new Set([...BLANKS, COMMA, COLON, CLOSE_OBJECT, CLOSE_ARRAY]);

function endOfNested(bytes: Buffer, at: number): number {
  let depth = 0;
  let next = at;
  while (next < bytes.length) {
    const byte = bytes[next];
    if (byte === QUOTE) {
      next = endOfString(bytes, next);
      if (next === -1) return -1;
      continue;
    }
    next++;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return next;
  }
  return -1;
}

/** A quote ends the string unless an odd number of backslashes stands before it. */
function endOfString(bytes: Buffer, at: number): number {
  for (let quote = bytes.indexOf(QUOTE, at + 1); quote !== -1; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let before = quote;
    while (bytes[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return -1;
}
