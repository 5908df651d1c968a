// The file beside a journal in which jobs are noted that a vault has told of.

import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendCompletion, type Completion, CompletionsFollower } from '../../src/journal/completions-file.js';
import { belongsToJournal, sidecarsOf } from '../../src/journal/sidecars.js';
import { Instant } from '../../src/model/clock.js';
import { JobId } from '../../src/model/identifiers.js';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'completions-'));
  file = join(home, 'j.completions');
});
afterEach(() => rmSync(home, { recursive: true }));

const completion = (job: string): Completion => ({
  at: Instant.ofSeconds(1_800_000_000),
  vault: 'arn:aws:glacier:us-east-1:123456789012:vaults/photos',
  jobId: JobId.parse(job),
});
const idsOf = (all: readonly Completion[]): string[] => all.map(({ jobId }) => jobId);

describe('completions file', () => {
  it('completions file: lies beside the journal, and is kept out of the directory that is kept', async () => {
    expect((await sidecarsOf(join(home, 'j'))).completions).toBe(file);
    for (const ending of ['completions', 'completions.new']) expect(belongsToJournal(`j.${ending}`, 'j')).toBe(true);
    expect(belongsToJournal('j.completions.other', 'j')).toBe(false);
  });

  it('completions file: is as its format says', async () => {
    await appendCompletion(file, completion('one'));
    const line =
      '{"version":"A","at":1800000000,"vault":"arn:aws:glacier:us-east-1:123456789012:vaults/photos","jobId":"one"}';
    expect(readFileSync(file, 'utf8')).toBe(`${line}\n`);
  });

  it('completions file: a follower hears what comes after it has begun, and each once; so does another one', async () => {
    const first = await CompletionsFollower.open(file);
    expect(await first.added()).toEqual([]);
    await appendCompletion(file, completion('one'));
    const second = await CompletionsFollower.open(file);
    await appendCompletion(file, completion('two'));
    expect(await first.added()).toEqual([completion('one'), completion('two')]);
    expect(idsOf(await second.added())).toEqual(['two']);
    expect(await first.added()).toEqual([]);
  });

  it('completions file: half a line is heard when it is whole, and what is no line is passed over', async () => {
    const follower = await CompletionsFollower.open(file);
    await appendCompletion(file, completion('one'));
    const half = JSON.stringify({ version: 'A', ...completion('two') });
    appendFileSync(
      file,
      `nonsense\n\n{}\nnull\n{"version":"B"}\n{"version":"A","at":1,"vault":"v","jobId":"a b"}\n${half.slice(0, 20)}`,
    );
    expect(idsOf(await follower.added())).toEqual(['one']);
    appendFileSync(file, `${half.slice(20)}\n`);
    expect(idsOf(await follower.added())).toEqual(['two']);
  });

  it('completions file: does not grow for ever, and who follows it loses nothing when it is cut', async () => {
    const follower = await CompletionsFollower.open(file);
    const heard = new Set<string>();
    for (let i = 0; i < 6000; i++) {
      await appendCompletion(file, completion(`job-${i}`));
      if (i % 1000 === 999) for (const id of idsOf(await follower.added())) heard.add(id);
      expect(statSync(file).size).toBeLessThanOrEqual(512 * 1024);
    }
    expect(heard.size).toBe(6000);
    expect(readFileSync(file, 'utf8')).toMatch(/^\{"version":"A".*"job-5999"\}\n$/s);
  });

  it('completions file: one that is taken away and made anew is read from its beginning', async () => {
    await appendCompletion(file, completion('old-and-long-enough'));
    const follower = await CompletionsFollower.open(file);
    rmSync(file);
    expect(await follower.added()).toEqual([]);
    await appendCompletion(file, completion('new'));
    expect(idsOf(await follower.added())).toEqual(['new']);
  });

  it('completions file: where it cannot be written or read, that is said', async () => {
    mkdirSync(file);
    await expect(appendCompletion(file, completion('one'))).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
    const follower = await CompletionsFollower.open(join(home, 'other'));
    writeFileSync(join(home, 'other'), '');
    rmSync(join(home, 'other'));
    mkdirSync(join(home, 'other'));
    await expect(follower.added()).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
  });
});
