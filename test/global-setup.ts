// Builds the program once before the tests, for those that run it as its users do, and gives all tests one temporary
// folder that goes when they are done.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export function setup(): () => void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'mtglacier-tests-'));
  process.env['TMPDIR'] = temporary;
  return () => rmSync(temporary, { recursive: true, force: true });
}
