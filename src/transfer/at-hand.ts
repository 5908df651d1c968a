// Sequences whose next item may be at hand: then it is taken without waiting, which is most of what an item costs.

export interface AtHand<T> extends AsyncIterableIterator<T, void> {
  /** The next item, where it is there already; undefined when it must be waited for, or there is none. */
  takeNow(): T | undefined;
  return(): Promise<IteratorResult<T, void>>;
}

/** The same of any sequence: of most, everything must be waited for. */
export function takerOf<T>(source: AsyncIterator<T> | Iterator<T>): () => T | undefined {
  return isAtHand(source) ? () => source.takeNow() : () => undefined;
}

function isAtHand<T>(source: AsyncIterator<T> | Iterator<T>): source is AtHand<T> {
  return 'takeNow' in source;
}
