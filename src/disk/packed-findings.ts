// Findings as they cross from one thread to another, in few and plain things.

import type { Instant } from '../model/clock.js';
import { Failure, type FailureCode } from '../model/failure.js';
import type { Found } from '../model/found.js';
import type { LocalFile } from '../model/local-file.js';
import type { RelPath } from '../model/rel-path.js';

/** What can be told of a failure; what caused it stays behind. */
export interface PackedFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint: string | undefined;
}

type Aside = Exclude<Found, { kind: 'file' }>;
type PackedAside = Exclude<Aside, { failure: Failure }> | Packed<Extract<Aside, { failure: Failure }>>;
type Packed<T> = T extends { failure: Failure } ? Omit<T, 'failure'> & { readonly failure: PackedFailure } : never;

export interface PackedFindings {
  /** Of the files. Each by itself: a path that is kept for long must not keep those that it was cut out of. */
  readonly paths: readonly RelPath[];
  /** Of each file: size, mtime, mtimeNs, ctimeUs. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Each with its place among all findings, ascending. */
  readonly asides: readonly (readonly [at: number, aside: PackedAside])[];
}

const NUMBERS = 4;

/** @param batch from a walk, which has looked at its files */
export function pack(batch: readonly Found[]): PackedFindings {
  const numbers = new Float64Array(NUMBERS * batch.length);
  const asides: [number, PackedAside][] = [];
  const paths: RelPath[] = [];
  for (let at = 0; at < batch.length; at++) {
    const found = batch[at] as Found;
    if (found.kind === 'file') {
      write(found.file, numbers, NUMBERS * paths.length);
      paths.push(found.file.path);
    } else {
      asides.push([at, packAside(found)]);
    }
  }
  return { paths, numbers, asides };
}

export function unpack({ paths, numbers, asides }: PackedFindings): readonly Found[] {
  const batch: Found[] = [];
  let next = 0;
  for (let at = 0; at < paths.length + asides.length; at++) {
    const [place, aside] = asides[next] ?? [];
    if (place === at && aside !== undefined) {
      batch.push(unpackAside(aside));
      next++;
    } else {
      const file = at - next;
      batch.push({ kind: 'file', file: read(paths[file] as RelPath, numbers, NUMBERS * file) });
    }
  }
  return batch;
}

function write({ size, mtime, mtimeNs, ctimeUs }: LocalFile, numbers: Float64Array, at: number): void {
  if (mtimeNs === undefined || ctimeUs === undefined) throw new Error('a walk gives a file that it has not looked at');
  numbers[at] = size;
  numbers[at + 1] = mtime;
  numbers[at + 2] = mtimeNs;
  numbers[at + 3] = ctimeUs;
}

function read(path: RelPath, numbers: Float64Array, at: number): LocalFile {
  return {
    path,
    size: numbers[at] as number,
    mtime: numbers[at + 1] as Instant,
    mtimeNs: numbers[at + 2] as number,
    ctimeUs: numbers[at + 3] as number,
  };
}

function packAside(aside: Aside): PackedAside {
  return aside.kind === 'left-out' ? aside : { ...aside, failure: packFailure(aside.failure) };
}

function unpackAside(aside: PackedAside): Aside {
  return aside.kind === 'left-out' ? aside : { ...aside, failure: unpackFailure(aside.failure) };
}

export function packFailure({ code, message, hint }: Failure): PackedFailure {
  return { code, message, hint };
}

export function unpackFailure({ code, message, hint }: PackedFailure): Failure {
  return new Failure(code, message, { hint });
}
