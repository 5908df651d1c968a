// What a vault's notice says of a job that has ended, as far as it can be read: a hint, never a proof.

import { JobId } from './identifiers.js';

/** A job that is said to have ended, and the vault that is said to have had it. */
export interface ToldJob {
  /** ARN. */
  readonly vault: string;
  readonly jobId: JobId;
}

/** Characters; those of the service have about a thousand. Longer ones are not read. */
const LONGEST = 64 * 1024;
/** Characters; the service's have 92. */
const LONGEST_ID = 512;

/**
 * Reads the text that a topic carries: the answer to DescribeJob. Of one that is no such text: null.
 * Source: Glacier developer guide, "Configuring Vault Notifications in Amazon S3 Glacier".
 */
export function toldJobIn(text: string): ToldJob | null {
  const { VaultARN: vault, JobId: id } = text.length > LONGEST ? {} : fieldsIn(text);
  if (typeof vault !== 'string' || typeof id !== 'string') return null;
  if (id.length > LONGEST_ID || !/^[\w-]+$/.test(id)) return null;
  return { vault, jobId: JobId.parse(id) };
}

/**
 * The same of what a queue holds: the text itself, or within the envelope that a topic puts around it.
 * Source: SNS developer guide, "Fanout to Amazon SQS queues", and "raw message delivery".
 */
export function toldJobInLetter(text: string): ToldJob | null {
  const { Message: message } = text.length > 2 * LONGEST ? {} : fieldsIn(text);
  return toldJobIn(typeof message === 'string' ? message : text);
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
