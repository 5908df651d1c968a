// Binding a journal that was made from what its vault lists.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { assertMayBind, type Binding, bindNewJournal, readBinding } from '../../src/journal/binding.js';
import { VaultName } from '../../src/model/identifiers.js';
import { folder } from './folder.js';

const PHOTOS: Binding = {
  endpoint: 'https://glacier.eu-west-1.amazonaws.com',
  region: 'eu-west-1',
  vault: VaultName.parse('photos'),
  arn: 'arn:aws:glacier:eu-west-1:1:vaults/photos',
  createdAt: '2013-01-02T03:04:05.678Z',
};
const OTHER: Binding = { ...PHOTOS, vault: VaultName.parse('other'), arn: 'arn:aws:glacier:eu-west-1:1:vaults/other' };

test('new journal: it is bound to its vault, whatever an earlier journal of the name was bound to', async () => {
  const file = join(folder(), 'photos.journal');
  await bindNewJournal(file, OTHER);
  await bindNewJournal(file, PHOTOS);
  expect(await readBinding(file)).toEqual(PHOTOS);
});

test('new journal: another vault is refused while intents of the earlier one lie beside it', async () => {
  const file = join(folder(), 'photos.journal');
  await bindNewJournal(file, OTHER);
  writeFileSync(`${file}.pending`, '');
  const before = readFileSync(`${file}.vault`);
  await expect(assertMayBind(file, PHOTOS)).rejects.toMatchObject({
    code: 'JOURNAL_OF_OTHER_VAULT',
    hint: expect.stringContaining('.pending'),
  });
  await expect(bindNewJournal(file, PHOTOS)).rejects.toMatchObject({ code: 'JOURNAL_OF_OTHER_VAULT' });
  expect(readFileSync(`${file}.vault`)).toEqual(before);
  await bindNewJournal(file, OTHER);
});

test('new journal: its encodings are noted, those of an earlier journal stay only where nothing is said', async () => {
  const file = join(folder(), 'photos.journal');
  await bindNewJournal(file, { ...PHOTOS, journalEncoding: 'koi8r', filenamesEncoding: 'koi8r' });
  await bindNewJournal(file, { ...PHOTOS, journalEncoding: 'utf8' });
  expect(await readBinding(file)).toEqual({ ...PHOTOS, journalEncoding: 'utf8', filenamesEncoding: 'koi8r' });
});
