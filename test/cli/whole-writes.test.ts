import { closeSync, openSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { wholeWrites } from '../../src/cli/whole-writes.js';
import { TemporaryDirectory } from '../disk/temporary-directory.js';

/** What stands in for standard output where it leads to the file. */
function opened(file: string) {
  const fd = openSync(file, 'w');
  const stream = wholeWrites(Object.assign(new PassThrough(), { fd }));
  const told: (string | undefined)[] = [];
  stream.on('error', (error) => told.push(error?.code));
  return { stream, told, [Symbol.dispose]: () => closeSync(fd) };
}

describe('whole writes', () => {
  it('whole writes: text and bytes are in the file when the write is answered', () => {
    using home = new TemporaryDirectory();
    const file = home.put('output');
    using output = opened(file);
    output.stream.write('тест ');
    output.stream.write(Uint8Array.of(0xff, 0), (error) => output.told.push(error?.code));
    expect([...readFileSync(file)]).toEqual([...Buffer.from('тест '), 0xff, 0]);
    expect(output.told).toEqual([undefined]);
  });

  it.runIf(process.platform === 'linux')(
    'whole writes: a device that takes nothing is an error to the writer and to all who listen',
    () => {
      using output = opened('/dev/full');
      const answers: (string | undefined)[] = [];
      output.stream.write('text', (error) => answers.push(error?.code));
      expect([answers, output.told]).toEqual([['ENOSPC'], ['ENOSPC']]);
    },
  );
});
