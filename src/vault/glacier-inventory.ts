// Inventories at Glacier: asked for, found among the jobs, and read.

import type { IncomingMessage } from 'node:http';
import { GetJobOutputCommand, type GetJobOutputOutput, InitiateJobCommand } from '@aws-sdk/client-glacier';
import { Failure } from '../model/failure.js';
import { JobId, type VaultName } from '../model/identifiers.js';
import { TreeHash } from '../model/tree-hash.js';
import { exactly } from './exact-body.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import { expectedOf, inventoryOf } from './glacier-jobs.js';
import { listedJobs } from './glacier-listings.js';
import { inventoryItems } from './inventory-items.js';
import type { Inventory, InventoryFormat, Inventorying, InventoryOutput, ReadyInventory } from './inventory-port.js';
import type { Asked } from './server-errors.js';

export function glacierInventorying(connection: GlacierConnection, vaultName: VaultName): Inventorying {
  const outputs: Pick<Inventorying, 'inventoryOutput'> = {
    inventoryOutput: (ready, from, signal) => outputFrom(connection, vaultName, ready, from, signal),
  };
  return {
    ...outputs,
    async requestInventory(format, description, signal) {
      const described = description === '' ? {} : { Description: description };
      const jobParameters = { Type: 'inventory-retrieval', Format: format, ...described };
      const command = new InitiateJobCommand({ accountId, vaultName, jobParameters });
      const asked: Asked = { deed: `request an inventory of vault ${vaultName}`, what: 'inventory', vault: vaultName };
      const { output, at, retrievalDelays } = await connection.send(command, asked, signal);
      const expected = expectedOf('Inventory', at * 1000, retrievalDelays);
      return { jobId: JobId.parse(output.jobId ?? ''), at, expected };
    },
    inventories: (signal) => inventories(connection, vaultName, signal),
    readInventory: (ready, signal) => inventoryItems(outputs, ready, signal),
  };
}

async function inventories(
  connection: GlacierConnection,
  vaultName: VaultName,
  signal: AbortSignal,
): Promise<readonly Inventory[]> {
  const found: Inventory[] = [];
  for await (const { job, delays } of listedJobs(connection, vaultName, 'list inventories', signal)) {
    const inventory = inventoryOf(job, delays, connection.clock.now());
    if (inventory !== null) found.push(inventory);
  }
  // Glacier lists the oldest first, which decides between two of one second.
  return found.reverse().sort((a, b) => b.requestedAt - a.requestedAt);
}

async function outputFrom(
  connection: GlacierConnection,
  vaultName: VaultName,
  ready: ReadyInventory,
  from: number,
  signal: AbortSignal,
): Promise<InventoryOutput> {
  const { jobId, size } = ready;
  // Without its end a range is not one that Glacier's documents know.
  const range = from === 0 || size === null ? {} : { range: `bytes=${from}-${size - 1}` };
  const command = new GetJobOutputCommand({ accountId, vaultName, jobId, ...range });
  const asked: Asked = { deed: `read inventory ${jobId} of vault ${vaultName}`, what: 'job', vault: vaultName };
  const { output } = await connection.send(command, asked, signal);
  // The SDK types it for browsers too.
  const stream = output.body as unknown as IncomingMessage;
  try {
    const extent = extentOf(output, stream, ready, from);
    const left = extent.size === null ? null : extent.size - extent.start;
    const treeHash = extent.start > 0 || output.checksum === undefined ? null : TreeHash.parse(output.checksum);
    return {
      format: formatOf(output),
      ...extent,
      treeHash,
      body: exactly(stream, left, asked, signal, connection.down),
    };
  } catch (thrown) {
    stream.destroy();
    throw thrown;
  }
}

function formatOf({ contentType = '' }: GetJobOutputOutput): InventoryFormat {
  const format = FORMATS[(contentType.split(';', 1)[0] ?? '').trim().toLowerCase()];
  if (format !== undefined) return format;
  throw new Failure('VAULT_REFUSED', `the vault gives an inventory as ${JSON.stringify(contentType)}`, {
    hint: 'it can be read as application/json or text/csv: check the endpoint',
  });
}

const FORMATS: Readonly<Record<string, InventoryFormat>> = { 'application/json': 'JSON', 'text/csv': 'CSV' };

/** Where the body begins, and how long the whole is, as the answer and the job tell. */
function extentOf(
  { contentRange }: GetJobOutputOutput,
  { headers }: IncomingMessage,
  ready: ReadyInventory,
  from: number,
): { start: number; size: number | null } {
  if (contentRange !== undefined) {
    const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange)?.slice(1).map(Number) ?? [];
    const [start, last = 0, size = 0] = found;
    if (start === from && last + 1 === size) return { start, size };
    throw new Failure('VAULT_REFUSED', `the vault answered with ${contentRange} where bytes ${from}- were asked for`);
  }
  const size = headers['content-length'] === undefined ? ready.size : Number(headers['content-length']);
  if (size === null || ready.size === null || size >= ready.size) return { start: 0, size };
  throw new Failure('VAULT_REFUSED', `the vault gives ${size} bytes of an inventory of ${ready.size}`, {
    hint: 'ask for the inventory again',
  });
}
