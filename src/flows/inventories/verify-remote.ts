// The story of verify-remote: does the vault still have what the journal says, and nothing else?

import type { PossibleOrphan } from '../../journal/intents.js';
import { type Archive, compareVersions } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { Failure, throwIfInterrupted } from '../../model/failure.js';
import type { ArchiveId } from '../../model/identifiers.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import { countInto } from '../amount.js';
import { namedArchive } from './download-inventory.js';
import { surelyReflects } from './inventory-reach.js';
import { type Orphan, RemoteComparison, type Unlisted } from './remote-comparison.js';
import { isOfSameVault } from './same-vault.js';
import type { VerifyPorts, VerifyRequest, VerifyTally } from './verify-tally.js';

/** How many facts may share a flush of the journal. */
const TOGETHER = 64;

/**
 * Tells what is missing in the vault, what only the vault has, and what differs. Nothing is changed in the vault;
 * repairs, where they are asked for, are facts added to the journal.
 * @throws Failure BRAKE when adopting or forgetting would go too far; in the latter case what was to be adopted is in the
 * journal
 */
export async function verifyRemote(
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  halt: Halt,
): Promise<void> {
  if (!request.adopt || (await isOfSameVault(request.ready, ports, halt)))
    return lookAndRepair(request, ports, tally, halt);
  await lookAndRepair({ ...request, adopt: false, forget: false }, ports, tally, halt);
  const { count } = ports.journal.live;
  throw new Failure(
    'BRAKE',
    `the inventory lists none of the ${count} archives that the journal holds: nothing is adopted`,
    {
      hint: 'is this the journal of this vault? If so, mtglacier download-inventory makes a new one of what the vault has now',
    },
  );
}

async function lookAndRepair(
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  halt: Halt,
): Promise<void> {
  const comparison = new RemoteComparison(request, ports, tally);
  const adoption: Adoption = { answered: [], adopted: new Set(), inFront: new Set() };
  await forEachConcurrently(comparison.orphans(halt), TOGETHER, halt, (orphan) =>
    takeOrphan(orphan, request, ports, tally, adoption),
  );
  tellInFront(adoption, ports.report);
  await settlePossibleOrphans(adoption, request, ports, tally);
  await takeUnlisted(comparison.unlisted, request, ports, tally, halt);
}

/** What adopting has come upon. */
interface Adoption {
  /** Uploads that had ended without an answer, and have left an archive. */
  readonly answered: PossibleOrphan[];
  readonly adopted: Set<ArchiveId>;
  /** Files that the journal had, and of which the adopted version is the latest. */
  readonly inFront: Set<RelPath>;
}

async function takeOrphan(
  { listed, name }: Orphan,
  request: VerifyRequest,
  ports: VerifyPorts,
  tally: VerifyTally,
  adoption: Adoption,
): Promise<void> {
  const { id: archiveId, size } = listed;
  if (!request.adopt) {
    countInto(tally.orphaned, listed);
    ports.report({ event: 'verified', name: name.found, archiveId, size, result: 'orphaned' });
  } else if ('why' in name.held) {
    countInto(tally.setAside, listed);
    ports.report({ event: 'set-aside', name: name.found, archiveId, why: name.held.why });
  } else {
    await adopt(namedArchive(listed, name.held.path, name), ports, adoption);
    countInto(tally.adopted, listed);
  }
}

async function adopt(archive: Archive, ports: VerifyPorts, { answered, adopted, inFront }: Adoption): Promise<void> {
  const { journal, report, writer } = ports;
  const { path, id: archiveId, size, mtime } = archive;
  const latest = journal.live.versionsOf(path).at(-1);
  const isInFront = latest !== undefined && !adopted.has(latest.id) && compareVersions(latest, archive) <= 0;
  if (isInFront) inFront.add(path);
  adopted.add(archiveId);
  if (writer === null) return report({ event: 'planned', do: 'adopt', path, archiveId });
  await writer.journal.append({ type: 'created', archive });
  report({ event: 'adopted', path, archiveId, size });
  const possible = writer.intents.possibleOrphans.find(
    (one) => one.file.path === path && one.file.size === size && one.file.mtime === mtime && !answered.includes(one),
  );
  if (possible !== undefined) answered.push(possible);
}

/** What was the file until now is an older version of it from now on. */
function tellInFront({ inFront }: Adoption, report: Report): void {
  const [first] = inFront;
  if (first === undefined) return;
  const others = inFront.size === 1 ? '' : ` and ${inFront.size - 1} more`;
  report({
    event: 'notice',
    topic: 'adopted-as-latest',
    message: `adopted archives count as the latest versions of files that the journal had: ${printable(first)}${others}`,
    hint:
      'a restore brings these; sync --replace-modified stores a file that is not the same, and deletes them. ' +
      'mtglacier ls --all-versions shows all',
  });
}

/**
 * An upload whose outcome nobody heard has left an archive, which is adopted now, or none, when the inventory was taken
 * well after it. Where some of the inventory could not be read, nothing follows.
 */
async function settlePossibleOrphans(
  { answered }: Adoption,
  { adopt, selection }: VerifyRequest,
  { writer, report }: VerifyPorts,
  { takenAt, unreadable }: VerifyTally,
): Promise<void> {
  if (writer === null || !adopt || unreadable > 0) return;
  const settled = writer.intents.possibleOrphans.filter(
    (orphan) =>
      answered.includes(orphan) || (surelyReflects(takenAt, orphan.at) && selection.includes(orphan.file.path)),
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
    const isMissing = surelyReflects(tally.takenAt, createdAt);
    if (isMissing) missing.push(archive);
    countInto(isMissing ? tally.missing : tally.newer, archive);
    ports.report({ event: 'verified', name, archiveId, size, result: isMissing ? 'missing' : 'too-new' });
  }
  if (!request.forget || missing.length === 0) return;
  assertMayForget(missing.length, listed, tally);
  await forEachConcurrently(missing, TOGETHER, halt, async (archive) => {
    await noteDeleted(archive, ports);
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

/** Of an archive that the vault no longer has: nothing is deleted there. */
async function noteDeleted({ path, id: archiveId }: Archive, { report, writer }: VerifyPorts): Promise<void> {
  if (writer === null) return report({ event: 'planned', do: 'forget', path, archiveId });
  await writer.journal.append({ type: 'deleted', at: writer.clock.now(), archiveId, path });
  report({ event: 'forgotten', path, archiveId });
}

function moveToForgotten(archive: Archive, { missing, forgotten }: VerifyTally): void {
  countInto(forgotten, archive);
  missing.count--;
  missing.size -= archive.size;
}
