// What journals of mt-aws-glacier say, as that program reads them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { openForReading } from '../../src/journal/open.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { at, failureOf, listener, listOf } from './records.js';

interface Accepted {
  active_retrievals: Record<string, { job_id: string | null; time: number }>;
  archives: Record<
    string,
    { archive_id: string; mtime: number | null; relfilename: string; size: number; time: number; treehash: string }
  >;
  files: Record<string, { latest: string; versions: number }>;
}
type Vector = { name: string; text: string; result: Accepted | { die: string } | { code: string; error: string } };

const vectors = JSON.parse(readFileSync(new URL('../vectors/journal.json', import.meta.url), 'utf8')) as Vector[];

/** When the vectors were made: one retrieval is 10 seconds old then, one a day and a second, one 60 seconds. */
const NOW = at(1795155152);

const WHY: Record<string, RegExp> = {
  journal_format_error_broken: /line 1 is broken/,
  journal_format_error_unknown: /line 1 is in no known format/,
  journal_format_error_future: /line 1 was written by a newer version/,
};

function written(text: string): string {
  const file = join(folder(), 'vector.journal');
  writeFileSync(file, text);
  return file;
}

const accepted = vectors.filter((vector): vector is Vector & { result: Accepted } => 'archives' in vector.result);
const refused = vectors.filter((vector) => !('archives' in vector.result));

describe('journal: reads as mt-aws-glacier does', () => {
  test('every vector is one of the two kinds', () => {
    expect(accepted.length).toBeGreaterThan(10);
    expect(refused.length).toBeGreaterThan(10);
    expect(accepted.length + refused.length).toBe(vectors.length);
  });

  test.each(accepted)('$name', async ({ text, result }) => {
    const { live } = await openForReading(written(text), { encoding: UTF_8 }, listener().report);
    const archives = await listOf(live.all());
    const found = archives.map((a) => ({
      archive_id: a.id,
      mtime: a.mtime,
      relfilename: a.path,
      size: a.size,
      time: a.createdAt,
      treehash: a.treeHash,
    }));
    expect(Object.fromEntries(found.map((a) => [a.archive_id, a]))).toEqual(result.archives);

    const latest = await listOf(live.latest());
    const files = latest.map((a) => [a.path, { latest: a.id, versions: live.versionsOf(a.path).length }]);
    expect(Object.fromEntries(files)).toEqual(result.files);

    const ids = new Set([...text.matchAll(/[\t ](?:CREATED|RETRIEVE_JOB)[\t ](\S+)/g)].map(([, id]) => id as string));
    const active = Array.from(ids, (id) => [id, live.activeRetrieval(ArchiveId.parse(id), NOW)] as const);
    const known = active.filter(([, retrieval]) => retrieval !== null);
    expect(
      Object.fromEntries(known.map(([id, found]) => [id, { job_id: found?.jobId ?? '', time: found?.at }])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(result.active_retrievals).map(([id, r]) => [id, { ...r, job_id: r.job_id ?? '' }]),
      ),
    );
  });

  test.each(refused)('$name', async ({ text, result }) => {
    const failure = await failureOf(openForReading(written(text), { encoding: UTF_8 }, listener().report));
    expect(failure.code).toBe('JOURNAL_DAMAGED');
    expect(failure.message).toContain('vector.journal: line 1 ');
    expect(failure.hint).toBeDefined();
    if ('code' in result) expect(failure.message).toMatch(WHY[result.code] as RegExp);
  });
});

/** The table of the format, beyond the vectors. */
const H = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';
const CASES: [line: string, archive: object | null][] = [
  [`1346179000 CREATED AID1 4096 ${H}  f`, { path: ' f', mtime: null }],
  [`1346179000 CREATED AID1 4096 ${H} a\tb`, null],
  ['1346179002 RETRIEVE_JOB AID1 JOB', null],
  [`A\t1\tCREATED\tAID2\t11\t5\t${H}\tAID2`, { mtime: null }],
  [`B\t1\tCREATED\tAID2\t11\t5\t${H}\tAID2`, { mtime: 5 }],
  [`A\t1\tCREATED\tAID2\t11\tNONE\t${H}\tAID2`, null],
  [`B\t1\tCREATED\tAID3\t11\t+5\t${H}\tx`, { mtime: 5 }],
  [`B\t1\tCREATED\tAID3\t11\t-0\t${H}\tx`, { mtime: 0 }],
  [`C\t1\tCREATED\tAID4\t11\t1\t${H}\tc.txt`, { id: 'AID4', mtime: 1 }],
  [`B\t1\tCREATED\tAID4\t11\t1\tnot-a-hash\tc.txt`, { treeHash: 'not-a-hash' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\t...`, { path: '...' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\ta\\b "q"`, { path: 'a\\b "q"' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\ta\u2028b`, { path: 'a\u2028b' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\t\ufffd`, { path: '\ufffd' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\tc.txt\r`, { path: 'c.txt' }],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\tc/.`, null],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\ta//c`, null],
  [`B\t1\tCREATED\tA\t1\t1\t${H}\ta\rc`, null],
  ['B\t1\tRETRIEVE_JOB\tAID3', null],
  ['', null],
  [`\ufeffB\t1\tCREATED\tA\t1\t1\t${H}\tc`, null],
  [`Z\t1\tCREATED\tA\t1\t1\t${H}\tc`, null],
];

describe('journal: the format line by line', () => {
  test.each(CASES)('%j', async (line, archive) => {
    const opening = openForReading(written(`${line}\n`), { encoding: UTF_8 }, listener().report);
    if (archive === null) {
      expect((await failureOf(opening)).code).toBe('JOURNAL_DAMAGED');
    } else {
      expect(await listOf((await opening).live.all())).toMatchObject([archive]);
    }
  });

  test('a version 0 deletion takes TABs, and any name', async () => {
    const text = `1 CREATED AID1 5 ${H} f\n2\tDELETED\tAID1\t../x\n`;
    expect((await openForReading(written(text), { encoding: UTF_8 }, listener().report)).live.count).toBe(0);
  });

  test('an archive that was deleted may be created again, a live one may not', async () => {
    const create = `B\t1\tCREATED\tA\t1\t1\t${H}\tc\n`;
    const again = `${create}B\t2\tDELETED\tA\tc\n${create}`;
    expect((await openForReading(written(again), { encoding: UTF_8 }, listener().report)).live.count).toBe(1);
    const failure = await failureOf(openForReading(written(again + create), { encoding: UTF_8 }, listener().report));
    expect(failure.message).toMatch(/vector\.journal: line 4 creates an archive that is already alive: "B\\t1/);
  });
});
