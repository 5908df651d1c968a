// First in, first out, at a cost that does not grow with what waits: taking from the front of an array moves all of it.

/** Places of taken items are cleared away so many at a time. */
const LET_GO = 1024;

export class Queue<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** The one that has waited longest; there is one. */
  take(): T {
    if (this.#first === this.#items.length) throw new RangeError('nothing waits');
    const item = this.#items[this.#first] as T;
    this.#items[this.#first] = undefined;
    this.#first++;
    if (this.#first === this.#items.length || this.#first === LET_GO) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }
}
