// Items handed out to whoever works on their kind: pulled one at a time, and only while somebody has nothing to do.

/** Kinds of items, by number, each with workers of its own, so that many items of one kind hold up none of another. */
export interface Lanes<T> {
  /** How many workers each kind has. */
  readonly widths: readonly number[];
  /** An index of `widths`. */
  laneOf(item: T): number;
}

/** Items of one kind that are held, at most, while those of another are looked for. */
export const HELD_MAX = 1000;

type Source<T> = AsyncIterator<T> | Iterator<T>;

interface Worker<T> {
  readonly give: (next: IteratorResult<T>) => void;
  readonly fail: (thrown: unknown) => void;
}

/** What the workers of one kind wait for, or what waits for them; never both. */
interface Lane<T> {
  readonly held: T[];
  readonly idle: Worker<T>[];
}

export class Supply<T> {
  /** Whether items were left undone because of `soon`. */
  cutShort = false;
  readonly #source: Source<T>;
  readonly #costsNothing: boolean;
  readonly #soon: AbortSignal;
  readonly #laneOf: (item: T) => number;
  readonly #lanes: readonly Lane<T>[];
  #ended = false;
  #pulling = false;

  /** @param soon once aborted, nothing more is handed out */
  constructor(items: AsyncIterable<T> | Iterable<T>, lanes: Lanes<T>, soon: AbortSignal) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#costsNothing = !(Symbol.asyncIterator in items);
    this.#soon = soon;
    this.#laneOf = (item) => lanes.laneOf(item);
    this.#lanes = lanes.widths.map(() => ({ held: [], idle: [] }));
  }

  /** The next item of a kind. @throws what the source throws, to one who waits; to the others it has ended */
  next(lane: number): Promise<IteratorResult<T>> {
    return new Promise((give, fail) => {
      this.#lane(lane).idle.push({ give, fail });
      this.#serve();
    });
  }

  /** Hands out nothing more. */
  end(): void {
    this.#ended = true;
    for (const { held, idle } of this.#lanes) {
      held.length = 0;
      for (const { give } of idle.splice(0)) give(DONE);
    }
  }

  /** Lets go of the source, once nobody is at work any more. */
  async close(): Promise<void> {
    this.end();
    await this.#source.return?.();
  }

  #lane(index: number): Lane<T> {
    const lane = this.#lanes[index];
    if (lane === undefined) throw new RangeError(`there is no lane ${index}`);
    return lane;
  }

  /** Brings together what is held and who waits for it, and pulls for those who still wait. */
  #serve(): void {
    if (this.#soon.aborted && this.#ended && this.#isHolding()) {
      this.cutShort = true;
      this.end();
    }
    for (const { held, idle } of this.#lanes) {
      while (!this.#soon.aborted && held.length > 0 && idle.length > 0) {
        idle.shift()?.give({ done: false, value: held.shift() as T });
      }
      if (this.#ended && held.length === 0) for (const { give } of idle.splice(0)) give(DONE);
    }
    if (this.#isWanted()) void this.#pull();
  }

  #isWanted(): boolean {
    if (this.#ended || this.#pulling || this.#lanes.every(({ idle }) => idle.length === 0)) return false;
    return this.#soon.aborted || this.#lanes.every(({ held }) => held.length < HELD_MAX);
  }

  #isHolding(): boolean {
    return this.#lanes.some(({ held }) => held.length > 0);
  }

  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      await (this.#soon.aborted ? this.#stop() : this.#take());
    } catch (thrown) {
      const lane = this.#lanes.find(({ idle }) => idle.length > 0);
      lane?.idle.shift()?.fail(thrown);
      this.end();
    }
    this.#pulling = false;
    this.#serve();
  }

  async #take(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) this.#ended = true;
    else if (!this.#ended) this.#lane(this.#laneOf(next.value)).held.push(next.value);
  }

  /** Told to stop just after the last item is not cut short; only a source at hand is asked whether it was the last. */
  async #stop(): Promise<void> {
    this.cutShort = this.#isHolding() || !this.#costsNothing || (await this.#source.next()).done !== true;
    this.end();
  }
}

const DONE = { done: true, value: undefined } as const;
