// Which vault a journal belongs to, and how it is encoded: the file that says so, and the refusal of any other.

import { promises as fs } from 'node:fs';
import { basename } from 'node:path';

import { asFailure, Failure } from '../model/failure.js';
import { VaultName } from '../model/identifiers.js';
import { printable } from '../model/rel-path.js';
import type { Intents } from './intents.js';
import type { ReadableJournal } from './journal.js';
import { checkEncodings, type KeptEncodings } from './kept-encodings.js';
import { replaceFile } from './replace-file.js';
import { sidecarsOf } from './sidecars.js';
import { errorCode } from './write-failure.js';

/** A vault made anew under its old name has the old ARN and another `createdAt`, as the service writes it. */
export interface Binding extends KeptEncodings {
  readonly endpoint: string;
  readonly region: string;
  readonly vault: VaultName;
  readonly arn: string;
  readonly createdAt: string;
}

/** What a binding is checked for. `vacant`: nothing in the journal speaks of any vault. */
export interface BindingTerms {
  /** The user said on purpose that the journal is to belong to the wanted vault. */
  readonly rebind: boolean;
  readonly vacant: boolean;
}

const VERSION = 'A';

/** Null when the journal belongs to no vault yet. @throws Failure CONFIG when the file is damaged */
export async function readBinding(journal: string): Promise<Binding | null> {
  const { vault: file } = await sidecarsOf(journal);
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    throw damaged(file, `cannot be read (${errorCode(cause) ?? 'unknown error'})`, cause);
  }
  return parse(file, text);
}

/** The same where a damaged file is no hindrance: null then too. */
export async function readSoundBinding(journal: string): Promise<Binding | null> {
  try {
    return await readBinding(journal);
  } catch (thrown) {
    asFailure(thrown);
    return null;
  }
}

function parse(file: string, text: string): Binding {
  let fields: Partial<Record<string, unknown>>;
  try {
    fields = Object(JSON.parse(text)) as Partial<Record<string, unknown>>;
  } catch (cause) {
    throw damaged(file, 'is damaged', cause);
  }
  const { version, endpoint, region, vault, arn, createdAt, journalEncoding, filenamesEncoding } = fields;
  if (typeof version === 'string' && /^[B-Z]$/.test(version)) {
    throw damaged(file, 'was written by a newer version of the program', undefined);
  }
  const texts = [endpoint, region, vault, arn, createdAt];
  const encodings = [journalEncoding, filenamesEncoding];
  if (version !== VERSION || !isTexts(texts) || !areNoted(encodings)) throw damaged(file, 'is damaged', undefined);
  const [where, place, name, resource, born] = texts;
  return {
    endpoint: where,
    region: place,
    vault: vaultName(file, name),
    arn: resource,
    createdAt: born,
    journalEncoding: encodings[0],
    filenamesEncoding: encodings[1],
  };
}

/** Files of earlier versions have neither. */
function areNoted(values: readonly unknown[]): values is (string | undefined)[] {
  return values.every((value) => typeof value === 'string' || value === undefined);
}

function isTexts(values: readonly unknown[]): values is [string, string, string, string, string] {
  return values.every((value) => typeof value === 'string');
}

function vaultName(file: string, text: string): VaultName {
  try {
    return VaultName.parse(text);
  } catch (cause) {
    throw damaged(file, 'is damaged', cause);
  }
}

function damaged(file: string, why: string, cause: unknown): Failure {
  return new Failure('CONFIG', `${file} ${why}`, {
    hint: 'it says which vault the journal belongs to; if you are sure of that, remove it: the next run writes it anew',
    cause,
  });
}

/**
 * Whether the wanted binding is still to be recorded: for a journal that has none, and when only words have changed.
 * The same vault is one with the same ARN and time of creation, whatever the endpoint.
 * @throws Failure JOURNAL_OF_OTHER_VAULT
 */
export function checkBinding(
  journal: string,
  found: Binding | null,
  wanted: Binding,
  terms: BindingTerms,
): 'as-recorded' | 'to-record' {
  if (found === null) return 'to-record';
  const isSameVault = found.arn === wanted.arn && found.createdAt === wanted.createdAt;
  if (!isSameVault && !terms.rebind && !terms.vacant) throw ofOtherVault(journal, found, wanted);
  return bindingText(found) === bindingText(toRecord(found, wanted)) ? 'as-recorded' : 'to-record';
}

/** A run that has nothing to do with the names on disk leaves standing what was noted of them. */
function toRecord(found: Binding | null, wanted: Binding): Binding {
  return { ...wanted, filenamesEncoding: wanted.filenamesEncoding ?? found?.filenamesEncoding };
}

/**
 * The same without asking a service, by the names alone; a journal without a binding fits any.
 * @throws Failure JOURNAL_OF_OTHER_VAULT
 */
export function checkBindingOffline(
  journal: string,
  found: Binding | null,
  wanted: Pick<Binding, 'vault' | 'region'>,
): void {
  if (found === null || (found.vault === wanted.vault && found.region === wanted.region)) return;
  throw otherVault(journal, named(found), named(wanted));
}

function ofOtherVault(journal: string, found: Binding, wanted: Binding): Failure {
  const isAnew = found.arn === wanted.arn;
  const [was, is] = isAnew
    ? [`${named(found)} made on ${found.createdAt}`, `the one made on ${wanted.createdAt}`]
    : [`${named(found)} (${found.arn} at ${found.endpoint})`, `${named(wanted)} (${wanted.arn} at ${wanted.endpoint})`];
  return otherVault(journal, was, is);
}

function named({ vault, region }: Pick<Binding, 'vault' | 'region'>): string {
  return `vault ${vault} in ${region}`;
}

/** What a service or a file said may hold anything, so it is made safe to print. */
function otherVault(journal: string, was: string, is: string): Failure {
  const safe = (text: string): string => printable(text).slice(1, -1);
  const message = `journal ${basename(journal)} belongs to ${safe(was)}, not to ${safe(is)}`;
  return new Failure('JOURNAL_OF_OTHER_VAULT', message, {
    hint: 'name the right --vault or --journal; to say that the journal now belongs there, give --rebind-journal',
  });
}

/**
 * Checks that an open journal belongs to the wanted vault, in the wanted encodings, and records what is new of that.
 * @throws Failure JOURNAL_OF_OTHER_VAULT, JOURNAL_IN_OTHER_ENCODING, CONFIG, JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function bindJournal(
  open: { readonly journal: ReadableJournal; readonly intents: Intents },
  wanted: Binding,
  rebind: boolean,
): Promise<void> {
  const { file, live } = open.journal;
  const { left, possibleOrphans } = open.intents;
  const vacant = live.count === 0 && left.length === 0 && possibleOrphans.length === 0;
  // A damaged file is no hindrance to saying on purpose what stands in it.
  const found = rebind ? await readSoundBinding(file) : await readBinding(file);
  if (checkBinding(file, found, wanted, { rebind, vacant }) === 'as-recorded') return;
  if (found !== null && !rebind) await checkEncodings(file, found, wanted);
  await replaceFile((await sidecarsOf(file)).vault, bindingText(toRecord(found, wanted)));
}

/**
 * The same for a journal that was made from what the vault lists, whose lock is held. Other vaults are refused only where
 * something beside it, left of the journal that it takes the place of, still speaks of one.
 * @throws Failure JOURNAL_OF_OTHER_VAULT, CONFIG, JOURNAL_UNWRITABLE, DISK_FULL
 */
export async function bindNewJournal(file: string, wanted: Binding): Promise<void> {
  await assertMayBind(file, wanted);
  await replaceFile((await sidecarsOf(file)).vault, bindingText(toRecord(await readBinding(file), wanted)));
}

/** To be asked before such a journal is made. @throws Failure JOURNAL_OF_OTHER_VAULT, CONFIG */
export async function assertMayBind(file: string, wanted: Binding): Promise<void> {
  const { pending } = await sidecarsOf(file);
  const vacant = await fs.access(pending).then(
    () => false,
    () => true,
  );
  try {
    checkBinding(file, await readBinding(file), wanted, { rebind: false, vacant });
  } catch (thrown) {
    const { code, message, hint } = asFailure(thrown);
    throw new Failure(code, message, {
      hint: code === 'JOURNAL_OF_OTHER_VAULT' ? OF_ITS_FORERUNNER : hint,
      cause: thrown,
    });
  }
}

const OF_ITS_FORERUNNER =
  'so says the .vault file of the journal that was there, whose .pending file speaks of unfinished work: ' +
  'take another name for the new journal, or move both files away';

function bindingText(binding: Binding): string {
  const { endpoint, region, vault, arn, createdAt, journalEncoding, filenamesEncoding } = binding;
  const fields = { endpoint, region, vault, arn, createdAt, journalEncoding, filenamesEncoding };
  return `${JSON.stringify({ version: VERSION, ...fields })}\n`;
}
