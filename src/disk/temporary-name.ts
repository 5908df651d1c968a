// Names of the temporary files in which downloads land.

import { pid } from 'node:process';

/** Of random bytes that such a name holds: the walk, which reads names, does without what makes them. */
export const RANDOM_IN_NAME = 6;

/** A name that says which process it belongs to. */
export function temporaryName(random: Buffer): string {
  return `.mtglacier-${pid}-${random.toString('hex')}.part`;
}

/** The process that a temporary file belongs to; null for any other name. */
export function ownerOfTemporary(name: string): number | null {
  const found = /^\.mtglacier-(\d{1,10})-[0-9a-f]{12}\.part$/.exec(name);
  return found === null ? null : Number(found[1]);
}
