// The script of a thread that walks: joins the walk, which knows no filters, with the filters, which know no disk.

import { serveWalk } from '../disk/serve-walk.js';
import type { FilterRule } from '../plan/filter.js';

await serveWalk(async (rules) => {
  const { selectionOf } = await import('../plan/filter.js');
  return selectionOf(rules as readonly FilterRule[]);
});
