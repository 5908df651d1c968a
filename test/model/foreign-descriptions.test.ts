import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/model/archive-naming.js';
import { Instant } from '../../src/model/clock.js';
import { DIALECTS, type Dialect, explainedBy, parseDialects } from '../../src/model/foreign-descriptions.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { UTF_8 } from '../../src/model/text-encoding.js';

const ID = ArchiveId.parse('archive-1');
const STORED = Instant.ofSeconds(1_500_000_000);

function named(description: string, dialects: readonly Dialect[] = DIALECTS) {
  const { source, held, mtime, isWrapped } = nameOf(
    { id: ID, createdAt: STORED, description },
    { dialects, encoding: UTF_8 },
  );
  return { source, mtime, isWrapped, name: 'path' in held ? held.path : `refused: ${held.why}` };
}

function fastGlacier(path: string, more = ''): string {
  return `<m><v>4</v><p>${Buffer.from(path).toString('base64')}</p><lm>20120821T170824Z</lm>${more}</m>`;
}

describe('foreign descriptions', () => {
  it('FastGlacier 2 to 4: name and time, whatever the layout', () => {
    const time = Date.UTC(2012, 7, 21, 17, 8, 24) / 1000;
    const found = { source: 'fastglacier', name: 'glacier-dg.pdf', mtime: time, isWrapped: false };
    const encoded = 'Z2xhY2llci1kZy5wZGY=';
    expect(named(`<m><v>2</v><p>${encoded}</p><lm>20120821T170824Z</lm></m>`)).toEqual(found);
    expect(named(`   <m><v>4</v><p>${encoded} </p><lm>20120821T170824Z       </lm>        </m>`)).toEqual(found);
    const wrapped = named(`<m><v>4</v><p>${encoded}</p><lm>20120821T170824Z</lm><ce>1:0:4340ebcf:54687</ce></m>`);
    expect(wrapped).toEqual({ ...found, isWrapped: true });
    expect(named(fastGlacier('a', '<ce>0:1:4340ebcf:1</ce>')).isWrapped).toBe(true);
    expect(named(fastGlacier('a', '<ce>0:0:4340ebcf:1</ce>')).isWrapped).toBe(false);
  });

  it('FastGlacier 1: the name alone', () => {
    const path = 'UkVOREVSRkFSTTUvQjovb25lL3R3by90aHJlZS9jaDAxX3NlcTAwNF9zaDAwMTAuMjA0NC5kcHg=';
    expect(named(`<ArchiveMetadata>           <Path>       ${path}   </Path></ArchiveMetadata>`)).toEqual({
      source: 'fastglacier',
      name: 'RENDERFARM5/B:/one/two/three/ch01_seq004_sh0010.2044.dpx',
      mtime: null,
      isWrapped: false,
    });
  });

  it('FastGlacier: names are UTF-8, and a folder is no file', () => {
    expect(named(fastGlacier('фото/море.jpg')).name).toBe('фото/море.jpg');
    expect(named(fastGlacier('фото/')).name).toContain('folder');
    expect(named(fastGlacier(''), ['fastglacier']).source).toBe('archive-id');
    expect(named('<m><v>4</v><p>/w==</p><lm>20120821T170824Z</lm></m>').source).toBe('archive-id');
  });

  it('CloudBerry: a path of Windows in UTF-7, and its time', () => {
    const mtime = Date.UTC(2010, 2, 10, 11, 6, 23) / 1000;
    const description = String.raw`{"Path":"c:\\my+AF8-folder\\+BEQEMAQ5BDs-.txt","UTCDateModified":"20100310T110623Z","Flags":0}`;
    expect(named(description)).toEqual({
      source: 'cloudberry',
      name: 'my_folder/файл.txt',
      mtime,
      isWrapped: false,
    });
    expect(named('{"Path":"mybucket/a+-b.txt","Flags":3}')).toMatchObject({
      name: 'mybucket/a+b.txt',
      mtime: null,
      isWrapped: true,
    });
    expect(named('{"path":"CB+F8-M5/h01.dpx","UTCDateModified":"20100310T110623Z"}').name).toBe('CB+F8-M5/h01.dpx');
  });

  it('QNAP: an absolute path, but not what is no file', () => {
    expect(named('{"path": "/sample/1234.pdf", "type": "file"}')).toMatchObject({
      source: 'qnap',
      name: 'sample/1234.pdf',
      mtime: null,
    });
    expect(named('{"type": "metadata"}').source).toBe('archive-id');
  });

  it.each([
    ['backup-2013.tar.gz', 'backup-2013.tar.gz'],
    ['/home/me/mail.tar', 'home/me/mail.tar'],
    ['./a//b/./c', 'a/b/c'],
    [String.raw`C:\Users\me\tax 2012.xls`, 'Users/me/tax 2012.xls'],
    [String.raw`\\nas\share\a.txt`, 'nas/share/a.txt'],
    [String.raw`docs\a.txt`, 'docs/a.txt'],
    [String.raw`unix/back\slash`, String.raw`unix/back\slash`],
    ['SHA256E-s1048576--9f86d081.jpg', 'SHA256E-s1048576--9f86d081.jpg'],
  ])('plain: %s is named %s', (description, name) => {
    expect(named(description)).toMatchObject({ source: 'plain', name, mtime: null });
  });

  it('a way out of the directory is refused and not straightened', () => {
    for (const path of ['../a', 'a/../b', '..', '/../etc/passwd', String.raw`c:\..\a`]) {
      expect(named(path).name, path).toMatch(/^refused/);
      expect(named(fastGlacier(path)).name, path).toMatch(/^refused/);
    }
  });

  it('what was not asked for is not interpreted, and our own descriptions come first', () => {
    expect(named(fastGlacier('a'), [])).toMatchObject({ source: 'archive-id', name: ID });
    expect(named(fastGlacier('a'), ['cloudberry', 'plain'])).toMatchObject({ source: 'archive-id', name: ID });
    expect(named('', DIALECTS)).toMatchObject({ source: 'archive-id', name: ID });
    const own = 'mt2 eyJmaWxlbmFtZSI6ImEudHh0IiwibXRpbWUiOiIyMDEyMTIyOFQwODU2NDBaIn0';
    expect(named(own)).toMatchObject({ source: 'mt2', name: 'a.txt', mtime: 1356685000 });
    expect(named('mt2 broken')).toMatchObject({ source: 'archive-id' });
    const early = 'mt1 eyJmaWxlbmFtZSI6IsORwoLDkMK1w5HCgcORwoIiLCJtdGltZSI6IjIwMTIxMjI4VDA4NTY0MFoifQ';
    expect(named(early)).toMatchObject({ source: 'mt1', name: 'тест' });
  });

  it('a name is a safe one or none, whatever the description', () => {
    const piece = constantFrom(
      '..',
      '/',
      '\\',
      'C:',
      '.',
      'a',
      '\0',
      '\t',
      '\n',
      '\ud800',
      '+AC8-',
      '+AC4ALg-',
      '',
      'ф',
    );
    const text = oneof(string(), string({ unit: piece }), string({ unit: 'binary' }));
    const forms: ((path: string) => string)[] = [
      (path) => path,
      (path) => fastGlacier(path),
      (path) => JSON.stringify({ Path: path }),
      (path) => JSON.stringify({ path, type: 'file' }),
      (path) =>
        `mt2 ${Buffer.from(JSON.stringify({ filename: path, mtime: '20200101T000000Z' })).toString('base64url')}`,
    ];
    assert(
      property(text, constantFrom(...forms), (path, form) => {
        const { held } = nameOf(
          { id: ID, createdAt: STORED, description: form(path) },
          { dialects: DIALECTS, encoding: UTF_8 },
        );
        if ('why' in held) return held.why !== '';
        return RelPath.whyNot(held.path) === null && RelPath.canNameAFile(held.path);
      }),
      { numRuns: 3000 },
    );
  });

  it('a name without a form in the encoding of the journal is refused', () => {
    const ascii = {
      name: 'ASCII',
      canonicalName: 'ascii',
      decode: () => null,
      encode: (text: string) => (/^[ -~]*$/.test(text) ? Buffer.from(text) : null),
    };
    const rules = { dialects: DIALECTS, encoding: ascii };
    expect(nameOf({ id: ID, createdAt: STORED, description: fastGlacier('море') }, rules).held).toEqual({
      why: 'name "море" cannot be written in ASCII, the encoding of the journal',
    });
  });

  it('dialects are a list with commas; an unknown one is refused with those that are known', () => {
    expect(parseDialects('plain, FastGlacier,plain')).toEqual(['plain', 'fastglacier']);
    expect(parseDialects('all')).toEqual(DIALECTS);
    expect(parseDialects('plain,auto')).toEqual(['plain', 'fastglacier', 'cloudberry', 'qnap']);
    for (const wrong of ['', 'plain,', 'synology', 'toString']) {
      expect(() => parseDialects(wrong), wrong).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
    expect(() => parseDialects('x')).toThrow(expect.objectContaining({ hint: expect.stringContaining('cloudberry') }));
  });

  it('the first dialect of the list that explains a description does', () => {
    const both = '{"Path":"a","path":"/b","type":"file"}';
    expect(explainedBy(both, ['qnap', 'cloudberry'])?.dialect).toBe('qnap');
    expect(explainedBy(both, DIALECTS)?.dialect).toBe('cloudberry');
  });
});
