// How archives are fetched, as the options say it.

import type { FetchRequest } from '../flows/retrieving/fetch.js';
import type { Settings } from './words/options.js';

export function fetchRequestOf({ segmentSize, concurrency }: Settings): FetchRequest {
  return { segmentSize: segmentSize === 0 ? Number.POSITIVE_INFINITY : segmentSize, width: concurrency };
}
