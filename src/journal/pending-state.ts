// What the lines of a pending file add up to, and what of it still stands beside a journal.

import type { Intent, PossibleOrphan } from './intents.js';
import type { LiveArchives } from './journal.js';
import { encodePending, type PendingLine } from './pending-codec.js';

/** Open intents by key, in the order they were begun, and archives that may exist unrecorded. */
export interface PendingState {
  readonly open: ReadonlyMap<number, Intent>;
  readonly possibleOrphans: readonly PossibleOrphan[];
}

/** The same, while it is being read or followed. */
export class PendingBook implements PendingState {
  readonly open = new Map<number, Intent>();
  readonly possibleOrphans: PossibleOrphan[] = [];

  /** Takes the next line, or says, as the end of a sentence, why it contradicts those before. */
  apply(line: PendingLine): string | null {
    if (line.type === 'possible-orphan') {
      this.possibleOrphans.push(orphanOf(line));
      return null;
    }
    const known = this.open.get(line.key);
    if (line.type === 'intent') {
      if (known !== undefined) return 'begins an intent that is already open';
      this.open.set(line.key, intentOf(line));
      return null;
    }
    if (known === undefined) return 'speaks of an intent that is not open';
    if (line.type === 'progress') {
      this.open.set(line.key, { ...known, progress: line.progress });
      return null;
    }
    this.open.delete(line.key);
    for (let i = 0; i < line.possibleOrphans; i++) this.possibleOrphans.push(orphanOf(known));
    return null;
  }

  dismiss(orphans: readonly PossibleOrphan[]): void {
    const kept = this.possibleOrphans.filter((orphan) => !orphans.includes(orphan));
    this.possibleOrphans.splice(0, this.possibleOrphans.length, ...kept);
  }
}

/**
 * What is left to do after a run that ended anyhow, given what its journal holds.
 * A request whose outcome nobody heard may have stored an archive; parts without an upload id cannot have.
 */
export function reconciled(state: PendingState, live: LiveArchives): PendingState {
  const open = new Map<number, Intent>();
  const possibleOrphans = [...state.possibleOrphans];
  for (const intent of state.open.values()) {
    const { progress } = intent;
    if (progress.step === 'stored' || isInJournal(intent, live)) {
      const stillToDelete = intent.supersedes !== null && live.has(intent.supersedes);
      if (stillToDelete) open.set(intent.key, { ...intent, progress: { step: 'stored' } });
    } else if (progress.step === 'whole') {
      possibleOrphans.push(orphanOf(intent));
    } else if (progress.uploadId !== null) {
      open.set(intent.key, intent);
    }
  }
  return { open, possibleOrphans };
}

function isInJournal({ file, at, supersedes }: Intent, live: LiveArchives): boolean {
  return live.versionsOf(file.path).some(({ id, size, mtime, createdAt }) => {
    return size === file.size && mtime === file.mtime && createdAt >= at && id !== supersedes;
  });
}

function intentOf({ key, at, file, supersedes, progress }: Intent): Intent {
  return { key, at, file, supersedes, progress };
}

function orphanOf({ file, at }: PossibleOrphan): PossibleOrphan {
  return { file, at };
}

/** The shortest file that says the same; empty when there is nothing to say. */
export function pendingText({ open, possibleOrphans }: PendingState): string {
  const orphans = possibleOrphans.map((orphan) => encodePending({ type: 'possible-orphan', ...orphan }));
  const intents = Array.from(open.values(), (intent) => encodePending({ type: 'intent', ...intent }));
  return [...orphans, ...intents].join('');
}
