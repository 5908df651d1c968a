// Puts numbered pairs into the order of their first numbers, which are evenly spread hashes.

import { HASH_END } from './hash-of-bytes.js';

/** The numbers of all pairs, by the first of each, then by the second. */
export function pairOrder(firsts: Float64Array, seconds: Float64Array): Uint32Array {
  const order = new Uint32Array(firsts.length);
  const bucketOf = (i: number): number => Math.floor(((firsts[i] as number) / HASH_END) * firsts.length);
  const ends = new Uint32Array(firsts.length + 1);
  for (let i = 0; i < firsts.length; i++) (ends[bucketOf(i) + 1] as number) += 1;
  for (let i = 1; i < ends.length; i++) (ends[i] as number) += ends[i - 1] as number;
  const next = ends.slice();
  for (let i = 0; i < firsts.length; i++) {
    const bucket = bucketOf(i);
    order[next[bucket] as number] = i;
    (next[bucket] as number) += 1;
  }
  const compare = (a: number, b: number): number => {
    return (firsts[a] as number) - (firsts[b] as number) || (seconds[a] as number) - (seconds[b] as number);
  };
  for (let i = 0; i < firsts.length; i++) sortBucket(order, ends[i] as number, ends[i + 1] as number, compare);
  return order;
}

/** Few are in one, unless somebody has made ids to that end. */
function sortBucket(order: Uint32Array, low: number, high: number, compare: (a: number, b: number) => number): void {
  if (high - low > 32) return void order.subarray(low, high).sort(compare);
  for (let next = low + 1; next < high; next++) {
    const number = order[next] as number;
    let at = next;
    for (; at > low && compare(order[at - 1] as number, number) > 0; at--) order[at] = order[at - 1] as number;
    order[at] = number;
  }
}
