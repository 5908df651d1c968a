import { expect, test } from 'vitest';
import { DETECT_MODES, detect } from '../../src/plan/detect.js';
import { archive, file } from './archives.js';

const here = file('f', 10, 100);
const cases = {
  'another size': archive('f', 11, 100),
  'another size, unknown time': archive('f', 11, null),
  'same size and time': archive('f', 10, 100),
  'same size, another time': archive('f', 10, 99),
  'same size, unknown time': archive('f', 10, null),
};

const table = {
  'mtime-and-treehash': ['changed', 'changed', 'same', 'compare-hashes', 'same'],
  'mtime-or-treehash': ['changed', 'changed', 'compare-hashes', 'changed', 'compare-hashes'],
  mtime: ['changed', 'changed', 'same', 'changed', 'same'],
  treehash: ['changed', 'changed', 'compare-hashes', 'compare-hashes', 'compare-hashes'],
  'size-only': ['changed', 'changed', 'same', 'same', 'same'],
  'always-positive': ['changed', 'changed', 'changed', 'changed', 'changed'],
} as const;

for (const mode of DETECT_MODES) {
  Object.entries(cases).forEach(([name, there], column) => {
    test(`detect: ${mode}, ${name}: ${table[mode][column]}`, () => {
      expect(detect(mode, here, there)).toBe(table[mode][column]);
    });
  });
}
