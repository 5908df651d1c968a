// Which topics are told of a job, and when a job is of no interest to anybody any more.

import { expiryOf, type Job } from './job-book.js';
import type { VaultSettings } from './vault-settings.js';

/**
 * The job's own topic, and the vault's if it had wanted to know by then; a topic that is both is told twice.
 * Source: Glacier developer guide, "Configuring Vault Notifications".
 */
export function topicsOf(settings: VaultSettings, { record, readyAt }: Job): string[] {
  const event = record.action === 'archive-retrieval' ? 'ArchiveRetrievalCompleted' : 'InventoryRetrievalCompleted';
  return [settings.topicOf(event, readyAt), record.snsTopic].filter((topic) => topic !== null);
}

/** Whether its output is gone, and it is not to be told of. @param job one of those that are remembered */
export function jobIsOver(settings: VaultSettings, job: Job, now: number): boolean {
  return expiryOf(job) <= now && topicsOf(settings, job).length === 0;
}
