// A directory on this machine, and how the names below it stand in bytes there.

import { Failure } from '../model/failure.js';
import { nameOfNoFile } from '../model/refused-name.js';
import { printable, RelPath } from '../model/rel-path.js';
import { type TextEncoding, UTF_8 } from '../model/text-encoding.js';

/** A name as calls of the file system take it: text where names are UTF-8, which is faster, else its bytes. */
export type Location = string | Buffer;

export interface Place {
  /** As the user typed it, for messages. */
  readonly root: string;
  readonly encoding: TextEncoding;
  /** The root itself. */
  readonly location: Location;
  /** Null for a path that no file can have here: `unnameable` tells why. */
  locate(path: RelPath): Location | null;
}

/**
 * @param encoding how names stand in bytes, that of the root too
 * @throws Failure USAGE when the root has no form in the encoding
 */
export function placeOf(root: string, encoding: TextEncoding = UTF_8): Place {
  const spell = spellingIn(encoding);
  const location = spell(root);
  if (location === null) throw rootWithoutForm(root, encoding);
  return {
    root,
    encoding,
    location,
    locate: (path) => (RelPath.canNameAFile(path) ? spell(`${root}/${path}`) : null),
  };
}

function spellingIn(encoding: TextEncoding): (text: string) => Location | null {
  if (encoding === UTF_8) return (text) => text;
  return (text) => {
    const bytes = encoding.encode(text);
    return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function rootWithoutForm(root: string, { name }: TextEncoding): Failure {
  return new Failure('USAGE', `directory ${printable(root)} cannot be written in ${name}, the encoding of file names`, {
    hint: 'give the encoding that the names on this disk have with --filenames-encoding',
  });
}

/** The failure of a path that `locate` knows no location for. */
export function unnameable({ encoding }: Pick<Place, 'encoding'>, path: RelPath): Failure {
  if (!RelPath.canNameAFile(path)) return nameOfNoFile(path);
  const message = `name ${printable(path)} cannot be written in ${encoding.name}, the encoding of file names`;
  return new Failure('NAME_REFUSED', message, {
    hint: 'give the encoding that the names on this disk have with --filenames-encoding; UTF-8 can write any name',
  });
}
