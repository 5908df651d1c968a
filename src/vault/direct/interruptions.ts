// Who is to be told when a signal is raised: one listener for all of a signal, as hundreds may heed it.

export interface Interruptible {
  interrupt(): void;
}

interface Heeding {
  readonly all: Set<Interruptible>;
  readonly raise: () => void;
}

export class Interruptions {
  readonly #bySignal = new Map<AbortSignal, Heeding>();

  add(signal: AbortSignal, one: Interruptible): void {
    this.#of(signal).all.add(one);
  }

  delete(signal: AbortSignal, one: Interruptible): void {
    const heeding = this.#bySignal.get(signal);
    heeding?.all.delete(one);
    if (heeding?.all.size !== 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', heeding.raise);
  }

  #of(signal: AbortSignal): Heeding {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) return known;
    const all = new Set<Interruptible>();
    const raise = (): void => {
      for (const one of all) one.interrupt();
    };
    const heeding = { all, raise };
    this.#bySignal.set(signal, heeding);
    signal.addEventListener('abort', raise, { once: true });
    return heeding;
  }
}
