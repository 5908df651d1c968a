// Items handed out to whoever works on their kind: pulled one at a time, and only while somebody has nothing to do.

import { takerOf } from './at-hand.js';
import { Queue } from './queue.js';

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
  readonly held: Queue<T>;
  readonly idle: Queue<Worker<T>>;
}

export class Supply<T> {
  /** Whether items were left undone because of `soon`. */
  cutShort = false;
  readonly #source: Source<T>;
  readonly #takeFromSource: () => T | undefined;
  readonly #costsNothing: boolean;
  readonly #soon: AbortSignal;
  readonly #laneOf: (item: T) => number;
  readonly #lanes: readonly Lane<T>[];
  #ended = false;
  #pulling = false;

  /** @param soon once aborted, nothing more is handed out */
  constructor(items: AsyncIterable<T> | Iterable<T>, lanes: Lanes<T>, soon: AbortSignal) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.#takeFromSource = takerOf(this.#source);
    this.#costsNothing = !(Symbol.asyncIterator in items);
    this.#soon = soon;
    this.#laneOf = (item) => lanes.laneOf(item);
    this.#lanes = lanes.widths.map(() => ({ held: new Queue(), idle: new Queue() }));
  }

  /** The next item of a kind, where that is at hand and nobody was there before; undefined where `next` is to be asked. */
  nextNow(lane: number): T | undefined {
    const { held, idle } = this.#lane(lane);
    if (this.#soon.aborted || idle.length > 0) return undefined;
    while (held.length === 0 && this.#mayPull()) {
      const item = this.#takeFromSource();
      if (item === undefined) return undefined;
      this.#hold(item);
    }
    return held.length > 0 ? held.take() : undefined;
  }

  /** The next item of a kind. @throws what the source throws, to one who waits; to the others it has ended */
  next(lane: number): Promise<IteratorResult<T>> {
    return new Promise((give, fail) => {
      this.#lane(lane).idle.add({ give, fail });
      this.#serve();
    });
  }

  /** Hands out nothing more. */
  end(): void {
    this.#ended = true;
    for (const lane of this.#lanes) {
      while (lane.held.length > 0) lane.held.take();
      dismiss(lane);
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

  /** Serves all lanes, and pulls for those who still wait. */
  #serve(): void {
    if (this.#soon.aborted && this.#ended && this.#isHolding()) {
      this.cutShort = true;
      this.end();
    }
    for (const lane of this.#lanes) {
      if (!this.#soon.aborted) serve(lane);
      if (this.#ended && lane.held.length === 0) dismiss(lane);
    }
    if (this.#isWanted()) void this.#pull();
  }

  #isWanted(): boolean {
    if (this.#lanes.every(({ idle }) => idle.length === 0)) return false;
    return this.#mayPull() || (this.#soon.aborted && !this.#ended && !this.#pulling);
  }

  /** One pull at a time, so that items come in order. */
  #mayPull(): boolean {
    return !this.#ended && !this.#pulling && this.#lanes.every(({ held }) => held.length < HELD_MAX);
  }

  /** In its lane, for whoever waits there longest. */
  #hold(item: T): void {
    const lane = this.#lane(this.#laneOf(item));
    lane.held.add(item);
    serve(lane);
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
      lane?.idle.take().fail(thrown);
      this.end();
    }
    this.#pulling = false;
    this.#serve();
  }

  async #take(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) this.#ended = true;
    else if (!this.#ended) this.#lane(this.#laneOf(next.value)).held.add(next.value);
  }

  /** Told to stop just after the last item is not cut short; only a source at hand is asked whether it was the last. */
  async #stop(): Promise<void> {
    this.cutShort = this.#isHolding() || !this.#costsNothing || (await this.#source.next()).done !== true;
    this.end();
  }
}

/** Brings together what is held and who waits for it. */
function serve<T>({ held, idle }: Lane<T>): void {
  while (held.length > 0 && idle.length > 0) idle.take().give({ done: false, value: held.take() });
}

/** Nothing more comes for those who wait. */
function dismiss<T>({ idle }: Lane<T>): void {
  while (idle.length > 0) idle.take().give(DONE);
}

const DONE = { done: true, value: undefined } as const;
