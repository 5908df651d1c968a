// 20,000 files of 4 KiB: stored in a vault that answers at once, and in one that takes 20 ms for each answer.

import { mkdirSync } from 'node:fs';
import { cpuMicrosecondsPerFile, perSecond, shareOfPossible, speedOf } from './figures.js';
import { AT_ONCE, startOf } from './large-works.js';
import { makeSmallFiles } from './made-files.js';
import { NullVault } from './null-vault-process.js';
import { RAW } from './raw-figures.js';
import type { Group } from './work.js';

const SMALL = { count: 20_000, size: 4096 };
const DELAY_MS = 20;

/** Connections, and files that are stored over them in two seconds at best. */
const WIDTHS = [16, 64, 256].map((connections) => ({ connections, files: connections * 100 }));

const JOURNAL = 'small.journal';

export const SMALL_GROUP: Group = {
  name: 'small',
  about: '20,000 files of 4 KiB: stored',
  raw: [RAW.putSmall, RAW.append],
  prepare: (stage) => makeSmallFiles(stage.path('small'), SMALL.count, SMALL.size),
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage);
    const name = 'sync of 20,000 files of 4 KiB';
    const anew = (time: number): void => {
      tell(`${name}, ${time}`);
      stage.forgetJournal(JOURNAL);
    };
    const figures = [
      perSecond('files', 12_000),
      cpuMicrosecondsPerFile(90),
      speedOf(RAW.putSmall),
      speedOf(RAW.append),
    ];
    const sizes = { files: SMALL.count, bytes: SMALL.count * SMALL.size };
    yield {
      name,
      ...sizes,
      ...(await vault.repeated(times, anew, 'sync', '--dir', 'small', '--journal', JOURNAL, ...AT_ONCE)),
      figures,
      tells: 'files stored',
    };
  },
};

export const LATENCY_GROUP: Group = {
  name: 'latency',
  about: 'files of 4 KiB, stored where each answer takes 20 ms, over 16, 64 and 256 connections',
  raw: [],
  prepare(stage) {
    for (const { connections, files } of WIDTHS) makeSmallFiles(stage.path(`of-${connections}`), files, SMALL.size);
    mkdirSync(stage.path('nothing'));
  },
  async *run(stage, times, tell) {
    await using vault = await NullVault.start(stage, { delayMs: DELAY_MS });
    const startMs = await startOf(vault, stage, times, tell);
    for (const { connections, files } of WIDTHS) {
      const name = `sync of ${files} files of 4 KiB, ${connections} connections, ${DELAY_MS} ms an answer`;
      const anew = (time: number): void => {
        tell(`${name}, ${time}`);
        stage.forgetJournal(JOURNAL);
      };
      const sync = ['sync', '--dir', `of-${connections}`, '--journal', JOURNAL, ...AT_ONCE];
      const runs = await vault.repeated(times, anew, ...sync, '--small-file-workers', String(connections));
      const possible = connections / (DELAY_MS / 1000);
      const figures = [shareOfPossible(`connections ÷ ${DELAY_MS} ms`, possible, startMs, 0.9)];
      yield { name, files, bytes: files * SMALL.size, ...runs, figures };
    }
  },
};
