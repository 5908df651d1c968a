// What leaves the program, in bytes.

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { representable } from '../../src/cli/report/safe-text.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { FakeHeartbeat, FakeStream } from './fakes.js';

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

  it('output: gathered lines are one write, a tenth of a second later at the latest', () => {
    const [stream, heartbeat] = [new FakeStream(), new FakeHeartbeat()];
    const output = stream.open();
    const gathering = output.gather(heartbeat, []);
    output.write('one\n');
    output.writeUtf8('two\n');
    expect(stream.text).toBe('');
    heartbeat.pass(100);
    expect([stream.text, stream.writes]).toEqual(['one\ntwo\n', 1]);
    output.write('three\n');
    gathering[Symbol.dispose]();
    output.write('four\n');
    expect([stream.lines(), stream.writes]).toEqual([['one', 'two', 'three', 'four'], 3]);
    expect(heartbeat.isBeating).toBe(false);
  });

  it('output: a busy thread, and much text, are not waited for', () => {
    const [stream, heartbeat] = [new FakeStream(), new FakeHeartbeat()];
    const output = stream.open();
    using _ = output.gather(heartbeat, []);
    output.write('begun\n');
    heartbeat.passBusy(100);
    output.write('late\n');
    expect(stream.text).toBe('begun\nlate\n');
    for (let i = 0; i < 1000; i++) output.write(`${'x'.repeat(99)}\n`);
    expect(stream.bytes.length).toBeGreaterThan(80_000);
    expect(stream.writes).toBeLessThan(10);
  });

  it('output: what is gathered comes before what another output writes, before bytes, and before waiting', async () => {
    const [stream, heartbeat] = [new FakeStream(), new FakeHeartbeat()];
    const [stdout, stderr] = [stream.open(), stream.open()];
    using _ = stdout.gather(heartbeat, [stderr]);
    stdout.write('deed\n');
    stderr.write('warning\n');
    stdout.write('deed\n');
    stderr.writeBytes(Buffer.from('bytes\n'));
    stdout.write('deed\n');
    stdout.writeBytes(Buffer.from('data\n'));
    stdout.write('last\n');
    await stdout.taken(NEVER);
    expect(stream.lines()).toEqual(['deed', 'warning', 'deed', 'bytes', 'deed', 'data', 'last']);
    stdout.write('at the end\n');
    expect(await stdout.lost()).toBeNull();
    expect(stream.lines().at(-1)).toBe('at the end');
  });

  it('output: where somebody looks on nothing is held', () => {
    const stream = new FakeStream('terminal');
    const output = stream.open();
    using _ = output.gather(new FakeHeartbeat(), []);
    output.write('seen\n');
    expect(stream.text).toBe('seen\n');
  });

  it('output: gathered text for programs stays UTF-8, in its place among text in another encoding', () => {
    const stream = new FakeStream();
    const output = stream.open();
    output.encodeWith(KOI8_R);
    const gathering = output.gather(new FakeHeartbeat(), []);
    output.writeUtf8('тест ');
    output.write('тест ');
    output.writeUtf8('тест');
    gathering[Symbol.dispose]();
    const koi8 = [0xd4, 0xc5, 0xd3, 0xd4, 0x20];
    expect([...stream.bytes]).toEqual([...Buffer.from('тест '), ...koi8, ...Buffer.from('тест')]);
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
