// Gathers what is wrong with what the user said, so that all of it is told at once.

import { Failure } from '../../model/failure.js';

export class Problems {
  readonly #found: Failure[] = [];

  add(message: string, hint?: string): void {
    this.#found.push(new Failure('USAGE', message, { hint }));
  }

  /** What `attempt` gives; undefined when it failed, which is noted. */
  attempt<T>(attempt: () => T): T | undefined {
    try {
      return attempt();
    } catch (error) {
      this.note(error);
      return undefined;
    }
  }

  /** Takes a failure that was thrown; throws anything else on. */
  note(thrown: unknown): void {
    if (!(thrown instanceof Failure)) throw thrown;
    this.#found.push(thrown);
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  /** @throws Failure with one line for each problem, and the code of the first */
  throwIfAny(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const hints = new Set(this.#found.map((problem) => problem.hint).filter((hint) => hint !== undefined));
    throw new Failure(first.code, this.#found.map((problem) => problem.message).join('\n'), {
      hint: hints.size === 0 ? undefined : [...hints].join('\n'),
    });
  }
}

/** What was thrown, as a failure of the words that name an option; a config file's are of code CONFIG. */
export function blamedOn(subject: string, code: 'USAGE' | 'CONFIG', thrown: unknown): Failure {
  if (!(thrown instanceof Failure)) throw thrown;
  const message = thrown.message.startsWith(subject) ? thrown.message : `${subject}: ${thrown.message}`;
  return new Failure(code, message, { hint: thrown.hint, cause: thrown });
}
