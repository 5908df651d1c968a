// Names of the hidden files in which downloads land, as they are read: a walk, which reads them, makes none.

/** The process that a temporary file belongs to; null for any other name. */
export function ownerOfTemporary(name: string): number | null {
  const found = /^\.mtglacier-(\d{1,10})-[0-9a-f]{12}\.part$/.exec(name);
  return found === null ? null : Number(found[1]);
}

declare const landingKey: unique symbol;

/** Says what lands, and under which name: whoever fetches the same finds what is there of it. 32 hex digits. */
export type LandingKey = string & { readonly [landingKey]: true };

/** The files of a landing that is kept when its process ends. */
export function keptNames(key: LandingKey): { readonly bytes: string; readonly record: string } {
  return { bytes: `.mtglacier-${key}.part`, record: `.mtglacier-${key}.landed` };
}

/** Which kept landing a file belongs to; null for any other name. */
export function keyOfKept(name: string): LandingKey | null {
  return (/^\.mtglacier-([0-9a-f]{32})\.(?:part|landed)$/.exec(name)?.[1] ?? null) as LandingKey | null;
}

/** Whether it is a file of a download that has not ended, or not well. */
export function isUnfinished(name: string): boolean {
  return ownerOfTemporary(name) !== null || keyOfKept(name) !== null;
}
