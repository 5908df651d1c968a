// What the documents point to is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');

const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  ...['docs', 'docs/adr', 'cycletest', 'cycletest/clients'].flatMap((folder) =>
    readdirSync(join(PROJECT, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
];

/** Rooms too, whose files documents name without `src/` and without their ending. */
const FOLDERS = readdirSync(join(PROJECT, 'src')).concat('src', 'test', 'docs', 'cycletest', 'bench');
const NAMED = new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]+)\``, 'g');

function textOf(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8');
}

function isThere(path: string): boolean {
  return [path, `src/${path}`, `src/${path}.ts`].some((one) => existsSync(join(PROJECT, one)));
}

describe('documents', () => {
  it.each(DOCUMENTS)('document: every file that %s points to exists', (file) => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(PROJECT, dirname(file), link)))).toEqual([]);
  });

  it.each(DOCUMENTS)('document: every file that %s names exists', (file) => {
    const named = [...textOf(file).matchAll(NAMED)].map(([, path = '']) => path);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  it('document: links and names are found at all', () => {
    const all = DOCUMENTS.map(textOf).join('\n');
    expect(all.match(NAMED)?.length).toBeGreaterThan(20);
    expect(all.match(/\]\((?!https?:)/g)?.length).toBeGreaterThan(50);
  });
});
