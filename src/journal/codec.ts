// Journal lines: record ↔ line. Reads versions 0, A, B and C; writes B.

import type { Archive } from '../model/archive.js';
import { Instant } from '../model/clock.js';
import { ArchiveId, type JobId } from '../model/identifiers.js';
import type { JournalRecord } from '../model/journal-record.js';
import { withoutFormInJournal } from '../model/refused-name.js';
import { RelPath } from '../model/rel-path.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { TreeHash } from '../model/tree-hash.js';

/** A line that is no record. `why` ends a sentence that begins with the line's place. */
export interface Unreadable {
  readonly type: 'unreadable';
  readonly why: string;
  readonly hint: string;
}

// Source: behaviour of mt-aws-glacier 1.120. Version 0 takes one blank between the fields of CREATED and any number of
// blanks and TABs elsewhere. The last field is the rest of the line, whatever it holds.
const CREATED_0 = /^(\d{1,20}) CREATED (\S+) (\d{1,20}) (\S+) (.*)$/s;
const DELETED_0 = /^(\d{1,20})[ \t]+DELETED[ \t]+(\S+)[ \t]+(.*)$/s;
const RETRIEVE_JOB_0 = /^(\d{1,20})[ \t]+RETRIEVE_JOB[ \t]+(\S+)$/;
const CREATED = /^([ABC])\t(\d{1,20})\tCREATED\t(\S+)\t(\d{1,20})\t([+-]?\d{1,20}|NONE)\t(\S+)\t(.*)$/s;
const DELETED = /^[ABC]\t(\d{1,20})\tDELETED\t(\S+)\t(.*)$/s;
const RETRIEVE_JOB = /^[ABC]\t(\d{1,20})\tRETRIEVE_JOB\t(\S+)\t(.*)$/s;

const BROKEN: Unreadable = {
  type: 'unreadable',
  why: 'is broken',
  hint: 'see "Recovering by hand" in docs/journal-format.md',
};
const UNKNOWN: Unreadable = { ...BROKEN, why: 'is in no known format' };
const FUTURE: Unreadable = {
  type: 'unreadable',
  why: 'was written by a newer version of the program',
  hint: 'use that version, or a newer one',
};

/** @param line without its line end */
export function decodeRecord(line: string): JournalRecord | Unreadable {
  if (/^[ABC]\t/.test(line)) return decodeTabbed(line);
  if (/^\d/.test(line)) return decodeVersion0(line);
  return /^[D-Z]\t/.test(line) ? FUTURE : UNKNOWN;
}

function decodeTabbed(line: string): JournalRecord | Unreadable {
  const created = CREATED.exec(line);
  if (created !== null) {
    const [, version, at, id, size, mtime, treeHash, path] = created as unknown as Eight;
    if (version === 'A' && mtime === 'NONE') return BROKEN;
    // Early programs wrote the id for the name, and any time, where an archive had no description.
    const known = mtime !== 'NONE' && !(version === 'A' && id === path);
    return createdRecord(at, id, size, known ? instant(mtime) : null, treeHash, path);
  }
  const deleted = DELETED.exec(line);
  if (deleted !== null) return deletedRecord(deleted as unknown as Four);
  const retrieval = RETRIEVE_JOB.exec(line);
  if (retrieval !== null) return retrievalRecord(retrieval as unknown as Four);
  return BROKEN;
}

function decodeVersion0(line: string): JournalRecord | Unreadable {
  const created = CREATED_0.exec(line);
  if (created !== null) {
    const [, at, id, size, treeHash, path] = created as unknown as Six;
    return createdRecord(at, id, size, null, treeHash, path);
  }
  const deleted = DELETED_0.exec(line);
  if (deleted !== null) return deletedRecord(deleted as unknown as Four);
  const retrieval = RETRIEVE_JOB_0.exec(line);
  if (retrieval !== null) return retrievalRecord([...(retrieval as unknown as Three), '']);
  return BROKEN;
}

type Three = [line: string, string, string];
type Four = [...Three, string];
type Six = [...Four, string, string];
type Eight = [...Six, string, string];

function createdRecord(
  at: string,
  id: string,
  size: string,
  mtime: Instant | null,
  treeHash: string,
  path: string,
): JournalRecord | Unreadable {
  const why = RelPath.whyNot(path);
  if (why !== null) return { ...BROKEN, why: `has a file name that ${why}` };
  const archive: Archive = {
    id: ArchiveId.parse(id),
    path: path as RelPath,
    size: Number(size),
    mtime,
    treeHash: TreeHash.recorded(treeHash),
    createdAt: instant(at),
  };
  return { type: 'created', archive };
}

/** The name is a remark, taken as it is: the id alone says what was deleted. */
function deletedRecord([, at, id, path]: Four): JournalRecord {
  return { type: 'deleted', at: instant(at), archiveId: ArchiveId.parse(id), path: path as RelPath };
}

/** The job id is taken as it is; an empty one is none. */
function retrievalRecord([, at, id, jobId]: Four): JournalRecord {
  return {
    type: 'retrieve-job',
    at: instant(at),
    archiveId: ArchiveId.parse(id),
    jobId: jobId === '' ? null : (jobId as JobId),
  };
}

/** Adding 0 makes 0 of `-0`. */
function instant(digits: string): Instant {
  return Instant.ofSeconds(Number(digits) + 0);
}

/**
 * The record as a line of version B, with its line end.
 * @throws Error when the line would not read back as the same record: nothing unreadable is ever written
 */
export function encodeRecord(record: JournalRecord): string {
  const line = `B\t${fieldsOf(record).join('\t')}`;
  if (!isPlain(record) && !isSame(decodeRecord(line), record)) {
    throw new Error(`no journal line can hold ${JSON.stringify(record)}`);
  }
  return `${line}\n`;
}

/**
 * The line as it stands in a journal of this encoding.
 * @throws Failure NAME_REFUSED where the encoding has no form for it; Error as `encodeRecord`
 */
export function encodeRecordIn(record: JournalRecord, encoding: TextEncoding): Uint8Array {
  const line = encodeRecord(record);
  const bytes = encoding.encode(line);
  if (bytes === null) throw withoutFormInJournal(nameIn(record), encoding);
  return bytes;
}

function nameIn(record: JournalRecord): string {
  if (record.type === 'created') return record.archive.path;
  return record.type === 'deleted' ? record.path : record.archiveId;
}

function fieldsOf(record: JournalRecord): readonly (string | number)[] {
  if (record.type === 'created') {
    const { id, path, size, mtime, treeHash, createdAt } = record.archive;
    return [createdAt, 'CREATED', id, size, mtime ?? 'NONE', treeHash, path];
  }
  if (record.type === 'deleted') return [record.at, 'DELETED', record.archiveId, record.path];
  return [record.at, 'RETRIEVE_JOB', record.archiveId, record.jobId ?? ''];
}

/** Of nearly every record it is plain to see that its line can be read in one way only; others are read to see it. */
function isPlain(record: JournalRecord): boolean {
  if (record.type !== 'created') return false;
  const { id, path, size, mtime, treeHash, createdAt } = record.archive;
  const isTime = mtime === null || isCount(Math.abs(mtime));
  return (
    isCount(createdAt) && isCount(size) && isTime && isWord(id) && isWord(treeHash) && RelPath.whyNot(path) === null
  );
}

function isCount(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value);
}

/** Visible ASCII. */
function isWord(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** A CR or LF inside would end the line early, or be taken for a part of its end. */
function isSame(read: JournalRecord | Unreadable, due: JournalRecord): boolean {
  if (read.type === 'unreadable') return false;
  const [is, wanted] = [fieldsOf(read), fieldsOf(due)];
  return is.every((field, i) => field === wanted[i] && !/[\r\n]|\p{Surrogate}/u.test(String(field)));
}
