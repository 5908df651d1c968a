// One look at all that is missing: what is under way is taken note of, and as much of the rest is asked for as may be.

import type { Asking } from '../../journal/restore-plans.js';
import type { Archive } from '../../model/archive.js';
import { Instant } from '../../model/clock.js';
import { Failure } from '../../model/failure.js';
import { printable } from '../../model/rel-path.js';
import { READABLE_SECONDS } from '../../model/tier.js';
import { hasRoom, UNDER_WAY_MAX } from '../../plan/pacing.js';
import type { Halt } from '../../transfer/concurrently.js';
import type { FailedRetrieval, Retrieval } from '../../vault/retrieving-port.js';
import { failedBefore, noteBegun, notedRetrieval } from './ask-for.js';
import { AskingBatch } from './asking-batch.js';
import { missingArchives } from './missing.js';
import type { RoundPorts, RoundRequest, RoundTally } from './round.js';
import { CLOCKS_DIFFER_SECONDS, wasAskedFor } from './unsettled.js';

/**
 * The account of the plan is right at any time after a crash, and when this ends or throws.
 * @throws Failure when it concerns the run
 */
export async function askForMissing(
  request: RoundRequest,
  ports: RoundPorts,
  tally: RoundTally,
  halt: Halt,
): Promise<void> {
  await new Round(request, ports, tally, halt).run();
}

/** So many retrievals of one archive may fail in a run: each costs. */
const FAILURES_MAX = 3;

class Round {
  readonly #request: RoundRequest;
  readonly #ports: RoundPorts;
  readonly #tally: RoundTally;
  readonly #halt: Halt;
  readonly #batch: AskingBatch;
  readonly #held: Archive[] = [];
  #heldBytes = 0;

  constructor(request: RoundRequest, ports: RoundPorts, tally: RoundTally, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#tally = tally;
    this.#halt = halt;
    this.#batch = new AskingBatch(request, ports, tally, halt);
  }

  async run(): Promise<void> {
    const { account, spending, share } = this.#request;
    const { allowed, asked, asking, lately } = await account.takeOver(this.#ports.journal.file);
    spending.goOnFrom(allowed, asked);
    share.goOnFrom(lately);
    // What may have been asked for must be known before anything is asked for on that account.
    if (asking !== null) await this.#settle(asking);
    const looking = { ...this.#ports, report: this.#request.reportMissing };
    const missing = missingArchives(looking, this.#tally, this.#halt);
    for await (const { archive, retrieval } of this.#ports.vault.retrievals(missing, this.#halt.now)) {
      await this.#take(archive, retrieval);
      if (this.#tally.later > 0 && this.#request.scope === 'while there is room') break;
    }
    for (const archive of this.#held) await this.#consider(archive);
    await this.#batch.ask();
  }

  /** What was asked for is charged; what nobody can tell is charged too. */
  async #settle(asking: Asking): Promise<void> {
    const { vault, clock } = this.#ports;
    for await (const { archive, retrieval } of vault.retrievals(asking.archives, this.#halt.now)) {
      if (!wasAskedFor(asking, retrieval, clock.now())) continue;
      this.#request.spending.charge(archive.size, archive.again ? 'again' : 'first');
    }
    await this.#batch.keep(null);
  }

  async #take(archive: Archive, retrieval: Retrieval): Promise<void> {
    const { underWay } = this.#request;
    if (underWay.isSettled(archive.id)) return;
    switch (retrieval.state) {
      case 'running':
      case 'ready':
        this.#tally.underWay++;
        underWay.put(archive, retrieval, 0);
        return noteBegun(archive, retrieval, this.#ports);
      case 'failed':
        underWay.leave(archive.id, 'gone');
        if (!this.#isNoted(archive, retrieval)) await this.#takeFailed(archive, retrieval);
        return;
      case 'none':
        underWay.leave(archive.id, 'gone');
        if (!this.#isNoted(archive, null)) await this.#want(archive);
    }
  }

  /** The journal's word counts where the vault says nothing, or nothing newer. */
  #isNoted(archive: Archive, failed: FailedRetrieval | null): boolean {
    const noted = notedRetrieval(archive, failed, this.#ports);
    if (noted === null) return false;
    const until = Instant.plusSeconds(noted.at, READABLE_SECONDS);
    this.#tally.noted++;
    if (this.#tally.notedUntil === null || until < this.#tally.notedUntil) this.#tally.notedUntil = until;
    return true;
  }

  async #takeFailed(archive: Archive, { jobId, why }: FailedRetrieval): Promise<void> {
    const { isNew, count } = this.#request.underWay.noteFailed(archive.id, jobId);
    if (count < FAILURES_MAX) {
      if (isNew) this.#ports.report(failedBefore(archive, why));
      return this.#want(archive);
    }
    const message = `the retrievals of ${printable(archive.path)} fail again and again, the last: ${why}`;
    const hint = 'is the archive still in the vault? mtglacier verify-remote tells';
    this.#batch.giveUp(archive, new Failure('ARCHIVE_NOT_FOUND', message, { hint }));
  }

  /**
   * Only when all has been looked at it is known how much is under way: until then what may fit is held, which is no more
   * than may be under way at once.
   */
  async #want(archive: Archive): Promise<void> {
    const { scope, room } = this.#request;
    const { size } = archive;
    if (scope === 'while there is room') return this.#consider(archive);
    if (hasRoom(size, this.#heldBytes, room) && this.#held.length < UNDER_WAY_MAX) {
      this.#held.push(archive);
      this.#heldBytes += size;
    } else this.#tally.later++;
  }

  async #consider(archive: Archive): Promise<void> {
    const { underWay, share, room, spending, largest } = this.#request;
    const { size } = archive;
    if (size > largest) return this.#batch.giveUp(archive, beyondPolicy(archive, largest));
    const now = this.#ports.clock.now();
    const isFull = underWay.count + this.#batch.count >= UNDER_WAY_MAX;
    const isTooMuch = isFull || !hasRoom(size, underWay.bytes + this.#batch.bytes, room) || !share.admits(size, now);
    if (this.#tally.refused !== null || isTooMuch) {
      this.#tally.later++;
      return;
    }
    const asked = this.#wasAskedFor(archive) ? 'again' : 'first';
    if (!spending.take(size, asked)) {
      this.#tally.left++;
      return;
    }
    share.take(size, now);
    await this.#batch.add({ archive, asked });
  }

  /** Since somebody accepted the price last: what was allowed then was for this archive too. */
  #wasAskedFor({ id }: Archive): boolean {
    const { saidAt } = this.#request.account.plan;
    const newest = this.#ports.journal.live.activeRetrieval(id, saidAt);
    return newest !== null && newest.at >= Instant.plusSeconds(saidAt, -CLOCKS_DIFFER_SECONDS);
  }
}

function beyondPolicy({ path, size }: Archive, largest: number): Failure {
  const message = `${printable(path)} has ${size} bytes, the account's data retrieval policy lets ${largest} be retrieved in an hour`;
  return new Failure('VAULT_REFUSED', message, {
    hint: 'use --tier Bulk, which no policy limits, or raise the policy',
  });
}
