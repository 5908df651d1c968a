import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, mtglacier, sees, start } from './program.js';
import { objectsOf, openWorkplace, textOf, type Workplace } from './workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('json');
  mkdirSync(place.at('kept/empty directory'), { recursive: true });
  for (const name of ['a', 'b', 'ü\u202e']) writeFileSync(place.at('kept', name), name, { flag: 'w' });
  writeFileSync(place.at('kept', 'a\nb'), 'refused');
});

afterAll(() => place[Symbol.asyncDispose]());

/** Every command in the order of a life; each is given `--json`. */
const LIFE: readonly (readonly [argv: readonly string[], exitCode: number, events: readonly string[]])[] = [
  [['create-vault', 'v'], 0, ['start', 'vault-created', 'summary']],
  [['list-vaults'], 0, ['start', 'vault', 'summary']],
  [['sync', 'DIR', 'ONLINE', '--dry-run'], 3, ['planned', 'failed', 'left-out', 'summary']],
  [['sync', 'DIR', 'ONLINE', '--max-number-of-files', '1'], 3, ['stored', 'summary']],
  [['sync', 'DIR', 'ONLINE'], 3, ['stored', 'failed', 'left-out', 'progress', 'summary']],
  [['check-local-hash', 'DIR', 'JOURNAL', '--dry-run'], 0, ['planned', 'summary']],
  [['check-local-hash', 'DIR', 'JOURNAL'], 0, ['checked', 'summary']],
  [['check-local-hash', 'DIR', 'JOURNAL', '--config', 'none.cfg'], 2, ['error']],
  [['restore', 'NEW', 'ONLINE', '--max-number-of-files', '9', '--dry-run'], 0, ['planned', 'summary']],
  [['restore', 'NEW', 'ONLINE', '--max-number-of-files', '2'], 75, ['requested', 'summary']],
  [['restore-completed', 'NEW', 'ONLINE', '--dry-run'], 0, ['planned', 'summary']],
  [['restore-completed', 'NEW', 'ONLINE'], 75, ['waiting', 'summary']],
  [['check-local-hash', 'NEW', 'JOURNAL'], 4, ['checked', 'summary']],
  [['sync', 'NEW', 'ONLINE', '--delete-removed'], 6, ['summary', 'error']],
  [['ls', 'JOURNAL'], 0, ['archive', 'summary']],
  [['ls', 'JOURNAL', 'nothing'], 1, ['summary', 'error']],
  [['jobs', 'ONLINE'], 0, ['job', 'summary']],
  [['uploads', 'ONLINE'], 0, ['notice', 'summary']],
  [['uploads', 'ONLINE', '--abort', '--id=none'], 3, ['failed', 'summary']],
  [['get', 'NEW', 'ONLINE', 'a', '--dry-run'], 0, ['waiting', 'summary']],
  [['get', 'NEW', 'ONLINE', 'a', 'none'], 3, ['waiting', 'failed', 'summary']],
  [['upload-file', 'FILE', 'ONLINE', '--set-rel-filename', 'c', '--dry-run'], 0, ['planned', 'summary']],
  [['upload-file', 'FILE', 'ONLINE', '--set-rel-filename', 'c'], 0, ['stored', 'summary']],
  [['rm', 'ONLINE', 'c', '--dry-run'], 0, ['planned', 'summary']],
  [['rm', 'ONLINE', 'c'], 0, ['deleted', 'summary']],
  [['retrieve-inventory', 'VAULT'], 1, ['start', 'error']],
  [['download-inventory', 'VAULT', 'OTHER'], 1, ['start', 'error']],
  [['verify-remote', 'ONLINE'], 1, ['start', 'error']],
  [['notify', 'setup', 'VAULT', '--dry-run'], 0, ['notice-piece', 'summary']],
  [['notify', 'status', 'VAULT'], 0, ['notice-piece', 'notice', 'summary']],
  [['notify', 'email', 'me@home.example', 'VAULT'], 2, ['start', 'error']],
  [['config', 'show', 'JOURNAL'], 0, ['option', 'summary']],
  [['purge-vault', 'ONLINE', '--dry-run'], 0, ['planned', 'summary']],
  [['purge-vault', 'ONLINE'], 0, ['deleted', 'summary']],
  [['delete-vault', 'v'], 1, ['start', 'error']],
  [['delete-vault', 'w'], 2, ['start', 'error']],
  [['sync', 'NEW', 'ONLINE', '--partsize', '3'], 2, ['error']],
  [['snyc'], 2, ['error']],
];

function expanded(argv: readonly string[]): string[] {
  const words: Record<string, readonly string[]> = {
    DIR: ['--dir', place.at('kept')],
    NEW: ['--dir', place.at('new')],
    FILE: ['--filename', place.at('kept', 'a')],
    OTHER: ['--new-journal', place.at('other')],
    JOURNAL: ['--journal', place.at('j')],
    VAULT: [...place.config, '--vault', 'v'],
    ONLINE: [...place.config, '--vault', 'v', '--journal', place.at('j')],
  };
  const isBare = /^(?:create|list|delete)-/.test(argv[0] ?? '');
  return [...argv.flatMap((word) => words[word] ?? word), ...(isBare ? place.config : []), '--json'];
}

function expectLines({ exitCode, stdout, stderr }: Ended): Record<string, unknown>[] {
  expect(stderr).toBe('');
  expect(stdout.endsWith('\n')).toBe(true);
  const objects = objectsOf(stdout);
  for (const object of objects) {
    expect(object).toMatchObject({
      event: expect.stringMatching(/^[a-z]+(?:-[a-z]+)*$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  }
  const last = objects.at(-1);
  expect(['summary', 'error']).toContain(last?.['event']);
  expect(last?.['exitCode']).toBe(exitCode);
  return objects;
}

describe('JSON output', () => {
  beforeAll(() => mkdirSync(place.at('new')));

  it.each(LIFE)('JSON output: %j ends with %i, told by its last line', async (argv, exitCode, events) => {
    const ended = await mtglacier(...expanded(argv));
    const told = expectLines(ended).map(({ event }) => event);
    expect(ended.exitCode).toBe(exitCode);
    expect([...new Set(told)]).toEqual(expect.arrayContaining([...events]));
  });

  it('JSON output: counts of a summary add up', async () => {
    const objects = expectLines(await mtglacier(...expanded(['sync', 'DIR', 'ONLINE'])));
    const { counts } = objects.at(-1) as { counts: Record<string, Record<string, { count: number }>> };
    for (const { total, ...rows } of Object.values(counts)) {
      const sum = Object.values(rows).reduce((sum, { count }) => sum + count, 0);
      expect(sum).toBe(total?.count);
    }
    expect(counts['files']).toMatchObject({ stored: { count: 3 }, total: { count: 3 } });
    expect(counts['notKept']).toMatchObject({ leftOut: { count: 1 }, refused: { count: 1 }, total: { count: 2 } });
  });

  it('JSON output: the progress at the end is all of what was known', async () => {
    const objects = expectLines(
      await mtglacier(...expanded(['sync', 'DIR', 'ONLINE', '--detect', 'always-positive', '--replace-modified'])),
    );
    const { filesDone, filesKnown, bytesDone, bytesKnown } =
      objects.findLast(({ event }) => event === 'progress') ?? {};
    expect([filesDone, bytesDone]).toEqual([filesKnown, bytesKnown]);
    expect(filesDone).toBe(4);
  });

  it('JSON output: a server ends with a summary too', async () => {
    const started = start(['local-vault', '--data', place.at('served'), '--port', '0', '--json']);
    await sees(started, '"listening"');
    started.process.kill('SIGINT');
    const objects = expectLines(await started.ended);
    expect(objects.map(({ event }) => event)).toEqual(expect.arrayContaining(['start', 'listening', 'summary']));
    expect(objects.at(-1)?.['exitCode']).toBe(0);
  });

  it('JSON output: an interrupted run says so in its last line', async () => {
    for (let count = 0; count < 400; count++) writeFileSync(place.at('kept', `more-${count}`), `${count}`);
    const started = start(expanded(['sync', 'DIR', 'ONLINE']));
    await sees(started, '"stored"');
    started.process.kill('SIGTERM');
    const objects = expectLines(await started.ended);
    expect(objects.at(-1)).toMatchObject({ event: 'error', code: 'INTERRUPTED', exitCode: 143 });
  });

  it('JSON output: no secret is in it, nor in the files of the runs', async () => {
    const { stdout } = await mtglacier(...expanded(['sync', 'DIR', 'ONLINE', '--dry-run']));
    const runs = readdirSync(place.at('j.runs')).map((name) => textOf(place.at('j.runs', name)));
    expect(runs.length).toBeGreaterThan(3);
    for (const text of [stdout, ...runs]) {
      expect(text).toContain('"command":"');
      expect(text).not.toContain(place.server.secretAccessKey);
      expect(text).not.toContain(place.server.accessKeyId);
    }
  });
});
