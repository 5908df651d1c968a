// A local vault for one test file or one test: in a folder of its own that goes with it, told everything it can be.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../../../src/edges/local-server/control/control.js';
import type { RequestSeen } from '../../../src/edges/local-server/control/request-log.js';
import { type LocalVault, type LocalVaultOptions, startLocalVault } from '../../../src/edges/local-server/start.js';
import type { Target } from './raw-client.js';

export interface Serving extends AsyncDisposable {
  readonly vault: LocalVault;
  readonly directory: string;
  /** The lines of its log, oldest first. */
  readonly lines: string[];
  /** The last request that it saw, once it is done with it. */
  seen(): RequestSeen;
}

export async function serving(options: Partial<LocalVaultOptions> = {}): Promise<Serving> {
  const home = await mkdtemp(join(tmpdir(), 'local-vault-'));
  const lines: string[] = [];
  const directory = options.directory ?? join(home, 'data');
  const vault = await startLocalVault({ directory, log: (line) => lines.push(line), ...options });
  return {
    vault,
    directory,
    lines,
    seen: () => JSON.parse(lines.at(-1) ?? '{}') as RequestSeen,
    async [Symbol.asyncDispose]() {
      await vault.close();
      await rm(home, { recursive: true });
    },
  };
}

/** The vault as the holder of another key sees it. */
export function as(vault: LocalVault, { accessKeyId, secretAccessKey }: Omit<Credentials, 'accountId'>): Target {
  return { endpoint: vault.endpoint, region: vault.region, accessKeyId, secretAccessKey };
}
