// Asking for some archives at once, so that a crash at any moment leaves an account that can be settled.

import type { AskedArchive, Asking } from '../../journal/restore-plans.js';
import type { Archive } from '../../model/archive.js';
import { asFailure, type Failure, isUnanswered, reachOf } from '../../model/failure.js';
import type { ArchiveId } from '../../model/identifiers.js';
import type { Asked } from '../../plan/allowance.js';
import { forEachConcurrently, type Halt } from '../../transfer/concurrently.js';
import type { RequestedRetrieval } from '../../vault/retrieving-port.js';
import { reportUnforeseen } from '../items.js';
import type { RoundPorts, RoundRequest, RoundTally } from './round.js';

/** Archives that are asked for under one entry in the plans' file: each entry is a flush or two. */
const BATCH = 100;

export interface AskFor {
  readonly archive: Archive;
  readonly asked: Asked;
}

/**
 * Archives that were taken on the account of a plan, and are to be asked for. They are written down as to be asked for, asked
 * for, and then charged.
 */
export class AskingBatch {
  readonly #request: RoundRequest;
  readonly #ports: RoundPorts;
  readonly #tally: RoundTally;
  readonly #halt: Halt;
  #archives: AskFor[] = [];
  #bytes = 0;

  constructor(request: RoundRequest, ports: RoundPorts, tally: RoundTally, halt: Halt) {
    this.#request = request;
    this.#ports = ports;
    this.#tally = tally;
    this.#halt = halt;
  }

  /** Of those that are not yet asked for. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#archives.length;
  }

  /** Asks when there are enough. @throws Failure as `ask` */
  async add(wanted: AskFor): Promise<void> {
    this.#archives.push(wanted);
    this.#bytes += wanted.archive.size;
    if (this.#archives.length === BATCH) await this.ask();
  }

  /** @throws Failure when it concerns the run; the account is right then too */
  async ask(): Promise<void> {
    const batch = this.#archives;
    if (batch.length === 0) return;
    this.#archives = [];
    this.#bytes = 0;
    const { spending, share, width } = this.#request;
    const asking = { at: this.#ports.clock.now(), archives: batch.map(noted) };
    const heard = new Set<ArchiveId>();
    const unanswered = new Set<ArchiveId>();
    for (const { archive, asked } of batch) spending.giveBack(archive.size, asked);
    await this.keep(asking);
    try {
      await forEachConcurrently(batch, width, this.#halt, ({ archive }) => this.#ask(archive, { heard, unanswered }));
    } finally {
      for (const { archive, asked } of batch) {
        const { id, size } = archive;
        if (heard.has(id)) spending.charge(size, asked);
        else if (!unanswered.has(id)) share.giveBack(size);
      }
      await this.keep({ ...asking, archives: asking.archives.filter(({ id }) => unanswered.has(id)) });
    }
  }

  /** Nothing more is tried for it in this run. */
  giveUp(archive: Archive, failure: Failure): void {
    this.#request.underWay.leave(archive.id, 'given up');
    this.#tally.givenUp++;
    reportUnforeseen(archive.path, failure, this.#ports.report);
  }

  /** Puts the account on stable storage. @param asking what is about to be asked for, or perhaps was */
  async keep(asking: Asking | null): Promise<void> {
    const { account, spending, share } = this.#request;
    const { journal, clock } = this.#ports;
    await account.keep(journal.file, {
      asked: spending.spent,
      asking: asking?.archives.length === 0 ? null : asking,
      lately: share.lately(clock.now()),
    });
  }

  async #ask(archive: Archive, { heard, unanswered }: Outcomes): Promise<void> {
    if (this.#tally.refused !== null) {
      this.#tally.later++;
      return;
    }
    try {
      const asked = await this.#requestOf(archive);
      heard.add(archive.id);
      await this.#noteRequested(archive, asked);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (isUnanswered(failure.code)) unanswered.add(archive.id);
      if (isForNow(failure)) {
        this.#tally.refused ??= failure;
        this.#tally.later++;
      } else if (reachOf(failure.code) === 'skip') this.giveUp(archive, failure);
      else throw failure;
    }
  }

  #requestOf({ id }: Archive): Promise<RequestedRetrieval> {
    const { tier, topic } = this.#request.account.plan.terms;
    return this.#ports.vault.requestRetrieval(id, { tier, range: null, topic }, this.#halt.now);
  }

  async #noteRequested(archive: Archive, { jobId, at, expected }: RequestedRetrieval): Promise<void> {
    const { id: archiveId, path, size } = archive;
    const { journal, report } = this.#ports;
    await journal.append({ type: 'retrieve-job', at, archiveId, jobId });
    this.#request.underWay.put(archive, { state: 'running', jobId, requestedAt: at, expected }, this.#request.wave);
    if (this.#request.underWay.isAgain(archiveId)) {
      this.#tally.again++;
      this.#tally.againBytes += size;
    } else {
      this.#tally.requested++;
      this.#tally.requestedBytes += size;
    }
    report({ event: 'requested', path, archiveId, jobId });
  }
}

function noted({ archive: { id, size }, asked }: AskFor): AskedArchive {
  return { id, size, again: asked === 'again' };
}

/** What is known of those of a batch that were asked for; what was not answered is looked up before the next are. */
interface Outcomes {
  readonly heard: Set<ArchiveId>;
  readonly unanswered: Set<ArchiveId>;
}

/** What the vault refuses now and takes later. */
function isForNow({ code }: Failure): boolean {
  return code === 'NO_CAPACITY' || code === 'RETRIEVAL_POLICY';
}
