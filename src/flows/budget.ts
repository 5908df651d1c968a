// How many files a run may still work on.

/** `--max-number-of-files`: counts files that are sent or asked for, not those that needed nothing. */
export class Budget {
  #left: number;
  #refused = false;

  /** @param files null: as many as there are */
  constructor(files: number | null) {
    this.#left = files ?? Number.POSITIVE_INFINITY;
  }

  /** Takes one, if there is one left. */
  take(): boolean {
    if (this.#left === 0) this.#refused = true;
    else this.#left--;
    return !this.#refused;
  }

  /** Whether something was left undone for want of budget. */
  get exceeded(): boolean {
    return this.#refused;
  }
}

/** The items up to the first that the budget refused. */
export async function* untilExceeded<T>(items: AsyncIterable<T>, budget: Budget): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    if (budget.exceeded) return;
  }
}
