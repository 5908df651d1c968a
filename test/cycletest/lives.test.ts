// Every life, and the tour of the front page, played against the built program.

import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../../cycletest/home.js';
import { lives, TOUR } from '../../cycletest/lives.js';
import { Page } from '../../cycletest/page.js';
import { play } from '../../cycletest/play.js';

const LIVES = [TOUR, ...lives()].map((file) => relative(PROJECT, file));

describe.concurrent('lives', () => {
  it.for(LIVES)('life: %s goes as it says', { timeout: 240_000 }, async (file, { skip }) => {
    let text = '';
    const page = new Page({ write: (more) => void (text += more), isColoured: false });
    const { signal } = new AbortController();
    const options = { awsVault: null, page, keepsBroken: false, limitMs: 50_000, signal };
    const verdict = await play(join(PROJECT, file), options);
    page.verdict(verdict);
    if (verdict.outcome.is === 'skipped') skip(`it needs ${verdict.outcome.needs}`);
    expect(verdict.outcome.is, text).toBe('as it should');
    expect(verdict.commands).toBeGreaterThan(0);
  });
});
