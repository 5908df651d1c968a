// Servers in processes of their own on the folder of a test, which end with it, whatever became of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Built, compileServer, type SpawnedVault, spawnVault } from './spawned-vault.js';

export interface Killable {
  /** Not there before the first server; another one for each test. */
  readonly directory: string;
  /** @param under a command that runs the one that follows it */
  spawn(under?: readonly string[]): Promise<SpawnedVault>;
}

/** Called once in a test file, outside of its tests. */
export function killable(options: object = {}): Killable {
  let built: Built;
  let home: string;
  const spawned: SpawnedVault[] = [];
  beforeAll(() => {
    built = compileServer();
  });
  afterAll(() => rm(built.folder, { recursive: true }));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'local-vault-'));
  });
  afterEach(async () => {
    for (const one of spawned.splice(0)) await one.kill();
    await rm(home, { recursive: true });
  });
  return {
    get directory() {
      return join(home, 'data');
    },
    async spawn(under) {
      const vault = await spawnVault(built.script, { directory: this.directory, ...options }, under);
      spawned.push(vault);
      return vault;
    },
  };
}
