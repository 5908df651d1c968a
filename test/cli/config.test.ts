// Options in a config file.

import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodingEntries, openConfig, readConfig } from '../../src/cli/words/config.js';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { configFile, KEY, refusal, SECRET, settled } from './settled.js';

describe('config', () => {
  it('config: names, values, comments, blanks, CRLF and bare names are read as mt-aws-glacier wrote them', () => {
    const { settings } = settled(
      'sync --journal j',
      `# comment\r\n\r\n  key=${KEY}\r\nsecret =  ${SECRET}  \r\n\tfrom-dir\t=\t.\r\nto-vault = v\r\nnew\r\n# end`,
    );
    expect(settings).toMatchObject({ key: KEY, secret: SECRET, dir: '.', vault: 'v', new: true });
  });

  it.each(['/data/#1', 'a;b', 'a # b', '"quoted"', "'x'", 'a\\b', 'x = y', 'true', 'null', '[s]', 'a[]', '7'])(
    'config: the value %s reaches to the end of its line',
    (value) => {
      const { entries } = readConfig(openConfig(configFile(`journal = ${value}\n`)));
      expect(entries.get('journal')?.text).toBe(value);
    },
  );

  it.each([
    ['bogus = 1', 'CONFIG glacier.cfg:1: unknown option bogus'],
    ['# a\n\nconcurency = 1', 'CONFIG glacier.cfg:3: unknown option concurency'],
    ['[section]\nkey = 1', 'CONFIG glacier.cfg:1: sections are not known'],
    ['key = 1\n= 2', 'CONFIG glacier.cfg:2: this is not a line of name = value'],
    ['; key = 1', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['- = 1', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['filter = +a', 'CONFIG glacier.cfg:1: filter cannot stand in a config file'],
    ['include', 'CONFIG glacier.cfg:1: include cannot stand in a config file'],
    ['two words', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['__proto__ = 1', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['config = other.cfg', 'CONFIG glacier.cfg:1: config cannot stand in a config file'],
    ['delete-everything', 'CONFIG glacier.cfg:1: delete-everything cannot stand in a config file'],
    ['concurrency = 0', 'CONFIG glacier.cfg:1: concurrency must be a whole number from 1 to 64, not "0"'],
    ['concurrency', 'CONFIG glacier.cfg:1: concurrency needs a value'],
    ['new = maybe', 'CONFIG glacier.cfg:1: new must be 1 or 0, not "maybe"'],
    ['region =', 'CONFIG glacier.cfg:1: region must be'],
    ['vault = a b', 'CONFIG glacier.cfg:1: vault: vault name "a b" is not allowed'],
    ['dir = /does/not/exist', 'CONFIG glacier.cfg:1: dir "/does/not/exist" does not exist'],
    ['from-dir = /does/not/exist', 'CONFIG glacier.cfg:1: from-dir "/does/not/exist" does not exist'],
  ])('config: %j is refused with its place', (text, message) => {
    const attempt = () =>
      settled(text.includes('dir =') ? 'sync --vault v --journal j' : 'sync --dir . --journal j', text);
    expect(refusal(attempt)).toContain(message);
  });

  it('config: all lines that are wrong are told at once', () => {
    const text = 'vault = v\nbogus = 1\n; no comment\r\nfilter = +a\nregion = eu-west-1';
    expect(refusal(() => readConfig(openConfig(configFile(text)))).split('\n')).toEqual([
      'CONFIG glacier.cfg:2: unknown option bogus',
      'glacier.cfg:3: this is not a line of name = value',
      'glacier.cfg:4: filter cannot stand in a config file',
    ]);
  });

  it('config: any value comes back as it was written, but for blanks around it', () => {
    const value = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/\n|\p{Surrogate}/gu, ''));
    const blanks = fc.stringMatching(/^[ \t]{0,3}$/);
    fc.assert(
      fc.property(value, blanks, blanks, fc.constantFrom('\n', '\r\n'), (text, before, after, end) => {
        const bytes = Buffer.from(`${before}journal${after}=${before}${text}${after}${end}vault = v${end}`);
        const { entries } = readConfig({ file: 'c', bytes, isExposed: false });
        expect(entries.get('journal')?.text).toBe(text.replaceAll(/^[ \t\f\v\r]+|[ \t\f\v\r]+$/g, ''));
        expect(entries.get('vault')?.text).toBe('v');
      }),
    );
  });

  it('config: a byte order mark is no part of the first name', () => {
    expect(readConfig(openConfig(configFile('\ufeffvault = v'))).entries.get('vault')?.text).toBe('v');
  });

  it('config: is read in its encoding, which it can name itself', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const text = 'dir = /фото\nconfig-encoding = KOI8-R\n';
    const file = { file: 'c', bytes: koi8.encode(text) ?? Buffer.alloc(0), isExposed: false };
    const said = { text: 'KOI8-R', subject: 'c:2: config-encoding' };
    expect([...encodingEntries(file)]).toEqual([['config-encoding', said]]);
    expect(readConfig(file, koi8).entries.get('dir')?.text).toBe('/фото');
    expect(refusal(() => readConfig(file))).toBe('CONFIG config "c" cannot be read: it is not UTF-8 text');
  });

  it('config: a name that is nearly right is suggested', () => {
    expect(() => readConfig(openConfig(configFile('concurency = 1')))).toThrow(
      expect.objectContaining({ hint: 'did you mean concurrency?' }),
    );
  });

  it('config: one that is missing or a directory is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mtglacier-config-'));
    mkdirSync(join(folder, 'glacier.cfg'));
    expect(refusal(() => readConfig(openConfig(join(folder, 'none.cfg'))))).toBe(
      `CONFIG config "${folder}/none.cfg" cannot be read: no such file`,
    );
    expect(refusal(() => readConfig(openConfig(join(folder, 'glacier.cfg'))))).toMatch(
      /^CONFIG config .* is not a file$/,
    );
  });

  it('config: one that is no text is refused', () => {
    const file = configFile(Buffer.from([0x6b, 0xff, 0xfe]));
    expect(refusal(() => readConfig(openConfig(file)))).toMatch(
      /^CONFIG config .* cannot be read: it is not UTF-8 text$/,
    );
  });

  it('config: of an option set twice the last counts, with a notice', () => {
    const { entries, notices } = readConfig(openConfig(configFile('dir = a\nfrom-dir = b\n')));
    expect([entries.get('dir')?.text, notices.length]).toEqual(['b', 1]);
  });

  it('config: a secret that others can read is noticed', () => {
    expect(readConfig(openConfig(configFile(`secret = ${SECRET}`, 0o644))).notices[0]?.topic).toBe('config-exposed');
    expect(readConfig(openConfig(configFile(`secret = ${SECRET}`, 0o600))).notices).toEqual([]);
    expect(readConfig(openConfig(configFile('vault = v', 0o644))).notices).toEqual([]);
  });

  it('config: the example in the project is read without a complaint', () => {
    const { entries } = readConfig(openConfig('glacier.cfg.example'));
    expect([...entries.keys()]).toEqual(['key', 'secret', 'region']);
    expect(entries.get('key')?.text).toHaveLength(20);
    expect(entries.get('secret')?.text).toHaveLength(40);
  });
});
