// The table of prices that comes with the program. docs/prices.json is the same, to be copied.

import { parsePriceTable } from './price-file.js';
import type { PriceTable } from './price-table.js';

/**
 * Sources: docs/prices.md. Of regions whose prices of retrievals nobody could be found to state, nothing is said here.
 */
const TEXT = `{
  "date": "2026-10-03",
  "source": "AWS price list, as documented for Glacier in us-east-1",
  "regions": {
    "us-east-1": {
      "vault": {
        "retrieval": {
          "Expedited": { "perThousandRequests": 10, "perGiB": 0.03 },
          "Standard": { "perThousandRequests": 0.05, "perGiB": 0.01 },
          "Bulk": { "perThousandRequests": 0.025, "perGiB": 0.0025 }
        },
        "uploadPerThousandRequests": 0.03,
        "storagePerGiBMonth": 0.0036,
        "earlyDeletionDays": 90
      }
    }
  }
}
`;

export function builtInPrices(): PriceTable {
  return parsePriceTable(TEXT, 'built-in');
}
