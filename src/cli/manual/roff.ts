// Writes man pages: text that cannot be taken for instructions, and the few instructions that our pages need.

/** Text of a line: what roff would read as something else, or would set as another character, is escaped. */
export function escaped(text: string): string {
  const marked = text.replace(/[\\\-'`~^"]/g, (character) => CHARACTERS[character] ?? character);
  return marked.replace(/^(?=\.)/gm, '\\&');
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '~': '\\(ti',
  '^': '\\(ha',
  '"': '\\(dq',
};

/** The first lines of a page. `name` is that of the page, such as `mtglacier-sync`. */
export function header(name: string, summary: string): string[] {
  return [
    '.\\" Made by npm run docs from the tables of commands and options: change those.',
    `.TH ${escaped(name.toUpperCase())} 1 "" mtglacier "mtglacier manual"`,
    // Names of options, cut in two or pulled apart, could not be found again.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escaped(name)} \\- ${escaped(summary)}`,
  ];
}

export function section(heading: string, body: readonly string[]): string[] {
  return [`.SH ${heading}`, ...body];
}

export function subsection(heading: string, body: readonly string[]): string[] {
  return [`.SS "${escaped(heading)}"`, ...body];
}

export function paragraph(text: string): string[] {
  return ['.PP', escaped(text)];
}

/** Something and what it means. What is to be typed is bold, what is to be replaced is in italics; either may be empty. */
export function entry(typed: string, replaced: string, meaning: string): string[] {
  return ['.TP', nameOf(typed, replaced), escaped(meaning)];
}

function nameOf(typed: string, replaced: string): string {
  if (replaced === '') return `.B "${escaped(typed)}"`;
  return typed === '' ? `.I "${escaped(replaced)}"` : `.BI "${escaped(typed)} " "${escaped(replaced)}"`;
}

/** Lines to be shown as they are. */
export function example(text: string): string[] {
  return ['.PP', '.EX', ...text.split('\n').map(escaped), '.EE'];
}

/** Other pages, in a row. */
export function pages(names: readonly string[]): string[] {
  return names.map((name, index) => `.BR ${escaped(name)} (1)${index === names.length - 1 ? '' : ','}`);
}
