// Man pages and docs/commands.md: what the tables say, in a form that roff reads as it is meant.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentsOf } from '../../src/cli/manual/documents.js';
import { escaped, example } from '../../src/cli/manual/roff.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { OPTION_NAMES } from '../../src/cli/words/options.js';

const DOCUMENTS = documentsOf(COMMANDS);
const PAGES = [...DOCUMENTS].filter(([file]) => file.endsWith('.1'));

/** What a reader of the page sees. */
function shown(roff: string): string {
  return roff
    .replace(/^\\&/gm, '')
    .replace(
      /\\\((aq|ga|ti|ha|dq)/g,
      (_, name: string) => ({ aq: "'", ga: '`', ti: '~', ha: '^', dq: '"' })[name] ?? '',
    )
    .replaceAll('\\-', '-')
    .replaceAll('\\e', '\\');
}

describe('manual', () => {
  it.each([...DOCUMENTS])('manual: %s is what the tables give (npm run docs writes it)', (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('manual: there are no other pages, and npm is told of all', () => {
    const files = PAGES.map(([file]) => file).sort();
    expect(
      readdirSync('man')
        .map((name) => `man/${name}`)
        .sort(),
    ).toEqual(files);
    const { man, bin, files: packed } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string[]>;
    expect(man?.toSorted()).toEqual(files.map((file) => `./${file}`));
    expect(packed).toContain('man');
    expect(bin).toEqual({ mtglacier: 'dist/cli/main.js', 'mtglacier.pl': 'dist/cli/main.js' });
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'manual: the page of %s tells all of it',
    (name, command) => {
      const page = shown(DOCUMENTS.get(`man/mtglacier-${name}.1`) ?? '');
      expect(page).toContain(`\nmtglacier-${name} - ${command.summary}\n`);
      for (const paragraph of command.about.split('\n\n')) expect(page).toContain(paragraph);
      for (const option of command.listed ?? command.uses)
        expect(page).toMatch(new RegExp(`^\\.BI? "--${option}[ "]`, 'm'));
      for (const line of command.examples.flatMap((one) => one.split('\n'))) expect(page).toContain(`\n${line}\n`);
    },
  );

  it('manual: the page of the program names every command, and every page it refers to is there', () => {
    const page = shown(DOCUMENTS.get('man/mtglacier.1') ?? '');
    for (const { name } of COMMANDS) expect(page).toMatch(new RegExp(`^\\.BI? "${name}[ "]`, 'm'));
    const referred = [...page.matchAll(/^\.BR (\S+) \(1\)/gm)].map(([, name]) => `man/${name}.1`);
    expect([...referred, 'man/mtglacier.1'].sort()).toEqual(PAGES.map(([file]) => file).sort());
  });

  it.each(PAGES)('manual: every line of %s is text or a request that man pages know', (_, text) => {
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^(?:\.(?:\\" .*|nh|ad l|PP|TP|EX|EE|(?:TH|SH|SS|B|I|BI|BR|RI) .+)|(?![.']).*)$/);
    }
  });

  it('manual: any text is escaped so that roff shows it as it is, and takes no line for a request', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[.'\\\-"`~^ aé&(e]*$/)), (lines) => {
        const roff = lines.map(escaped).join('\n');
        expect(roff).not.toMatch(/^[.']|(?<!\\)-|\\(?![-&e(])/m);
        expect(shown(roff)).toBe(lines.join('\n'));
      }),
    );
  });

  it('manual: the lines of an example stay lines', () => {
    expect(example('mtglacier ls \\\n    .x')).toEqual(['.PP', '.EX', 'mtglacier ls \\e', '    .x', '.EE']);
  });

  it('manual: the document explains every option once, and every command', () => {
    const text = DOCUMENTS.get('docs/commands.md') ?? '';
    for (const name of OPTION_NAMES) expect(text.split(`\n#### --${name}\n`)).toHaveLength(2);
    for (const { name } of COMMANDS) expect(text).toContain(`\n### ${name}\n`);
    const links = [...text.matchAll(/\]\(#--([a-z-]+)\)/g)].map(([, name]) => name);
    expect(links.length).toBeGreaterThan(COMMANDS.length);
    for (const link of new Set(links)) expect(OPTION_NAMES).toContain(link);
  });
});
