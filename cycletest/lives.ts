// Which lives there are: those of this folder, then those of other people's clients.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './home.js';

const FOLDERS = ['cycletest', 'cycletest/clients'];
/** The main job; the others of its folder follow in the order of their names. */
const FIRST = 'photos.md';

/** The project's front page, which is a life too. */
export const TOUR = join(PROJECT, 'README.md');

export function lives(): string[] {
  return FOLDERS.flatMap((folder) => livesIn(join(PROJECT, folder)));
}

function livesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .toSorted((one, other) => Number(other === FIRST) - Number(one === FIRST) || (one < other ? -1 : 1))
    .map((file) => join(folder, file));
}
