// A small file of JSON that is replaced whole and ends with a checksum, so that a bit that flips in it is noticed.

import { readFile } from 'node:fs/promises';
import { Failure } from '../../../model/failure.js';
import { replaceFile } from './durable-file.js';
import { ifThere } from './if-there.js';
import { hasSealForm, isSealed, type SealForm, sealOf } from './seal.js';

/** What is written today. Format 1 had no checksum; people may write it too. */
const FORMAT = 2;
const UNSEALED_END = '\n}';
const SEAL: SealForm = { before: Buffer.from(',\n  "sum": "'), after: Buffer.from('"\n}\n') };

/** What a file said, and whether it is of an earlier format. */
export interface SealedJson<T> {
  /** Of format 1: to be written anew. */
  readonly isOld: boolean;
  readonly content: T;
}

/** Null when it is not there. @throws Failure CONFIG when it is damaged, or a newer program wrote it */
export async function readSealedJson<T extends object>(file: string): Promise<SealedJson<T> | null> {
  const bytes = await ifThere(readFile(file));
  if (bytes === null) return null;
  const { format, ...content } = parse(bytes, file) as T & { readonly format?: unknown };
  if (format === 1) return { isOld: true, content: content as unknown as T };
  const sealed = isSealed(bytes, SEAL, 0, bytes.length);
  if (format === FORMAT && sealed) {
    const { sum: _, ...own } = content as { readonly sum?: unknown };
    return { isOld: false, content: own as T };
  }
  if (typeof format !== 'number' || format <= FORMAT || (!sealed && hasSealForm(bytes, SEAL, bytes.length))) {
    throw damaged(file);
  }
  throw new Failure('CONFIG', `${file} has format ${format}, this program knows formats 1 and ${FORMAT}`, {
    hint: 'use a newer version of mtglacier',
  });
}

/** On stable storage, under its name, when it resolves. One writer at a time. */
export function saveSealedJson(file: string, content: object): Promise<void> {
  const text = JSON.stringify({ format: FORMAT, ...content }, null, 2).slice(0, -UNSEALED_END.length);
  return replaceFile(file, `${text}${sealOf(text, SEAL)}`);
}

function parse(bytes: Buffer, file: string): object {
  try {
    const content: unknown = JSON.parse(bytes.toString());
    if (typeof content === 'object' && content !== null) return content;
  } catch (cause) {
    throw damaged(file, cause);
  }
  throw damaged(file);
}

function damaged(file: string, cause?: unknown): Failure {
  const hint = 'restore it from a copy of the folder; if you changed it yourself, write "format": 1 and take "sum" out';
  return new Failure('CONFIG', `${file} is damaged`, { hint, cause });
}
