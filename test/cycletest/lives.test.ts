// Every life, and the tour of the front page, played against the built program.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../../cycletest/home.js';
import { Page } from '../../cycletest/page.js';
import { play } from '../../cycletest/play.js';

const LIVES = [
  'README.md',
  ...readdirSync(join(PROJECT, 'cycletest'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => `cycletest/${file}`),
];

describe.concurrent('lives', () => {
  it.each(LIVES)('life: %s goes as it says', { timeout: 120_000 }, async (file) => {
    let text = '';
    const page = new Page({ write: (more) => void (text += more), isColoured: false });
    const { signal } = new AbortController();
    const options = { awsVault: null, page, keepsBroken: false, limitMs: 50_000, signal };
    const verdict = await play(join(PROJECT, file), options);
    page.verdict(verdict);
    expect(verdict.outcome.is, text).toBe('as it should');
    expect(verdict.commands).toBeGreaterThan(0);
  });
});
