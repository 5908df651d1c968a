// What a place has under a file's name, as text.

import type { Place } from '../../src/disk/place.js';
import { openSource } from '../../src/disk/source.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { never } from './temporary-directory.js';

export async function contentOf(place: Place, file: LocalFile): Promise<string> {
  const content = Buffer.alloc(file.size);
  await using source = openSource(place, file);
  for await (const _ of source.pieces({ start: 0, end: file.size }, content, never));
  return content.toString();
}
