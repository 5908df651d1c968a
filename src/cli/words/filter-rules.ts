// The rules of all three filter options, as one list.

import type { FilterRule } from '../../plan/filter.js';
import type { Settings } from './options.js';

/** In the order in which they were typed. */
export function filterRules({
  filter,
  include,
  exclude,
}: Pick<Settings, 'filter' | 'include' | 'exclude'>): readonly FilterRule[] {
  const given = [...filter, ...include, ...exclude].toSorted((a, b) => a.at - b.at);
  return given.flatMap(({ value }) => value);
}
