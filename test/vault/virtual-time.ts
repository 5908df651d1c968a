// Time that goes on only when all that share it are waiting for it.

export class VirtualTime {
  nowMs = 0;
  readonly #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  #awake: number;

  /** @param lanes how many share it */
  constructor(lanes: number) {
    this.#awake = lanes;
  }

  sleep(ms: number): Promise<void> {
    this.#awake--;
    return new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#awake++;
        resolve();
      };
      this.#sleepers.push({ atMs: this.nowMs + ms, wake });
      this.#turn();
    });
  }

  /** Until all that share it have ended. */
  async run(lanes: readonly Promise<void>[]): Promise<void> {
    const ended = (): void => {
      this.#awake--;
      this.#turn();
    };
    await Promise.all(lanes.map((lane) => lane.finally(ended)));
  }

  #turn(): void {
    if (this.#awake > 0 || this.#sleepers.length === 0) return;
    this.#sleepers.sort((a, b) => a.atMs - b.atMs);
    const next = this.#sleepers.shift();
    this.nowMs = Math.max(this.nowMs, next?.atMs ?? 0);
    next?.wake();
  }
}
