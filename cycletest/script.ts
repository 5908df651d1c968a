// A life as a document: Markdown whose console blocks hold the commands that are typed and what they must print.

/** One command with what it must print. */
export interface Step {
  readonly line: number;
  /** As typed; may go over several lines. */
  readonly command: string;
  /** `…` stands for any text in a line, and alone on a line for any lines. */
  readonly expected: readonly string[];
  readonly exitCode: number;
}

/** `localOnly`: stands in a part that needs a local vault, whatever the rest is played against. */
export type Piece = ({ readonly prose: string } | { readonly step: Step }) & { readonly localOnly: boolean };

export interface Script {
  readonly title: string;
  readonly pieces: readonly Piece[];
  /** All of it needs a local vault. */
  readonly localOnly: boolean;
  /** A command that must succeed where it is to be played, because it needs that program; null: it needs none. */
  readonly needs: string | null;
}

const LOCAL_ONLY = '<!-- local only -->';
const NEEDS = /^<!-- needs (.+) -->$/;

/**
 * Reads the prose and the steps. In a block that begins with ```console, `$ ` begins a command, lines up to the next
 * are its output, and a last line `[75]` is its exit code, which is 0 otherwise. A backslash at the end of a command takes
 * the next line in, and so does `> ` at the beginning of a line that follows it. `<!-- local only -->` below a heading
 * speaks of its part, below the title of the whole; `<!-- needs COMMAND -->` always speaks of the whole.
 */
export function parseScript(markdown: string): Script {
  const reader = new Reader();
  for (const text of markdown.replace(/\n$/, '').split('\n')) reader.read(text);
  return reader.finish(/^# (.+)$/m.exec(markdown)?.[1] ?? 'A life');
}

class Reader {
  readonly #pieces: Piece[] = [];
  #line = 0;
  /** Null outside of blocks. */
  #block: 'console' | 'other' | null = null;
  #open: { line: number; command: string; expected: string[] } | null = null;
  #isPart = false;
  #localOnly = { all: false, part: false };
  #needs: string | null = null;

  read(text: string): void {
    this.#line++;
    if (text.startsWith('```')) this.#readFence(text);
    else if (this.#block === 'console') this.#readInConsole(text);
    else if (this.#block === null && text === LOCAL_ONLY) this.#localOnly[this.#isPart ? 'part' : 'all'] = true;
    else if (this.#block === null && NEEDS.test(text)) this.#needs = NEEDS.exec(text)?.[1] ?? null;
    else this.#readProse(text);
  }

  finish(title: string): Script {
    this.#close();
    return { title, pieces: this.#pieces, localOnly: this.#localOnly.all, needs: this.#needs };
  }

  #readFence(text: string): void {
    this.#close();
    const isConsole = this.#block === 'console' || text === '```console';
    this.#block = this.#block === null ? (isConsole ? 'console' : 'other') : null;
    if (!isConsole) this.#add({ prose: text });
  }

  #readInConsole(text: string): void {
    if (text.startsWith('$ ')) {
      this.#close();
      this.#open = { line: this.#line, command: text.slice(2), expected: [] };
    } else if (this.#open?.command.endsWith('\\') && this.#open.expected.length === 0) {
      this.#open.command += `\n${text}`;
    } else if (/^>(?: |$)/.test(text) && this.#open?.expected.length === 0) {
      this.#open.command += `\n${text.slice(2)}`;
    } else {
      this.#open?.expected.push(text);
    }
  }

  #readProse(text: string): void {
    if (this.#block === null && text.startsWith('## ')) {
      this.#isPart = true;
      this.#localOnly.part = false;
    }
    this.#add({ prose: text });
  }

  #close(): void {
    if (this.#open !== null) this.#add({ step: stepOf(this.#open) });
    this.#open = null;
  }

  #add(piece: { prose: string } | { step: Step }): void {
    this.#pieces.push({ ...piece, localOnly: this.#localOnly.all || this.#localOnly.part });
  }
}

function stepOf({ line, command, expected }: { line: number; command: string; expected: string[] }): Step {
  const exit = /^\[(\d+)\]$/.exec(expected.at(-1) ?? '');
  if (exit === null) return { line, command, expected, exitCode: 0 };
  return { line, command, expected: expected.slice(0, -1), exitCode: Number(exit[1]) };
}
