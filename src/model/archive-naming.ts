// The name that an archive of an inventory goes by, and how it was found.

import type { Instant } from './clock.js';
import { decodeDescription } from './description.js';
import { type Dialect, explainedBy } from './foreign-descriptions.js';
import { type HeldName, heldForeignName, heldName } from './foreign-name.js';
import type { ArchiveId } from './identifiers.js';
import { withoutFormInJournal } from './refused-name.js';
import { printable } from './rel-path.js';
import type { TextEncoding } from './text-encoding.js';

/** The descriptions of this program and of mt-aws-glacier, those of others, or none that says a name. */
export type NameSource = 'mt2' | 'mt1' | Dialect | 'archive-id';

/** How to name, whatever the archive. */
export interface NamingRules {
  /** Tried in this order where the description is not one of our own. */
  readonly dialects: readonly Dialect[];
  /** Of the journal that is to hold the name. */
  readonly encoding: TextEncoding;
}

export interface ArchiveName {
  readonly source: NameSource;
  /** The name as the description has it. */
  readonly found: string;
  readonly held: HeldName;
  readonly mtime: Instant | null;
  /** Another program compressed or encrypted the content, and the archive holds that form. */
  readonly isWrapped: boolean;
}

/** What an inventory says of an archive, as far as it matters here. */
interface Described {
  readonly id: ArchiveId;
  readonly description: string;
  readonly createdAt: Instant;
}

/** Never throws, whatever the inventory says. */
export function nameOf(archive: Described, { dialects, encoding }: NamingRules): ArchiveName {
  const name = ownName(archive.description) ?? foreignName(archive.description, dialects) ?? idAsName(archive.id);
  const why = whyNoRecord(archive);
  return { ...name, held: why === null ? heldIn(encoding, name.held) : { why } };
}

/** Beside the name: journals count from 1970 on, and an id must have the same form in every encoding. */
function whyNoRecord({ id, createdAt }: Described): string | null {
  if (createdAt < 0) return 'the archive was stored before 1970, as the inventory has it';
  return /^[!-~]+$/.test(id) ? null : `${printable(id)} is no id that a vault gives`;
}

function ownName(description: string): ArchiveName | null {
  const file = decodeDescription(description);
  if (file === null) return null;
  const source = description.trimStart().startsWith('mt1') ? 'mt1' : 'mt2';
  const { filename: found, mtime } = file;
  return { source, found, held: heldName(found), mtime, isWrapped: false };
}

function foreignName(description: string, dialects: readonly Dialect[]): ArchiveName | null {
  const explained = explainedBy(description, dialects);
  if (explained === null) return null;
  const { filename: found, separators, mtime, isWrapped } = explained.file;
  return { source: explained.dialect, found, held: heldForeignName(found, separators), mtime, isWrapped };
}

/** Source: behaviour of mt-aws-glacier 1.120. */
function idAsName(id: ArchiveId): ArchiveName {
  return { source: 'archive-id', found: id, held: heldName(id), mtime: null, isWrapped: false };
}

function heldIn(encoding: TextEncoding, held: HeldName): HeldName {
  if ('why' in held || encoding.encode(held.path) !== null) return held;
  return { why: withoutFormInJournal(held.path, encoding).message };
}
