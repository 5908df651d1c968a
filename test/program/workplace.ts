// A home for one test file: a folder of its own, a local vault beside it, and a config that leads there.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalVault, startLocalVault } from '../../src/edges/local-server/start.js';
import type { ReadableJournal } from '../../src/journal/journal.js';
import { openForReading } from '../../src/journal/open.js';
import { UTF_8 } from '../../src/model/text-encoding.js';

export interface Workplace extends AsyncDisposable {
  readonly server: LocalVault;
  /** A path in the folder. */
  at(...names: string[]): string;
  /** `--config FILE` for this server. */
  readonly config: readonly string[];
  /** Makes the clock of the vaults jump. Retrievals take hours, as at AWS. */
  passHours(hours: number): void;
}

export async function openWorkplace(name: string): Promise<Workplace> {
  const home = mkdtempSync(join(tmpdir(), `mtglacier-${name}-`));
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const server = await startLocalVault({ directory: join(home, 'vaults'), realistic: true, now });
  writeConfig(join(home, 'glacier.cfg'), server, server.endpoint);
  return {
    server,
    config: ['--config', join(home, 'glacier.cfg')],
    at: (...names) => join(home, ...names),
    passHours(hours) {
      aheadMs += hours * 3_600_000;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export function writeConfig(file: string, server: LocalVault, endpoint: string): void {
  const { region, accessKeyId, secretAccessKey } = server;
  const lines = [`endpoint=${endpoint}`, `region=${region}`, `key=${accessKeyId}`, `secret=${secretAccessKey}`, ''];
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
}

/** What the journal holds now; throws when it does not parse. */
export function readJournal(file: string): Promise<ReadableJournal> {
  return openForReading(file, { encoding: UTF_8 }, () => undefined);
}

/** Paths of the latest versions, in order. */
export async function pathsIn(journal: ReadableJournal): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of journal.live.latest()) paths.push(path);
  return paths;
}

/** The objects of `--json` output. */
export function objectsOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
