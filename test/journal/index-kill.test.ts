// An index whose maker is killed, again and again, at any moment of its making.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeRecord } from '../../src/journal/codec.js';
import { openForReading, openForWriting } from '../../src/journal/open.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { compile, run } from './compiled.js';
import { folder } from './folder.js';
import { created, deleted, listener, listOf } from './records.js';

let compiled: ReturnType<typeof compile>;

beforeAll(() => {
  compiled = compile(['proper-lockfile', 'fs-native-extensions']);
}, 60_000);

afterAll(() => compiled.remove());

/** Opens the journal again and again, adds to it, and says so each time. */
const WORKER = `
  import { openForWriting } from './journal/open.js';
  import { UTF_8 } from './model/text-encoding.js';
  const [file, from] = process.argv.slice(1);
  const index = { worthKeeping: 1, worthAdding: 1, whileReading: 20_000, whileWriting: 2_000 };
  const archive = (n) => ({ id: 'new-' + n, path: 'new/' + n, size: n, mtime: 1, treeHash: 'hash', createdAt: 2 });
  for (let n = Number(from); ; ) {
    const open = await openForWriting(file, { create: true, encoding: UTF_8, index }, () => undefined);
    for (const end = n + 40; n < end; n++) {
      await open.journal.append({ type: 'created', archive: archive(n) });
      if (n % 3 === 0) await open.journal.append({ type: 'deleted', at: 3, archiveId: 'new-' + n, path: 'new/' + n });
      console.log(n);
    }
    await open[Symbol.asyncDispose]();
  }
`;

test('index: a kill at any moment leaves one that is right, or none', { timeout: 120_000 }, async () => {
  const file = join(folder(), 'photos.journal');
  const lines = Array.from({ length: 3000 }, (_, i) => encodeRecord(created(`id-${i}`, `d${i % 7}/${i}`)));
  writeFileSync(file, lines.join(''));
  for (let round = 0; round < 12; round++) {
    const from = round * 100_000;
    const worker = run(compiled.directory, WORKER, file, String(from));
    for (let line = 0; line < 1 + 17 * round; line++) await worker.line();
    await worker.kill();
    if (round % 4 === 3) {
      await using open = await openForWriting(
        file,
        { create: false, encoding: UTF_8, index: false },
        listener().report,
      );
      await open.journal.append(deleted(`id-${round}`, 'any'));
    }
    const answers = async (index: false | undefined): Promise<unknown> => {
      const limits = index ?? { worthKeeping: 1, worthAdding: 1, whileReading: 20_000, whileWriting: 1 };
      await using journal = await openForReading(file, { encoding: UTF_8, index: limits }, listener().report);
      return { count: journal.live.count, all: await listOf(journal.live.all()) };
    };
    expect(await answers(undefined)).toEqual(await answers(false));
  }
});
