// What a check found: faults, and what crashes left.

/** Something that is not as it should be, or that a crash left and the next start of a server clears away. */
export interface Finding {
  readonly is: 'fault' | 'leftover';
  readonly path: string;
  /** Goes on where the path ends: `is missing`. */
  readonly what: string;
}

export function fault(path: string, what: string): Finding {
  return { is: 'fault', path, what };
}

export function leftover(path: string): Finding {
  return { is: 'leftover', path, what: 'was left by a crash; the next start clears it away' };
}

/** The path and what a failure says of it. */
export function faultIn(path: string, cause: unknown): Finding {
  return fault(path, (cause as Error).message.replace(`${path} `, ''));
}
