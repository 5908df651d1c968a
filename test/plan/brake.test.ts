import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkBrake, type DeletionTally } from '../../src/plan/brake.js';

const tally = (files: number, archives: number, missing: number, unknown = 0): DeletionTally => ({
  files,
  archives,
  missing,
  unknown,
});
const refusal = (message: string) =>
  expect.objectContaining({
    code: 'BRAKE',
    message: expect.stringContaining(message),
    hint: expect.stringContaining('--delete-everything'),
  });

test('brake: an empty directory deletes nothing', () => {
  expect(() => checkBrake(tally(0, 5, 5), false)).toThrow(refusal('the directory holds no files'));
});

test('brake: a directory with none of the files deletes nothing', () => {
  expect(() => checkBrake(tally(3, 5, 5), false)).toThrow(refusal('5 of 5 archives'));
});

test('brake: archives that nothing is known of do not count as seen', () => {
  expect(() => checkBrake(tally(3, 5, 2, 3), false)).toThrow(refusal('2 of 5 archives'));
  checkBrake(tally(3, 5, 2, 2), false);
});

test('brake: where nothing would be deleted nothing is refused', () => {
  checkBrake(tally(0, 0, 0), false);
  checkBrake(tally(0, 5, 0, 5), false);
});

test('brake: it lets pass what the user asks for on purpose', () => {
  checkBrake(tally(0, 5, 5), true);
});

test('brake: without being told so it never lets the last archive go', () => {
  fc.assert(
    fc.property(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), (files, both, missing, unknown) => {
      let passed = true;
      try {
        checkBrake(tally(files + both, both + missing + unknown, missing, unknown), false);
      } catch {
        passed = false;
      }
      expect(passed).toBe(missing === 0 || both > 0);
    }),
  );
});
