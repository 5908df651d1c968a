// Labels of summaries that count only what the filters let through.

import { EVERYTHING, type Selection } from '../../model/selection.js';

/** Says so where filters are at work: a count that seems low must not be taken for that of all. */
export function underFilters(selection: Selection, label: string): string {
  return selection === EVERYTHING ? label : `${label}, as filtered`;
}
