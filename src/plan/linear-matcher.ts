// Matches a path against a program of wildcards, in time that grows with both lengths and with nothing else.

/** The code point of a character that has to stand here, or one of the following. */
export type Instruction = number;

/** One character that is no slash. */
export const ONE = -1;
/** Any run of such characters. */
export const WITHIN = -2;
/** Any run of characters. */
export const ACROSS = -3;
/** The next instruction may be left out. */
export const MAYBE_NEXT = -4;
/** The next two may be left out together. */
const MAYBE_BOTH = -5;

const SLASH = 0x2f;

/** Nothing, or whatever ends with a slash. */
export const ANY_DIRECTORIES: readonly Instruction[] = [MAYBE_BOTH, ACROSS, SLASH];

/**
 * @param program in which few runs follow one another directly
 * @param isPrefix whether the program may end before the path does
 */
export function linearMatcher(program: readonly Instruction[], isPrefix: boolean): (path: string) => boolean {
  const ways = new Ways(program);
  return (path) => {
    ways.begin();
    for (let at = 0; at < path.length; at++) {
      if (ways.isAtEnd && isPrefix) return true;
      if (ways.isLost) return false;
      const character = path.codePointAt(at) as number;
      if (character > 0xffff) at++;
      ways.take(character);
    }
    return ways.isAtEnd;
  };
}

/** Follows all ways through the program at once, character by character: nothing is ever tried again. */
class Ways {
  readonly #program: Int32Array;
  /** The instructions that may come next, each once: the first `#count` of them; and space for those after. */
  #next: Int32Array;
  #spare: Int32Array;
  #count = 0;
  /** The step in which an instruction was last added. */
  readonly #addedIn: Float64Array;
  #step = 0;
  #isAtEnd = false;

  constructor(program: readonly Instruction[]) {
    this.#program = Int32Array.from(program);
    this.#next = new Int32Array(program.length);
    this.#spare = new Int32Array(program.length);
    this.#addedIn = new Float64Array(program.length);
  }

  /** Whether one way has come to the program's end. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  get isLost(): boolean {
    return this.#count === 0;
  }

  begin(): void {
    this.#clear();
    this.#add(0);
  }

  take(character: number): void {
    const [now, count] = [this.#next, this.#count];
    this.#next = this.#spare;
    this.#spare = now;
    this.#clear();
    for (let i = 0; i < count; i++) this.#follow(now[i] as number, character);
  }

  #clear(): void {
    this.#step++;
    this.#count = 0;
    this.#isAtEnd = false;
  }

  #follow(at: number, character: number): void {
    const instruction = this.#program[at] as Instruction;
    if (instruction === ACROSS || (instruction === WITHIN && character !== SLASH)) this.#add(at);
    else if (instruction === character || (instruction === ONE && character !== SLASH)) this.#add(at + 1);
  }

  /** Adds the instruction, and what may come instead of it. */
  #add(at: number): void {
    if (at === this.#program.length) this.#isAtEnd = true;
    if (at === this.#program.length || this.#addedIn[at] === this.#step) return;
    this.#addedIn[at] = this.#step;
    this.#next[this.#count++] = at;
    const instruction = this.#program[at] as Instruction;
    if (instruction <= WITHIN) this.#add(at + 1);
    if (instruction === MAYBE_NEXT) this.#add(at + 2);
    if (instruction === MAYBE_BOTH) this.#add(at + 3);
  }
}
