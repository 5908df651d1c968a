// What storing does about one pair.

import { type Archive, goesByItsId } from '../model/archive.js';
import type { LocalFile } from '../model/local-file.js';
import { type DetectMode, detect } from './detect.js';
import type { Pair } from './pairing.js';

/** Which work a sync was asked for. */
export interface WantedWork {
  readonly new: boolean;
  readonly replaceModified: boolean;
  readonly deleteRemoved: boolean;
  readonly detect: DetectMode;
}

export type StoringStep =
  | { readonly do: 'upload'; readonly file: LocalFile }
  /** `old` is deleted once the file is stored. With `onlyIfHashDiffers` the file is read and compared first. */
  | { readonly do: 'replace'; readonly file: LocalFile; readonly old: Archive; readonly onlyIfHashDiffers: boolean };

/** The step that the wanted work takes for this pair, or null. */
export function storingStep(pair: Pair, wanted: WantedWork): StoringStep | null {
  switch (pair.side) {
    case 'here':
      return wanted.new ? { do: 'upload', file: pair.here } : null;
    case 'both':
      return wanted.replaceModified ? replacement(pair.here, pair.there, wanted.detect) : null;
    case 'there':
    case 'unknown':
    case 'aside':
      return null;
  }
}

/** The step for its file as it is now, or null: between finding it and doing it there may be hours. */
export function renewedStep(found: StoringStep, now: LocalFile, wanted: WantedWork): StoringStep | null {
  if (found.do === 'upload') return { do: 'upload', file: now };
  return storingStep({ side: 'both', here: now, there: found.old }, wanted);
}

function replacement(file: LocalFile, old: Archive, mode: DetectMode): StoringStep | null {
  const detected = detect(mode, file, old);
  if (detected === 'same') return null;
  return { do: 'replace', file, old, onlyIfHashDiffers: detected === 'compare-hashes' };
}

/** The archive that the wanted work deletes for this pair, or null. Only what was looked for and not seen is deleted. */
export function archiveToDelete(pair: Pair, wanted: WantedWork): Archive | null {
  return wanted.deleteRemoved && pair.side === 'there' && !isOfUnknownFile(pair) ? pair.there : null;
}

/** Nobody can have seen its file here before: that there is none now does not mean that it was removed. */
export function isOfUnknownFile(pair: Pair): boolean {
  return pair.side === 'there' && goesByItsId(pair.there);
}
