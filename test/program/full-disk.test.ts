import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mtglacier, start } from './program.js';
import { openWorkplace, pathsIn, readJournal, type Workplace } from './workplace.js';

/** Enough for the journal to outgrow the limit; each line has some 260 bytes. */
const FILES = Array.from({ length: 60 }, (_, index) => `f${index}`).sort();
/** In blocks of 512 bytes, as `sh` counts. */
const LIMIT_BLOCKS = 16;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('full-disk');
  for (const directory of ['kept', 'large', 'new']) mkdirSync(place.at(directory));
  for (const name of FILES) writeFileSync(place.at('kept', name), name);
  writeFileSync(place.at('large', 'a-small'), 'small');
  writeFileSync(place.at('large', 'large'), Buffer.alloc(100_000, 'x'));
  for (const vault of ['many', 'large']) await mtglacier('create-vault', vault, ...place.config);
});

afterAll(() => place[Symbol.asyncDispose]());

function online(vault: string, directory: string): string[] {
  const journal = place.at(`${vault}.journal`);
  return [...place.config, '--vault', vault, '--journal', journal, '--dir', place.at(directory)];
}

/** Runs a command that can write no file beyond the limit. */
function limited(...argv: string[]) {
  return start(argv, { under: ['sh', '-c', `ulimit -f ${LIMIT_BLOCKS}; exec "$@"`, 'sh'] }).ended;
}

/** The same, with standard output in a file. */
function limitedInto(file: string, ...argv: string[]) {
  return start(argv, { under: ['sh', '-c', `ulimit -f ${LIMIT_BLOCKS}; exec "$@" > "$0"`, file] }).ended;
}

describe('no room', () => {
  it('no room: a journal that can take no more ends the run, and the next one completes', async () => {
    const { exitCode, stdout, stderr } = await limited('sync', ...online('many', 'kept'));
    expect(stderr).toMatch(/^ERROR: .*cannot write \S+many\.journal.*\nhint: .*ulimit -f\n$/m);
    expect(exitCode).toBe(7);
    const known = await pathsIn(await readJournal(place.at('many.journal')));
    expect(known).toHaveLength(stdout.match(/^Finished /gm)?.length ?? 0);
    const { exitCode: later } = await mtglacier('sync', ...online('many', 'kept'));
    expect(later).toBe(0);
    expect(await pathsIn(await readJournal(place.at('many.journal')))).toEqual(FILES);
  });

  it('no room: a file that cannot be written is named, and nothing of it stays', async () => {
    expect((await mtglacier('sync', ...online('large', 'large'))).exitCode).toBe(0);
    expect((await mtglacier('restore', ...online('large', 'new'), '--max-number-of-files', '9')).exitCode).toBe(75);
    place.passHours(5);
    const { exitCode, stdout, stderr } = await limited('restore-completed', ...online('large', 'new'));
    expect(stderr).toBe('ERROR: cannot write "large": file too large\n');
    expect(stdout).toContain('\ncould not be written:\n  large\n');
    expect(exitCode).toBe(3);
    expect(readdirSync(place.at('new'))).toEqual(['a-small']);
    expect((await mtglacier('restore-completed', ...online('large', 'new'))).exitCode).toBe(0);
    expect(readdirSync(place.at('new'))).toEqual(['a-small', 'large']);
  });

  it('no room: content that standard output took only a part of has not been got', async () => {
    const stored = [...place.config, '--vault', 'large', '--journal', place.at('large.journal')];
    const cut = place.at('cut-short');
    const { exitCode, stderr } = await limitedInto(cut, 'get', 'large', '--output', '-', ...stored);
    expect(stderr).toMatch(/^ERROR: cannot write standard output: file too large$/m);
    expect(stderr).not.toContain('OK DONE');
    expect(exitCode).toBe(3);
  });

  it.each([
    ['completion', 'bash'],
    ['help', 'sync'],
    ['config', 'show', '--json'],
  ])('no room: what %s %s has to say is not lost without a word', async (...words) => {
    const { exitCode, stderr } = await start(words, {
      under: ['sh', '-c', 'ulimit -f 1; exec "$@" > "$0"', place.at('cut-short')],
    }).ended;
    expect(stderr).toMatch(/^ERROR: cannot write standard output: file too large$/m);
    expect(exitCode).toBe(1);
  });
});
