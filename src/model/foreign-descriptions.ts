// What other programs wrote into archive descriptions. Where each dialect is documented: docs/inventory.md.

import type { Instant } from './clock.js';
import { parseTime } from './description.js';
import { Failure } from './failure.js';
import type { Separators } from './foreign-name.js';
import { UTF_8 } from './text-encoding.js';
import { decodeUtf7 } from './utf7.js';

/** In the order in which all of them are tried: what explains nearly anything comes last. */
export const DIALECTS = ['fastglacier', 'cloudberry', 'qnap', 'plain'] as const;

export type Dialect = (typeof DIALECTS)[number];

/** Words that stand for every dialect. */
const ALL: ReadonlySet<string> = new Set(['all', 'auto']);

/** The name is as found: unsafe, and with the separators of its program. */
export interface ForeignFile {
  readonly filename: string;
  readonly separators: Separators;
  readonly mtime: Instant | null;
  /** The program compressed or encrypted the content: it is that form which the archive holds. */
  readonly isWrapped: boolean;
}

/**
 * A list of dialects with commas between them, in the order in which they are to be tried; a second mention of one adds
 * nothing.
 * @throws Failure USAGE
 */
export function parseDialects(text: string): readonly Dialect[] {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  return [...new Set(words.flatMap(dialectsOf))];
}

function dialectsOf(word: string): readonly Dialect[] {
  if (ALL.has(word)) return DIALECTS;
  const known = DIALECTS.find((dialect) => dialect === word);
  if (known !== undefined) return [known];
  throw new Failure('USAGE', `unknown dialect of archive descriptions: ${JSON.stringify(word)}`, {
    hint: `use any of ${DIALECTS.join(', ')}, with commas between them, or all`,
  });
}

/** The first of the dialects that explains the description, and what it says. Never throws. */
export function explainedBy(
  description: string,
  dialects: readonly Dialect[],
): { readonly dialect: Dialect; readonly file: ForeignFile } | null {
  for (const dialect of dialects) {
    const file = DECODERS[dialect](description.trim());
    if (file !== null) return { dialect, file };
  }
  return null;
}

type Decoder = (description: string) => ForeignFile | null;

const DECODERS: Readonly<Record<Dialect, Decoder>> = {
  fastglacier: decodeFastGlacier,
  cloudberry: decodeCloudBerry,
  qnap: decodeQnap,
  plain: decodePlain,
};

/** `<m><v>2–4</v><p>base64</p><lm>time</lm>…</m>`, at first `<ArchiveMetadata><Path>base64</Path>…</ArchiveMetadata>`. */
function decodeFastGlacier(description: string): ForeignFile | null {
  const path = fastGlacierPath(description);
  const filename = path === null ? null : fromBase64(path);
  if (filename === null || filename === '') return null;
  return {
    filename,
    separators: 'slash-and-backslash',
    mtime: parseTime(contentOf('lm', description) ?? ''),
    isWrapped: /^(?:1:|[^:]*:1:)/.test(contentOf('ce', description) ?? ''),
  };
}

function fastGlacierPath(description: string): string | null {
  if (description.startsWith('<m>')) return contentOf('p', description);
  return description.startsWith('<ArchiveMetadata>') ? contentOf('Path', description) : null;
}

function contentOf(tag: string, xml: string): string | null {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]?.trim() ?? null;
}

/** Null where it is not base64 of UTF-8. */
function fromBase64(text: string): string | null {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? UTF_8.decode(Buffer.from(text, 'base64')) : null;
}

/** `{"Path":"…","UTCDateModified":"20100310T110623Z","Flags":0}`, the path in UTF-7. */
function decodeCloudBerry(description: string): ForeignFile | null {
  const fields = jsonObject(description);
  const { Path, path, UTCDateModified: modified, Flags: flags } = fields ?? {};
  const found = typeof modified === 'string' ? (Path ?? path) : Path;
  if (typeof found !== 'string' || found.trim() === '') return null;
  return {
    filename: decodeUtf7(found),
    separators: 'slash-and-backslash',
    mtime: typeof modified === 'string' ? parseTime(modified) : null,
    isWrapped: typeof flags === 'number' && (flags & COMPRESSED_OR_ENCRYPTED) !== 0,
  };
}

const COMPRESSED_OR_ENCRYPTED = 1 | 2;

/** `{"path": "/share/file", "type": "file"}`. What is of another type is the program's own. */
function decodeQnap(description: string): ForeignFile | null {
  const { path, type } = jsonObject(description) ?? {};
  if (type !== 'file' || typeof path !== 'string' || path === '') return null;
  return { filename: path, separators: 'slash', mtime: null, isWrapped: false };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

/** The description is the name itself, unless it is in a form that some program gave a meaning of its own. */
function decodePlain(description: string): ForeignFile | null {
  if (description === '' || /^(?:mt\d+\s|<m>|<ArchiveMetadata>|\{.*\}$)/s.test(description)) return null;
  const isWindows = /^[A-Za-z]:[\\/]/.test(description) || (description.includes('\\') && !description.includes('/'));
  const separators = isWindows ? 'slash-and-backslash' : 'slash';
  return { filename: description, separators, mtime: null, isWrapped: false };
}
