// What the program is made of: its own version, and those of what runs beneath it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { jsonLine } from './report/json-line.js';
import type { Output } from './report/output.js';
import { oneLine } from './report/safe-text.js';

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
export function tellVersion(stdout: Output, { asJson }: { readonly asJson: boolean }): void {
  const { version, dependencies, optionalDependencies } = ownPackage();
  const names = Object.keys({ ...dependencies, ...optionalDependencies }).sort();
  const packages = Object.fromEntries(names.map((name) => [name, versionOfPackage(name)]));
  const { node, openssl } = process.versions;
  if (asJson) {
    stdout.writeUtf8(jsonLine({ event: 'version', version, node, openssl, packages }, new Date().toISOString()));
    return;
  }
  const found = Object.entries(packages).map(([name, its]) => `${name} ${its ?? 'not installed'}`);
  for (const line of [`mtglacier ${version}`, `node ${node}, OpenSSL ${openssl}`, found.join(', ')]) {
    stdout.write(`${oneLine(line)}\n`);
  }
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
