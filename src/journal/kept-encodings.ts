// In which encodings a journal and the names of its files are kept, and the refusal of any other.

import { basename } from 'node:path';

import { Failure } from '../model/failure.js';
import { printable } from '../model/rel-path.js';
import { openToRead } from './place.js';
import { openIfThere } from './sidecar-lines.js';
import { sidecarsOf } from './sidecars.js';

/** By their canonical names. Absent is what no run has noted yet, or what a run has nothing to do with. */
export interface KeptEncodings {
  readonly journalEncoding?: string | undefined;
  /** Of the names of files on disk. */
  readonly filenamesEncoding?: string | undefined;
}

const FIELDS = ['journalEncoding', 'filenamesEncoding'] as const;

/**
 * In another encoding the names that were read would be those of other files, and the files that are there would seem
 * gone. Where all is ASCII, which stands as itself in every encoding, nothing can be mistaken.
 * @throws Failure JOURNAL_IN_OTHER_ENCODING, and USAGE when the journal cannot be read
 */
export async function checkEncodings(journal: string, kept: KeptEncodings, given: KeptEncodings): Promise<void> {
  const others = FIELDS.filter((field) => isOther(kept[field], given[field]));
  if (others.length > 0 && (await speaksBeyondAscii(journal))) throw inOtherEncoding(journal, others, kept, given);
}

function isOther(kept: string | undefined, given: string | undefined): boolean {
  return kept !== undefined && given !== undefined && kept !== given;
}

/** In the journal or in what was begun and is not yet a fact, alive or not. */
async function speaksBeyondAscii(journal: string): Promise<boolean> {
  const sidecars = await sidecarsOf(journal);
  return (
    (await isBeyondAscii(() => openToRead(journal, sidecars))) ||
    (await isBeyondAscii(() => openIfThere(sidecars.pending)))
  );
}

type Opened = Awaited<ReturnType<typeof openIfThere>>;

const CHUNK = 1024 * 1024;

async function isBeyondAscii(open: () => Promise<Opened>): Promise<boolean> {
  await using handle = await open();
  if (handle === null) return false;
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, null);
    if (bytesRead === 0) return false;
    if (buffer.subarray(0, bytesRead).some((byte) => byte >= 0x80)) return true;
  }
}

function inOtherEncoding(
  journal: string,
  others: readonly (typeof FIELDS)[number][],
  kept: KeptEncodings,
  given: KeptEncodings,
): Failure {
  // What a file said may hold anything.
  const nameOf = (name = ''): string => printable(name).slice(1, -1);
  const told = others.map((field) => `${KEPT_AS[field]} ${nameOf(kept[field])}, not in ${nameOf(given[field])}`);
  const options = others.map((field) => `${OPTION[field]}=${nameOf(kept[field])}`);
  return new Failure('JOURNAL_IN_OTHER_ENCODING', `journal ${basename(journal)} ${told.join(', and ')}`, {
    hint:
      `give ${options.join(' ')}, or names would be taken for others; ` +
      'that all were converted on purpose is said once, to sync or restore, with --rebind-journal',
  });
}

const KEPT_AS = { journalEncoding: 'is kept in', filenamesEncoding: 'is about file names in' } as const;
const OPTION = { journalEncoding: '--journal-encoding', filenamesEncoding: '--filenames-encoding' } as const;
