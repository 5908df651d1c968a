// What the one writer of a journal has beside its readers: the end to append to, and the intents.

import { basename } from 'node:path';

import type { Report } from '../model/events.js';
import type { TextEncoding } from '../model/text-encoding.js';
import { openAppendFile } from './append-file.js';
import { Appender } from './appender.js';
import { keepCut } from './cut-lines.js';
import type { FollowingArchives } from './journal.js';
import { JournalFile } from './journal-file.js';
import type { JournalLock } from './lock.js';
import { openIntents } from './pending.js';
import type { Scanned } from './scan.js';
import type { Sidecars } from './sidecars.js';

interface Writing {
  readonly file: string;
  readonly sidecars: Sidecars;
  readonly lock: JournalLock;
  readonly encoding: TextEncoding;
  /** What was read of it under the lock. */
  readonly read: AsyncDisposable & { readonly live: FollowingArchives; readonly scanned: Scanned };
  readonly report: Report;
}

/** Closing it closes what was read too, and frees the lock. @throws Failure as `openForWriting`, having closed nothing */
export async function beginWriting({ file, sidecars, lock, encoding, read, report }: Writing) {
  const { live, scanned } = read;
  const appender = new Appender({
    name: file,
    found: scanned,
    open: () => openAppendFile(sidecars.journal),
    lost: lock.lost,
    beforeCut: async (size) => {
      await keepCut(sidecars.cut, scanned.torn);
      report(cutOff(file, size));
    },
  });
  const factsCanBeWritten = (): Promise<void> => appender.ready();
  const intents = await openIntents(sidecars.pending, live, lock.lost, { factsCanBeWritten });
  return {
    journal: new JournalFile(file, live, encoding, appender, scanned.length),
    intents,
    sidecars,
    lost: lock.lost,
    async [Symbol.asyncDispose]() {
      await closeAll([appender, intents, read, lock]);
    },
  };
}

/** In order; what follows a failure is closed nevertheless. */
async function closeAll(things: readonly AsyncDisposable[]): Promise<void> {
  const [first, ...rest] = things;
  if (first === undefined) return;
  try {
    await first[Symbol.asyncDispose]();
  } finally {
    await closeAll(rest);
  }
}

function cutOff(file: string, size: number): Parameters<Report>[0] {
  const message = `cut a torn last line of ${size} bytes off ${basename(file)}`;
  const hint = `it is kept in ${basename(file)}.cut; "Recovering by hand" in docs/journal-format.md says when it matters`;
  return { event: 'notice', topic: 'journal-cut', message, hint };
}
