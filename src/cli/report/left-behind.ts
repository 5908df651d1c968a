// Keeps names of what a run could not do or left out, for its summary: the first few of each kind, and how many there are.

import type { LeftOutReason, RunEvent } from '../../model/events.js';
import type { FailureCode } from '../../model/failure.js';

const NAMES_KEPT = 10;

/** One kind of thing left behind, in the order in which kinds first came up. */
interface LeftBehindKind {
  /** Name in the JSON summary: the reason, a failure code, or a check result. */
  readonly key: string;
  /** For people, as a heading: `empty files`. */
  readonly label: string;
  readonly count: number;
  /** The first ten. Not yet safe to print. */
  readonly names: readonly string[];
}

export type LeftBehind = readonly LeftBehindKind[];

const LEFT_OUT_LABELS = {
  'empty-file': 'empty files are not kept',
  'empty-directory': 'empty directories are not kept',
  'link-to-directory': 'links to directories are not followed',
  'entered-already': 'directories that were entered under another name already',
  'dangling-link': 'links that lead nowhere',
  'special-file': 'neither files nor directories',
  'unfinished-download': 'unfinished downloads',
  'own-file': 'the journal and what lies beside it are not kept; have a copy elsewhere',
} as const satisfies Record<LeftOutReason, string>;

const FAILED_LABELS: Partial<Readonly<Record<FailureCode, string>>> = {
  FILE_UNREADABLE: 'could not be read',
  FILE_UNWRITABLE: 'could not be written',
  FILE_VANISHED: 'vanished during the run',
  FILE_CHANGED: 'changed during the run',
  NAME_REFUSED: 'names that are refused',
  FILE_TOO_LARGE: 'too large for a vault',
  ARCHIVE_NOT_FOUND: 'not in the vault',
  UPLOAD_NOT_FOUND: 'no unfinished uploads of the vault',
  NOT_IN_JOURNAL: 'not in the journal',
  NOT_RESUMABLE: 'uploads that cannot be gone on with',
  VAULT_REFUSED: 'refused by the vault',
  NO_CAPACITY: 'refused by the vault for want of capacity',
  HASH_MISMATCH: 'content that does not match its hash',
};

const CHECK_LABELS = {
  missing: 'missing from the directory',
  empty: 'empty in the directory',
  unreadable: 'could not be read',
  size: 'of another size than the journal says',
  'tree-hash': 'of other content than the journal says',
} as const;

const VERIFY_LABELS = {
  missing: 'in the journal, but not in the vault',
  orphaned: 'in the vault, but not in the journal',
  differing: 'not the same in the vault and in the journal',
} as const;

export class LeftBehindCollector {
  readonly #kinds = new Map<string, { label: string; count: number; names: string[] }>();

  tell(event: RunEvent): void {
    if (event.event === 'left-out') this.#add(event.why, LEFT_OUT_LABELS[event.why], event.name);
    else if (event.event === 'failed')
      this.#add(event.code, FAILED_LABELS[event.code] ?? `failed (${event.code})`, event.name);
    else if (event.event === 'checked' && event.result !== 'ok') {
      this.#add(event.result, CHECK_LABELS[event.result], event.path);
    } else if (event.event === 'verified' && event.result !== 'too-new') {
      this.#add(event.result, VERIFY_LABELS[event.result], event.name);
    } else if (event.event === 'set-aside') this.#add('set-aside', 'set aside, not in the journal', event.name);
  }

  collected(): LeftBehind {
    return [...this.#kinds].map(([key, { label, count, names }]) => ({ key, label, count, names }));
  }

  #add(key: string, label: string, name: string): void {
    const kind = this.#kinds.get(key) ?? { label, count: 0, names: [] };
    this.#kinds.set(key, kind);
    kind.count += 1;
    if (kind.names.length < NAMES_KEPT) kind.names.push(name);
  }
}
