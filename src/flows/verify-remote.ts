// The story of verify-remote: does the vault still have what the journal says, and nothing else?

import type { PossibleOrphan } from '../journal/intents.js';
import type { Archive } from '../model/archive.js';
import { Failure, throwIfInterrupted } from '../model/failure.js';
import { forEachConcurrently, type Halt } from '../transfer/concurrently.js';
import { countInto } from './amount.js';
import { namedArchive } from './download-inventory.js';
import { type Orphan, RemoteComparison, type Unlisted } from './remote-comparison.js';
import type { VerifyPorts, VerifyRequest, VerifyTally } from './verify-tally.js';

/** How many facts may share a flush of the journal. */
const TOGETHER = 64;

/**
 * Tells what is missing in the vault, what only the vault has, and what differs. Nothing is changed in the vault;
 * repairs, where they are asked for, are facts added to the journal.
 * @throws Failure BRAKE when forgetting would go too far; what was to be adopted is then in the journal
 */
export async function verifyRemote(
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  halt: Halt,
): Promise<void> {
  const comparison = new RemoteComparison(request, ports, tally);
  const answered: PossibleOrphan[] = [];
  await forEachConcurrently(comparison.orphans(halt), TOGETHER, halt, (orphan) =>
    takeOrphan(orphan, request, ports, tally, answered),
  );
  await settlePossibleOrphans(answered, request, ports, tally);
  await takeUnlisted(comparison.unlisted, request, ports, tally, halt);
}

async function takeOrphan(
  { listed, name }: Orphan,
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  answered: PossibleOrphan[],
): Promise<void> {
  const { id: archiveId, size } = listed;
  if (!request.adopt) {
    countInto(tally.orphaned, listed);
    ports.report({ event: 'verified', name: name.found, archiveId, size, result: 'orphaned' });
  } else if ('why' in name.held) {
    countInto(tally.setAside, listed);
    ports.report({ event: 'set-aside', name: name.found, archiveId, why: name.held.why });
  } else {
    await adopt(namedArchive(listed, name.held.path, name), ports, answered);
    countInto(tally.adopted, listed);
  }
}

async function adopt(archive: Archive, { report, writer }: VerifyPorts, answered: PossibleOrphan[]): Promise<void> {
  const { path, id: archiveId, size, mtime } = archive;
  if (writer === null) return report({ event: 'planned', do: 'adopt', path, archiveId });
  await writer.journal.append({ type: 'created', archive });
  report({ event: 'adopted', path, archiveId, size });
  const possible = writer.intents.possibleOrphans.find(
    ({ file }) => file.path === path && file.size === size && file.mtime === mtime,
  );
  if (possible !== undefined && !answered.includes(possible)) answered.push(possible);
}

/**
 * An upload whose outcome nobody heard has left an archive, which is adopted now, or none, when the inventory was taken
 * after it. Where some of the inventory could not be read, nothing follows.
 */
async function settlePossibleOrphans(
  answered: readonly PossibleOrphan[],
  { adopt, selection }: VerifyRequest,
  { writer, report }: VerifyPorts,
  { takenAt, unreadable }: VerifyTally,
): Promise<void> {
  if (writer === null || !adopt || takenAt === null || unreadable > 0) return;
  const settled = writer.intents.possibleOrphans.filter(
    (orphan) => answered.includes(orphan) || (orphan.at < takenAt && selection.includes(orphan.file.path)),
  );
  if (settled.length === 0) return;
  await writer.intents.dismiss(settled);
  const none = settled.length - answered.length;
  const message = `of the uploads that had ended without an answer, ${answered.length} left an archive and ${none} left none`;
  report({ event: 'notice', topic: 'possible-orphans-settled', message, hint: null });
}

async function takeUnlisted(
  { archives, listed }: Unlisted,
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  halt: Halt,
): Promise<void> {
  const missing: Archive[] = [];
  for (const archive of archives) {
    throwIfInterrupted(halt.soon);
    const { path: name, id: archiveId, size, createdAt } = archive;
    const isMissing = tally.takenAt !== null && createdAt < tally.takenAt;
    if (isMissing) missing.push(archive);
    countInto(isMissing ? tally.missing : tally.newer, archive);
    ports.report({ event: 'verified', name, archiveId, size, result: isMissing ? 'missing' : 'too-new' });
  }
  if (!request.forget || missing.length === 0) return;
  assertMayForget(missing.length, listed, tally);
  await forEachConcurrently(missing, TOGETHER, halt, async (archive) => {
    await forget(archive, ports);
    moveToForgotten(archive, tally);
  });
}

/**
 * A journal whose archives are all unknown to the vault is more often that of another vault than one of lost archives.
 * @throws Failure BRAKE
 */
function assertMayForget(missing: number, listed: number, { same, differing, unreadable }: VerifyTally): void {
  const why =
    listed === 0
      ? 'the inventory lists no archives at all'
      : same.count + differing.count === 0
        ? 'the inventory lists none of the archives that the journal holds'
        : unreadable > 0
          ? `${unreadable} entries of the inventory could not be read, and each may be one of them`
          : null;
  if (why === null) return;
  throw new Failure('BRAKE', `${why}: none of the ${missing} missing archives is forgotten`, {
    hint: 'is this the journal of this vault? What is gone on purpose can be taken off the journal with mtglacier rm',
  });
}

async function forget({ path, id: archiveId }: Archive, { report, writer }: VerifyPorts): Promise<void> {
  if (writer === null) return report({ event: 'planned', do: 'forget', path, archiveId });
  await writer.journal.append({ type: 'deleted', at: writer.clock.now(), archiveId, path });
  report({ event: 'forgotten', path, archiveId });
}

function moveToForgotten(archive: Archive, { missing, forgotten }: VerifyTally): void {
  countInto(forgotten, archive);
  missing.count--;
  missing.size -= archive.size;
}
