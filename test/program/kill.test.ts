import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetJobOutputCommand, GlacierClient, InitiateJobCommand } from '@aws-sdk/client-glacier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalVault, startLocalVault } from '../../src/edges/local-server/start.js';
import { openForWriting } from '../../src/journal/open.js';
import { decodeDescription } from '../../src/model/description.js';
import { UTF_8 } from '../../src/model/text-encoding.js';
import { mtglacier, start } from './program.js';

const KILLS = 50;
const SMALL_FILES = 250;
const PATHS = [
  ...Array.from({ length: SMALL_FILES }, (_, i) => `d${i % 7}/f${i}`),
  'large-1.bin',
  'large-2.bin',
].sort();

/** Ahead of the real time by what the jobs are to be made to wait. */
let aheadMs = 0;
let home: string;
let server: LocalVault;
let client: GlacierClient;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mtglacier-kill-'));
  for (let i = 0; i < SMALL_FILES; i++) {
    mkdirSync(join(home, `kept/d${i % 7}`), { recursive: true });
    writeFileSync(join(home, `kept/d${i % 7}/f${i}`), `file ${i}`.repeat(i + 1));
  }
  for (const n of [1, 2]) writeFileSync(join(home, `kept/large-${n}.bin`), Buffer.alloc(6 * 1024 * 1024 + n, n));
  server = await startLocalVault({ directory: join(home, 'vaults'), now: () => Date.now() + aheadMs });
  const credentials = { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey };
  client = new GlacierClient({ endpoint: server.endpoint, region: server.region, credentials });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  writeFileSync(
    join(home, 'glacier.cfg'),
    `endpoint=${endpoint}\nregion=${region}\nkey=${accessKeyId}\nsecret=${secretAccessKey}\n`,
    { mode: 0o600 },
  );
});

afterAll(async () => {
  client.destroy();
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const config = (): string[] => ['--config', join(home, 'glacier.cfg')];

function syncArguments(vault: string): string[] {
  const where = ['--dir', join(home, 'kept'), '--vault', vault, '--journal', join(home, `${vault}.journal`)];
  return ['sync', ...config(), ...where, '--partsize', '1'];
}

/** What the vault holds, by its own inventory: names by archive id. */
async function inventory(vaultName: string): Promise<Map<string, string>> {
  const jobParameters = { Type: 'inventory-retrieval' };
  const { jobId } = await client.send(new InitiateJobCommand({ accountId: '-', vaultName, jobParameters }));
  aheadMs += 24 * 3_600_000 - 1;
  const { body } = await client.send(new GetJobOutputCommand({ accountId: '-', vaultName, jobId }));
  const { ArchiveList } = JSON.parse((await body?.transformToString()) ?? '') as {
    ArchiveList: { ArchiveId: string; ArchiveDescription: string }[];
  };
  return new Map(
    ArchiveList.map(({ ArchiveId, ArchiveDescription }) => [
      ArchiveId,
      decodeDescription(ArchiveDescription)?.filename ?? ArchiveDescription,
    ]),
  );
}

async function assertJournalKnowsAll(vault: string, what: string): Promise<void> {
  const held = await inventory(vault);
  await using open = await openForWriting(
    join(home, `${vault}.journal`),
    { create: false, encoding: UTF_8 },
    () => undefined,
  );
  const paths: string[] = [];
  for await (const archive of open.journal.live.all()) {
    expect(held.get(archive.id), `${what}: ${archive.path} is in the vault`).toBe(archive.path);
    held.delete(archive.id);
    paths.push(archive.path);
  }
  expect(paths, `${what}: every file is recorded once`).toEqual(PATHS);
  const orphans = open.intents.possibleOrphans.map(({ file }) => String(file.path));
  for (const path of held.values()) expect(orphans, `${what}: unknown to the journal but listed`).toContain(path);
}

/** Numbers that look random and are the same for the same seed. */
function* randomNumbers(seed: number): Generator<number> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('sync under SIGKILL', () => {
  it(`at ${KILLS} random moments loses nothing, and the next run completes it`, { timeout: 400_000 }, async () => {
    await mtglacier('create-vault', 'undisturbed', ...config());
    const began = performance.now();
    expect(await mtglacier(...syncArguments('undisturbed'))).toMatchObject({ exitCode: 0, stderr: '' });
    const undisturbedMs = performance.now() - began;
    await assertJournalKnowsAll('undisturbed', 'undisturbed');

    const seed = Date.now();
    const random = randomNumbers(seed);
    let killed = 0;
    // A moment may lie behind the end of a run that was quicker than the undisturbed one: then another is tried.
    for (let round = 1; killed < KILLS; round++) {
      expect(round, `seed ${seed}: runs end before they can be killed`).toBeLessThan(4 * KILLS);
      const vault = `killed-${round}`;
      const afterMs = Math.round((random.next().value as number) * undisturbedMs);
      const what = `seed ${seed}, round ${round}, killed after ${afterMs} ms`;
      expect(await mtglacier('create-vault', vault, ...config()), what).toMatchObject({ exitCode: 0 });

      const run = start(syncArguments(vault));
      await Promise.race([run.ended, once(AbortSignal.timeout(afterMs), 'abort')]);
      if (!run.process.kill('SIGKILL')) continue;
      killed++;
      await run.ended;

      expect(await mtglacier(...syncArguments(vault)), what).toMatchObject({ exitCode: 0 });
      await assertJournalKnowsAll(vault, what);
    }
  });
});
