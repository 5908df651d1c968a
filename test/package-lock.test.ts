// What `npm ci` needs on every machine: a lock file that is complete for all platforms and names no host.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const text = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };

describe('package lock', () => {
  it('names no host', () => {
    expect(text).not.toMatch(/https?:\/\/(?!opencollective\.com|github\.com|tidelift\.com|www\.patreon\.com)/);
    expect(text).not.toContain('"resolved"');
  });

  it('holds the packages of every platform, also those that this machine has no use for', () => {
    const names = Object.keys(packages);
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter((name) => !names.some((path) => path.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });
});
