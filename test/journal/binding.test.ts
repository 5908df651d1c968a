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
} from '../../src/journal/binding.js';
import { openForWriting } from '../../src/journal/open.js';
import { VaultName } from '../../src/model/identifiers.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
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
