import { expect, it } from 'vitest';
import { jsonLine } from '../../src/cli/report/json-line.js';

const AT = '2026-11-20T08:26:48.123Z';
const TIME = `"time":"${AT}"`;

it.each([
  ['said first', { event: 'stored', path: 'a"b', size: 3 }, `{"event":"stored",${TIME},"path":"a\\"b","size":3}\n`],
  ['said last', { size: 3, event: 'stored' }, `{"event":"stored",${TIME},"size":3}\n`],
  ['said alone', { event: 'start' }, `{"event":"start",${TIME}}\n`],
  ['like the beginning of another', { event: 'a', b: { event: 'a' } }, `{"event":"a",${TIME},"b":{"event":"a"}}\n`],
])('json line: event and time come first, with the event %s', (_, fields, line) => {
  expect(jsonLine(fields, AT)).toBe(line);
});
