// What leaves the program, in bytes.

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { representable } from '../../src/cli/report/safe-text.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { FakeStream } from './fakes.js';

const NEVER = new AbortController().signal;
const KOI8_R = await loadEncoding('KOI8-R');

describe('output', () => {
  it('output: text for people is UTF-8 until another encoding is said', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.write('тест ');
    output.encodeWith(KOI8_R);
    output.write('тест');
    expect([...stream.bytes]).toEqual([...Buffer.from('тест '), 0xd4, 0xc5, 0xd3, 0xd4]);
  });

  it('output: a character that the encoding lacks is escaped, and all that follows is printed', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.encodeWith(KOI8_R);
    output.write('Finished ñ/😀/файл.txt hash\n');
    expect(KOI8_R.decode(stream.bytes)).toBe('Finished \\u{f1}/\\u{1f600}/файл.txt hash\n');
  });

  it('output: whatever the text, every character that the encoding has comes out, and in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wanted = Array.from(text, (one) =>
          KOI8_R.encode(one) === null ? `\\u{${one.codePointAt(0)?.toString(16)}}` : one,
        );
        expect(KOI8_R.decode(representable(text, KOI8_R))).toBe(wanted.join(''));
      }),
    );
  });

  it('output: text that the encoding has is encoded as a whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const stream = new FakeStream();
        const output = stream.open();
        output.encodeWith({ ...UTF_8 });
        output.write(text);
        expect(stream.text).toBe(text);
      }),
    );
  });

  it('output: JSON is UTF-8 whatever the terminal', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.encodeWith(KOI8_R);
    output.writeUtf8('{"path":"тест"}\n');
    expect(stream.text).toBe('{"path":"тест"}\n');
  });

  it('output: bytes that were asked for pass untouched', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.encodeWith(KOI8_R);
    output.writeBytes(Uint8Array.of(0xff, 0, 0x80));
    expect([...stream.bytes]).toEqual([0xff, 0, 0x80]);
  });

  it('output: secrets are hidden in every encoding, and in JSON', () => {
    const secret = 'секрет-secret';
    for (const write of ['write', 'writeUtf8'] as const) {
      const stream = new FakeStream();
      const output = stream.open();
      output.hide([secret]);
      output.encodeWith(KOI8_R);
      output[write](`it is ${secret}.`);
      expect(stream.text).toBe('it is [secret].');
    }
  });

  it('output: a reader that went away ends the output and nothing else', async () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.write('seen');
    expect(await output.taken(NEVER)).toBe(true);
    stream.breakOff();
    output.write('unseen');
    output.writeUtf8('unseen');
    output.writeBytes(Buffer.from('unseen'));
    expect([stream.text, await output.taken(NEVER)]).toEqual(['seen', false]);
  });

  it.each([
    ['EPIPE', undefined],
    ['ENOSPC', 'DISK_FULL'],
    ['EIO', 'FILE_UNWRITABLE'],
  ])('output: after %s the failure is %s', async (code, failure) => {
    const stream = new FakeStream();
    const output = stream.open();
    output.write('seen');
    expect(await output.lost()).toBeNull();
    stream.breakOff(code);
    stream.breakOff('ERR_STREAM_DESTROYED');
    output.write('unseen');
    expect((await output.lost())?.code).toBe(failure);
  });

  it.each([
    ['it reads on', 'drain', true],
    ['it goes away', 'breakOff', false],
    ['a signal comes', 'abort', true],
  ] as const)('output: a slow reader is waited for until %s', async (_, event, isRead) => {
    const [stream, abort] = [new FakeStream(), new AbortController()];
    const output = stream.open();
    stream.fillUp();
    output.write('much');
    const told: boolean[] = [];
    const waiting = output.taken(abort.signal).then((taken) => told.push(taken));
    await setImmediate();
    await setImmediate();
    expect(told).toEqual([]);
    if (event === 'abort') abort.abort();
    else stream[event]();
    await waiting;
    expect(told).toEqual([isRead]);
  });
});
