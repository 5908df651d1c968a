// By what a file is known again: nobody can change it and keep all of this.

import type { BigIntStats } from 'node:fs';

/** Numbers of the system as text: they may be greater than numbers can be. */
export interface FileMark {
  readonly size: string;
  readonly inode: string;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

export function markOf({ size, ino, mtimeNs, ctimeNs }: BigIntStats): FileMark {
  return { size: `${size}`, inode: `${ino}`, mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}` };
}

export function isSameMark(a: FileMark | null, b: FileMark): boolean {
  return a !== null && a.size === b.size && a.inode === b.inode && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}
