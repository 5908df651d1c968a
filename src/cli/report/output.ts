// Where text goes: standard output and error, in the terminal's encoding, a reader that went away included.

import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Failure } from '../../model/failure.js';
import { type TextEncoding, UTF_8 } from '../../model/text-encoding.js';
import { outputFailure } from '../standard-output.js';
import type { Heartbeat } from './heartbeat.js';
import { representable, withoutSecrets } from './safe-text.js';

/** What is used of a stream of the process; tests bring their own. */
export interface TextStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Gives false when it has enough to do; it says `drain` when it has done it. */
  write(chunk: string | Uint8Array): unknown;
  /** `error` comes with what it was. */
  on(event: 'error' | 'drain', listener: (error?: NodeJS.ErrnoException) => void): unknown;
}

export type Style = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

export interface Output {
  /** Text for people, in the encoding of this output; what it has no form for comes as `\u{…}`. */
  write(text: string): void;
  /** Text for programs, such as JSON: always UTF-8. */
  writeUtf8(text: string): void;
  /** Bytes that were asked for, as they are: not even secrets are looked for in them. */
  writeBytes(bytes: Uint8Array): void;
  /** From now on text for people is written like this; until then it is UTF-8. */
  encodeWith(encoding: TextEncoding): void;
  /** From now on these never pass in text. */
  hide(secrets: readonly string[]): void;
  /** `text` in a colour, where this output takes colours. */
  paint(style: Style, text: string): string;
  /** Whether a line here can be redrawn. */
  readonly isLive: boolean;
  /**
   * From now on, until disposed, text may be held for a tenth of a second, so that thousands of lines are a few writes;
   * where somebody looks on, none is. What is then written to the `other` outputs comes after what was held here.
   */
  gather(heartbeat: Heartbeat, others: readonly Output[]): Disposable;
  /** Writes what is held. */
  flush(): void;
  /** From now on this is called before anything is written. */
  precede(before: () => void): void;
  /**
   * Waits until what was written is on its way, so that little of it is held in memory; or until the signal.
   * False when nobody reads any more: what is written then is lost.
   */
  taken(signal: AbortSignal): Promise<boolean>;
  /** Why something of all that was written is lost, as when a disk is full; null when only its reader went away. */
  lost(): Promise<Failure | null>;
  /** Width of a line; 80 where it cannot be known. */
  width(): number;
}

/** Text is held for so long and up to so many characters. */
const HELD_MS = 100;
const HELD_MAX = 16 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A reader that closes its end (`| head`) ends the output and not the run: what a run does to a vault must not depend
 * on who reads along. So does any other error of the stream, for which there is `lost`.
 */
export function openOutput(stream: TextStream, environment: Environment): Output {
  return new StreamOutput(stream, environment);
}

class StreamOutput implements Output {
  readonly #stream: TextStream;
  readonly #isColoured: boolean;
  readonly isLive: boolean;
  #isOpen = true;
  #lost: Failure | null = null;
  #isFull = false;
  #waiting: (() => void)[] = [];
  #encoding: TextEncoding = UTF_8;
  #withoutSecrets: (text: string) => string = (text) => text;
  #before: () => void = () => undefined;
  /** Null where every text is written at once. */
  #heartbeat: Heartbeat | null = null;
  #held = '';
  #heldSinceMs = 0;

  constructor(stream: TextStream, environment: Environment) {
    this.#stream = stream;
    this.isLive = stream.isTTY === true && environment['TERM'] !== 'dumb';
    this.#isColoured = this.isLive && (environment['NO_COLOR'] ?? '') === '';
    stream.on('error', (error) => {
      if (this.#isOpen && error !== undefined) this.#lost = outputFailure(error);
      this.#isOpen = false;
      this.#goOn();
    });
    stream.on('drain', () => this.#goOn());
  }

  write(text: string): void {
    if (this.#encoding === UTF_8) this.writeUtf8(text);
    else this.writeBytes(this.#encoded(this.#withoutSecrets(text)));
  }

  writeUtf8(text: string): void {
    this.#before();
    const shown = this.#withoutSecrets(text);
    if (this.#heartbeat === null) this.#put(shown);
    else this.#hold(shown, this.#heartbeat.nowMs());
  }

  writeBytes(bytes: Uint8Array): void {
    this.#before();
    this.flush();
    this.#put(bytes);
  }

  gather(heartbeat: Heartbeat, others: readonly Output[]): Disposable {
    if (this.isLive) return { [Symbol.dispose]: () => undefined };
    this.#heartbeat = heartbeat;
    const beating = heartbeat.every(HELD_MS, () => this.flush());
    for (const other of others) other.precede(() => this.flush());
    return {
      [Symbol.dispose]: () => {
        beating[Symbol.dispose]();
        this.#heartbeat = null;
        this.flush();
      },
    };
  }

  flush(): void {
    if (this.#held === '') return;
    const held = this.#held;
    this.#held = '';
    this.#put(held);
  }

  precede(before: () => void): void {
    this.#before = before;
  }

  encodeWith(encoding: TextEncoding): void {
    this.#encoding = encoding;
  }

  hide(secrets: readonly string[]): void {
    this.#withoutSecrets = withoutSecrets(secrets);
  }

  // Whether to colour is decided here: Node 20 does not look at the stream, and later versions look at stdout only.
  paint(style: Style, text: string): string {
    return this.#isColoured ? styleText(style, text, { validateStream: false }) : text;
  }

  width(): number {
    return this.#stream.columns ?? 80;
  }

  async lost(): Promise<Failure | null> {
    this.flush();
    await setImmediate();
    return this.#lost;
  }

  async taken(signal: AbortSignal): Promise<boolean> {
    this.flush();
    // A reader that has gone is noticed between two turns.
    await setImmediate();
    if (this.#isOpen && this.#isFull && !signal.aborted) await this.#room(signal);
    return this.#isOpen;
  }

  #room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      signal.addEventListener('abort', goOn);
      this.#waiting.push(goOn);
    });
  }

  #goOn(): void {
    this.#isFull = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const goOn of waiting) goOn();
  }

  #encoded(text: string): Uint8Array {
    return this.#encoding.encode(text) ?? representable(text, this.#encoding);
  }

  /** A thread that is busy gets no beats, so the time is looked at here, too. */
  #hold(text: string, nowMs: number): void {
    if (this.#held === '') this.#heldSinceMs = nowMs;
    this.#held += text;
    if (this.#held.length >= HELD_MAX || nowMs - this.#heldSinceMs >= HELD_MS) this.flush();
  }

  #put(chunk: string | Uint8Array): void {
    if (this.#isOpen) this.#isFull = this.#stream.write(chunk) === false;
  }
}
