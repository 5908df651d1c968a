// The readers of a run: terminal, status line, JSON lines, run files, summary.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLEAN, EXIT } from '../../src/cli/exit-codes.js';
import { openJsonReport } from '../../src/cli/report/json-report.js';
import { LeftBehindCollector } from '../../src/cli/report/left-behind.js';
import type { Closing } from '../../src/cli/report/reporter.js';
import { Reporters } from '../../src/cli/report/reporters.js';
import { openRunFile } from '../../src/cli/report/run-file.js';
import { StatusLine } from '../../src/cli/report/status-line.js';
import { summaryLines } from '../../src/cli/report/summary.js';
import { openTerminalReport, tellDefect } from '../../src/cli/report/terminal-report.js';
import { Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure } from '../../src/model/failure.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { FakeHeartbeat, FakeStream, NOON } from './fakes.js';

const MIB = 1024 * 1024;
const ERASE = '\r\u001b[2K';

const path = RelPath.parse('a');
const archiveId = ArchiveId.parse('ID');
const treeHash = TreeHash.parse('cd'.repeat(32));
const restored: RunEvent = { event: 'restored', path, size: 5, archiveId, resumed: 0 };
const missed: RunEvent = { event: 'checked', path, size: 5, treeHash, otherMtime: null, result: 'missing' };
const failed: RunEvent = { event: 'failed', name: 'a', code: 'FILE_UNREADABLE', message: 'cannot read a', hint: 'h' };
const notice: RunEvent = { event: 'notice', topic: 't', message: 'm', hint: null };

function closing(more: Partial<Closing> = {}): Closing {
  return {
    command: 'sync',
    exitCode: EXIT.done,
    durationMs: 125_000,
    tables: [
      {
        key: 'files',
        total: 'files in the directory',
        rows: [
          { key: 'stored', label: 'stored', count: 3, size: 3 * MIB },
          { key: 'unchanged', label: 'unchanged', count: 1200, size: null },
          { key: 'failed', label: 'could not be stored', count: 0, size: null },
        ],
      },
      { key: 'gone', total: 'gone', rows: [{ key: 'deleted', label: 'deleted', count: 0, size: null }] },
    ],
    outcome: CLEAN,
    leftBehind: [],
    next: ['Go on.'],
    ...more,
  };
}

function terminal(kind: 'terminal' | 'pipe', more: { isQuiet?: boolean } = {}) {
  const stdout = new FakeStream(kind);
  const stderr = new FakeStream(kind, 80);
  const heartbeat = new FakeHeartbeat();
  const report = openTerminalReport({
    stdout: stdout.open(),
    stderr: stderr.open(),
    clock: { now: () => NOON },
    heartbeat,
    directory: null,
    isQuiet: false,
    hasProgress: true,
    ...more,
  });
  return { stdout, stderr, heartbeat, report };
}

describe('status line', () => {
  function statusLine(kind: 'terminal' | 'pipe', columns = 80) {
    const stream = new FakeStream(kind, columns);
    const heartbeat = new FakeHeartbeat();
    return { stream, heartbeat, line: new StatusLine(stream.open(), heartbeat, { now: () => NOON }) };
  }

  it('status line: is drawn within 100 ms, before anything has happened', () => {
    const { stream, heartbeat } = statusLine('terminal');
    heartbeat.pass(100);
    expect(stream.text).toBe(`${ERASE}0 files  0 s`);
  });

  it('status line: shows files, bytes, rate and time left', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    line.tell({ event: 'ahead', files: 4, bytes: 60 * MIB });
    for (let second = 0; second < 10; second++) {
      line.tell({ event: 'moved', bytes: 2 * MIB });
      heartbeat.pass(1000);
    }
    line.tell(restored);
    heartbeat.pass(100);
    expect(stream.text.split(ERASE).at(-1)).toBe('1/4 files  20.0 MiB of 60.0 MiB  2.0 MiB/s  20 s left');
  });

  it('status line: shows the limit of bandwidth in force', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    const shown = (up: number | null, down: number | null): string | undefined => {
      line.tell({ event: 'bandwidth', up, down });
      heartbeat.pass(100);
      return /\(.*\)/.exec(stream.text.split(ERASE).at(-1) ?? '')?.[0];
    };
    expect(shown(512 * 1024, 512 * 1024)).toBe('(limit 512.0 KiB/s)');
    expect(shown(MIB, null)).toBe('(limit 1.0 MiB/s up)');
    expect(shown(MIB, 2 * MIB)).toBe('(limit 1.0 MiB/s up, 2.0 MiB/s down)');
    expect(shown(null, null)).toBeUndefined();
  });

  it('status line: the time left reckons with files too, however small they are', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    line.tell({ event: 'ahead', files: 1001, bytes: 1000 * MIB + 1000 });
    line.tell({ event: 'moved', bytes: 1000 * MIB });
    line.tell(restored);
    heartbeat.pass(10_000);
    expect(stream.text.split(ERASE).at(-1)).toBe('1/1001 files  1000.0 MiB of 1000.0 MiB  100.0 MiB/s  2 s left');
    for (let second = 0; second < 30; second++) {
      for (let file = 0; file < 10; file++) line.tell(restored);
      heartbeat.pass(1000);
    }
    expect(stream.text.split(ERASE).at(-1)).toBe('301/1001 files  1000.0 MiB of 1000.0 MiB  1 min 10 s left');
  });

  it('status line: says nothing of bytes where none move', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    line.tell({ event: 'ahead', files: 100, bytes: 0 });
    for (let second = 0; second < 20; second++) {
      line.tell({ event: 'deleted', path, archiveId, why: 'purged' });
      heartbeat.pass(1000);
    }
    expect(stream.text.split(ERASE).at(-1)).toBe('20/100 files  1 min 20 s left');
  });

  it('status line: the rate follows the last seconds', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    line.tell({ event: 'moved', bytes: 1000 * MIB });
    heartbeat.pass(20_000);
    line.tell({ event: 'moved', bytes: 10 * MIB });
    heartbeat.pass(1000);
    const rate = Number(/([\d.]+) MiB\/s/.exec(stream.text.split(ERASE).at(-1) ?? '')?.[1]);
    expect(rate).toBeGreaterThan(0.8);
    expect(rate).toBeLessThan(1.2);
  });

  it('status line: is redrawn at most ten times a second, also by a flood of events', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    for (let count = 0; count < 1000; count++) {
      heartbeat.passBusy(1);
      line.tell({ event: 'moved', bytes: 1024 });
    }
    expect(stream.text.split(ERASE).length - 1).toBe(10);
  });

  it('status line: never reaches the width of the terminal', () => {
    const { stream, heartbeat, line } = statusLine('terminal', 24);
    line.tell({ event: 'ahead', files: 1000, bytes: 60 * MIB });
    line.tell({ event: 'moved', bytes: 2 * MIB });
    heartbeat.pass(3000);
    const drawn = stream.text.split(ERASE).filter((text) => text !== '');
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThan(24);
    expect(drawn.at(-1)).toBe('0/1000 files');
  });

  it('status line: says until when it waits, as long as it does', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    const until = Instant.plusSeconds(NOON, 3600);
    line.tell({ event: 'sleeping', until, underWay: 3, underWayBytes: 2 * MIB, toAskFor: 65 });
    line.tell(notice);
    heartbeat.pass(2000);
    const waiting = /^Waiting until \d\d:00 {2}3 files, 2\.0 MiB under way {2}65 to be asked for later {2}2 s$/;
    expect(stream.text.split(ERASE).at(-1)).toMatch(waiting);
    line.tell({ event: 'ahead', files: 3, bytes: 0 });
    heartbeat.pass(100);
    expect(stream.text.split(ERASE).at(-1)).toContain('0/3 files');
  });

  it('status line: says nothing of a wait that should be over', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    const until = Instant.plusSeconds(NOON, -1);
    line.tell({ event: 'sleeping', until, underWay: 3, underWayBytes: 2 * MIB, toAskFor: 0 });
    heartbeat.pass(100);
    expect(stream.text).toBe(`${ERASE}0 files  0 s`);
  });

  it('status line: where files are waited for, those that are here count, not those that were asked for', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    const asked: RunEvent = { event: 'requested', path, archiveId, jobId: JobId.parse('JOB') };
    line.tell(asked);
    line.tell(asked);
    heartbeat.pass(100);
    expect(stream.text).toBe(`${ERASE}2/2 files  0 s`);
    const counts = { files: 2, bytes: 10, ready: 0, here: 0, hereBytes: 0, lost: 0 };
    const wave = { ...counts, directory: null, expected: null, readableUntil: null };
    line.tell({ event: 'wave', wave: 1, state: 'requested', ...wave });
    line.tell({ event: 'ahead', files: 2, bytes: 0 });
    line.tell(restored);
    heartbeat.pass(100);
    expect(stream.text.split(ERASE).at(-1)).toBe('1/2 files  0 s');
  });

  it('status line: leaves the terminal to the command of --on-complete until the run goes on', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    heartbeat.pass(100);
    line.tell({ ...notice, topic: 'on-complete' });
    heartbeat.pass(5000);
    expect(stream.text.endsWith(ERASE)).toBe(true);
    line.tell(restored);
    heartbeat.pass(100);
    expect(stream.text.endsWith(ERASE)).toBe(false);
  });

  it('status line: is not drawn into a pipe', () => {
    const { stream, heartbeat, line } = statusLine('pipe');
    line.tell({ event: 'moved', bytes: 1 });
    heartbeat.pass(5000);
    expect([stream.text, heartbeat.isBeating]).toEqual(['', false]);
  });

  it('status line: leaves nothing behind', () => {
    const { stream, heartbeat, line } = statusLine('terminal');
    heartbeat.pass(100);
    line[Symbol.dispose]();
    expect([stream.text.endsWith(ERASE), heartbeat.isBeating]).toEqual([true, false]);
  });
});

describe('terminal report', () => {
  it('terminal report: deeds go to stdout, errors with their hints to stderr', () => {
    const { stdout, stderr, report } = terminal('pipe');
    for (const event of [restored, missed, failed, notice]) report.tell(event);
    expect(stdout.text).toBe('Downloaded archive a\nMISSED a\n');
    expect(stderr.text).toBe('ERROR: cannot read a\nhint: h\nnotice: m\n');
  });

  it('terminal report: when quiet, only findings, errors, answers and the summary remain', () => {
    const { stdout, stderr, heartbeat, report } = terminal('terminal', { isQuiet: true });
    for (const event of [restored, missed, failed, notice]) report.tell(event);
    heartbeat.pass(1000);
    report.answer({ event: 'vault', fields: {}, lines: ['photos'] });
    report.close(closing());
    expect(stdout.lines().slice(0, 3)).toEqual(['MISSED a', 'photos', 'sync took 2 min 5 s']);
    expect(stderr.text).toContain('cannot read a');
    expect(stderr.text).not.toContain('notice');
    expect(stderr.text).not.toContain(ERASE);
  });

  it('terminal report: the status line makes room for each line and is gone at the end', () => {
    const { stdout, stderr, heartbeat, report } = terminal('terminal');
    heartbeat.pass(100);
    report.tell(restored);
    expect(stderr.text).toBe(`${ERASE}0 files  0 s${ERASE}0 files  0 s`);
    report.close(closing());
    expect(stderr.text.endsWith(ERASE)).toBe(true);
    expect(stdout.text).toContain('OK DONE');
  });

  it('terminal report: the status line stays where it is while lines go into a file', () => {
    const stdout = new FakeStream('pipe');
    const stderr = new FakeStream('terminal', 80);
    const heartbeat = new FakeHeartbeat();
    const clock = { now: () => NOON };
    const outputs = { stdout: stdout.open(), stderr: stderr.open() };
    const report = openTerminalReport({
      ...outputs,
      clock,
      heartbeat,
      directory: null,
      isQuiet: false,
      hasProgress: true,
    });
    heartbeat.pass(100);
    report.tell(restored);
    expect([stdout.text, stderr.text]).toEqual(['Downloaded archive a\n', `${ERASE}0 files  0 s`]);
  });

  it('terminal report: of many files that are not ready, the first twenty are named', () => {
    const { stdout, report } = terminal('pipe');
    for (let count = 0; count < 1000; count++) report.tell({ event: 'waiting', path, archiveId, expected: null });
    const lines = stdout.text.trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([
      21,
      'Not ready yet: a',
      'Not ready yet: and more, which the summary counts',
    ]);
  });

  it('terminal report: a short deed that went well ends with its answer', () => {
    const { stdout, report } = terminal('pipe');
    report.answer({ event: 'vault-created', fields: {}, lines: ['Created vault photos'] });
    report.close(closing({ command: 'create-vault', tables: [], next: [] }));
    expect(stdout.text).toBe('Created vault photos\n');
    report.close(closing({ command: 'create-vault', tables: [], next: [], saysDone: true }));
    expect(stdout.text).toBe('Created vault photos\nOK DONE\n');
  });

  it('terminal report: colours only a terminal, and not when NO_COLOR is set', () => {
    const paint = (kind: 'terminal' | 'pipe', environment: Record<string, string>) =>
      new FakeStream(kind).open(environment).paint('red', 'x');
    expect(paint('terminal', {})).toBe('\u001b[31mx\u001b[39m');
    expect(paint('terminal', { NO_COLOR: '' })).toBe('\u001b[31mx\u001b[39m');
    expect(paint('terminal', { NO_COLOR: '1' })).toBe('x');
    expect(paint('terminal', { TERM: 'dumb' })).toBe('x');
    expect(paint('pipe', {})).toBe('x');
  });

  it('terminal report: several problems in one failure stand on a line each', () => {
    const { stderr, report } = terminal('pipe');
    report.fail(new Failure('USAGE', 'one\ntwo', { hint: 'look' }), EXIT.usage);
    expect(stderr.text).toBe('ERROR: one\nERROR: two\nhint: look\n');
  });

  it('terminal report: a defect is told with its stack and a request to report it', () => {
    const stderr = new FakeStream();
    tellDefect(stderr.open(), new TypeError('x is not a function'));
    expect(stderr.text).toMatch(/^ERROR: this should not have happened\nhint: please report it.*\nTypeError: x is/);
  });

  it('output: a reader that goes away ends the output and not the run', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.write('one\n');
    stream.breakOff();
    output.write('two\n');
    expect(stream.text).toBe('one\n');
  });
});

describe('summary', () => {
  it('summary: adds up, without rows and tables that count nothing', () => {
    expect(summaryLines(closing())).toEqual([
      'sync took 2 min 5 s',
      '  stored                     3  3.0 MiB',
      '  unchanged               1200',
      '  files in the directory  1203',
      'Go on.',
      'OK DONE',
    ]);
  });

  it('summary: a total has a size when all that it counts has one', () => {
    const [table] = closing().tables;
    const rows = (table?.rows ?? []).map(({ key, label, count }) => ({
      key,
      label,
      count,
      size: count > 0 ? 1024 : null,
    }));
    const lines = summaryLines(closing({ tables: [{ key: 'files', total: 'all', rows }] }));
    expect(lines).toContain('  all        1203  2.0 KiB');
  });

  it('summary: the columns of all tables stand below one another', () => {
    const more = {
      key: 'x',
      total: 'deleted from the vault',
      rows: [{ key: 'd', label: 'gone', count: 7, size: null }],
    };
    const lines = summaryLines(closing({ tables: [...closing().tables, more] }));
    expect(lines.slice(1, 5).map((line) => /^.{24}\s+\d+/.exec(line)?.[0].length)).toEqual([30, 30, 30, 30]);
  });

  it('summary: ten names of each kind, then how many more', () => {
    const collector = new LeftBehindCollector();
    for (let number = 1; number <= 12; number++) {
      collector.tell({ event: 'left-out', name: `empty${number}`, why: 'empty-file' });
    }
    collector.tell({ ...failed, name: 'bad\nname' });
    collector.tell(missed);
    collector.tell(restored);
    const lines = summaryLines(closing({ leftBehind: collector.collected(), tables: [], next: [] }));
    expect(lines.slice(0, 4)).toEqual(['empty files are not kept:', '  empty1', '  empty2', '  empty3']);
    expect(lines.slice(10, 16)).toEqual([
      '  empty10',
      '  and 2 more',
      'could not be read:',
      '  "bad\\nname"',
      'missing from the directory:',
      '  a',
    ]);
  });

  it('summary: ends with the exit code and its meaning when it is not 0', () => {
    expect(summaryLines(closing({ exitCode: EXIT.pending })).at(-1)).toBe(
      'exit code 75: not ready yet, run it again later',
    );
  });
});

describe('JSON lines', () => {
  function json(more: { isQuiet?: boolean } = {}) {
    const lines: string[] = [];
    let nowMs = Date.UTC(2026, 10, 20, 8, 0, 0, 5);
    const write = (line: string) => void lines.push(line);
    const report = openJsonReport({ write, nowMs: () => nowMs, isQuiet: false, ...more });
    return {
      report,
      pass: (durationMs: number) => (nowMs += durationMs),
      objects: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  }

  it('JSON lines: an event is one object with its name and time first', () => {
    const { report, objects } = json();
    report.tell(restored);
    expect(JSON.stringify(objects()[0])).toBe(
      '{"event":"restored","time":"2026-11-20T08:00:00.005Z","path":"a","size":5,"archiveId":"ID","resumed":0}',
    );
  });

  it('JSON lines: times inside events are RFC 3339', () => {
    const { report, objects } = json();
    const seconds = (at: number) => Instant.ofSeconds(at);
    report.tell({ event: 'waiting', path, archiveId, expected: { from: seconds(0), to: seconds(60) } });
    report.tell({ ...missed, otherMtime: { journal: seconds(0), actual: seconds(-1) } });
    expect(objects()[0]).toMatchObject({ expected: { from: '1970-01-01T00:00:00Z', to: '1970-01-01T00:01:00Z' } });
    expect(objects()[1]).toMatchObject({
      otherMtime: { journal: '1970-01-01T00:00:00Z', actual: '1969-12-31T23:59:59Z' },
    });
  });

  it('JSON lines: moved bytes are gathered into one progress a second, the last one included', () => {
    const { report, objects, pass } = json();
    report.tell({ event: 'ahead', files: 2, bytes: 5000 });
    for (let count = 0; count < 2500; count++) {
      pass(1);
      report.tell({ event: 'moved', bytes: 1 });
    }
    report.close(closing());
    const progress = objects().filter(({ event }) => event === 'progress');
    expect(progress.map(({ bytesDone }) => bytesDone)).toEqual([1000, 2000, 2500]);
    expect(progress.at(-1)).toMatchObject({ filesKnown: 2, filesDone: 0, bytesKnown: 5000 });
  });

  it('JSON lines: the summary has totals and the exit code', () => {
    const { report, objects } = json();
    report.close(closing());
    expect(objects()[0]).toMatchObject({
      event: 'summary',
      exitCode: 0,
      counts: { files: { stored: { count: 3, size: 3 * MIB }, unchanged: { count: 1200 }, total: { count: 1203 } } },
    });
  });

  it('JSON lines: a failure is an error event with code, message, hint and exit code', () => {
    const { report, objects } = json();
    report.fail(new Failure('BRAKE', 'no', { hint: 'h' }), EXIT.brake);
    expect(objects()[0]).toMatchObject({ event: 'error', code: 'BRAKE', message: 'no', hint: 'h', exitCode: 6 });
  });

  const DOCUMENTED =
    'planned stored deleted compared requested waiting restored checked left-out failed notice retrying progress start ' +
    'summary error listening vault vault-created';
  it.each(DOCUMENTED.split(' '))('JSON lines: the event %s is in the document', (event) => {
    expect(readFileSync('docs/json-output.md', 'utf8')).toMatch(new RegExp(`^\\| \`${event}\``, 'm'));
  });

  it('JSON lines: when quiet, only failures, findings, answers and the end remain', () => {
    const { report, objects, pass } = json({ isQuiet: true });
    report.begin({ command: 'sync', version: '1', options: {} });
    for (const event of [restored, missed, failed, notice]) report.tell(event);
    pass(2000);
    report.tell({ event: 'moved', bytes: 1 });
    report.answer({ event: 'vault', fields: { name: 'v' }, lines: [] });
    report.close(closing());
    expect(objects().map(({ event }) => event)).toEqual(['checked', 'failed', 'vault', 'summary']);
  });
});

describe('run file', () => {
  const nowMs = () => Date.UTC(2026, 10, 20, 8, 1, 2);
  const journalIn = () => join(mkdtempSync(join(tmpdir(), 'mtglacier-runs-')), 'photos.journal');

  it('run file: holds what was told before it was there, and all that follows', () => {
    const journal = journalIn();
    const { report: first } = terminal('pipe');
    const reporters = new Reporters(first);
    reporters.begin({ command: 'sync', version: '1', options: { vault: 'v' } });
    reporters.tell(notice);
    reporters.join(openRunFile({ journal, command: 'sync', secrets: [], nowMs }));
    reporters.tell(restored);
    reporters.close(closing());
    reporters[Symbol.dispose]();
    const text = readFileSync(join(`${journal}.runs`, '20261120T080102Z-sync.ndjson'), 'utf8');
    const events = text
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as RunEvent).event);
    expect(events).toEqual(['start', 'notice', 'restored', 'summary']);
  });

  it('run file: two runs in one second have two files', () => {
    const journal = journalIn();
    for (let count = 0; count < 2; count++) {
      openRunFile({ journal, command: 'sync', secrets: [], nowMs })[Symbol.dispose]();
    }
    expect(readdirSync(`${journal}.runs`).sort()).toEqual([
      '20261120T080102Z-sync-2.ndjson',
      '20261120T080102Z-sync.ndjson',
    ]);
  });

  it('run file: it lies beside the journal that a link leads to', () => {
    const journal = journalIn();
    const link = `${journalIn()}.link`;
    symlinkSync(journal, link);
    openRunFile({ journal: link, command: 'sync', secrets: [], nowMs })[Symbol.dispose]();
    expect(readdirSync(`${journal}.runs`)).toEqual(['20261120T080102Z-sync.ndjson']);
  });

  it('run file: the newest thirty are kept, and nothing that is not ours is touched', () => {
    const journal = journalIn();
    mkdirSync(`${journal}.runs`);
    for (let day = 10; day < 45; day++) writeFileSync(join(`${journal}.runs`, `202601${day}T000000Z-sync.ndjson`), '');
    writeFileSync(join(`${journal}.runs`, 'notes.txt'), '');
    openRunFile({ journal, command: 'restore', secrets: [], nowMs })[Symbol.dispose]();
    const names = readdirSync(`${journal}.runs`).sort();
    expect(names).toHaveLength(31);
    expect(names).toContain('notes.txt');
    expect(names).toContain('20261120T080102Z-restore.ndjson');
    expect(names[0]).toBe('20260116T000000Z-sync.ndjson');
  });

  it('run file: where it cannot be written, the run goes on', () => {
    const journal = join(journalIn(), 'below', 'a-file');
    writeFileSync(join(journal, '..', '..'), '');
    const report = openRunFile({ journal, command: 'sync', secrets: [], nowMs });
    report.tell(restored);
    report.close(closing());
    report[Symbol.dispose]();
    expect(() => readdirSync(`${journal}.runs`)).toThrow('ENOTDIR');
  });

  it('run file: holds no secret', () => {
    const journal = journalIn();
    const report = openRunFile({ journal, command: 'sync', secrets: ['wJalrXUtnFEMI'], nowMs });
    report.tell({ ...notice, message: 'refused wJalrXUtnFEMI' });
    report[Symbol.dispose]();
    const [name = ''] = readdirSync(`${journal}.runs`);
    expect(readFileSync(join(`${journal}.runs`, name), 'utf8')).toContain('refused [secret]');
  });
});
