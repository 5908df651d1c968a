import { expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.js';
import { RelPath } from '../../src/model/rel-path.js';
import type { Pair } from '../../src/plan/pairing.js';
import { archiveToDelete, renewedStep, storingStep, type WantedWork } from '../../src/plan/sync-steps.js';
import { archive, file } from './archives.js';

const all: WantedWork = { new: true, replaceModified: true, deleteRemoved: true, detect: 'mtime-and-treehash' };
const failure = new Failure('FILE_UNREADABLE', 'x');
const pairs = {
  here: { side: 'here', here: file('f') },
  there: { side: 'there', there: archive('f') },
  same: { side: 'both', here: file('f'), there: archive('f') },
  larger: { side: 'both', here: file('f', 2), there: archive('f') },
  touched: { side: 'both', here: file('f', 1, 9), there: archive('f') },
  unknown: { side: 'unknown', there: archive('f'), below: RelPath.parse('f') },
  aside: { side: 'aside', found: { kind: 'unseen', path: RelPath.parse('f'), failure } },
} as const satisfies Record<string, Pair>;

test('sync steps: a new file is uploaded if that is wanted', () => {
  expect(storingStep(pairs.here, all)).toEqual({ do: 'upload', file: file('f') });
  expect(storingStep(pairs.here, { ...all, new: false })).toBeNull();
});

test('sync steps: a changed file is replaced if that is wanted', () => {
  const step = { do: 'replace', file: file('f', 2), old: archive('f'), onlyIfHashDiffers: false };
  expect(storingStep(pairs.larger, all)).toEqual(step);
  expect(storingStep(pairs.larger, { ...all, replaceModified: false })).toBeNull();
});

test('sync steps: where only the hash can tell, it is compared first', () => {
  expect(storingStep(pairs.touched, all)).toMatchObject({ do: 'replace', onlyIfHashDiffers: true });
  expect(storingStep(pairs.touched, { ...all, detect: 'mtime' })).toMatchObject({ onlyIfHashDiffers: false });
});

test('sync steps: nothing is stored of what is the same, not here, not known or not to be kept', () => {
  for (const pair of [pairs.same, pairs.there, pairs.unknown, pairs.aside]) expect(storingStep(pair, all)).toBeNull();
});

test('sync steps: only what was looked for and not seen is deleted, and only if that is wanted', () => {
  for (const pair of Object.values(pairs)) {
    expect(archiveToDelete(pair, all)).toEqual(pair.side === 'there' ? archive('f') : null);
    expect(archiveToDelete(pair, { ...all, deleteRemoved: false })).toBeNull();
  }
});

test('sync steps: an archive that goes by its id is not deleted, as nobody knows of a file of that name', () => {
  const nameless = archive('f');
  const pair = { side: 'there', there: { ...nameless, path: RelPath.parse(nameless.id) } } as const;
  expect(archiveToDelete(pair, all)).toBeNull();
});

test('sync steps: a step is taken for the file as it is when its turn comes', () => {
  const upload = { do: 'upload', file: file('f') } as const;
  expect(renewedStep(upload, file('f', 5), all)).toEqual({ do: 'upload', file: file('f', 5) });
  const replace = { do: 'replace', file: file('f', 2), old: archive('f'), onlyIfHashDiffers: false } as const;
  expect(renewedStep(replace, file('f', 3), all)).toEqual({ ...replace, file: file('f', 3) });
  expect(renewedStep(replace, file('f', 1, 9), all)).toMatchObject({ file: file('f', 1, 9), onlyIfHashDiffers: true });
  expect(renewedStep(replace, file('f'), all)).toBeNull();
});
