import { describe, expect, it } from 'vitest';
import { type Clock, Instant } from '../../src/model/clock.js';
import type { RunEvent } from '../../src/model/events.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { ArchiveId, type JobId, VaultName } from '../../src/model/identifiers.js';
import { MemoryVaults } from '../../src/vault/memory.js';
import { ordinaryPatience, type Patience } from '../../src/vault/patience.js';
import { patientVault, patientVaults } from '../../src/vault/patient.js';
import type { Vault } from '../../src/vault/port.js';
import { wholeAt } from '../../src/vault/retrieving-port.js';
import { bytesOf, hashed, MIB } from './bytes.js';
import { contractOfVaults } from './contract.js';
import { flakyVault, flakyVaults } from './flaky.js';
import { contractOfInventories } from './inventory-contract.js';
import { contractOfRetrieving, type FailingService } from './retrieving-contract.js';

const signal = new AbortController().signal;
const NAME = VaultName.parse('photos');

contractOfVaults('patience with a flaky vault', openFlaky);
contractOfInventories('patience with a flaky vault', openFlaky);
contractOfRetrieving('patience with a flaky vault', openFlaky);

async function openFlaky(): Promise<FailingService> {
  let now = Instant.ofSeconds(1_800_000_000);
  const clock: Clock = { now: () => now };
  const memory = new MemoryVaults(clock);
  const { patience } = watched();
  return {
    vaults: patientVaults(flakyVaults(memory), patience),
    vault: (name) => patientVault(flakyVault(memory.vault(name)), patience),
    now: () => now,
    failJob: async (name, job, why) => memory.vault(name).failRetrieval(job, why),
    pass: (seconds) => {
      now = Instant.plusSeconds(now, seconds);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

describe('patience', () => {
  it('patience: a request is tried again until it succeeds, and each time is told', async () => {
    const { patience, events, slept } = watched();
    const vault = failing(['THROTTLED', 'TIMED_OUT', 'CONNECTION_BROKEN', 'VAULT_UNAVAILABLE']);
    await patientVault(vault, patience).deleteArchive(ArchiveId.parse('a'), signal);
    expect(slept).toEqual([100, 200, 400, 800]);
    expect(events).toEqual(
      ['THROTTLED', 'TIMED_OUT', 'CONNECTION_BROKEN', 'VAULT_UNAVAILABLE'].map((code, i) => {
        const delayMs = slept[i];
        return { event: 'retrying', request: 'delete archive', attempt: i + 2, delayMs, why: `is ${code}` };
      }),
    );
  });

  it('patience: what trying again cannot cure is thrown at once', async () => {
    for (const code of ['ACCESS_DENIED', 'VAULT_NOT_FOUND', 'NO_CAPACITY', 'HASH_MISMATCH'] as const) {
      const { patience, slept } = watched();
      const deleting = patientVault(failing([code]), patience).deleteArchive(ArchiveId.parse('a'), signal);
      await expect(deleting).rejects.toMatchObject({ code, message: `is ${code}` });
      expect(slept).toEqual([]);
    }
  });

  it('patience: a defect is no failure and is not tried again', async () => {
    const { patience, slept } = watched();
    const defect = new TypeError('a defect');
    const vault = { ...failing([]), deleteArchive: async () => Promise.reject(defect) };
    await expect(patientVault(vault, patience).deleteArchive(ArchiveId.parse('a'), signal)).rejects.toBe(defect);
    expect(slept).toEqual([]);
  });

  it('patience: delays double up to a cap, and end after about ten minutes with the last failure', async () => {
    const { patience, slept } = watched();
    const vault = failing(Array.from({ length: 1000 }, () => 'THROTTLED' as const));
    const thrown = await caught(patientVault(vault, patience).deleteArchive(ArchiveId.parse('a'), signal));
    expect(thrown.code).toBe('THROTTLED');
    expect(thrown.message).toBe(`is THROTTLED (delete archive: gave up after ${slept.length + 1} attempts)`);
    const total = slept.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(580_000);
    expect(total).toBeLessThanOrEqual(600_000);
    expect(Math.max(...slept)).toBe(15_000);
  });

  it('patience: a server that nobody finds is given up soon, one that has answered before is not', async () => {
    const refused = Array.from({ length: 1000 }, () => 'UNREACHABLE' as const);
    const sum = (all: readonly number[]): number => all.reduce((total, ms) => total + ms, 0);
    const deleting = (failures: readonly FailureCode[], patience: Patience) =>
      caught(patientVault(failing([...failures]), patience).deleteArchive(ArchiveId.parse('a'), signal));
    const never = watched();
    const thrown = await deleting(refused, never.patience);
    expect(thrown).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('--endpoint') });
    expect(sum(never.slept)).toBeLessThanOrEqual(15_000);
    const once = watched();
    await deleting(['THROTTLED', ...refused], once.patience);
    expect(sum(once.slept)).toBeGreaterThan(580_000);
  });

  it('patience: who is told that the vaults were reached begins with the long one', () => {
    expect(ordinaryPatience(() => {}).contact.made).toBe(false);
    expect(ordinaryPatience(() => {}, undefined, true).contact.made).toBe(true);
  });

  it('patience: delays are spread over the whole span by chance', () => {
    const { baseMs, capMs, totalMs, random } = ordinaryPatience(() => {});
    expect({ baseMs, capMs, totalMs }).toEqual({ baseMs: 200, capMs: 30_000, totalMs: 600_000 });
    expect(random()).toBeLessThan(1);
  });

  it('patience: a signal ends the waiting at once', async () => {
    const told = new AbortController();
    const patience = {
      ...ordinaryPatience(() => told.abort()),
      baseMs: 3_600_000,
      capMs: 3_600_000,
      random: () => 0.1,
    };
    const deleting = patientVault(failing(['THROTTLED']), patience).deleteArchive(ArchiveId.parse('a'), told.signal);
    expect((await caught(deleting)).code).toBe('INTERRUPTED');
  });

  it('patience: a failure after the signal is an interruption', async () => {
    const told = new AbortController();
    const { patience, slept } = watched();
    const vault = failing(['CONNECTION_BROKEN'], () => told.abort());
    const deleting = patientVault(vault, patience).deleteArchive(ArchiveId.parse('a'), told.signal);
    expect((await caught(deleting)).code).toBe('INTERRUPTED');
    expect(slept).toEqual([]);
  });

  it('patience: uploads that ended without an answer are counted, those that were refused are not', async () => {
    const { patience } = watched();
    const vault = failing(['THROTTLED', 'TIMED_OUT', 'THROTTLED', 'CONNECTION_BROKEN', 'VAULT_UNAVAILABLE']);
    const stored = await patientVault(vault, patience).uploadWhole(hashed(bytesOf(1)), '', signal);
    expect(stored.unansweredRequests).toBe(3);
  });

  it('patience: a refusal after uploads without an answer does not hide that they may have been stored', async () => {
    const { patience } = watched();
    const refused = patientVault(failing(['TIMED_OUT', 'ACCESS_DENIED']), patience);
    const thrown = await caught(refused.uploadWhole(hashed(bytesOf(1)), '', signal));
    expect(thrown.code).toBe('TIMED_OUT');
    expect(thrown.message).toBe('is ACCESS_DENIED; earlier requests ended without an answer: is TIMED_OUT');
    const clear = patientVault(failing(['THROTTLED', 'ACCESS_DENIED']), patience);
    expect((await caught(clear.uploadWhole(hashed(bytesOf(1)), '', signal))).code).toBe('ACCESS_DENIED');
  });

  it('patience: a retrieval that was asked for without an answer is not asked for twice', async () => {
    const { patience } = watched();
    const clock: Clock = { now: () => patience.clock.now() };
    const memory = new MemoryVaults(clock);
    await memory.create(NAME, signal);
    const vault = memory.vault(NAME);
    const { archiveId } = await vault.uploadWhole(hashed(bytesOf(1)), '', signal);
    const asked: JobId[] = [];
    const unanswering: Vault = {
      ...flakyVault(vault),
      retrievals: (wanted) => vault.retrievals(wanted, signal),
      requestRetrieval: async (archive, terms) => {
        asked.push((await vault.requestRetrieval(archive, terms, signal)).jobId);
        throw new Failure('CONNECTION_BROKEN', 'broke after it was heard');
      },
    };
    const { jobId } = await patientVault(unanswering, patience).requestRetrieval(archiveId, wholeAt('Bulk'), signal);
    expect(asked).toEqual([jobId]);
  });

  it.each([
    ['a range', { start: MIB, end: 2 * MIB }],
    ['a range that holds all', { start: 0, end: 2 * MIB + 1 }],
  ])('patience: %s that was asked for without an answer is not asked for twice', async (_, range) => {
    const { patience } = watched();
    const memory = new MemoryVaults(patience.clock);
    await memory.create(NAME, signal);
    const vault = memory.vault(NAME);
    const { archiveId } = await vault.uploadWhole(hashed(bytesOf(2 * MIB + 1)), '', signal);
    const other = { ...wholeAt('Bulk'), range: { start: 0, end: MIB } };
    await vault.requestRetrieval(archiveId, other, signal);
    const asked: JobId[] = [];
    const unanswering: Vault = {
      ...flakyVault(vault),
      jobs: () => vault.jobs(signal),
      requestRetrieval: async (archive, terms) => {
        asked.push((await vault.requestRetrieval(archive, terms, signal)).jobId);
        throw new Failure('CONNECTION_BROKEN', 'broke after it was heard');
      },
    };
    const terms = { ...wholeAt('Bulk'), range };
    const { jobId } = await patientVault(unanswering, patience).requestRetrieval(archiveId, terms, signal);
    expect(asked).toEqual([jobId]);
  });

  it('patience: an inventory that was asked for without an answer is not asked for twice', async () => {
    const { patience } = watched();
    const memory = new MemoryVaults(patience.clock);
    await memory.create(NAME, signal);
    const vault = memory.vault(NAME);
    const asked: JobId[] = [];
    const unanswering: Vault = {
      ...flakyVault(vault),
      inventories: () => vault.inventories(signal),
      requestInventory: async (format, description) => {
        asked.push((await vault.requestInventory(format, description, signal)).jobId);
        throw new Failure('CONNECTION_BROKEN', 'broke after it was heard');
      },
    };
    const { jobId } = await patientVault(unanswering, patience).requestInventory('JSON', '', signal);
    expect(asked).toEqual([jobId]);
  });

  it('patience: an inventory of some time ago does not answer for one that was not heard', async () => {
    const { patience } = watched();
    let now = patience.clock.now();
    const clock: Clock = { now: () => now };
    const memory = new MemoryVaults(clock);
    await memory.create(NAME, signal);
    const vault = memory.vault(NAME);
    const before = await vault.requestInventory('JSON', '', signal);
    now = Instant.plusSeconds(now, 3600);
    let isHeard = false;
    const deaf: Vault = {
      ...flakyVault(vault),
      inventories: () => vault.inventories(signal),
      requestInventory: async (format, description) => {
        if (isHeard) return vault.requestInventory(format, description, signal);
        isHeard = true;
        throw new Failure('TIMED_OUT', 'never came through');
      },
    };
    const { jobId } = await patientVault(deaf, { ...patience, clock }).requestInventory('JSON', '', signal);
    expect(jobId).not.toBe(before.jobId);
    expect(await vault.inventories(signal)).toHaveLength(2);
  });

  it('patience: a source that fails is not asked again', async () => {
    const { patience, slept } = watched();
    async function* source(): AsyncGenerator<{ id: ArchiveId }> {
      yield { id: ArchiveId.parse('a') };
      throw new Failure('TIMED_OUT', 'of the source');
    }
    const telling = async (): Promise<void> => {
      for await (const _ of patientVault(failing([]), patience).retrievals(source(), signal));
    };
    expect((await caught(telling())).message).toBe('of the source');
    expect(slept).toEqual([]);
  });

  it('patience: a listing that is left early lets go of its source', async () => {
    const { patience } = watched();
    let released = false;
    async function* source(): AsyncGenerator<{ id: ArchiveId }> {
      try {
        for (;;) yield { id: ArchiveId.parse('a') };
      } finally {
        released = true;
      }
    }
    for await (const _ of patientVault(failing([]), patience).retrievals(source(), signal)) break;
    expect(released).toBe(true);
  });
});

/** Patience whose sleep takes no time but counts it, with every delay half of its bound. */
function watched(): { patience: Patience; events: RunEvent[]; slept: number[] } {
  const events: RunEvent[] = [];
  const slept: number[] = [];
  const patience: Patience = {
    ...ordinaryPatience((event) => events.push(event)),
    random: () => 0.5,
    elapsedMs: () => slept.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms) => void slept.push(ms),
  };
  return { patience, events, slept };
}

/** A vault where anything can be uploaded or deleted once all these have been thrown. */
function failing(codes: readonly FailureCode[], before: () => void = () => {}): Vault {
  const left = [...codes];
  const memory = new MemoryVaults({ now: () => Instant.ofSeconds(0) });
  const perform = async <T>(deed: () => Promise<T>): Promise<T> => {
    const code = left.shift();
    before();
    if (code !== undefined) throw new Failure(code, `is ${code}`);
    await memory.create(NAME, signal);
    return deed();
  };
  const vault = memory.vault(NAME);
  return {
    ...flakyVault(vault),
    uploadWhole: (body, description) => perform(() => vault.uploadWhole(body, description, signal)),
    deleteArchive: (archive) => perform(() => vault.deleteArchive(archive, signal)),
    retrievals: async function* (wanted) {
      await memory.create(NAME, signal);
      yield* vault.retrievals(wanted, signal);
    },
  };
}

async function caught(deed: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await deed.then(
    () => new Error('succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(thrown).toBeInstanceOf(Failure);
  return thrown as Failure;
}
