// npm run cycletest [NAME…]: plays the lives and prints each command, what it printed, and the verdict.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { PROJECT, play, type Verdict } from './play.js';

const wanted = process.argv.slice(2);
const lives = readdirSync(join(PROJECT, 'cycletest'))
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.md')))
  .toSorted();
if (lives.length === 0) throw new Error(`no life is named ${wanted.join(' or ')}`);

const awsVault = process.env['CYCLE_VAULT'] ?? null;
const print = (text: string): void => void process.stdout.write(text);
const verdicts: Verdict[] = [];
for (const life of lives) {
  const verdict = await play(join(PROJECT, 'cycletest', life), {
    program: join(PROJECT, 'dist', 'cli', 'main.js'),
    awsVault,
    print,
  });
  verdicts.push(verdict);
  print(`\n${sentence(verdict)}\n\n`);
}

print(`${'='.repeat(72)}\n`);
print(awsVault === null ? 'Played on local vaults.\n' : `Played on the vault ${awsVault} at AWS.\n`);
for (const verdict of verdicts) print(`${sentence(verdict).split('\n', 1)[0]}\n`);
const broken = verdicts.filter((verdict) => verdict.broken !== null).length;
print(
  broken === 0 ? 'Every life went as it should.\n' : `${broken} of ${verdicts.length} did not go as they should.\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

function sentence({ title, commands, broken, skipped, durationMs }: Verdict): string {
  if (skipped !== null) return `SKIPPED  ${title}: ${skipped}`;
  const seconds = (durationMs / 1000).toFixed(1);
  if (broken === null) return `AS IT SHOULD  ${title}: ${commands} commands in ${seconds} s`;
  const { step, printed, exitCode } = broken;
  return [
    `NOT AS IT SHOULD  ${title}, line ${step.line}: ${step.command}`,
    `expected exit code ${step.exitCode} and:`,
    ...step.expected.map((line) => `  | ${line}`),
    `got exit code ${exitCode} and:`,
    ...printed.map((line) => `  | ${line}`),
  ].join('\n');
}
