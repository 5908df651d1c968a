// npm run bench [-- NAME…] [--runs N] [--json]: measures the built program beside what this machine does at best.

import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RawRun } from './raw-figures.js';
import { asJson, asTables, heading, type MeasuredRaw, type Section } from './report.js';
import { NEEDED_GROUPS, scaleModel } from './scale.js';
import { Stage } from './stage.js';
import type { Group, Work } from './work.js';
import { GROUPS } from './works.js';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const tell = (what: string): void => void process.stderr.write(`… ${what}\n`);
const say = (text: string): void => void process.stdout.write(text);

try {
  const { groups, times, json } = asked();
  const at = new Date();
  await using stage = new Stage(interrupted.signal);
  if (!json) say(heading(at, times));
  const sections: Section[] = [];
  for (const group of groups) {
    const section = await measured(group, stage, times);
    sections.push(section);
    if (!json) say(asTables(section));
    stage.clear();
  }
  const scale = scaleModel(sections.flatMap(({ works }) => works));
  if (json) say(`${JSON.stringify(asJson(at, times, sections, scale), null, 2)}\n`);
  else if (scale.length > 0) say(`\n${scale.join('\n')}\n`);
} catch (thrown) {
  if (!interrupted.signal.aborted) throw thrown;
  process.stderr.write('interrupted\n');
  process.exitCode = 130;
}

/** The yardsticks before and after what is held against them, since machines are not the same from minute to minute. */
async function measured(group: Group, stage: Stage, times: number): Promise<Section> {
  tell(`${group.name}: files`);
  group.prepare(stage);
  const before = await rawRuns(group, stage, Math.ceil(times / 2));
  const works: Work[] = [];
  for await (const work of group.run(stage, times, tell)) works.push(work);
  const after = await rawRuns(group, stage, Math.floor(times / 2));
  const raws = group.raw.map((raw, n): MeasuredRaw => ({ raw, runs: [...(before[n] ?? []), ...(after[n] ?? [])] }));
  return { group: group.name, raws, works };
}

async function rawRuns(group: Group, stage: Stage, times: number): Promise<readonly RawRun[][]> {
  const all: RawRun[][] = [];
  for (const raw of group.raw) {
    tell(`this machine: ${raw.name}`);
    const runs: RawRun[] = [];
    for (let time = 1; time <= times; time++) {
      // A turn for a signal, between works that hold the thread.
      await setImmediate(undefined, { signal: stage.signal });
      runs.push(await raw.run(stage));
    }
    all.push(runs);
  }
  return all;
}

interface Asked {
  readonly groups: readonly Group[];
  readonly times: number;
  readonly json: boolean;
}

function asked(): Asked {
  const options = { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const times = Number(values.runs);
  const names = positionals.flatMap((name) => (name === 'scale' ? NEEDED_GROUPS : [name]));
  const groups = GROUPS.filter(({ name }) => names.length === 0 || names.includes(name));
  const unknown = names.filter((wanted) => !GROUPS.some(({ name }) => name === wanted));
  if (unknown.length > 0 || !Number.isInteger(times) || times < 1 || times > 99) usage();
  return { groups, times, json: values.json };
}

function usage(): never {
  const scale = { name: 'scale', about: `${NEEDED_GROUPS.join(', ')}: what 200 million files and 1 PB would take` };
  const names = [...GROUPS, scale].map(({ name, about }) => `  ${name.padEnd(8)}${about}\n`).join('');
  process.stderr.write(`npm run bench -- [NAME…] [--runs 1-99] [--json]\n${names}`);
  process.exit(2);
}
