// Lists in pages: `limit` and `marker` of a request, the `Marker` of its answer.

import { invalidParameter } from './errors.js';

/** Which page is wanted. */
export interface PageRequest {
  readonly limit: number;
  /** Key of the first item wanted; null from the start. */
  readonly marker: string | null;
}

/** @throws ApiError when `limit` is no number from 1 to `max` */
export function parsePage(query: URLSearchParams, max: number): PageRequest {
  const limit = query.get('limit') ?? String(max);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1 || Number(limit) > max) {
    throw invalidParameter(`Invalid limit: ${limit}. The limit must be between 1 and ${max}.`);
  }
  const marker = query.get('marker');
  return { limit: Number(limit), marker: marker === null || marker === '' ? null : marker };
}

/** A marker that is a number: a position in the order of creation, or an offset in an archive. */
export function positionOf(marker: string | null): number {
  if (marker === null) return 0;
  if (!/^\d{1,15}$/.test(marker)) throw invalidParameter(`Invalid marker: ${marker}`);
  return Number(marker);
}

/**
 * One page of `items`, which come in order and start at the marker already. `next` names the first item of the
 * following page, so an item deleted between two requests neither hides nor repeats another.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  limit: number,
  markerOf: (item: Item) => string,
): { page: Item[]; next: string | null } {
  const page: Item[] = [];
  for (const item of items) {
    if (page.length === limit) return { page, next: markerOf(item) };
    page.push(item);
  }
  return { page, next: null };
}
