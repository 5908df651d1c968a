// Which vault a journal belongs to.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  type Binding,
  bindJournal,
  checkBinding,
  checkBindingOffline,
  readBinding,
  readSoundBinding,
} from '../../src/journal/binding.js';
import { checkEncodings } from '../../src/journal/kept-encodings.js';
import { openForWriting } from '../../src/journal/open.js';
import { VaultName } from '../../src/model/identifiers.js';
import { loadEncoding, UTF_8 } from '../../src/model/text-encoding.js';
import { folder } from './folder.js';
import { at, created, failureOf, listener, localFile } from './records.js';

const photos: Binding = {
  endpoint: 'https://glacier.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  vault: VaultName.parse('photos'),
  arn: 'arn:aws:glacier:eu-central-1:012345678901:vaults/photos',
  createdAt: '2013-01-02T03:04:05.678Z',
};
const elsewhere: Binding = { ...photos, endpoint: 'http://127.0.0.1:8080' };
const anew: Binding = { ...photos, createdAt: '2026-01-02T03:04:05.678Z' };
const music: Binding = { ...photos, vault: VaultName.parse('music'), arn: `${photos.arn.slice(0, -6)}music` };
const silent = listener().report;
const strict = { rebind: false, vacant: false };

test('binding: the same vault is one with the same ARN and time of creation', () => {
  expect(checkBinding('j', photos, photos, strict)).toBe('as-recorded');
  expect(checkBinding('j', photos, elsewhere, strict)).toBe('to-record');
  expect(checkBinding('j', null, photos, strict)).toBe('to-record');
  for (const wanted of [music, anew]) {
    expect(() => checkBinding('j', photos, wanted, strict)).toThrow(/journal j belongs to vault photos/);
    expect(checkBinding('j', photos, wanted, { ...strict, rebind: true })).toBe('to-record');
    expect(checkBinding('j', photos, wanted, { ...strict, vacant: true })).toBe('to-record');
  }
});

test('binding: the refusal says what it belongs to, what was asked, and the way out', async () => {
  const refusal = await failureOf((async () => checkBinding('/x/a.journal', photos, music, strict))());
  expect(refusal.code).toBe('JOURNAL_OF_OTHER_VAULT');
  expect(refusal.message).toBe(
    `journal a.journal belongs to vault photos in eu-central-1 (${photos.arn} at ${photos.endpoint}), ` +
      `not to vault music in eu-central-1 (${music.arn} at ${music.endpoint})`,
  );
  expect(refusal.hint).toContain('--rebind-journal');
});

test('binding: without a service the names decide', () => {
  checkBindingOffline('j', photos, { vault: photos.vault, region: photos.region });
  checkBindingOffline('j', null, music);
  expect(() => checkBindingOffline('j', photos, music)).toThrow(
    /belongs to vault photos in eu-central-1, not to vault music/,
  );
  expect(() => checkBindingOffline('j', photos, { ...photos, region: 'us-east-1' })).toThrow(
    /not to vault photos in us-east-1/,
  );
});

test('binding: a journal is adopted, kept to its vault, and rebound when empty or on purpose', async () => {
  const file = join(folder(), 'photos.journal');
  await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
  expect(await readBinding(file)).toBeNull();
  await bindJournal(open, music, false);
  await bindJournal(open, photos, false);
  expect(await readBinding(file)).toEqual(photos);
  expect(existsSync(file)).toBe(false);
  await open.journal.append(created('A', 'a'));
  expect((await failureOf(bindJournal(open, music, false))).code).toBe('JOURNAL_OF_OTHER_VAULT');
  await bindJournal(open, elsewhere, false);
  expect(await readBinding(file)).toEqual(elsewhere);
  await bindJournal(open, music, true);
  expect(await readBinding(file)).toEqual(music);
  expect(JSON.parse(readFileSync(`${file}.vault`, 'utf8'))).toEqual({ version: 'A', ...music });
});

test('binding: an unsettled upload keeps an empty journal to its vault', async () => {
  const file = join(folder(), 'photos.journal');
  {
    await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
    await bindJournal(open, photos, false);
    await open.intents.begin(at(1), localFile('a'), null, { step: 'whole' });
  }
  await using open = await openForWriting(file, { create: true, encoding: UTF_8 }, listener().report);
  expect((await failureOf(bindJournal(open, music, false))).code).toBe('JOURNAL_OF_OTHER_VAULT');
});

test.each(['', 'x', 'null', '[]', '{"version":"A"}', JSON.stringify({ version: 'A', ...photos, vault: 'a/b' })])(
  'binding: the damaged file %j is named',
  async (text) => {
    const file = join(folder(), 'photos.journal');
    writeFileSync(`${file}.vault`, text);
    const failure = await failureOf(readBinding(file));
    expect([failure.code, failure.message]).toEqual(['CONFIG', `${file}.vault is damaged`]);
  },
);

test('binding: a newer file is told from a damaged one', async () => {
  const file = join(folder(), 'photos.journal');
  writeFileSync(`${file}.vault`, JSON.stringify({ version: 'B' }));
  expect((await failureOf(readBinding(file))).message).toContain('newer version');
});

const koi8: Binding = { ...photos, journalEncoding: 'koi8r', filenamesEncoding: 'koi8r' };
const cp1251 = { journalEncoding: 'windows1251', filenamesEncoding: 'windows1251' };

async function withName(name: string): Promise<string> {
  const file = join(folder(), 'photos.journal');
  await using open = await openForWriting(file, { create: true, encoding: await loadEncoding('KOI8-R') }, silent);
  await bindJournal(open, koi8, false);
  await open.journal.append(created('A', name));
  return file;
}

test('binding: a journal is kept to its encodings once it holds more than ASCII', async () => {
  const file = await withName('файл');
  expect(await readBinding(file)).toEqual(koi8);
  for (const given of [cp1251, { journalEncoding: 'utf8' }, { filenamesEncoding: 'utf8' }]) {
    expect((await failureOf(checkEncodings(file, koi8, given))).code).toBe('JOURNAL_IN_OTHER_ENCODING');
  }
  await checkEncodings(file, koi8, { journalEncoding: 'koi8r' });
  await checkEncodings(file, koi8, koi8);
  const refusal = await failureOf(checkEncodings(file, koi8, cp1251));
  expect(refusal.message).toBe(
    'journal photos.journal is kept in koi8r, not in windows1251, and is about file names in koi8r, not in windows1251',
  );
  expect(refusal.hint).toMatch(/^give --journal-encoding=koi8r --filenames-encoding=koi8r, .*--rebind-journal$/);
});

test('binding: what was begun counts, and ASCII can be mistaken for nothing', async () => {
  const file = await withName('file');
  await checkEncodings(file, koi8, cp1251);
  await checkEncodings(join(folder(), 'none.journal'), koi8, cp1251);
  writeFileSync(`${file}.pending`, '{"version":"A","type":"possible-orphan","file":{"path":"файл"}}\n');
  expect((await failureOf(checkEncodings(file, koi8, cp1251))).code).toBe('JOURNAL_IN_OTHER_ENCODING');
});

test('binding: encodings are noted by the first writer, kept by who says none, replaced on purpose', async () => {
  const file = await withName('файл');
  writeFileSync(`${file}.vault`, `${JSON.stringify({ version: 'A', ...photos })}\n`);
  expect(await readBinding(file)).toEqual(photos);
  await using open = await openForWriting(file, { create: false, encoding: await loadEncoding('KOI8-R') }, silent);
  await bindJournal(open, koi8, false);
  expect(await readBinding(file)).toEqual(koi8);
  expect((await failureOf(bindJournal(open, { ...photos, ...cp1251 }, false))).code).toBe('JOURNAL_IN_OTHER_ENCODING');
  expect(await readBinding(file)).toEqual(koi8);
  await bindJournal(open, { ...elsewhere, journalEncoding: 'koi8r' }, false);
  expect(await readBinding(file)).toEqual({ ...koi8, endpoint: elsewhere.endpoint });
  await bindJournal(open, { ...photos, ...cp1251 }, true);
  expect(await readBinding(file)).toEqual({ ...photos, ...cp1251 });
});

test('binding: a damaged file is no hindrance to who only reads names, nor to rebinding', async () => {
  const file = await withName('файл');
  writeFileSync(`${file}.vault`, JSON.stringify({ version: 'A', ...koi8, journalEncoding: 7 }));
  expect((await failureOf(readBinding(file))).message).toContain('is damaged');
  expect(await readSoundBinding(file)).toBeNull();
  await using open = await openForWriting(file, { create: false, encoding: await loadEncoding('KOI8-R') }, silent);
  await bindJournal(open, koi8, true);
  expect(await readBinding(file)).toEqual(koi8);
});

test('binding: what a later version adds to the file is no damage', async () => {
  const file = await withName('a');
  writeFileSync(`${file}.vault`, JSON.stringify({ version: 'A', ...koi8, color: 'blue' }));
  expect(await readBinding(file)).toEqual(koi8);
});
