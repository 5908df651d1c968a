// Names of the temporary files in which downloads land.

import { randomBytes } from 'node:crypto';
import { pid } from 'node:process';

/** A new name that says which process it belongs to. */
export function temporaryName(): string {
  return `.mtglacier-${pid}-${randomBytes(6).toString('hex')}.part`;
}

/** The process that a temporary file belongs to; null for any other name. */
export function ownerOfTemporary(name: string): number | null {
  const found = /^\.mtglacier-(\d{1,10})-[0-9a-f]{12}\.part$/.exec(name);
  return found === null ? null : Number(found[1]);
}
