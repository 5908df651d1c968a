import { describe, expect, it } from 'vitest';
import { timeText } from '../../src/cli/report/quantities.js';
import { expectation, expectedTime, whenToReturn } from '../../src/cli/words/expectation.js';
import { Instant } from '../../src/model/clock.js';
import { NOON } from './fakes.js';

const inSeconds = (seconds: number) => Instant.plusSeconds(NOON, seconds);
const span = (from: number, to: number) => ({ from: inSeconds(from), to: inSeconds(to) });
const minutes = (seconds: number) => timeText(inSeconds(seconds), NOON);
const seconds = (seconds: number) => timeText(inSeconds(seconds), NOON, 'seconds');

describe('expectation', () => {
  it.each([
    [span(3 * 3600, 5 * 3600), `between ${minutes(3 * 3600)} and ${minutes(5 * 3600)}, in 3 h to 5 h.`],
    [span(3600, 3600), `at ${minutes(3600)}, in 1 h.`],
    [span(3590, 3645), `at ${minutes(3645)}, in 1 h.`],
    [span(-60, 3600), `by ${minutes(3600)}, within 1 h.`],
    [span(5, 5), `at ${seconds(5)}, in 5 s.`],
    [span(5, 90), `between ${seconds(5)} and ${seconds(90)}, in 5 s to 1 min 30 s.`],
  ])('expectation: %j reads well', (ready, sentence) => {
    expect(expectation('They', ready, NOON)).toBe(`They are expected to be ready ${sentence}`);
  });

  it('expectation: what is due is not expected at a time that has passed', () => {
    expect(expectation('They', span(-60, 0), NOON)).toBe('They are due: they should be ready at any moment.');
    expect(expectedTime(span(-60, 0), NOON)).toBe('any moment');
  });

  it.each([
    [span(3600, 7200), `from ${minutes(3600)} to ${minutes(7200)}`],
    [span(-1, 7200), `by ${minutes(7200)}`],
    [span(7, 7), `at ${seconds(7)}`],
    [span(7190, 7205), `at ${minutes(7205)}`],
  ])('expectation: %j in a few words', (ready, words) => {
    expect(expectedTime(ready, NOON)).toBe(words);
  });

  it('expectation: says when it makes sense to come back', () => {
    expect([whenToReturn(null, NOON), whenToReturn(span(-9, -1), NOON), whenToReturn(span(9, 10), NOON)]).toEqual([
      'later',
      'in a moment',
      'then',
    ]);
  });
});
