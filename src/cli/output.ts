// Where text goes: standard output and error, a reader that went away included.

import { styleText } from 'node:util';
import { withoutSecrets } from './safe-text.js';

/** What is used of a stream of the process; tests bring their own. */
export interface TextStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

export type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

export interface Output {
  write(text: string): void;
  /** From now on these never pass. */
  hide(secrets: readonly string[]): void;
  /** `text` in a colour, where this output takes colours. */
  paint(style: Style, text: string): string;
  /** Whether a line here can be redrawn. */
  readonly isLive: boolean;
  /** Width of a line; 80 where it cannot be known. */
  width(): number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A reader that closes its end (`| head`) ends the output and not the run: what a run does to a vault must not depend
 * on who reads along. Other errors of the stream are treated alike, as there is nowhere to tell them.
 */
export function openOutput(stream: TextStream, environment: Environment): Output {
  let isOpen = true;
  stream.on('error', () => {
    isOpen = false;
  });
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb';
  const isColoured = isTerminal && (environment['NO_COLOR'] ?? '') === '';
  let write = (text: string): void => {
    if (isOpen) stream.write(text);
  };
  return {
    write: (text) => write(text),
    hide(secrets) {
      write = withoutSecrets(secrets, write);
    },
    // Whether to colour is decided here: Node 20 does not look at the stream, and later versions look at stdout only.
    paint: (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text),
    isLive: isTerminal,
    width: () => stream.columns ?? 80,
  };
}
