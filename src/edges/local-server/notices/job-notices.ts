// Tells topics of jobs that ended: when they do, or at the next start when nobody was there to tell.

import type { VaultClock } from '../control/clock.js';
import { descriptionOfJob } from '../operations/job-description.js';
import type { Service } from '../operations/service.js';
import type { Job } from '../vault/job-book.js';
import { topicsOf } from '../vault/job-topics.js';
import type { Vault } from '../vault/vault.js';
import type { Notices } from './notice-port.js';

/** How often is looked which jobs ended, besides whenever the clock is advanced. */
const LOOK_EVERY_MS = 100;
const AFTER_FAILURE_MS = 5000;

export interface JobNoticeOptions {
  /** Of every account there is at the moment. */
  services(): Iterable<Service>;
  readonly clock: VaultClock;
  readonly notices: Notices;
  readonly log: (line: string) => void;
}

export class JobNotices {
  readonly #options: JobNoticeOptions;
  #open = false;
  #listening: Disposable | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: JobNoticeOptions) {
    this.#options = options;
  }

  /** Tells of all that ended since the last run, and from now on of what ends. */
  open(): void {
    this.#open = true;
    this.#listening = this.#options.clock.onAdvance(() => void this.look());
    this.#lookAfter(0);
  }

  /** Resolves when nobody is being told any more. */
  async close(): Promise<void> {
    this.#open = false;
    this.#listening?.[Symbol.dispose]();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Resolves when all jobs that have ended by now were told of, or could not be. */
  look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = this.#looking.then(async () =>
      this.#lookAfter((await this.#tellAll()) ? LOOK_EVERY_MS : AFTER_FAILURE_MS),
    );
    return this.#looking;
  }

  #lookAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#open) return;
    this.#timer = setTimeout(() => void this.look(), delayMs);
    this.#timer.unref();
  }

  /** Whether nothing failed. */
  async #tellAll(): Promise<boolean> {
    let allTold = true;
    for (const service of this.#options.services()) {
      for (const vault of service.folder.vaults.values()) {
        if (!this.#open) return true;
        const jobs = vault.state.jobs.unnoticed(service.now());
        if (jobs.length === 0) continue;
        // Together, so that they share what is written and flushed.
        const told = await Promise.all(jobs.map((job) => this.#told(service, vault, job)));
        allTold = told.every(Boolean) && allTold;
      }
    }
    return allTold;
  }

  /**
   * The message goes out before the log says so: after a crash in between it goes out again, at least once, as SNS
   * itself has it.
   */
  async #told(service: Service, vault: Vault, job: Job): Promise<boolean> {
    const { id } = job.record;
    const topics = topicsOf(vault.state.settings, job);
    try {
      if (topics.length > 0) {
        await vault.settled();
        const message = JSON.stringify(descriptionOfJob(service, vault, job));
        const { accountId } = service.folder.account;
        await Promise.all(topics.map((topic) => this.#options.notices.publish(topic, message, null, accountId)));
        vault.record({ type: 'job-noticed', id, at: service.now() });
      }
      vault.state.jobs.notice(id);
      return true;
    } catch (cause) {
      if (service.folder.vaults.get(vault.state.name) !== vault) return true;
      this.#options.log(`no notice of job ${id} could be given: ${(cause as Error).message}`);
      return false;
    }
  }
}
