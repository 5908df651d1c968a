import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { StandardInput } from '../../src/cli/standard-input.js';

const never = new AbortController().signal;

describe('standard input', () => {
  it('that ends at once is empty, and stays at its end', async () => {
    using input = new StandardInput(Readable.from([]));
    expect(await input.isEmpty(never)).toBe(true);
    expect([await input.read(never), await input.read(never)]).toEqual([null, null]);
  });

  it('is not empty when something came, and what was looked at is still given', async () => {
    using input = new StandardInput(Readable.from([Buffer.from('a'), Buffer.from('b')]));
    expect([await input.isEmpty(never), await input.isEmpty(never)]).toEqual([false, false]);
    const all = [await input.read(never), await input.read(never), await input.read(never)];
    expect(all.map((piece) => piece && Buffer.from(piece).toString())).toEqual(['a', 'b', null]);
  });

  it('that breaks is a failure with the name of the error', async () => {
    const stream = new PassThrough();
    using input = new StandardInput(stream);
    stream.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
    await expect(input.read(never)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: 'cannot read standard input (EIO)',
    });
  });

  it('is left at once when the signal comes, while nothing does', async () => {
    const stream = new PassThrough();
    const stop = new AbortController();
    const input = new StandardInput(stream);
    const waiting = input.isEmpty(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(input.read(stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    input[Symbol.dispose]();
    expect(stream.destroyed).toBe(true);
  });

  it.each(['isEmpty', 'read'] as const)('is not even looked at when the signal came before: %s', async (ask) => {
    const stream = new PassThrough();
    const input = new StandardInput(stream);
    await expect(input[ask](AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    input[Symbol.dispose]();
    await once(stream, 'close');
  });
});
