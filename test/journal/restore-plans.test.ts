// The file of accepted restores: what it says, what it says when it is damaged, and whose turn it is.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockPlan, type RestorePlan, readRestorePlans, writeRestorePlans } from '../../src/journal/restore-plans.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId, TopicArn } from '../../src/model/identifiers.js';
import { Money } from '../../src/model/money.js';
import { folder } from './folder.js';

const PLAN: RestorePlan = {
  id: 3,
  acceptedAt: Instant.ofSeconds(1_700_000_000),
  terms: {
    directory: '/home/photos\u00e9',
    rules: [{ action: 'exclude', pattern: '*.tmp' }],
    tier: 'Bulk',
    topic: TopicArn.parse('arn:aws:sns:us-east-1:123456789012:topic'),
    bytesPerHour: 5,
    lineSpeed: 10,
  },
  allowed: { files: null, bytes: 7, cost: Money.MOST },
  said: { files: 1, bytes: null, cost: Money.NOTHING },
  saidAt: Instant.ofSeconds(1_700_000_001),
  asked: { files: 1, bytes: 2, cost: Money.ofMillionths(3) },
  asking: { at: Instant.ofSeconds(5), archives: [{ id: ArchiveId.parse('a'.repeat(138)), size: 9, again: true }] },
  lately: [{ at: Instant.ofSeconds(4), bytes: 6 }],
};

const BARE: RestorePlan = {
  ...PLAN,
  id: 4,
  terms: { ...PLAN.terms, rules: [], topic: null, bytesPerHour: null },
  asking: null,
  lately: [],
};

describe('restore plans', () => {
  it('restore plans: what was written is read, and none leave no file', async () => {
    const journal = join(folder(), 'photos.journal');
    expect(await readRestorePlans(journal)).toEqual([]);
    await writeRestorePlans(journal, [PLAN, BARE]);
    expect(await readRestorePlans(journal)).toEqual([PLAN, BARE]);
    await writeRestorePlans(journal, []);
    expect(() => readFileSync(`${journal}.restores`)).toThrow('ENOENT');
    await writeRestorePlans(journal, []);
  });

  it('restore plans: a file that ends anywhere before its end is told to be damaged, and what that means', async () => {
    const journal = join(folder(), 'photos.journal');
    await writeRestorePlans(journal, [PLAN]);
    const whole = readFileSync(`${journal}.restores`);
    for (let length = 0; length < whole.length - 2; length += 7) {
      writeFileSync(`${journal}.restores`, whole.subarray(0, length));
      await expect(readRestorePlans(journal), `${length} bytes`).rejects.toMatchObject({
        code: 'JOURNAL_DAMAGED',
        message: expect.stringMatching(/photos\.journal\.restores" is damaged$/),
        hint: expect.stringContaining('mtglacier restore'),
      });
    }
  });

  it('restore plans: a field that is missing or of another kind is damage, wherever it is', async () => {
    const journal = join(folder(), 'photos.journal');
    await writeRestorePlans(journal, [PLAN]);
    const text = readFileSync(`${journal}.restores`, 'utf8');
    const fields = [...text.matchAll(/"(\w+)": /g)].map(([, name]) => name!);
    expect(fields.length).toBeGreaterThan(25);
    for (const [index, name] of fields.entries()) {
      let count = 0;
      const renamed = text.replaceAll(/"(\w+)": /g, (field) => (count++ === index ? '"other": ' : field));
      writeFileSync(`${journal}.restores`, renamed);
      await expect(readRestorePlans(journal), `without ${name}`).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
    }
  });

  it('restore plans: those of a newer program are told to be so, and stay as they are', async () => {
    const journal = join(folder(), 'photos.journal');
    const newer = '{"version":"B","restores":{}}';
    writeFileSync(`${journal}.restores`, newer);
    await expect(readRestorePlans(journal)).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringContaining('was written by a newer version of the program'),
      hint: expect.stringContaining('newer'),
    });
    expect(readFileSync(`${journal}.restores`, 'utf8')).toBe(newer);
  });

  it('restore plans: one process waits for a plan at a time; another plan, and the journal, stay free', async () => {
    const journal = join(folder(), 'photos.journal');
    writeFileSync(journal, '');
    await using _ = await lockPlan(journal, 1);
    await expect(lockPlan(journal, 1)).rejects.toMatchObject({
      code: 'JOURNAL_LOCKED',
      message: expect.stringContaining('another process waits for this restore already'),
    });
    await using _other = await lockPlan(journal, 2);
  });
});
