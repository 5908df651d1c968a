// How everything stands, as fields for programs.

import type { JournalStanding } from '../../flows/looking/journal-standing.js';
import type { RestorePlan } from '../../journal/restore-plans.js';
import type { Archive } from '../../model/archive.js';
import type { Instant } from '../../model/clock.js';
import { Money } from '../../model/money.js';
import type { Amount } from '../../plan/early-deletion.js';
import { timestamp, timestamps } from './quantities.js';
import type { Status } from './status.js';

/** Times are RFC 3339, sizes are bytes, costs are US dollars. */
export function statusFields({
  journal,
  left,
  restores,
  vault,
  charge,
  missing,
}: Status): Readonly<Record<string, unknown>> {
  const { files, olderVersions, stored, askedFor, lastAskedFor, deletion, found } = journal;
  return {
    files: amountFields(files),
    olderVersions: amountFields(olderVersions),
    stored: timestamps(stored),
    askedFor: { ...amountFields(askedFor), last: timeOrNull(lastAskedFor) },
    left: { ...left, uploads: amountFields(left.uploads) },
    freeToDelete: {
      now: amountFields(deletion.free),
      later: [...deletion.months].map(([month, { count, bytes: size }]) => ({ month, count, size })),
      costNow: charge.by === 'nothing-to-pay' ? 0 : charge.by === 'table' ? charge.total / 1e6 : null,
      pricesOf: charge.by === 'table' ? charge.source.date : null,
    },
    restores: restores.map(restoreFields),
    vault: vault === null ? null : vaultFields(vault, found),
    missing: missing === null ? null : { directory: missing.directory, ...amountFields(missing) },
  };
}

function restoreFields({ id, acceptedAt, terms, allowed, asked }: RestorePlan): Readonly<Record<string, unknown>> {
  return {
    id,
    acceptedAt: timestamp(acceptedAt),
    directory: terms.directory,
    tier: terms.tier,
    asked: { count: asked.files, size: asked.bytes, cost: asked.cost / 1e6 },
    allowed: {
      count: allowed.files,
      size: allowed.bytes,
      cost: allowed.cost === Money.MOST ? null : allowed.cost / 1e6,
    },
  };
}

function vaultFields(
  vault: Status['vault'] & object,
  found: JournalStanding['found'],
): Readonly<Record<string, unknown>> {
  const { ready, expiring, readyUntil, running, expected, failed } = vault.retrievals;
  return {
    name: vault.name,
    ready: { ...amountFields(ready), until: timeOrNull(readyUntil) },
    expiring: amountFields(expiring),
    running: { ...amountFields(running), expected: timestamps(expected) },
    failed: amountFields(failed),
    inventories: vault.inventories,
    uploads: { count: vault.uploads.count, oldest: timeOrNull(vault.uploads.oldest) },
    firstGone: vault.firstGone.map(({ jobId, archiveId, range, progress }) => ({
      jobId,
      archiveId,
      path: pathOf(archiveId === null ? undefined : found.get(archiveId)),
      range,
      readableUntil: progress.state === 'ready' ? timeOrNull(progress.readableUntil) : null,
    })),
  };
}

function pathOf(archive: Archive | undefined): string | null {
  return archive?.path ?? null;
}

/** Sizes are called so in all JSON. */
function amountFields({ count, bytes }: Amount): { readonly count: number; readonly size: number } {
  return { count, size: bytes };
}

function timeOrNull(at: Instant | null): string | number | null {
  return at === null ? null : timestamp(at);
}
