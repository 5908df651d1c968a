// A fast number for some bytes, evenly spread. Equal numbers mean nothing: whoever finds by them, looks at the bytes.

/** Values are whole numbers from 0 to HASH_END, without it: 52 bits. */
export const HASH_END = 2 ** 52;

export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let high = 0x811c9dc5;
  let low = 0x9747b28c ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const [a, b, c, d] = [
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    ];
    const word = a | (b << 8) | (c << 16) | (d << 24);
    high = Math.imul((high << 13) | (high >>> 19), 0x01000193) ^ word;
    low = Math.imul(low ^ word, 0x5bd1e995);
    low ^= low >>> 15;
  }
  for (; at < end; at++) {
    high = Math.imul(high ^ (bytes[at] as number), 0x01000193);
    low = Math.imul(low ^ (bytes[at] as number), 0x5bd1e995);
    low ^= low >>> 15;
  }
  return (mixed(high) >>> 0) * 2 ** 20 + (mixed(low ^ high) >>> 12);
}

/** Source: the finaliser of MurmurHash3, which is in the public domain. */
function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
