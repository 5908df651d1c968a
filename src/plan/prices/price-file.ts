// Reads a table of prices from a file that a user has written (docs/prices.md).

import { Failure } from '../../model/failure.js';
import { UnitPrice } from '../../model/money.js';
import { printable } from '../../model/rel-path.js';
import { TIERS, type Tier } from '../../model/tier.js';
import type { PriceTable, RegionPrices, TierPrices } from './price-table.js';

type Fields = Readonly<Record<string, unknown>>;

const EARLY_DELETION_DAYS_MAX = 3650;

/**
 * @param file as the user named it
 * @throws Failure CONFIG that names the file, the place in it, and what belongs there
 */
export function parsePriceTable(text: string, file: string): PriceTable {
  const whole = new Place(file, []);
  const table = whole.fieldsIn(jsonIn(text, file), ['date', 'source', 'regions']);
  const at = whole.in('regions');
  const regions = at.fieldsIn(table['regions'], null);
  if (Object.keys(regions).length === 0) throw at.refuse(regions, 'at least one region, such as us-east-1');
  return {
    date: dateIn(table['date'], whole.in('date')),
    source: textIn(table['source'], whole.in('source')),
    regions: new Map(Object.keys(regions).map((region) => [region, regionIn(regions[region], at.in(region))])),
  };
}

/** Where in the file a value stands, to be told when it is wrong. */
class Place {
  readonly #file: string;
  readonly #way: readonly string[];

  constructor(file: string, way: readonly string[]) {
    this.#file = file;
    this.#way = way;
  }

  in(name: string): Place {
    return new Place(this.#file, [...this.#way, name]);
  }

  /** The fields of an object, all of these names and no others. @param names null: any */
  fieldsIn(value: unknown, names: readonly string[] | null): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.refuse(value, 'an object: {…}');
    const fields = value as Fields;
    const stranger = names === null ? undefined : Object.keys(fields).find((name) => !names.includes(name));
    if (stranger !== undefined)
      throw this.in(stranger).wrong('has no meaning', `what belongs here: ${names?.join(', ')}`);
    return fields;
  }

  refuse(value: unknown, wanted: string): Failure {
    const given = value === undefined ? 'is missing' : `is ${JSON.stringify(value).slice(0, 60)}`;
    return this.wrong(given, `it must be ${wanted}; docs/prices.md shows a whole table`);
  }

  wrong(what: string, hint: string): Failure {
    const way = this.#way.length === 0 ? 'the table' : this.#way.join('.');
    return new Failure('CONFIG', `prices ${printable(this.#file)}: ${way} ${what}`, { hint });
  }
}

function jsonIn(text: string, file: string): unknown {
  try {
    // An editor of Windows puts a mark before the first character.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const hint = 'a table of prices is one JSON object; docs/prices.md shows a whole one, to be copied';
    throw new Failure('CONFIG', `prices ${printable(file)}: ${(cause as Error).message.replace(/\s+/g, ' ')}`, {
      hint,
      cause,
    });
  }
}

/** Other classes than vaults are left for later versions. */
function regionIn(value: unknown, at: Place): RegionPrices {
  const place = at.in('vault');
  const names = ['retrieval', 'uploadPerThousandRequests', 'storagePerGiBMonth', 'earlyDeletionDays'];
  const vault = place.fieldsIn(at.fieldsIn(value, null)['vault'], names);
  const retrieval = place.in('retrieval');
  const tiers = retrieval.fieldsIn(vault['retrieval'], TIERS);
  const ofTier = (tier: Tier) => tierIn(tiers[tier], retrieval.in(tier));
  return {
    vault: {
      retrieval: { Expedited: ofTier('Expedited'), Standard: ofTier('Standard'), Bulk: ofTier('Bulk') },
      uploadPerThousandRequests: priceIn(vault, 'uploadPerThousandRequests', place),
      storagePerGiBMonth: priceIn(vault, 'storagePerGiBMonth', place),
      earlyDeletionDays: daysIn(vault['earlyDeletionDays'], place.in('earlyDeletionDays')),
    },
  };
}

function tierIn(value: unknown, at: Place): TierPrices {
  const tier = at.fieldsIn(value, ['perThousandRequests', 'perGiB']);
  return { perThousandRequests: priceIn(tier, 'perThousandRequests', at), perGiB: priceIn(tier, 'perGiB', at) };
}

function priceIn(fields: Fields, name: string, at: Place): UnitPrice {
  const value = fields[name];
  const price = typeof value === 'number' ? UnitPrice.ofDollars(value) : null;
  if (price === null) throw at.in(name).refuse(value, 'US dollars, from 0 to 1000, such as 0.0025');
  return price;
}

function daysIn(value: unknown, at: Place): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= EARLY_DELETION_DAYS_MAX) return Number(value);
  throw at.refuse(value, 'a whole number of days, such as 90');
}

function dateIn(value: unknown, at: Place): string {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw at.refuse(value, 'the day on which the prices were looked up, such as "2026-10-03"');
}

function textIn(value: unknown, at: Place): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw at.refuse(value, 'text that says where the prices are from');
}
