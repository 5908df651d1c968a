import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { decodeDescription, encodeDescription } from '../../src/model/description.js';
import { Failure } from '../../src/model/failure.js';
import decodeVectors from '../vectors/description-decode.json' with { type: 'json' };
import encodeVectors from '../vectors/description-encode.json' with { type: 'json' };

describe('description', () => {
  it.each(encodeVectors)(
    'of $filename at $mtime is one that mt-aws-glacier writes, or refused as it does',
    (vector) => {
      const encode = () => encodeDescription({ filename: vector.filename, mtime: Instant.ofSeconds(vector.mtime) });
      if (vector.accepted_encodings.length === 0) expect(encode).toThrow(Failure);
      else expect(vector.accepted_encodings).toContain(encode());
    },
  );

  it.each(decodeVectors)('$name decodes as mt-aws-glacier decodes it', ({ description, decoded }) => {
    expect(decodeDescription(description)).toEqual(decoded);
  });

  const described = (json: string) => decodeDescription(`mt2 ${Buffer.from(json).toString('base64url')}`);
  const named = (filename: string, more = '') =>
    described(`{"filename":${filename},"mtime":"20121228T085640Z"${more}}`);

  it('is none where the JSON holds objects or lists, wherever they stand', () => {
    expect(named('"f"', ',"x":"[{"')?.filename).toBe('f');
    for (const more of [',"x":{}', ',"x":[]', ',"x":[1],"x":1']) expect(named('"f"', more), more).toBeNull();
    for (const json of ['[]', '"f"', '1', 'null', '[{}]', '{"a":{"filename":"f"}}']) expect(described(json)).toBeNull();
  });

  it('is none where the name holds half a surrogate pair', () => {
    expect(named('"\\ud83d\\ude00"')?.filename).toBe('😀');
    expect(named('"a\\ud83d"')).toBeNull();
  });

  it('takes a name that is a number, with all its digits', () => {
    for (const digits of ['0', '-5', '12345678901234567890']) expect(named(digits)?.filename).toBe(digits);
    expect(named('1', ',"x":"2\\"3","filename":12345678901234567891')?.filename).toBe('12345678901234567891');
  });

  it('takes blanks around and within the time, and a fraction', () => {
    const mtimeOf = (text: string) => described(`{"filename":"f","mtime":"${text}"}`)?.mtime;
    for (const text of [
      ' 20121228T085640Z ',
      '2012-12-28 T 08:56:40 Z',
      '20121228T085640,5Z',
      '2012 12 28t08 56 40.123z',
    ]) {
      expect(mtimeOf(text), text).toBe(1356685000);
    }
    expect(mtimeOf('20121231T235960Z')).toBe(mtimeOf('20130101T000000Z'));
    expect(mtimeOf('20120230T085640Z')).toBeUndefined();
  });

  it('decodes to what was encoded, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
        fc.integer({ min: -30610224000, max: 253402300799 }),
        (filename, seconds) => {
          const file = { filename, mtime: Instant.ofSeconds(seconds) };
          const description = encodeDescription(file);
          expect(description).toMatch(/^[\x20-\x7e]{1,1024}$/);
          expect(decodeDescription(description)).toEqual(file);
        },
      ),
    );
  });

  it('holds names up to 723 ASCII bytes, and a longer one is refused by name', () => {
    const encode = (length: number) => encodeDescription({ filename: 'n'.repeat(length), mtime: Instant.ofSeconds(0) });
    expect(encode(723).length).toBeLessThanOrEqual(1024);
    expect(() => encode(724)).toThrow('is too long for an archive description');
  });

  it('never throws on decoding, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeDescription(text)));
    fc.assert(fc.property(fc.base64String(), (text) => void decodeDescription(`mt1 ${text}`)));
  });
});
