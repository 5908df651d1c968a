// Looks single lines of the journal up: the index says where a fact stands, the line says what it is.

import { closeSync, openSync, readSync } from 'node:fs';

import { Failure } from '../../model/failure.js';
import type { JournalRecord } from '../../model/journal-record.js';
import type { TextEncoding } from '../../model/text-encoding.js';
import { decodeRecord } from '../codec.js';
import { writeFailure } from '../write-failure.js';
import { PlainLine } from './plain-line.js';

/** Nearly every line is shorter. Bytes. */
const PIECE = 1024;
const LF = 0x0a;
const CR = 0x0d;

/** What a CREATED line says of the archive that the index looked up. Bytes are UTF-8, good until the next look. */
export interface FoundLine {
  readonly id: Buffer;
  readonly path: Buffer;
}

export class JournalLines {
  readonly #file: string;
  readonly #name: string;
  readonly #encoding: TextEncoding;
  readonly #plain = new PlainLine();
  #descriptor: number | null = null;
  #buffer = Buffer.allocUnsafe(PIECE);

  /** @param name as the user knows the journal */
  constructor(file: string, name: string, encoding: TextEncoding) {
    this.#file = file;
    this.#name = name;
    this.#encoding = encoding;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** The CREATED line that begins there. @throws Failure JOURNAL_UNWRITABLE when another line does */
  createdAt(place: number): FoundLine {
    const end = this.#read(place);
    const [bytes, plain] = [this.#buffer, this.#plain];
    if (this.#encoding.canonicalName === 'utf8' && plain.read(bytes, 0, end) && plain.kind === 'created') {
      return { id: bytes.subarray(plain.idStart, plain.idEnd), path: bytes.subarray(plain.restStart, plain.restEnd) };
    }
    const record = this.#record(end);
    if (record.type !== 'created') throw this.#changed();
    return { id: Buffer.from(record.archive.id), path: Buffer.from(record.archive.path) };
  }

  /** The RETRIEVE_JOB line that begins there. @throws Failure JOURNAL_UNWRITABLE when another line does */
  retrievalAt(place: number): Extract<JournalRecord, { type: 'retrieve-job' }> {
    const record = this.#record(this.#read(place));
    if (record.type !== 'retrieve-job') throw this.#changed();
    return record;
  }

  #record(end: number): JournalRecord {
    const text = this.#encoding.decode(this.#buffer.subarray(0, end));
    const record = text === null ? null : decodeRecord(text);
    if (record === null || record.type === 'unreadable') throw this.#changed();
    return record;
  }

  /** Reads the line that begins there; says where it ends. */
  #read(place: number): number {
    for (let held = 0; ; ) {
      if (held === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * held);
      const count = this.#readInto(held, place);
      const end = this.#buffer.subarray(0, held + count).indexOf(LF, held);
      if (end !== -1) return end > 0 && this.#buffer[end - 1] === CR ? end - 1 : end;
      if (count === 0) throw this.#changed();
      held += count;
    }
  }

  #readInto(held: number, place: number): number {
    try {
      this.#descriptor ??= openSync(this.#file, 'r');
      return readSync(this.#descriptor, this.#buffer, held, this.#buffer.length - held, place + held);
    } catch (cause) {
      throw writeFailure(this.#name, cause);
    }
  }

  #changed(): Failure {
    return new Failure('JOURNAL_UNWRITABLE', `${this.#name} was changed by another program while it was in use`, {
      hint: 'run the same command again; see that no other program writes to it',
    });
  }
}
