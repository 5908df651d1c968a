// A server that works for long: what it holds in the end is what it held at the beginning.
// At full size: STEADY_SECONDS=600 npx vitest run test/edges/local-server/steadiness.test.ts

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dice } from './dice.js';
import { hostileRequest } from './hostile-requests.js';
import { queueOfTopic, receive, sns, sqs } from './notices/notice-client.js';
import {
  askForJob,
  beginUpload,
  outputOf,
  partOf,
  send,
  type Target,
  uploadInParts,
  uploadWhole,
} from './raw-client.js';
import { type Built, compileServer, type Holdings, type SpawnedVault, spawnVault } from './spawned-vault.js';
import { strikeAll } from './striking.js';

const SECONDS = Number(process.env['STEADY_SECONDS'] ?? 0);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32);
/** Days before which nothing is measured: code is compiled, and buffers find their size. */
const WARM_UP = 4;
const DAYS_MIN = 4;
const HOSTILE_A_DAY = 60;
const MIB = 1024 * 1024;
/** Of objects and buffers, from the first measure to the last. */
const GROWTH_MAX = 12 * MIB;
/** Longer than a job's output, an expired key, or an upload that stands still is remembered. */
const DAY_SECONDS = 3 * 86_400;

let built: Built;
let home: string;

beforeAll(async () => {
  built = compileServer();
  home = await mkdtemp(join(tmpdir(), 'local-vault-steady-'));
});
afterAll(async () => {
  await rm(home, { recursive: true });
  await rm(built.folder, { recursive: true });
});

test(`local vault: after days of all kinds of work it holds what it held before (${SECONDS} s, FUZZ_SEED=${SEED})`, {
  timeout: 120_000 + SECONDS * 2000,
}, async () => {
  const directory = join(home, 'data');
  const patience = { bodyIdleMs: 300, headersMs: 500 };
  const vault = await spawnVault(built.script, { directory, controlPort: 0, ...patience });
  try {
    const dice = new Dice(SEED);
    const measures: (Holdings & { readonly bytes: number })[] = [];
    const began = performance.now();
    for (let day = 0; day < WARM_UP + DAYS_MIN || performance.now() < began + SECONDS * 1000; day++) {
      await oneDay(vault, dice, day);
      if (day >= WARM_UP) measures.push({ ...(await vault.holdings()), bytes: await bytesIn(directory) });
    }
    const [first, last] = [measures[0]!, measures.at(-1)!];
    if (SECONDS > 0)
      console.log({ days: measures.length + WARM_UP, first, last, middle: measures.at(measures.length / 2) });
    expect(last.memory - first.memory).toBeLessThan(GROWTH_MAX);
    expect(last.bytes - first.bytes).toBeLessThan(4 * MIB);
    await vault.until(({ files, timers }) => files <= first.files && timers <= first.timers);
  } finally {
    await vault.kill();
  }
});

/** Begins and ends all that can be begun; what nobody ends, time does. */
async function oneDay(vault: SpawnedVault, dice: Dice, day: number): Promise<void> {
  const control = async (method: string, path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json' };
    const url = `${vault.controlEndpoint}${path}`;
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
  };
  const key = await control('POST', '/temporary-keys', { seconds: 0 });
  expect(key['sessionToken']).toBeTypeOf('string');
  await control('POST', '/faults', { operation: 'DescribeVault', fault: 'error', status: 500, next: 1 });
  await vaultsWork(vault, `V${day % 3}`);
  await noticesWork(vault, `T${day % 3}`);
  await hostility(vault, dice);
  await control('POST', '/clock', { advanceSeconds: DAY_SECONDS });
  await send(vault, { method: 'DELETE', path: `/-/vaults/V${day % 3}` });
}

/** Uploads that are completed, aborted, and forgotten; jobs that are read, and forgotten. */
async function vaultsWork(vault: Target, name: string): Promise<void> {
  const V = `/-/vaults/${name}`;
  await send(vault, { method: 'PUT', path: V });
  const whole = await uploadWhole(vault, name, Buffer.alloc(100_000, name));
  const inParts = await uploadInParts(vault, name, Buffer.alloc(3 * MIB, name), MIB);
  for (const ending of ['aborted', 'forgotten']) {
    const upload = await beginUpload(vault, name, MIB);
    await send(vault, partOf(name, upload, 0, Buffer.alloc(MIB)));
    if (ending === 'aborted') await send(vault, { method: 'DELETE', path: `${V}/multipart-uploads/${upload}` });
  }
  const body = JSON.stringify({ Tags: { a: 'b' } });
  await send(vault, { method: 'POST', path: `${V}/tags?operation=add`, body });
  for (const job of [{ Type: 'inventory-retrieval' }, { Type: 'archive-retrieval', ArchiveId: whole }]) {
    await send(vault, outputOf(name, await askForJob(vault, name, job)));
  }
  for (const id of [whole, inParts]) await send(vault, { method: 'DELETE', path: `${V}/archives/${id}` });
}

/** Topics and queues that come and go, and messages that are taken. */
async function noticesWork(vault: Target, name: string): Promise<void> {
  const { topicArn: TopicArn, queueUrl: QueueUrl } = await queueOfTopic(vault, name);
  for (let i = 0; i < 5; i++) await sns(vault, { Action: 'Publish', TopicArn, Message: `${i}` });
  for (const { ReceiptHandle } of await receive(vault, QueueUrl)) {
    await sqs(vault, 'DeleteMessage', { QueueUrl, ReceiptHandle });
  }
  const leaving = { Action: 'Subscribe', TopicArn, Protocol: 'http', Endpoint: 'http://127.0.0.1:1/x' };
  await sns(vault, { ...leaving, ReturnSubscriptionArn: 'true' });
  await sns(vault, { Action: 'DeleteTopic', TopicArn });
  await sqs(vault, 'DeleteQueue', { QueueUrl });
}

async function hostility(vault: SpawnedVault, dice: Dice): Promise<void> {
  await send(vault, { method: 'PUT', path: '/-/vaults/aim' });
  const archive = await uploadWhole(vault, 'aim', Buffer.from('aim'));
  const upload = await beginUpload(vault, 'aim', MIB);
  const job = await askForJob(vault, 'aim', { Type: 'archive-retrieval', ArchiveId: archive });
  const aims = { target: vault, accountId: vault.accountId, vault: 'aim', archive, upload, job };
  let left = HOSTILE_A_DAY;
  const endpoints = { api: vault.endpoint, control: vault.controlEndpoint ?? '' };
  await strikeAll(
    endpoints,
    () => (left-- > 0 ? hostileRequest(dice, aims) : null),
    16,
    () => undefined,
  );
  await send(vault, { method: 'DELETE', path: `/-/vaults/aim/archives/${archive}` });
}

async function bytesIn(directory: string): Promise<number> {
  const paths = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    paths.map(async (path) => (await stat(join(directory, path)).catch(() => null))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
