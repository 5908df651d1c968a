// node journal-load.js FILE COUNT WRITERS: adds facts to a journal of the built program, each writer waiting until its own is on stable storage. Prints milliseconds.

import { built } from './built-program.js';

interface Journal {
  append(record: object): Promise<void>;
}

interface Opening {
  readonly openForWriting: (
    file: string,
    options: { readonly create: boolean; readonly encoding: unknown },
    report: () => void,
  ) => Promise<AsyncDisposable & { readonly journal: Journal }>;
}

const [file = '', count = '0', writers = '1'] = process.argv.slice(2);
const { openForWriting } = await built<Opening>('journal/open.js');
const { UTF_8 } = await built<{ readonly UTF_8: unknown }>('model/text-encoding.js');
await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, () => undefined);
const { journal } = open;
let next = 0;
const began = performance.now();
await Promise.all(Array.from({ length: Number(writers) }, write));
process.stdout.write(`${performance.now() - began}\n`);

async function write(): Promise<void> {
  for (let n = next++; n < Number(count); n = next++) await journal.append(created(n));
}

function created(n: number): object {
  const number = String(n).padStart(9, '0');
  const path = `photos/album-${number.slice(0, 6)}/photo-${number}.jpg`;
  const [id, treeHash] = [number.padStart(138, 'n'), number.padStart(64, '0')];
  return {
    type: 'created',
    archive: { id, path, size: 4096, mtime: 1_700_000_000, treeHash, createdAt: 1_700_000_000 },
  };
}
