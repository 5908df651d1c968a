import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bytesTo } from '../../src/cli/standard-output.js';

const NEVER = new AbortController().signal;

/** A stream whose every write ends as told. */
function ending(error: NodeJS.ErrnoException | null) {
  const taken: Uint8Array[] = [];
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      taken.push(Uint8Array.from(chunk));
      setImmediate(done, error);
    },
  });
  stream.on('error', () => undefined);
  return { stream, taken };
}

function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}, write`), { code, syscall: 'write' });
}

describe('standard output', () => {
  it('standard output: bytes go out as they are, and their memory can serve again when that is answered', async () => {
    const { stream, taken } = ending(null);
    const write = bytesTo(stream);
    const memory = Uint8Array.of(0, 0xff, 0x80);
    expect(await write(memory, NEVER)).toBe('taken');
    memory.fill(7);
    expect(await write(memory, NEVER)).toBe('taken');
    expect(taken).toEqual([Uint8Array.of(0, 0xff, 0x80), Uint8Array.of(7, 7, 7)]);
  });

  it('standard output: a reader that went away is no failure, then and later', async () => {
    const { stream } = ending(systemError('EPIPE', 'broken pipe'));
    const write = bytesTo(stream);
    expect(await write(Uint8Array.of(1), NEVER)).toBe('gone');
    expect(await write(Uint8Array.of(1), NEVER)).toBe('gone');
  });

  it('standard output: a reader that has stopped reading is not waited for once that is told', async () => {
    const stop = new AbortController();
    const writing = bytesTo({ write: () => undefined })(Uint8Array.of(1), stop.signal);
    stop.abort();
    await expect(writing).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(bytesTo({ write: () => undefined })(Uint8Array.of(1), stop.signal)).rejects.toThrow('interrupted');
  });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EIO', 'FILE_UNWRITABLE'],
  ])('standard output: %s is the failure %s', async (code, failure) => {
    const { stream } = ending(systemError(code, 'no way'));
    await expect(bytesTo(stream)(Uint8Array.of(1), NEVER)).rejects.toMatchObject({ code: failure });
  });
});
