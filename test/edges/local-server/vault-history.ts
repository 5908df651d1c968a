// Histories that a vault's log can tell, made from anything, and what such a log means.

import fc from 'fast-check';
import { LOG_FORMAT } from '../../../src/edges/local-server/durable/log-lines.js';
import { topicsOf } from '../../../src/edges/local-server/vault/job-topics.js';
import type { VaultRecord } from '../../../src/edges/local-server/vault/records.js';
import { type Upload, VaultState } from '../../../src/edges/local-server/vault/vault-state.js';

const HOUR_MS = 3_600_000;
const HASH = 'ab'.repeat(32);
const POLICY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":"*"}]}';

/** A step of a history: how much later it happens, what it is, and which of the things there are it concerns. */
const step = fc.record({
  laterMs: fc.constantFrom(0, 0, 1, 1000, HOUR_MS, 7 * HOUR_MS, 24 * HOUR_MS, 80 * HOUR_MS),
  deed: fc.nat(23),
  which: fc.nat(30),
  other: fc.nat(3),
});

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export function histories(length: number): fc.Arbitrary<Step[]> {
  return fc.array(step, { minLength: 0, maxLength: length, size: 'max' });
}

/** Turns steps into records that a server could have written, one after another. */
export class Historian {
  readonly #state = new VaultState({ realistic: true });
  #number = 0;
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  begin(): VaultRecord {
    return this.#tell({ type: 'vault', format: LOG_FORMAT, name: 'V', at: this.now });
  }

  records(steps: readonly Step[]): VaultRecord[] {
    return steps.flatMap((one) => {
      this.now += one.laterMs;
      const record = this.#recordOf(one);
      return record === null ? [] : [this.#tell(record)];
    });
  }

  #tell(record: VaultRecord): VaultRecord {
    this.#state.apply(record);
    return record;
  }

  #recordOf({ deed, which, other }: Step): VaultRecord | null {
    const at = this.now;
    const id = `${++this.#number}`;
    // Of what is over no server writes any more, unless it had to tell of it.
    this.#state.expire(at);
    const archive = pick([...this.#state.archives.values()], which);
    const open = [...this.#state.uploads.values()].filter(({ state }) => state.is === 'open');
    const upload = pick(open, which);
    const job = pick([...this.#state.jobs.all()], which);
    const ended = pick(this.#state.jobs.unnoticed(at), which);
    const work = { at, delayMs: 1 + other * 6 * HOUR_MS, description: null, snsTopic: other === 0 ? 'topic' : null };
    switch (deed) {
      case 0:
      case 1:
        return { type: 'archive', id, size: 1 + other, treeHash: HASH, description: `${other}`, at };
      case 2:
      case 3:
        return archive && { type: 'archive-deleted', id: archive.id, at };
      case 4:
        return { type: 'upload', id, archiveId: `archive-${id}`, partSize: 1_048_576, description: '', at };
      case 5:
      case 6:
      case 7:
        return upload && { type: 'part', upload: upload.id, index: other, size: 5, treeHash: HASH, file: id, at };
      case 8:
        return upload && { type: 'upload-completed', id: upload.id, size: 5, treeHash: HASH, at };
      case 9:
        return upload && { type: 'upload-aborted', id: upload.id, at };
      case 10:
        return upload && { type: 'upload-expired', id: upload.id, at };
      case 11: {
        const range = { start: 0, end: archive?.size ?? 0, treeHash: null, tier: 'Standard' } as const;
        return archive && { type: 'job', id, ...work, action: 'archive-retrieval', archiveId: archive.id, ...range };
      }
      case 12:
        return { type: 'job', id, ...work, action: 'inventory-retrieval', size: 10 };
      case 13:
        return job && { type: 'job-ended', id: job.record.id, failure: other === 0 ? 'why' : null, at };
      case 14:
      case 15:
        return ended && { type: 'job-noticed', id: ended.record.id, at };
      case 16:
        return { type: 'inventory', at };
      case 17:
        if (other === 0) return { type: 'notifications-deleted', at };
        return { type: 'notifications', topic: id, events: ['ArchiveRetrievalCompleted'], at };
      case 18:
        return other === 0 ? { type: 'access-policy-deleted', at } : { type: 'access-policy', policy: POLICY, at };
      case 19:
        return { type: 'lock', id, policy: POLICY, at };
      case 20:
        return { type: other === 0 ? 'lock-aborted' : 'lock-completed', at };
      case 21:
        return { type: 'tags-added', tags: { [`k${which % 4}`]: id, [`k${other}`]: id }, at };
      case 22:
        return { type: 'outputs-expired', at };
      default:
        return { type: 'tags-removed', keys: [`k${other}`], at };
    }
  }
}

function pick<T>(all: readonly T[], which: number): T | null {
  return all[which % Math.max(1, all.length)] ?? null;
}

export function stateOf(records: readonly VaultRecord[], realistic: boolean): VaultState {
  const state = new VaultState({ realistic });
  for (const record of records) state.apply(record);
  return state;
}

/** All that anybody can learn of a vault from `now` on. */
export function meaningOf(state: VaultState, now: number): object {
  state.expire(now);
  const { name, createdAt, size, latestAt, lastWriteAt, archives, uploads, inventories, jobs, settings } = state;
  const told = jobs.unnoticed(now).filter((job) => topicsOf(settings, job).length > 0);
  return {
    name,
    createdAt,
    size,
    latestAt,
    lastWriteAt,
    archives: [...archives],
    uploads: [...uploads.values()].map(meaningOfUpload),
    jobs: [...jobs.all()],
    unnoticed: told.map(({ record }) => record.id).sort(),
    retrieved: jobs.retrievedInHour(now),
    inventory: inventories.inventory(now),
    deletable: inventories.isDeletable(now),
    settings: {
      tags: [...settings.tags],
      notifications: settings.notifications,
      accessPolicy: settings.accessPolicy?.text,
      lock: settings.lockAt(now),
    },
    needed: [...archives.keys()].map((id) => [id, state.needs(id), state.partsOf(id)]),
  };
}

/** An upload that ended is never active again. */
function meaningOfUpload(upload: Upload): unknown {
  const parts = [...upload.parts.values()].sort((a, b) => a.index - b.index);
  const activeAt = upload.state.is === 'open' ? upload.activeAt : null;
  return { ...upload, activeAt, parts };
}
