// Finds ids that a long list names twice, in little memory: what is surely new is told at once, what may not be is not.

/** With as many for each id, at most one new id in a hundred thousand passes for one that may have come before. */
const BITS_PER_ID = 24;
const PROBES = 16;
const BITS_MIN = 2 ** 20;
const BITS_MAX = 2 ** 31;

/** A Bloom filter. Memory: 3 to 6 bytes an id expected, 256 MiB at most. */
export class PossibleRepeats {
  readonly #words: Uint32Array;
  readonly #mask: number;

  /** @param expected how many ids there may be; more of them only make it doubt more often */
  constructor(expected: number) {
    const wanted = Math.min(Math.max(expected * BITS_PER_ID, BITS_MIN), BITS_MAX);
    const bits = 2 ** Math.ceil(Math.log2(wanted));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  /** Notes the id, and says whether it may have been noted before; never no when it was. */
  mayRepeat(id: string): boolean {
    let at = hash(id, 0x811c9dc5);
    let step = hash(id, 0x9747b28c);
    let isKnown = true;
    for (let probe = 0; probe < PROBES; probe++) {
      if (this.#note(at & this.#mask)) isKnown = false;
      // Steps that grow: with even ones, two ids that meet once would go on together.
      at = (at + step) | 0;
      step = (step + probe) | 0;
    }
    return isKnown;
  }

  /** Whether the bit was not set yet. */
  #note(bit: number): boolean {
    const [at, flag] = [bit >>> 5, 1 << (bit & 31)];
    const word = this.#words[at] as number;
    this.#words[at] = word | flag;
    return (word & flag) === 0;
  }
}

/** Mixes each unit into all bits, so that ids that meet under one seed part under another. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x5bd1e995);
    value ^= value >>> 15;
  }
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
