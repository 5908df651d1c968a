// How text stands in bytes: names on disk, lines of a journal, a config file, a terminal.

import { Failure } from './failure.js';
import { EUC_JP, type LenientCodec, SHIFT_JIS, withSigns } from './japanese-signs.js';

/** Strict both ways: what does not come back as it was is not text of this encoding. ASCII stands as itself. */
export interface TextEncoding {
  /** As messages call it. */
  readonly name: string;
  /** The same for all names of one encoding, and one of them. */
  readonly canonicalName: string;
  /** Null where the bytes are no text of this encoding. */
  decode(bytes: Uint8Array): string | null;
  /** Null where the text has no form in this encoding. */
  encode(text: string): Uint8Array | null;
  /** Much text that is all UTF-8 shows that this encoding was named by mistake. */
  readonly excludesUtf8?: boolean;
}

export const UTF_8: TextEncoding = {
  name: 'UTF-8',
  canonicalName: 'utf8',
  decode(bytes) {
    const text = asBuffer(bytes).toString('utf8');
    // A replacement character stands for undecodable bytes, unless it is really part of the text.
    return !text.includes('\ufffd') || Buffer.compare(Buffer.from(text, 'utf8'), bytes) === 0 ? text : null;
  },
  encode: (text) => (!/\p{Surrogate}/u.test(text) ? Buffer.from(text, 'utf8') : null),
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The encoding of this name, as iconv and Perl know it; case and punctuation of the name do not matter.
 * @throws Failure USAGE for an unknown one, and for one in which ASCII stands as other bytes: such text has no lines
 */
export async function loadEncoding(name: string): Promise<TextEncoding> {
  const plain = plainName(name);
  if (plain === 'utf8' || plain === 'utf8strict') return UTF_8;
  const { default: iconv } = await import('iconv-lite');
  const known = PERLS_OWN.get(plain) ?? plain;
  if (!iconv.encodingExists(known)) throw unknownEncoding(name);
  const codec: LenientCodec = {
    decode: (bytes) => iconv.decode(bytes, known, { stripBOM: false }),
    encode: (text) => iconv.encode(text, known, { addBOM: false }),
  };
  const script = JAPANESE.get(known);
  const librarys = nameInLibrary(known, iconv.encodings ?? {});
  const names = { name, canonicalName: (script === undefined ? OURS_OTHERWISE.get(librarys) : null) ?? librarys };
  const encoding = strict(names, script === undefined ? codec : withSigns(codec, script));
  if (!keepsAscii(encoding)) throw notAscii(name);
  return encoding;
}

/** Empty for what cannot be the name of an encoding. */
function plainName(name: string): string {
  return /^[a-z0-9][a-z0-9 ._:+-]*$/i.test(name) ? name.toLowerCase().replace(/:\d{4}$|[^a-z0-9]/g, '') : '';
}

/** What the library calls by another name. Source: Perl's Encode::Alias and Encode::TW. */
const PERLS_OWN: ReadonlyMap<string, string> = new Map([
  ['winlatin1', 'cp1252'],
  ['winlatin2', 'cp1250'],
  ['wincyrillic', 'cp1251'],
  ['wingreek', 'cp1253'],
  ['winturkish', 'cp1254'],
  ['winhebrew', 'cp1255'],
  ['winarabic', 'cp1256'],
  ['winbaltic', 'cp1257'],
  ['winvietnamese', 'cp1258'],
  ['maccentraleurroman', 'maccenteuro'],
  ['big5eten', 'big5'],
  ['big5hk', 'big5hkscs'],
  ['gbk', 'cp936'],
  ['tis620', 'iso885911'],
  ['uhc', 'cp949'],
  ['ujis', 'eucjp'],
  ['646', 'ascii'],
  ['iso646us', 'ascii'],
]);

const JAPANESE = new Map([
  ['eucjp', EUC_JP],
  ['shiftjis', SHIFT_JIS],
  ['sjis', SHIFT_JIS],
  ['xsjis', SHIFT_JIS],
]);

/** What the library calls by a name that stands for another encoding here. */
const OURS_OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['shiftjis', 'cp932'],
  ['gbk', 'xgbk'],
  ['tis620', 'tis6200'],
]);

/** @param encodings tells of each name what it stands for, or another name of the same */
function nameInLibrary(name: string, encodings: Readonly<Record<string, unknown>>): string {
  const meaning = encodings[name];
  return typeof meaning === 'string' ? nameInLibrary(meaning, encodings) : name;
}

function strict(names: Pick<TextEncoding, 'name' | 'canonicalName'>, codec: LenientCodec): TextEncoding {
  // In tables of single bytes it stands for every byte without a meaning; only the whole of Unicode really has it.
  const hasReplacement = codec.encode('\ufffd').length > 1;
  const isReal = (text: string): boolean => hasReplacement || !text.includes('\ufffd');
  return {
    ...names,
    decode(bytes) {
      const text = codec.decode(asBuffer(bytes));
      return isReal(text) && Buffer.compare(codec.encode(text), bytes) === 0 ? text : null;
    },
    encode(text) {
      const bytes = codec.encode(text);
      return isReal(text) && codec.decode(bytes) === text ? bytes : null;
    },
  };
}

/** Whether each of the 128 characters is itself, alone and in company. */
function keepsAscii(encoding: TextEncoding): boolean {
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, code) => code));
  const pieces = [ascii, ...Array.from(ascii, (code) => Buffer.from([code]))];
  return pieces.every((bytes) => encoding.decode(bytes) === bytes.toString('latin1'));
}

function unknownEncoding(name: string): Failure {
  return new Failure('USAGE', `unknown encoding ${JSON.stringify(name)}`, {
    hint: 'name one such as UTF-8, KOI8-R, CP1251, ISO-8859-1 or EUC-JP',
  });
}

function notAscii(name: string): Failure {
  return new Failure('USAGE', `encoding ${name} cannot be used: plain ASCII stands as other bytes in it`, {
    hint: 'name an encoding that extends ASCII, such as UTF-8, KOI8-R, CP1251 or ISO-8859-1',
  });
}
