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
