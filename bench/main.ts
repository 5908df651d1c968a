// npm run bench [-- NAME…] [--runs N] [--json]: measures the built program beside what this machine does at best.

import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Raw, RawRun } from './raw-figures.js';
import { asJson, asTable, type MeasuredRaw } from './report.js';
import { Stage } from './stage.js';
import { GROUPS, type Group, type Work } from './works.js';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const tell = (what: string): void => void process.stderr.write(`… ${what}\n`);

try {
  const { groups, times, json } = asked();
  await using stage = new Stage(interrupted.signal);
  const raws: MeasuredRaw[] = [];
  const works: Work[] = [];
  for (const group of groups) {
    tell(`${group.name}: files`);
    group.prepare(stage);
    for (const raw of group.raw) raws.push(await measured(raw, stage, times));
    for await (const work of group.run(stage, times, tell)) works.push(work);
  }
  const report = { at: new Date(), times, raws, works };
  process.stdout.write(json ? `${JSON.stringify(asJson(report), null, 2)}\n` : `\n${asTable(report)}`);
} catch (thrown) {
  if (!interrupted.signal.aborted) throw thrown;
  process.stderr.write('interrupted\n');
  process.exitCode = 130;
}

async function measured(raw: Raw, stage: Stage, times: number): Promise<MeasuredRaw> {
  tell(`this machine: ${raw.name}`);
  const runs: RawRun[] = [];
  for (let time = 1; time <= times; time++) {
    // A turn for a signal, between works that hold the thread.
    await setImmediate(undefined, { signal: stage.signal });
    runs.push(await raw.run(stage));
  }
  return { raw, runs };
}

interface Asked {
  readonly groups: readonly Group[];
  readonly times: number;
  readonly json: boolean;
}

function asked(): Asked {
  const options = { runs: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const times = Number(values.runs);
  const groups = GROUPS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const unknown = positionals.filter((wanted) => !GROUPS.some(({ name }) => name === wanted));
  if (unknown.length > 0 || !Number.isInteger(times) || times < 1 || times > 99) {
    const names = GROUPS.map(({ name, about }) => `  ${name.padEnd(8)}${about}\n`).join('');
    process.stderr.write(`npm run bench -- [NAME…] [--runs 1-99] [--json]\n${names}`);
    process.exit(2);
  }
  return { groups, times, json: values.json };
}
