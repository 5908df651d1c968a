// The version, and what runs beneath it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventsIn, typed } from './typed.js';

const OWN = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

function installed(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
}

describe('version', () => {
  it.each([[['version']], [['--version']], [['-V']]])(
    'version: %j tells that of the program, of node and of packages',
    async (argv) => {
      const { exitCode, stdout, stderr } = await typed(argv);
      expect([exitCode, stderr]).toEqual([0, '']);
      const [first, second, third] = stdout.split('\n');
      expect(first).toBe(`mtglacier ${OWN.version}`);
      expect(second).toBe(`node ${process.versions.node}, OpenSSL ${process.versions.openssl}`);
      for (const name of Object.keys(OWN.dependencies)) expect(third).toContain(`${name} ${installed(name)}`);
    },
  );

  it('version: with --json it is one object', async () => {
    const { stdout } = await typed(['version', '--json']);
    const [only] = eventsIn(stdout, 'version');
    expect(only).toMatchObject({ version: OWN.version, node: process.versions.node });
    expect(Object.keys(only?.['packages'] as object)).toEqual(expect.arrayContaining(Object.keys(OWN.dependencies)));
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});
