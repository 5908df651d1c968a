// Six signs that Perl reads in Japanese bytes as the standards have them, and tables made for browsers do not.

/** Puts something in the place of what it does not know. */
export interface LenientCodec {
  decode(bytes: Buffer): string;
  encode(text: string): Buffer;
}

interface Script {
  /** One character in bytes, which stand as Latin-1 here. */
  readonly character: RegExp;
  /** The signs as bytes, in the order of `SIGNS`. */
  readonly codes: readonly string[];
}

/** Wave dash, double vertical line, minus, cent, pound, not. Source: Perl's Encode, shiftjis.ucm and euc-jp.ucm. */
const SIGNS = ['\u301c', '\u2016', '\u2212', '\u00a2', '\u00a3', '\u00ac'];

export const SHIFT_JIS: Script = {
  character: /[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[^]/g,
  codes: ['\x81\x60', '\x81\x61', '\x81\x7c', '\x81\x91', '\x81\x92', '\x81\xca'],
};

export const EUC_JP: Script = {
  character: /\x8f[\xa1-\xfe]{2}|[\x8e\xa1-\xfe][\xa1-\xfe]|[^]/g,
  codes: ['\xa1\xc1', '\xa1\xc2', '\xa1\xdd', '\xa1\xf1', '\xa1\xf2', '\xa2\xcc'],
};

/** The codec, but for the signs. */
export function withSigns(codec: LenientCodec, { character, codes }: Script): LenientCodec {
  return {
    decode(bytes) {
      const text = bytes.toString('latin1');
      if (!codes.some((code) => text.includes(code))) return codec.decode(bytes);
      const pieces = text.match(character) ?? [];
      return pieces.map((piece) => SIGNS[codes.indexOf(piece)] ?? codec.decode(Buffer.from(piece, 'latin1'))).join('');
    },
    encode(text) {
      const pieces = text.split(/([\u301c\u2016\u2212\u00a2\u00a3\u00ac])/);
      return Buffer.concat(
        pieces.map((piece) => {
          const code = codes[SIGNS.indexOf(piece)];
          return code === undefined ? codec.encode(piece) : Buffer.from(code, 'latin1');
        }),
      );
    },
  };
}
