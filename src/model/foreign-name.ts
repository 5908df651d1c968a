// Names that other programs gave: made relative, or refused, before anything is stored or restored under them.

import { nameOfNoFile } from './refused-name.js';
import { printable, RelPath } from './rel-path.js';

/** What separates directories in the name as found. Programs of Windows write `\`, and may begin with a drive. */
export type Separators = 'slash' | 'slash-and-backslash';

/** A name that a journal can hold and a file can have, or why there is none, as a whole sentence. */
export type HeldName = { readonly path: RelPath } | { readonly why: string };

/**
 * The name below a directory: without drive letter, leading slashes, and empty or `.` components. A name with a `..`,
 * and that of a folder, are refused: what they would become may be the name of something else.
 */
export function heldForeignName(found: string, separators: Separators): HeldName {
  const slashed = separators === 'slash' ? found : found.replaceAll('\\', '/').replace(/^[A-Za-z]:(?=\/)/, '');
  if (slashed.endsWith('/')) return { why: `${printable(found)} stands for a folder` };
  const components = slashed.split('/').filter((component) => component !== '' && component !== '.');
  return heldName(components.join('/'));
}

/** The name as it is, if it is safe. */
export function heldName(found: string): HeldName {
  const why = RelPath.whyNot(found);
  if (why !== null) return { why: `name ${printable(found)} ${why}` };
  const path = RelPath.parse(found);
  return RelPath.canNameAFile(path) ? { path } : { why: nameOfNoFile(found).message };
}
