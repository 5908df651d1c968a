// The words of the terminal.

import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/cli/report/event-lines.js';
import { durationText, sizeText, timestamp, timeText } from '../../src/cli/report/quantities.js';
import { oneLine, shownName, withoutSecrets } from '../../src/cli/report/safe-text.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { ArchiveId, JobId, UploadId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { NOON } from './fakes.js';

const path = RelPath.parse('a/b.jpg');
const archiveId = ArchiveId.parse('ARCHIVE');
const jobId = JobId.parse('JOB');
const treeHash = TreeHash.parse('ab'.repeat(32));
const checked = { event: 'checked', path, size: 7, treeHash, otherMtime: null } as const;

const GOLDEN: readonly (readonly [RunEvent, readonly string[]])[] = [
  [
    { event: 'stored', path, size: 7, treeHash, archiveId, resumed: 0 },
    [`deed Finished a/b.jpg hash [${'ab'.repeat(32)}] archive_id [ARCHIVE]`],
  ],
  [
    { event: 'stored', path, size: 7, treeHash, archiveId, resumed: 2 },
    [
      'deed Resumed a/b.jpg: 2 B were in the vault already',
      `deed Finished a/b.jpg hash [${'ab'.repeat(32)}] archive_id [ARCHIVE]`,
    ],
  ],
  [{ event: 'deleted', path, archiveId, why: 'removed' }, ['deed Deleted a/b.jpg archive_id [ARCHIVE]']],
  [{ event: 'compared', path, same: true }, ['deed Checked treehash for /d/a/b.jpg - MATCH']],
  [{ event: 'compared', path, same: false }, ['deed Checked treehash for /d/a/b.jpg - DOES NOT MATCH']],
  [{ event: 'requested', path, archiveId, jobId }, ['deed Retrieved Archive ARCHIVE (filename a/b.jpg)']],
  [
    { event: 'requested', path, archiveId, jobId, range: { start: 0, end: 1_048_576 } },
    ['deed Retrieved Archive ARCHIVE (filename a/b.jpg, bytes 0-1M)'],
  ],
  [
    { event: 'waiting', path, archiveId, expected: null, range: { start: 1_048_576, end: 1_048_577 } },
    ['deed Not ready yet: a/b.jpg, bytes 1M-1048577B'],
  ],
  [
    { event: 'planned', do: 'retrieve', path, archiveId, range: { start: 0, end: 1024 } },
    ['deed Will RETRIEVE archive ARCHIVE (filename a/b.jpg, bytes 0-1K)'],
  ],
  [
    { event: 'planned', do: 'download', path, archiveId, range: { start: 0, end: 1024 } },
    ['deed Will DOWNLOAD (if available) archive ARCHIVE (filename a/b.jpg, bytes 0-1K)'],
  ],
  [
    { event: 'range-got', path, archiveId, range: { start: 5, end: 7 }, proof: 'vault' },
    ['deed Downloaded bytes 5B-7B of archive /d/a/b.jpg'],
  ],
  [{ event: 'restored', path, size: 7, archiveId, resumed: 0 }, ['deed Downloaded archive /d/a/b.jpg']],
  [
    { event: 'restored', path, size: 7_000_000, archiveId, resumed: 5_242_880 },
    ['deed Resumed /d/a/b.jpg: 5.0 MiB were here already', 'deed Downloaded archive /d/a/b.jpg'],
  ],
  [{ event: 'upload-begun', path, uploadId: UploadId.parse('UPLOAD') }, ['step Created an upload_id UPLOAD']],
  [{ event: 'part-sent', path, at: 1048576 }, ['step Uploaded part for a/b.jpg at offset [1048576]']],
  [
    { event: 'segment-fetched', path, at: 7, size: 9 },
    ['step Downloaded part of archive /d/a/b.jpg at offset 7, size 9'],
  ],
  [
    { event: 'verified', name: '../a', archiveId, size: 7, result: 'orphaned' },
    ['finding NOT IN JOURNAL ../a archive_id [ARCHIVE]'],
  ],
  [
    { event: 'verified', name: path, archiveId, size: 7, result: 'missing' },
    ['finding MISSING IN VAULT a/b.jpg archive_id [ARCHIVE]'],
  ],
  [
    {
      event: 'verified',
      name: path,
      archiveId,
      size: 7,
      result: 'differing',
      differs: ['size', 'tree-hash'],
      inVault: { size: 8, treeHash, name: null },
    },
    ['finding DIFFERS (size, tree-hash) a/b.jpg archive_id [ARCHIVE]'],
  ],
  [{ event: 'verified', name: path, archiveId, size: 7, result: 'too-new' }, []],
  [{ event: 'adopted', path, archiveId, size: 7 }, ['deed Adopted a/b.jpg archive_id [ARCHIVE]']],
  [{ event: 'forgotten', path, archiveId }, ['deed Forgot a/b.jpg archive_id [ARCHIVE]']],
  [{ event: 'set-aside', name: '', archiveId, why: 'name "" is empty' }, ['deed Set aside ARCHIVE: name "" is empty']],
  [{ event: 'set-aside', name: '{}', archiveId: null, why: 'no id' }, ['deed Set aside an entry: no id']],
  [{ event: 'planned', do: 'adopt', path, archiveId }, ['deed Will ADOPT archive ARCHIVE (filename a/b.jpg)']],
  [{ event: 'planned', do: 'forget', path, archiveId }, ['deed Will FORGET archive ARCHIVE (filename a/b.jpg)']],
  [{ event: 'waiting', path, archiveId, expected: null }, ['deed Not ready yet: a/b.jpg']],
  [{ event: 'planned', do: 'upload', path, size: 7 }, ['deed Will UPLOAD /d/a/b.jpg']],
  [
    { event: 'planned', do: 'verify-and-upload', path, size: 7 },
    ['deed Will VERIFY treehash and UPLOAD /d/a/b.jpg if modified'],
  ],
  [{ event: 'planned', do: 'delete', path, archiveId }, ['deed Will DELETE archive ARCHIVE (filename a/b.jpg)']],
  [{ event: 'planned', do: 'retrieve', path, archiveId }, ['deed Will RETRIEVE archive ARCHIVE (filename a/b.jpg)']],
  [
    { event: 'planned', do: 'download', path, archiveId },
    ['deed Will DOWNLOAD (if available) archive ARCHIVE (filename a/b.jpg)'],
  ],
  [{ event: 'planned', do: 'check', path }, ['deed Will check file a/b.jpg']],
  [{ ...checked, result: 'ok' }, [`deed OK a/b.jpg 7 ${'ab'.repeat(32)}`]],
  [
    { ...checked, result: 'ok', otherMtime: { journal: Instant.ofSeconds(5), actual: Instant.ofSeconds(6) } },
    ['deed MTIME missmatch a/b.jpg 5 != 6', `deed OK a/b.jpg 7 ${'ab'.repeat(32)}`],
  ],
  [{ ...checked, result: 'size', actual: 8 }, ['finding SIZE MISSMATCH a/b.jpg']],
  [{ ...checked, result: 'tree-hash', actual: treeHash }, ['finding TREEHASH MISSMATCH a/b.jpg']],
  [{ ...checked, result: 'empty' }, ['finding ZERO SIZE a/b.jpg']],
  [{ ...checked, result: 'missing' }, ['finding MISSED a/b.jpg']],
  [{ ...checked, result: 'unreadable', why: 'EACCES' }, ['finding CANNOT OPEN file a/b.jpg: EACCES']],
  [
    { event: 'failed', name: 'a/b.jpg', code: 'FILE_UNREADABLE', message: 'cannot read a/b.jpg', hint: 'look' },
    ['error cannot read a/b.jpg (look)'],
  ],
  [
    { event: 'failed', name: 'a\nb', code: 'NAME_REFUSED', message: 'has a line feed', hint: null },
    ['error "a\\nb": has a line feed'],
  ],
  [{ event: 'notice', topic: 'resumed', message: 'goes on', hint: null }, ['notice goes on']],
  [{ event: 'notice', topic: 'deprecated-option', message: 'old', hint: null }, ['warning old']],
  [
    { event: 'retrying', request: 'sending a/b.jpg', attempt: 2, delayMs: 5000, why: 'throttled' },
    ['warning sending a/b.jpg: throttled; attempt 2 in 5 s'],
  ],
  [
    { event: 'retrying', request: 'delete archive', attempt: 3, delayMs: 1000, why: 'cannot delete archive X: later' },
    ['warning cannot delete archive X: later; attempt 3 in 1 s'],
  ],
  [{ event: 'bandwidth', up: 1024, down: null }, ['notice bandwidth: 1.0 KiB/s up']],
  [{ event: 'bandwidth', up: null, down: null }, ['notice bandwidth: unlimited']],
  [{ event: 'left-out', name: 'empty', why: 'empty-file' }, []],
  [{ event: 'ahead', files: 1, bytes: 7 }, []],
  [{ event: 'moved', bytes: 7 }, []],
];

describe('event lines', () => {
  it.each(GOLDEN)('event lines: %o', (event, lines) => {
    const got = linesOf(event, '/d//', NOON);
    expect(got.map(({ kind, text, hint }) => `${kind} ${text}${hint === null ? '' : ` (${hint})`}`)).toEqual(lines);
  });

  it('event lines: an archive id plays no tricks on the terminal', () => {
    const id = ArchiveId.parse('\u001b[31mRED');
    for (const event of [
      { event: 'deleted', path, archiveId: id, why: 'removed' },
      { event: 'planned', do: 'delete', path, archiveId: id },
      { event: 'requested', path, archiveId: id, jobId },
    ] as const) {
      expect(linesOf(event, '/d', NOON).map(({ text }) => text)).toEqual([expect.stringContaining('\\u001b[31mRED')]);
    }
  });

  it('event lines: what is not ready says from when to when', () => {
    const expected = { from: Instant.plusSeconds(NOON, 60), to: Instant.plusSeconds(NOON, 120) };
    const [line] = linesOf({ event: 'waiting', path, archiveId, expected }, null, NOON);
    expect(line?.text).toMatch(/^Not ready yet: a\/b\.jpg \(expected from \d\d:\d\d to \d\d:\d\d\)$/);
  });

  it('event lines: what is ready within one minute says when', () => {
    const at = Instant.plusSeconds(NOON, 600);
    const [line] = linesOf({ event: 'waiting', path, archiveId, expected: { from: at, to: at } }, null, NOON);
    expect(line?.text).toMatch(/^Not ready yet: a\/b\.jpg \(expected at \d\d:\d\d\)$/);
  });

  it('event lines: the root directory gives no double slash', () => {
    expect(linesOf({ event: 'restored', path, size: 7, archiveId, resumed: 0 }, '/', NOON)[0]?.text).toBe(
      'Downloaded archive /a/b.jpg',
    );
  });
});

describe('safe text', () => {
  it.each([
    ['plain name.txt', 'plain name.txt'],
    ['it\'s "quoted"', 'it\'s "quoted"'],
    ['Тест 🧊 é', 'Тест 🧊 é'],
    ['"looks quoted', '"\\"looks quoted"'],
    ['a\u001b[2Jb', '"a\\u001b[2Jb"'],
    ['a\u202egpj.exe', '"a\\u202egpj.exe"'],
    ['half \ud83e', '"half \\ud83e"'],
  ])('safe text: the name %j is shown as %s', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });

  it('safe text: a sentence stays on its line', () => {
    expect(oneLine('bad\r\n\u001b[31m')).toBe('bad\\u000d\\u000a\\u001b[31m');
  });

  it('safe text: secrets do not pass', () => {
    expect(withoutSecrets(['wJalrXUtnFEMI'])('key wJalrXUtnFEMI and wJalrXUtnFEMI')).toBe('key [secret] and [secret]');
  });
});

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [16 * 1024 * 1024, '16.0 MiB'],
    [1.25 * 1024 ** 3, '1.3 GiB'],
    [3 * 1024 ** 5, '3.0 PiB'],
    [5000 * 1024 ** 5, '5000.0 PiB'],
  ])('quantities: %d bytes are %s', (size, text) => {
    expect(sizeText(size)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [3, '0.1 s'],
    [400, '0.4 s'],
    [1400, '1 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [187_200_000, '2 d 4 h'],
  ])('quantities: %d ms are %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });

  it('quantities: another day is named', () => {
    expect(timeText(NOON, NOON)).toMatch(/^\d\d:\d\d$/);
    expect(timeText(Instant.plusSeconds(NOON, 172_800), NOON)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  });

  it('quantities: a time that no date can say stays a number', () => {
    expect(timestamp(NOON)).toBe('2027-01-15T08:00:00Z');
    expect(timestamp(Instant.ofSeconds(9_999_999_999_999))).toBe(9_999_999_999_999);
  });
});
