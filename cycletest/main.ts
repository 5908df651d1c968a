// npm run cycletest [-- NAME…]: plays the lives and prints each command, what it printed, and the verdict.

import { basename } from 'node:path';
import process from 'node:process';
import { lives as allLives, TOUR } from './lives.js';
import { Page } from './page.js';
import { play, type Verdict } from './play.js';

const LIMIT_MS = { local: 60_000, aws: 48 * 3_600_000 };

const lives = chosen(process.argv.slice(2));
const awsVault = process.env['CYCLE_VAULT'] || null;
const interrupt = new AbortController();
const page = new Page({
  write: (text) => void process.stdout.write(text),
  isColoured: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort(signal));

const verdicts: Verdict[] = [];
try {
  for (const life of lives) {
    const limitMs = awsVault === null ? LIMIT_MS.local : LIMIT_MS.aws;
    const verdict = await play(life, { awsVault, page, keepsBroken: true, limitMs, signal: interrupt.signal });
    page.verdict(verdict);
    verdicts.push(verdict);
  }
  page.table(verdicts, awsVault === null ? 'local vaults' : `the vault ${awsVault} at AWS`);
  process.exitCode = verdicts.some(({ outcome }) => outcome.is === 'broken') ? 1 : 0;
} catch (thrown) {
  if (!interrupt.signal.aborted) throw thrown;
  process.stdout.write(`\ninterrupted by ${interrupt.signal.reason}\n`);
  process.exitCode = interrupt.signal.reason === 'SIGINT' ? 130 : 143;
}

/** All that there are, or those that were named; `README` plays the tour of the front page. */
function chosen(names: readonly string[]): string[] {
  const all = allLives();
  const known = new Map(all.map((file) => [basename(file, '.md'), file]));
  if (names.length === 0) return all;
  known.set('README', TOUR);
  return names.map((name) => {
    const file = known.get(name);
    if (file !== undefined) return file;
    process.stderr.write(`no life is named ${name}; there are ${[...known.keys()].join(', ')}\n`);
    process.exit(2);
  });
}
