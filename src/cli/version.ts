// What the program is made of: its own version, and those of what runs beneath it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type { Answer } from './report/reporter.js';

interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** The program's own version. */
export function versionOfProgram(): string {
  return ownPackage().version;
}

/** For people in three lines, the packages last. Those are the ones found now, not those that were asked for. */
export function versionAnswer(): Answer {
  const { version, dependencies, optionalDependencies } = ownPackage();
  const names = Object.keys({ ...dependencies, ...optionalDependencies }).sort();
  const packages = Object.fromEntries(names.map((name) => [name, versionOfPackage(name)]));
  const { node, openssl } = process.versions;
  return {
    event: 'version',
    fields: { version, node, openssl, packages },
    lines: [
      `mtglacier ${version}`,
      `node ${node}, OpenSSL ${openssl}`,
      Object.entries(packages)
        .map(([name, found]) => `${name} ${found ?? 'not installed'}`)
        .join(', '),
    ],
  };
}

function ownPackage(): Package {
  return readPackage(new URL('../../package.json', import.meta.url)) as Package;
}

/** Null where it is not installed, as an optional one may be. */
function versionOfPackage(name: string): string | null {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const place of places) {
    const found = readPackage(join(place, name, 'package.json'));
    if (found !== null) return found.version;
  }
  return null;
}

function readPackage(file: string | URL): Package | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Package;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
