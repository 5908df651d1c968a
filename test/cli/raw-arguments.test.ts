// The bytes behind the words that Node gives.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawArguments, rawVariables } from '../../src/cli/words/raw-arguments.js';

/** As the kernel keeps them: each ended by a NUL. */
function record(...strings: readonly Uint8Array[]): () => Buffer {
  return () => Buffer.concat(strings.flatMap((one) => [one, Buffer.from([0])]));
}

const unknown = (): Buffer => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

const bytes = fc.uint8Array({ min: 1, maxLength: 8 }).map((array) => Buffer.from(array));

describe('raw arguments', () => {
  it('raw arguments: whatever bytes were typed, they are found again', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.array(bytes), (before, typed) => {
        const argv = typed.map((one) => one.toString());
        expect(rawArguments(argv, record(...before, ...typed))).toEqual(typed);
      }),
    );
  });

  it('raw arguments: of words in UTF-8 nobody has to be asked', () => {
    expect(rawArguments(['sync', 'фото', ''], unknown)).toEqual([
      Buffer.from('sync'),
      Buffer.from('фото'),
      Buffer.alloc(0),
    ]);
  });

  it('raw arguments: a replacement character that was typed is one', () => {
    const typed = Buffer.from('a\ufffdb');
    expect(rawArguments([typed.toString()], record(typed))).toEqual([typed]);
  });

  it.each([
    ['does not tell', unknown],
    ['tells of another command line', record(Buffer.from('sync'), Buffer.from('other'))],
    ['tells too little', record()],
  ])('raw arguments: a word whose bytes are lost is refused where the system %s', (_, read) => {
    expect(() => rawArguments(['sync', 'a\ufffd'], read)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'the word "a\ufffd" is no UTF-8, and this system does not tell its bytes',
      }),
    );
  });

  it('raw arguments: a message shows no value of an option', () => {
    expect(() => rawArguments(['--secret=abc\ufffd'], unknown)).toThrow(/^the value of --secret is no UTF-8/);
  });

  it('raw arguments: the bytes of a variable are found by its name', () => {
    const value = Buffer.from([0xc6, 0xcf, 0xd4, 0xcf]);
    const variable = (name: string, text: Buffer) => Buffer.concat([Buffer.from(`${name}=`), text]);
    const read = record(variable('MTGLACIER_DIR2', Buffer.from('x')), variable('MTGLACIER_DIR', value));
    expect(rawVariables({ MTGLACIER_DIR: value.toString(), MTGLACIER_VAULT: 'v' }, read)).toEqual(
      new Map([
        ['MTGLACIER_DIR', value],
        ['MTGLACIER_VAULT', Buffer.from('v')],
      ]),
    );
    expect(() => rawVariables({ MTGLACIER_DIR: value.toString() }, unknown)).toThrow('the value of MTGLACIER_DIR');
  });
});
