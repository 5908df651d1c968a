// A directory of its own for each test.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** Gone when the test is. */
export function folder(): string {
  const made = mkdtempSync(join(realpathSync(tmpdir()), 'journal-test-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
