// Archives and their bytes, counted together.

export interface Amount {
  count: number;
  /** Bytes. */
  size: number;
}

export function noAmount(): Amount {
  return { count: 0, size: 0 };
}

export function countInto(amount: Amount, { size }: { readonly size: number }): void {
  amount.count++;
  amount.size += size;
}
