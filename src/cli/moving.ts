// What hashes and moves bytes in a run: as many threads, turns and readers as the options say.

import { availableParallelism } from 'node:os';
import { readsBestInOrder } from '../disk/medium.js';
import type { Place } from '../disk/place.js';
import type { HashEngine } from '../model/hash-engine.js';
import type { VaultName } from '../model/identifiers.js';
import { trustedEngine } from '../model/tree-hash.js';
import { openTransfer } from '../transfer/open.js';
import type { Transfer } from '../transfer/port.js';
import type { CommandContext } from './command-context.js';
import type { Connection } from './connection.js';
import { fileLanesOf } from './file-lanes.js';
import type { Settings } from './words/options.js';

/** To be closed when all that it was asked for has ended. */
export interface Moving extends AsyncDisposable {
  readonly transfer: Transfer;
  /** It was tried before anything is trusted to it. */
  readonly engine: HashEngine;
}

type Context = Pick<CommandContext, 'settings' | 'origins' | 'report'>;

/**
 * @param place where the files are, and what lies there where that matters
 * @param vault null where files are only hashed
 */
export async function openMoving(
  place: Pick<Place, 'locate' | 'encoding'> & Partial<Pick<Place, 'location'>>,
  vault: { readonly connection: Connection; readonly name: VaultName } | null,
  context: Context,
): Promise<Moving> {
  const { settings, report } = context;
  const engine = await trustedEngine(settings.hashEngine);
  const reader = readerFor(place, settings);
  const transfer = openTransfer({
    place,
    vault: vault === null ? null : { of: vault.connection.vaults, name: vault.name },
    engine,
    reader,
    threads: Math.min(settings.threads ?? Number.POSITIVE_INFINITY, availableParallelism()),
    width: reader === 'sequential' ? (settings.buffers ?? settings.concurrency) : settings.concurrency,
    smallWidth: fileLanesOf(context).small,
    bandwidth: vault?.connection.bandwidth ?? null,
    report,
  });
  return { transfer, engine, [Symbol.asyncDispose]: () => transfer[Symbol.asyncDispose]() };
}

function readerFor({ location }: Partial<Pick<Place, 'location'>>, { reader }: Settings): 'parallel' | 'sequential' {
  if (reader !== 'auto') return reader;
  return location !== undefined && readsBestInOrder(location) ? 'sequential' : 'parallel';
}
