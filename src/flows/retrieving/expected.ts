// When several retrievals can be expected, taken together.

import type { Expected } from '../../vault/retrieving-port.js';

/** The span that holds both; what is unknown adds nothing to it. */
export function spanOf(a: Expected | null, b: Expected | null): Expected | null {
  if (a === null || b === null) return a ?? b;
  return { from: a.from < b.from ? a.from : b.from, to: a.to > b.to ? a.to : b.to };
}
