// A quote as a table for people, and what it rests on in sentences.

import { Money } from '../../model/money.js';
import type { Tier } from '../../model/tier.js';
import type { Seconds, TierQuote } from '../../plan/prices/quote.js';
import type { Cost, PriceSource, Reckoning } from '../../plan/prices/reckoning.js';
import { bandwidthText, counted, durationText, sizeText } from './quantities.js';
import { type Quoted, quoteFields } from './quote-fields.js';
import type { Answer } from './reporter.js';
import { shownName } from './safe-text.js';

/** @param tier the one that would be asked for */
export function quoteAnswer(quoted: Quoted, tier: Tier): Answer {
  return { event: 'quote', fields: quoteFields(quoted, tier), lines: linesOf(quoted, tier) };
}

function linesOf(quoted: Quoted, tier: Tier): string[] {
  const { demand, tiers, reckoning } = quoted.quote;
  const { archives, bytes } = demand;
  if (archives === 0) return ['Quote: nothing to ask for'];
  return [
    `Quote: ${counted(archives, 'archive')} to ask for, ${sizeText(bytes)}; ${counted(archives, 'request')}`,
    ...aligned([HEADINGS, ...tiers.map((one) => cellsOf(one, one.tier === tier))]),
    ...pricesText(reckoning),
    lineText(quoted),
    expeditedText(quoted),
    ...policyText(quoted),
  ];
}

const HEADINGS: readonly string[] = [
  '',
  'TIER',
  'FOR REQUESTS',
  'FOR BYTES',
  'TOTAL',
  'CAN BE READ IN',
  'ALL ON DISK IN',
];

/** Money stands under money. */
const TO_THE_RIGHT: ReadonlySet<number> = new Set([2, 3, 4]);

function cellsOf({ tier, cost, ready, here }: TierQuote, isChosen: boolean): readonly string[] {
  return [isChosen ? '*' : '', tier, ...costCells(cost), spanText(ready), spanText(here)];
}

function costCells(cost: Cost | null): readonly string[] {
  if (cost === null) return ['not known', 'not known', 'not known'];
  return [Money.exactly(cost.requests), Money.exactly(cost.bytes), Money.shown(cost.total)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return TO_THE_RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** `3 h to 5 h`; one where both are the same in words. */
function spanText({ from, to }: Seconds): string {
  const [first, last] = [durationText(from * 1000), durationText(to * 1000)];
  return first === last ? last : `${first} to ${last}`;
}

function pricesText(reckoning: Reckoning): string[] {
  switch (reckoning.by) {
    case 'nothing-to-pay':
      return [
        "These vaults are not at AWS: nothing is charged, and the times are AWS's. Name a table of prices with --prices.",
      ];
    case 'table':
      return [
        `An estimate by the prices of ${reckoning.region} as of ${tableText(reckoning.source)}.`,
        'Not in it: data transfer out of AWS, and taxes. What AWS gives for free is not taken off.',
      ];
    case 'nobody': {
      const { region, known, source } = reckoning;
      const why =
        region === null ? 'The region is not known; say it with --region.' : `No prices of ${region} are known.`;
      const has = `The table of ${tableText(source)} has ${known.map(shownName).join(', ')}.`;
      return [`${why} ${has} Name another with --prices (docs/prices.md).`];
    }
  }
}

function tableText({ date, file }: PriceSource): string {
  return `${date} (${file === null ? 'built in' : shownName(file)})`;
}

function lineText({ line }: Quoted): string {
  const speed = bandwidthText({ up: line.bytesPerSecond, down: line.bytesPerSecond });
  switch (line.by) {
    case 'line-speed':
      return `On disk at ${speed}, as --line-speed says.`;
    case 'bwlimit':
      return `On disk at ${speed}, as --bwlimit allows now.`;
    case 'assumption':
      return `On disk at ${speed}, which is an assumption: say how fast the line is with --line-speed.`;
  }
}

function expeditedText({ quote: { demand } }: Quoted): string {
  const { large, archives } = demand;
  const slower =
    large === 0
      ? ''
      : ` ${large === archives ? 'All' : `${large} of the ${archives}`} are of 250 MB or more, and take longer than others.`;
  return `Expedited: refused where AWS has no capacity for it, unless the account has bought some.${slower}`;
}

function policyText({ policy, quote: { demand, reckoning } }: Quoted): string[] {
  if (policy === null) {
    return reckoning.by === 'nothing-to-pay'
      ? []
      : ["Standard: the account's data retrieval policy is not known here; what goes beyond it is refused."];
  }
  switch (policy.strategy) {
    case 'none':
      return [];
    case 'free-tier':
      return [
        "Standard: the account's data retrieval policy lets through only what is free of charge, 10 GB a month; what is " +
          'more is refused.',
      ];
    case 'bytes-per-hour':
      return [hourlyText(policy.bytesPerHour, demand.largest, demand.bytes)];
  }
}

function hourlyText(bytesPerHour: number, largest: number, bytes: number): string {
  const policy = `Standard: the account's data retrieval policy lets through ${sizeText(bytesPerHour)} an hour`;
  if (largest > bytesPerHour) {
    return `${policy}; the largest archive, ${sizeText(largest)}, is more than that and is refused: raise the policy, or choose another tier.`;
  }
  return bytes > bytesPerHour
    ? `${policy}; what is more is refused, and can be asked for in the hours after.`
    : `${policy}, which is enough if nothing else is retrieved.`;
}
