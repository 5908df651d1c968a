// A life as a document: Markdown whose console blocks hold the commands that are typed and what they must print.

/** One command with what it must print. */
export interface Step {
  readonly line: number;
  /** As typed; may go over several lines that end in a backslash. */
  readonly command: string;
  /** `…` stands for any text in a line, and alone on a line for any lines. */
  readonly expected: readonly string[];
  readonly exitCode: number;
}

export type Piece = { readonly prose: string } | { readonly step: Step };

export interface Script {
  readonly title: string;
  readonly pieces: readonly Piece[];
  /** Needs a local vault, whatever the other lives are played against. */
  readonly localOnly: boolean;
}

/**
 * Reads the prose and the steps. In a block that begins with ```console, `$ ` begins a command, lines up to the next
 * are its output, and a last line `[75]` is its exit code, which is 0 otherwise.
 */
export function parseScript(markdown: string): Script {
  const pieces: Piece[] = [];
  let open: { line: number; command: string; expected: string[] } | null = null;
  let inBlock = false;
  const close = (): void => {
    if (open !== null) pieces.push({ step: finish(open) });
    open = null;
  };
  markdown.split('\n').forEach((text, index) => {
    if (text.startsWith('```')) {
      close();
      inBlock = !inBlock && text === '```console';
    } else if (!inBlock) {
      pieces.push({ prose: text });
    } else if (text.startsWith('$ ')) {
      close();
      open = { line: index + 1, command: text.slice(2), expected: [] };
    } else if (open?.command.endsWith('\\') && open.expected.length === 0) {
      open.command += `\n${text}`;
    } else {
      open?.expected.push(text);
    }
  });
  close();
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? 'A life';
  return { title, pieces, localOnly: markdown.includes('<!-- local only -->') };
}

function finish({ line, command, expected }: { line: number; command: string; expected: string[] }): Step {
  const exit = /^\[(\d+)\]$/.exec(expected.at(-1) ?? '');
  if (exit === null) return { line, command, expected, exitCode: 0 };
  return { line, command, expected: expected.slice(0, -1), exitCode: Number(exit[1]) };
}

/** Whether the lines printed are those expected, line by line. */
export function matches(expected: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return printed.length === 0;
  if (first === '…') {
    return printed.length === 0
      ? matches(rest, printed)
      : matches(rest, printed) || matches(expected, printed.slice(1));
  }
  const [line, ...others] = printed;
  return line !== undefined && matchesLine(first, line) && matches(rest, others);
}

function matchesLine(expected: string, line: string): boolean {
  const pattern = expected.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(line);
}
