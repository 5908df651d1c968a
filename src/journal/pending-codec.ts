// Lines of the pending file: what happens to an intent, one JSON object a line.

import { Instant } from '../model/clock.js';
import { asFailure } from '../model/failure.js';
import { ArchiveId, UploadId } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import { RelPath } from '../model/rel-path.js';
import { TreeHash } from '../model/tree-hash.js';
import type { Intent, PossibleOrphan, UploadProgress } from './intents.js';

/** The version of every line that this program writes, and the only one that it reads. */
const VERSION = 'A';

export type PendingLine =
  | ({ readonly type: 'intent' } & Intent)
  | { readonly type: 'progress'; readonly key: number; readonly progress: UploadProgress }
  | { readonly type: 'settled'; readonly key: number; readonly possibleOrphans: number }
  | ({ readonly type: 'possible-orphan' } & PossibleOrphan);

/** With its line end. To copy the line so that the version comes first would cost as much as writing it. */
export function encodePending(line: PendingLine): string {
  if (line.type === 'settled') return settledLine(line);
  return `{"version":"${VERSION}",${JSON.stringify(line).slice(1)}\n`;
}

/** There is one for each intent, and nothing in it that would need to be escaped. */
function settledLine({ key, possibleOrphans }: Extract<PendingLine, { type: 'settled' }>): string {
  return `{"version":"${VERSION}","type":"settled","key":${key},"possibleOrphans":${possibleOrphans}}\n`;
}

/** The line, or why it is none, as the end of a sentence. */
export function decodePending(text: string): PendingLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is broken';
  }
  if (!isObject(value)) return 'is broken';
  const { version } = value;
  if (typeof version === 'string' && /^[B-Z]$/.test(version)) return 'was written by a newer version of the program';
  if (version !== VERSION) return 'is in no known format';
  try {
    return lineOf(value) ?? 'is broken';
  } catch (thrown) {
    return thrown instanceof RangeError ? 'is broken' : `is broken: ${asFailure(thrown).message}`;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineOf(fields: Fields): PendingLine | null {
  const { type } = fields;
  if (type === 'intent') {
    const supersedes = fields['supersedes'] === null ? null : ArchiveId.parse(text(fields, 'supersedes'));
    const intent = { key: whole(fields, 'key'), at: instant(fields, 'at'), file: file(fields), supersedes };
    return { type, ...intent, progress: progress(fields) };
  }
  if (type === 'progress') return { type, key: whole(fields, 'key'), progress: progress(fields) };
  if (type === 'settled') {
    return { type, key: whole(fields, 'key'), possibleOrphans: whole(fields, 'possibleOrphans') };
  }
  if (type === 'possible-orphan') return { type, file: file(fields), at: instant(fields, 'at') };
  return null;
}

function file(fields: Fields): LocalFile {
  const found = object(fields, 'file');
  return { path: RelPath.parse(text(found, 'path')), size: whole(found, 'size'), mtime: instant(found, 'mtime') };
}

function progress(fields: Fields): UploadProgress {
  const found = object(fields, 'progress');
  const { step } = found;
  if (step === 'whole' || step === 'stored') return { step };
  const partSize = whole(found, 'partSize');
  if (step === 'parts') {
    return { step, partSize, uploadId: found['uploadId'] === null ? null : UploadId.parse(text(found, 'uploadId')) };
  }
  if (step !== 'completing') throw new RangeError('no such step');
  const uploadId = UploadId.parse(text(found, 'uploadId'));
  return { step, partSize, uploadId, treeHash: TreeHash.parse(text(found, 'treeHash')) };
}

function object(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (!isObject(value)) throw new RangeError(`${name} is no object`);
  return value;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new RangeError(`${name} is no text`);
  return value;
}

function whole(fields: Fields, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new RangeError(`${name} is no count`);
  return value as number;
}

function instant(fields: Fields, name: string): Instant {
  return Instant.ofSeconds(fields[name] as number);
}
