// However a command line is written, it means the same.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { OPTION_NAMES, type OptionName, optionOf } from '../../src/cli/words/options.js';
import { settle } from '../../src/cli/words/settings.js';

/** Options of sync, with values that the settings take. */
const VALUES = {
  dir: ['.', '/'],
  vault: ['v', 'photos', '-v', '.'],
  journal: ['j', '/data/#1', 'a=b', '-j', '+j', 'two words', '--journals'],
  concurrency: ['1', '+3', '1_0'],
  partsize: ['1', '64'],
  'max-number-of-files': ['1', '1_000'],
  detect: ['mtime', 'treehash'],
  region: ['eu-west-1'],
  timeout: ['0', '99999'],
  protocol: ['http', 'https'],
  new: [null],
  'replace-modified': [null],
  'delete-removed': [null],
  'dry-run': [null],
  json: [null],
} as const satisfies Partial<Record<OptionName, readonly (string | null)[]>>;

const RULES = ['+*.jpg -', '-tmp/', '+', '-!/data/ +*.gz -'] as const;

interface Said {
  readonly name: OptionName;
  readonly value: string | null;
}

const once = fc
  .record(
    Object.fromEntries(
      Object.entries(VALUES).map(([name, values]) => [name, fc.constantFrom<string | null>(...values)]),
    ),
    { requiredKeys: ['dir', 'vault', 'journal', 'replace-modified'] },
  )
  .map((given): Said[] =>
    Object.entries(given).map(([name, value]) => ({ name: name as OptionName, value: value ?? null })),
  );

const rules = fc.array(
  fc.record({ name: fc.constantFrom('filter', 'include', 'exclude'), value: fc.constantFrom(...RULES) }),
  { maxLength: 4 },
) satisfies fc.Arbitrary<Said[]>;

/** Every spelling of an option that fits no other one: its whole names, and their beginnings. */
function spellings(name: OptionName): string[] {
  const whole = namesOf(name);
  const foreign = OPTION_NAMES.flatMap((other) => (other === name ? [] : namesOf(other)));
  const begun = whole.flatMap((one) => Array.from({ length: one.length - 1 }, (_, length) => one.slice(0, length + 1)));
  const clear = begun.filter((short) => short !== 'h' && !foreign.some((other) => other.startsWith(short)));
  return [...new Set([...whole, ...clear])];
}

function namesOf(name: OptionName): string[] {
  return [name, ...(optionOf(name).aliases ?? [])];
}

/** One option as somebody may type it. */
function form({ name, value }: Said): fc.Arbitrary<readonly string[]> {
  return fc
    .tuple(fc.constantFrom('--', '-', '+'), fc.constantFrom(...spellings(name)), fc.boolean())
    .map(([prefix, spelling, isJoined]) => {
      if (value === null) return [`${prefix}${spelling}`];
      return isJoined ? [`${prefix}${spelling}=${value}`] : [`${prefix}${spelling}`, value];
    });
}

/** The rules keep their order among themselves; everything else may stand anywhere. */
const line = fc
  .tuple(once, rules)
  .chain(([given, ordered]) =>
    fc.tuple(
      fc.constant([...given, ...ordered]),
      fc.shuffledSubarray(given, { minLength: given.length }),
      fc.constant(ordered),
    ),
  )
  .chain(([said, shuffled, ordered]) =>
    fc.tuple(
      fc.constant(said),
      fc.array(fc.nat({ max: 20 }), { minLength: ordered.length + 1, maxLength: ordered.length + 1 }),
      fc.tuple(...shuffled.map(form)),
      fc.tuple(...ordered.map(form)),
    ),
  )
  .map(([said, places, free, ordered]) => {
    const groups: (readonly string[])[] = [...free];
    const starts = places.map((place) => place % (free.length + 1)).toSorted((a, b) => b - a);
    for (const [index, group] of [...ordered, ['sync']].toReversed().entries()) {
      groups.splice(starts[index] ?? 0, 0, group);
    }
    return { said, argv: groups.flat() };
  });

function settingsOf(argv: readonly string[]) {
  const request = readCommandLine(argv, COMMANDS);
  if (request.ask !== 'run') throw new Error(`asks for ${request.ask}`);
  const { settings } = settle(request.command, { typed: request.typed, environment: new Map(), config: new Map() }, 0);
  const ruled = [...settings.filter, ...settings.include, ...settings.exclude].toSorted((a, b) => a.at - b.at);
  return { ...settings, filter: null, include: null, exclude: null, rules: ruled.flatMap(({ value }) => value) };
}

function plainly(said: readonly Said[]): string[] {
  return ['sync', ...said.map(({ name, value }) => (value === null ? `--${name}` : `--${name}=${value}`))];
}

describe('command line', () => {
  it('command line: whatever its dashes, shortenings, signs of equality and order, it gives the same settings', () => {
    fc.assert(
      fc.property(line, ({ said, argv }) => {
        expect(settingsOf(argv)).toEqual(settingsOf(plainly(said)));
      }),
      { numRuns: 500 },
    );
  });

  it('command line: after -- every word is a word', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const request = readCommandLine(['get', '--vault', 'v', '--', ...words], COMMANDS);
        expect(request.ask === 'run' ? request.positionals.get('NAME') : null).toEqual(words);
      }),
    );
  });

  it('command line: a value after = is taken as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const request = readCommandLine(['sync', `--journal=${value}`], COMMANDS);
        expect(request.ask === 'run' ? request.typed.get('journal') : null).toBe(value);
      }),
    );
  });
});
