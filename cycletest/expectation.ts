// Whether what was printed is what was expected, and where not.

/** Where the two part. */
export interface Mismatch {
  /** Index of the first expected line that was not found; their number when more was printed than expected. */
  readonly at: number;
}

/**
 * Holds the printed lines against the expected ones: `…` in a line stands for any text, and alone on a line for any
 * lines. Null when they match.
 */
export function mismatch(expected: readonly string[], printed: readonly string[]): Mismatch | null {
  let reached = afterGaps(new Set([0]), expected);
  let at = Math.max(...reached);
  for (const line of printed) {
    const next = [...reached].flatMap((index) => {
      const text = expected[index];
      if (text === '…') return [index];
      return text !== undefined && matchesLine(text, line) ? [index + 1] : [];
    });
    reached = afterGaps(new Set(next), expected);
    at = Math.max(at, ...reached);
  }
  return reached.has(expected.length) ? null : { at };
}

/** A gap may also stand for no line at all. */
function afterGaps(reached: Set<number>, expected: readonly string[]): Set<number> {
  for (const index of reached) if (expected[index] === '…') reached.add(index + 1);
  return reached;
}

function matchesLine(expected: string, line: string): boolean {
  const pattern = expected.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(line);
}
