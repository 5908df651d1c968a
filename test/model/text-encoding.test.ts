import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.js';
import { loadEncoding, type TextEncoding, UTF_8 } from '../../src/model/text-encoding.js';

const ONE_BYTE = ['KOI8-R', 'KOI8-U', 'CP1251', 'CP866', 'ISO-8859-1', 'ISO-8859-2', 'ISO-8859-5', 'ISO-8859-15'];
const MANY_BYTES = ['GBK', 'GB18030', 'Big5', 'Shift_JIS', 'EUC-JP', 'EUC-KR'];

const ALL: readonly TextEncoding[] = [
  UTF_8,
  ...(await Promise.all([...ONE_BYTE, ...MANY_BYTES, 'ASCII'].map((name) => loadEncoding(name)))),
];

const hex = (encoding: TextEncoding, text: string): string | null => {
  const bytes = encoding.encode(text);
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
};

async function refusalOf(name: string): Promise<Failure> {
  const thrown = await loadEncoding(name).catch((reason: unknown) => reason);
  if (!(thrown instanceof Failure)) throw new Error(`${name} was not refused`);
  return thrown;
}

describe.each(ALL)('text encoding $name', (encoding) => {
  it('gives every byte back or says that it is no text', () => {
    for (let byte = 0; byte < 256; byte++) {
      const text = encoding.decode(Uint8Array.of(byte));
      if (text !== null) expect(hex(encoding, text)).toBe(Buffer.of(byte).toString('hex'));
      if (byte < 128) expect(text).toBe(String.fromCharCode(byte));
    }
  });

  it('gives any bytes back or says that they are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = encoding.decode(bytes);
        if (text !== null) expect(hex(encoding, text)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  it('gives any text back or says that it has no form, lone surrogates never', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('я', 'é', '€', '語', '?', '\ufffd', '\ud800', '\ufeff', '😀', 'a') }),
    );
    fc.assert(
      fc.property(text, (text) => {
        const bytes = encoding.encode(text);
        if (bytes !== null) expect(encoding.decode(bytes)).toBe(text);
        if (/\p{Surrogate}/u.test(text)) expect(bytes).toBeNull();
      }),
    );
  });

  it('reads a view into a larger buffer, and only that', () => {
    const large = Buffer.from('before-inside-after');
    expect(encoding.decode(new Uint8Array(large.buffer, large.byteOffset + 7, 6))).toBe('inside');
  });
});

describe('text encoding', () => {
  it('stands as the tables say', async () => {
    expect(hex(await loadEncoding('KOI8-R'), 'тест')).toBe('d4c5d3d4');
    expect(hex(await loadEncoding('CP1251'), 'тест')).toBe('f2e5f1f2');
    expect(hex(await loadEncoding('ISO-8859-5'), 'тест')).toBe('e2d5e1e2');
    expect(hex(await loadEncoding('CP866'), 'тест')).toBe('e2a5e1e2');
    expect(hex(await loadEncoding('ISO-8859-15'), '€')).toBe('a4');
    expect(hex(await loadEncoding('ISO-8859-1'), '\u0080é')).toBe('80e9');
    expect(hex(await loadEncoding('EUC-JP'), '日本')).toBe('c6fccbdc');
    expect(hex(UTF_8, 'тест')).toBe('d182d0b5d181d182');
  });

  it('signs of Japanese names are those of Perl, also between characters that hold the same bytes', async () => {
    for (const name of ['EUC-JP', 'ujis', 'Shift_JIS', 'sjis']) {
      const encoding = await loadEncoding(name);
      const text = '映画〜第2部−‖¢£¬〜〜.mkv';
      const bytes = encoding.encode(text);
      expect(bytes && encoding.decode(bytes), name).toBe(text);
      expect(hex(encoding, '〜〜'), name).toBe(/^s/i.test(name) ? '81608160' : 'a1c1a1c1');
      expect(hex(encoding, '\uffe0'), name).toBeNull();
    }
    const eucJp = await loadEncoding('EUC-JP');
    // The second byte of one and the first of the next are no wave dash.
    for (const bytes of ['b0a1c1b0', '8fb0a1c1b0']) {
      const text = eucJp.decode(Buffer.from(bytes, 'hex'));
      expect(text && hex(eucJp, text)).toBe(bytes);
      expect(text).not.toContain('〜');
    }
    expect((await loadEncoding('CP932')).decode(Buffer.from('8160', 'hex'))).toBe('\uff5e');
  });

  it('has one canonical name under all its names, and goes by it', async () => {
    const names = [...ONE_BYTE, ...MANY_BYTES, 'utf8', 'latin1', 'koi8r', 'cp932', 'windows-31j', 'xgbk', 'tis-620'];
    for (const name of [...names, 'ISO-IR-166', 'sjis', 'ujis', 'us-ascii', 'win-cyrillic', 'gb2312', 'big5-eten']) {
      const encoding = await loadEncoding(name);
      const again = await loadEncoding(encoding.canonicalName);
      expect(again.canonicalName, name).toBe(encoding.canonicalName);
      for (let pair = 0x8000; pair < 0x10000; pair += 7) {
        const bytes = Buffer.of(pair >> 8, pair & 0xff);
        expect(again.decode(bytes)).toBe(encoding.decode(bytes));
      }
    }
    const canonical = async (name: string) => (await loadEncoding(name)).canonicalName;
    expect(await canonical('koi8r')).toBe(await canonical('KOI8-R'));
    expect(await canonical('cp1251')).toBe(await canonical('Windows-1251'));
    expect(await canonical('cp932')).not.toBe(await canonical('Shift_JIS'));
    expect(UTF_8.canonicalName).toBe(await canonical('UTF-8'));
  });

  it.each(['gbk', 'GBK', 'tis-620', 'UHC', 'ujis', '646', 'big5-hk'])('is known as Perl knows it: %s', async (name) => {
    expect((await loadEncoding(name)).name).toBe(name);
  });

  it('every byte of KOI8-R is text', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect((await loadEncoding('KOI8-R')).decode(all)).toHaveLength(256);
  });

  it('never puts something in the place of what it does not know', async () => {
    const latin = await loadEncoding('ISO-8859-1');
    expect(latin.encode('тест')).toBeNull();
    expect(latin.encode('a?')).not.toBeNull();
    expect((await loadEncoding('CP1251')).decode(Uint8Array.of(0x98))).toBeNull();
    expect((await loadEncoding('ASCII')).decode(Uint8Array.of(0xe9))).toBeNull();
    expect((await loadEncoding('EUC-JP')).decode(Uint8Array.of(0x61, 0xc6))).toBeNull();
    expect(UTF_8.decode(Uint8Array.of(0xed, 0xa0, 0x80))).toBeNull();
  });

  it('keeps a byte order mark as the character that it is', async () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect(UTF_8.decode(mark)).toBe('\ufeffa');
    expect((await loadEncoding('unicode-1-1-utf-8')).decode(mark)).toBe('\ufeffa');
    expect((await loadEncoding('GB18030')).encode('\ufeffa')).toHaveLength(5);
  });

  it.each([
    ['koi8r', 'KOI8-R'],
    ['koi8_r', 'KOI8-R'],
    ['windows-1251', 'CP1251'],
    ['WinCyrillic', 'CP1251'],
    ['cp-1251', 'CP1251'],
    ['latin1', 'ISO-8859-1'],
    ['Latin-1', 'ISO-8859-1'],
    ['iso_8859-1', 'ISO-8859-1'],
    ['ISO-8859-1:1987', 'ISO-8859-1'],
    ['latin9', 'ISO-8859-15'],
    ['ibm866', 'CP866'],
    ['shiftjis', 'Shift_JIS'],
    ['big5-eten', 'Big5'],
    ['cp936', 'GBK'],
  ])('%s is another name of %s', async (alias, name) => {
    const [one, other] = await Promise.all([loadEncoding(alias), loadEncoding(name)]);
    for (let byte = 128; byte < 256; byte++) {
      const bytes = Uint8Array.of(byte);
      expect(one.decode(bytes)).toBe(other.decode(bytes));
    }
    expect(one.name).toBe(alias);
  });

  it.each(['utf8', 'UTF-8', 'utf-8-strict', 'Utf_8'])('%s is the one UTF-8', async (name) => {
    expect(await loadEncoding(name)).toBe(UTF_8);
  });

  it.each(['', 'none', 'constructor', '__proto__', 'valueOf', 'KOI8-R\u001b', '-', 'koi8/r', '_dbcs', 'cp37'])(
    'there is none called %j',
    async (name) => {
      const { code, message, hint } = await refusalOf(name);
      expect([code, message]).toEqual(['USAGE', `unknown encoding ${JSON.stringify(name)}`]);
      expect(hint).toContain('KOI8-R');
    },
  );

  it.each(['UTF-16', 'UTF-16LE', 'utf-16be', 'ucs2', 'UTF-32', 'UTF-7', 'utf-7-imap', 'base64', 'hex', 'VISCII'])(
    '%s is refused, because ASCII is not itself in it',
    async (name) => {
      const { code, message } = await refusalOf(name);
      expect([code, message]).toEqual([
        'USAGE',
        `encoding ${name} cannot be used: plain ASCII stands as other bytes in it`,
      ]);
    },
  );
});
