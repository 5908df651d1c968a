// The restores that were accepted and are not at their end: what is to come back, what it may cost, what was asked for.

import { promises as fs } from 'node:fs';

import { Instant } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { ArchiveId, TopicArn } from '../model/identifiers.js';
import { Money } from '../model/money.js';
import { printable } from '../model/rel-path.js';
import { TIERS, type Tier } from '../model/tier.js';
import { lockJournal } from './lock.js';
import { replaceFile } from './replace-file.js';
import { sidecarsOf } from './sidecars.js';
import { errorCode } from './write-failure.js';

/** What comes back, and how. Two plans of one journal differ in directory or rules. */
export interface PlanTerms {
  /** Where files come back to: an absolute path. */
  readonly directory: string;
  /** The filter, in its order; empty where everything is wanted. */
  readonly rules: readonly PlanRule[];
  readonly tier: Tier;
  readonly topic: TopicArn | null;
  /** Bytes that may be asked for in an hour; null: no limit. */
  readonly bytesPerHour: number | null;
  /** Bytes a second that can come in. */
  readonly lineSpeed: number;
}

interface PlanRule {
  readonly action: 'include' | 'exclude';
  readonly pattern: string;
}

/** What may be asked for in all, since the plan began; null: no limit. */
export interface Allowance {
  readonly files: number | null;
  readonly bytes: number | null;
  readonly cost: Money;
}

/**
 * What was asked for in all. What was asked for again, because it was gone before it was fetched, counts again for its
 * cost alone.
 */
export interface AskedFor {
  readonly files: number;
  readonly bytes: number;
  readonly cost: Money;
}

export interface RestorePlan {
  /** Its number in this journal, from 1. */
  readonly id: number;
  readonly acceptedAt: Instant;
  readonly terms: PlanTerms;
  readonly allowed: Allowance;
  /** What the run allowed that accepted it last. */
  readonly said: Allowance;
  /** When it did. */
  readonly saidAt: Instant;
  readonly asked: AskedFor;
  /**
   * What was to be asked for when this was written last. Whether it was, the vault knows: it is looked up before
   * anything else is asked for.
   */
  readonly asking: Asking | null;
  /** What still counts for the limit of an hour, oldest first. */
  readonly lately: readonly { readonly at: Instant; readonly bytes: number }[];
}

/** Archives that were about to be asked for. */
export interface Asking {
  readonly at: Instant;
  readonly archives: readonly AskedArchive[];
}

export interface AskedArchive {
  readonly id: ArchiveId;
  readonly size: number;
  /** Whether it had been asked for before on the same acceptance. */
  readonly again: boolean;
}

const VERSION = 'A';

/** The plans of a journal, by their numbers. @throws Failure JOURNAL_DAMAGED, JOURNAL_UNWRITABLE */
export async function readRestorePlans(journal: string): Promise<readonly RestorePlan[]> {
  const { restores: file } = await sidecarsOf(journal);
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw damaged(file, `cannot be read (${errorCode(cause) ?? 'unknown error'})`, cause);
  }
  return parse(file, text);
}

/**
 * Puts these in the place of those; none, and the file goes. Only for the holder of the journal's lock.
 * @throws Failure JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function writeRestorePlans(journal: string, plans: readonly RestorePlan[]): Promise<void> {
  const { restores: file } = await sidecarsOf(journal);
  if (plans.length === 0) await fs.rm(file, { force: true });
  else await replaceFile(file, `${JSON.stringify({ version: VERSION, plans }, null, 1)}\n`);
}

/**
 * One process at a time waits for a plan. The journal itself stays free.
 * @throws Failure JOURNAL_LOCKED
 */
export async function lockPlan(journal: string, plan: number): Promise<AsyncDisposable> {
  const sidecars = await sidecarsOf(journal);
  // The name tells this lock from the journal's own, which the same process may hold at the same time.
  const name = `${sidecars.restores}.${plan}`;
  try {
    return await lockJournal({ ...sidecars, journal: name, lock: `${name}.lock`, lockMarker: `${name}.lock.d` });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== 'JOURNAL_LOCKED') throw thrown;
    const message = `another process waits for this restore already: ${thrown.message.replace(/^journal/, 'it')}`;
    throw new Failure('JOURNAL_LOCKED', message, {
      hint: 'it was accepted, and that process brings it',
      cause: thrown,
    });
  }
}

function parse(file: string, text: string): readonly RestorePlan[] {
  try {
    const found = objectIn(JSON.parse(text));
    const { version, plans } = found;
    if (typeof version === 'string' && /^[B-Z]$/.test(version)) {
      const message = `${printable(file)} was written by a newer version of the program`;
      throw new Failure('JOURNAL_DAMAGED', message, { hint: 'use that version, or a newer one, for this journal' });
    }
    if (version !== VERSION || !Array.isArray(plans)) throw new RangeError('no plans');
    return plans.map((plan) => planIn(objectIn(plan)));
  } catch (cause) {
    if (cause instanceof Failure && cause.code === 'JOURNAL_DAMAGED') throw cause;
    throw damaged(file, 'is damaged', cause);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function planIn(plan: Fields): RestorePlan {
  const [terms, asked] = [objectIn(plan['terms']), objectIn(plan['asked'])];
  return {
    id: whole(plan['id']),
    acceptedAt: Instant.ofSeconds(whole(plan['acceptedAt'])),
    terms: {
      directory: text(terms['directory']),
      rules: list(terms['rules']).map(ruleIn),
      tier: tier(terms['tier']),
      topic: terms['topic'] === null ? null : TopicArn.parse(text(terms['topic'])),
      bytesPerHour: wholeOrNull(terms['bytesPerHour']),
      lineSpeed: whole(terms['lineSpeed']),
    },
    allowed: allowanceIn(objectIn(plan['allowed'])),
    said: allowanceIn(objectIn(plan['said'])),
    saidAt: Instant.ofSeconds(whole(plan['saidAt'])),
    asked: {
      files: whole(asked['files']),
      bytes: whole(asked['bytes']),
      cost: Money.ofMillionths(whole(asked['cost'])),
    },
    asking: plan['asking'] === null ? null : askingIn(objectIn(plan['asking'])),
    lately: list(plan['lately']).map((entry) => {
      const { at, bytes } = objectIn(entry);
      return { at: Instant.ofSeconds(whole(at)), bytes: whole(bytes) };
    }),
  };
}

function allowanceIn({ files, bytes, cost }: Fields): Allowance {
  return { files: wholeOrNull(files), bytes: wholeOrNull(bytes), cost: Money.ofMillionths(whole(cost)) };
}

function askingIn({ at, archives }: Fields): Asking {
  return {
    at: Instant.ofSeconds(whole(at)),
    archives: list(archives).map((archive) => {
      const { id, size, again } = objectIn(archive);
      return { id: ArchiveId.parse(text(id)), size: whole(size), again: yes(again) };
    }),
  };
}

function ruleIn(value: unknown): PlanRule {
  const { action, pattern } = objectIn(value);
  if (action !== 'include' && action !== 'exclude') throw new RangeError('no such rule');
  return { action, pattern: text(pattern) };
}

function tier(value: unknown): Tier {
  const found = TIERS.find((one) => one === value);
  if (found === undefined) throw new RangeError('no such tier');
  return found;
}

function objectIn(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('no object');
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new RangeError('no list');
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new RangeError('no text');
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new RangeError('no whole number');
  return value;
}

function yes(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new RangeError('neither true nor false');
  return value;
}

function wholeOrNull(value: unknown): number | null {
  return value === null ? null : whole(value);
}

function damaged(file: string, what: string, cause: unknown): Failure {
  return new Failure('JOURNAL_DAMAGED', `${printable(file)} ${what}`, {
    hint: 'it holds which restores were accepted: when it is removed, they are to be asked for again with mtglacier restore',
    cause,
  });
}
