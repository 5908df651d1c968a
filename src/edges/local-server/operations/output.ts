// GetJobOutput: the bytes of a retrieval or an inventory, whole or in ranges.

import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { invalidParameter } from '../protocol/errors.js';
import { type Answer, type Call, headerOf } from '../protocol/exchange.js';
import { bytesOf, bytesOfFile, rangeTreeHash } from '../vault/archive-bytes.js';
import { type Job, statusOf } from '../vault/job-book.js';
import type { Vault } from '../vault/vault.js';
import { jobOf } from './jobs.js';
import { type Service, vaultOf } from './service.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Something to hand out: all of its bytes, and what the headers say of a range of them. */
interface Output {
  readonly size: number;
  bytes(range: Range): AsyncGenerator<Buffer>;
  headers(range: Range): Promise<Record<string, string>>;
}

export async function getJobOutput(service: Service, call: Call): Promise<Answer> {
  const vault = vaultOf(service, call);
  const job = await jobOf(service, vault, call.names.job);
  if (statusOf(job, service.now()) !== 'Succeeded') {
    throw invalidParameter(`The job is not currently available for download: ${job.record.id}`);
  }
  const output = outputOf(vault, job);
  const wanted = parseRange(headerOf(call, 'range'), output.size);
  const range = wanted ?? { start: 0, end: output.size };
  const headers: Record<string, string> = {
    'Accept-Ranges': 'bytes',
    'Content-Length': String(range.end - range.start),
    ...(await output.headers(range)),
  };
  if (wanted !== null) headers['Content-Range'] = `bytes ${range.start}-${range.end - 1}/${output.size}`;
  const status = wanted === null ? 200 : 206;
  return { status, headers, write: (response) => pipeline(output.bytes(range), response) };
}

function outputOf(vault: Vault, job: Job): Output {
  const { record, archive } = job;
  if (record.action === 'inventory-retrieval') {
    return {
      size: record.size,
      bytes: ({ start, end }) => bytesOfFile(join(vault.staged, record.id), start, end),
      headers: async () => ({ 'Content-Type': record.format === 'CSV' ? 'text/csv' : 'application/json' }),
    };
  }
  if (archive === null) throw new Error(`job ${record.id} reads an archive that its log does not know`);
  return {
    size: record.end - record.start,
    bytes: ({ start, end }) => bytesOf(vault, archive, record.start + start, record.start + end),
    headers: async ({ start, end }) => {
      const headers: Record<string, string> = { 'Content-Type': 'application/octet-stream' };
      if (archive.description !== '') headers['x-amz-archive-description'] = archive.description;
      // Both the job's range and this one must be whole subtrees of the archive.
      const hash = record.treeHash && (await rangeTreeHash(vault, archive, record.start + start, record.start + end));
      if (hash !== null) headers['x-amz-sha256-tree-hash'] = hash;
      return headers;
    },
  };
}

/** Null for no range, or one that is not written as it should be: the real service then gives everything. */
function parseRange(header: string | undefined, size: number): Range | null {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(header ?? '') ?? [];
  if (first === undefined) return null;
  const [start, end] = [Number(first), Math.min(size, last === undefined ? size : Number(last) + 1)];
  if (start >= size) {
    throw invalidParameter(`The start of the range is larger than size of retrieved data: ${header}`);
  }
  return start < end ? { start, end } : null;
}
