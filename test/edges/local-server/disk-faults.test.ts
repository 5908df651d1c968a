// Each operation on the disk fails in turn, under each request: what was acknowledged is there, and nothing else breaks.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkFolder } from '../../../src/edges/local-server/check/folder-check.js';
import type { LocalVault, startLocalVault } from '../../../src/edges/local-server/start.js';
import { FailingDisk } from './failing-disk.js';
import { sqs } from './notices/notice-client.js';
import {
  askForJob,
  beginUpload,
  bothHashes,
  completionOf,
  outputOf,
  partOf,
  type RawRequest,
  send,
  treeHash,
  uploadWhole,
} from './raw-client.js';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello');
const LARGE = Buffer.concat([1, 2].map((byte) => Buffer.alloc(MIB, byte)));
const AT_ONCE = { Standard: 0, Inventory: 0 };

let disk: FailingDisk;
let start: typeof startLocalVault;
let home: string;
let directory: string;

beforeAll(async () => {
  disk = await FailingDisk.make();
  ({ startLocalVault: start } = await import('../../../src/edges/local-server/start.js'));
});
afterAll(() => disk[Symbol.asyncDispose]());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'disk-faults-'));
});
afterEach(() => rm(home, { recursive: true }));

/** What there is before the deed, and is there after it. */
interface Holdings {
  readonly kept: string;
  readonly doomed: string;
  readonly upload: string;
}

async function prepare(vault: LocalVault): Promise<Holdings> {
  for (const name of ['V', 'Empty']) await send(vault, { method: 'PUT', path: `/-/vaults/${name}` });
  const [kept, doomed] = [await uploadWhole(vault, 'V', LARGE), await uploadWhole(vault, 'V', HELLO)];
  const upload = await beginUpload(vault, 'V', 2 * MIB);
  await send(vault, partOf('V', upload, 0, LARGE));
  await sqs(vault, 'CreateQueue', { QueueName: 'q' });
  return { kept, doomed, upload };
}

const uploadOf = (body: Buffer): RawRequest => ({
  method: 'POST',
  path: '/-/vaults/V/archives',
  headers: bothHashes(body),
  body,
});

const jobs = (body: object): RawRequest => ({ method: 'POST', path: '/-/vaults/V/jobs', body: JSON.stringify(body) });

const sent = (request: (holdings: Holdings) => RawRequest) => async (vault: LocalVault, holdings: Holdings) => {
  const { status, headers } = await send(vault, request(holdings));
  return status < 300 ? String(headers['x-amz-archive-id'] ?? headers['x-amz-job-id'] ?? '') : null;
};

const done = (deed: (vault: LocalVault) => Promise<unknown>) => async (vault: LocalVault) =>
  deed(vault).then(
    (made) => JSON.stringify(made),
    () => null,
  );

async function archives(vault: LocalVault): Promise<string[]> {
  const list = await askForJob(vault, 'V', { Type: 'inventory-retrieval' });
  const { json } = await send(vault, outputOf('V', list));
  return (json['ArchiveList'] as { ArchiveId: string }[]).map(({ ArchiveId }) => ArchiveId);
}

const get = async (vault: LocalVault, path: string) => send(vault, { method: 'GET', path });

interface Deed {
  /** Null when it was refused. */
  readonly does: (vault: LocalVault, holdings: Holdings) => Promise<string | null>;
  /** Whether it is done, of which the deed gave `told`. */
  readonly isDone: (vault: LocalVault, told: string, holdings: Holdings) => Promise<boolean>;
}

const isStored: Deed['isDone'] = async (vault, id) => (await archives(vault)).includes(id);

const DEEDS: Readonly<Record<string, Deed>> = {
  'a small archive': { does: sent(() => uploadOf(HELLO)), isDone: isStored },
  'a large archive': { does: sent(() => uploadOf(LARGE)), isDone: isStored },
  'a part that is sent again': {
    does: sent(({ upload }) => partOf('V', upload, 0, LARGE.subarray(1))),
    isDone: async (vault, _, { upload }) => {
      const { json } = await get(vault, `/-/vaults/V/multipart-uploads/${upload}`);
      return (json['Parts'] as { SHA256TreeHash: string }[])[0]?.SHA256TreeHash === treeHash(LARGE.subarray(1));
    },
  },
  'a completion': {
    does: sent(({ upload }) => completionOf('V', upload, LARGE.length, treeHash(LARGE))),
    isDone: isStored,
  },
  'an abortion': {
    does: sent(({ upload }) => ({ method: 'DELETE', path: `/-/vaults/V/multipart-uploads/${upload}` })),
    isDone: async (vault, _, { upload }) =>
      (await get(vault, `/-/vaults/V/multipart-uploads/${upload}`)).status === 404,
  },
  'an upload that begins': {
    does: async (vault) => {
      const id = await beginUpload(vault, 'V', 2 * MIB);
      return id === 'undefined' ? null : id;
    },
    isDone: async (vault, id) => (await send(vault, partOf('V', id, 0, LARGE))).status === 204,
  },
  'a deletion': {
    does: sent(({ doomed }) => ({ method: 'DELETE', path: `/-/vaults/V/archives/${doomed}` })),
    isDone: async (vault, _, { doomed }) => !(await archives(vault)).includes(doomed),
  },
  'a retrieval': {
    does: sent(({ kept }) => jobs({ Type: 'archive-retrieval', ArchiveId: kept })),
    isDone: async (vault, id) => (await send(vault, outputOf('V', id))).body.equals(LARGE),
  },
  'an inventory': {
    does: sent(() => jobs({ Type: 'inventory-retrieval' })),
    isDone: async (vault, id) => (await send(vault, outputOf('V', id))).status === 200,
  },
  'a retrieval policy': {
    does: sent(() => ({
      method: 'PUT',
      path: '/-/policies/data-retrieval',
      body: '{"Policy":{"Rules":[{"Strategy":"FreeTier"}]}}',
    })),
    isDone: async (vault) => (await get(vault, '/-/policies/data-retrieval')).body.toString().includes('FreeTier'),
  },
  'a new vault': {
    does: sent(() => ({ method: 'PUT', path: '/-/vaults/New' })),
    isDone: async (vault) => (await get(vault, '/-/vaults/New')).status === 200,
  },
  'a vault that goes': {
    does: sent(() => ({ method: 'DELETE', path: '/-/vaults/Empty' })),
    isDone: async (vault) => (await get(vault, '/-/vaults/Empty')).status === 404,
  },
  'a key': {
    does: done((vault) => vault.control.addKey()),
    isDone: async (vault, key) =>
      (await send({ ...vault, ...(JSON.parse(key) as object) }, { method: 'GET', path: '/-/vaults' })).status === 200,
  },
  'an account': {
    does: done((vault) => vault.control.addAccount()),
    isDone: async (vault, key) =>
      (await send({ ...vault, ...(JSON.parse(key) as object) }, { method: 'GET', path: '/-/vaults' })).status === 200,
  },
  'the time': {
    does: done((vault) => vault.control.advanceClock(3_600_000)),
    isDone: async (vault, now) => vault.control.now() >= Number(now),
  },
  'a message': {
    does: done((vault) =>
      sqs(vault, 'SendMessage', { QueueUrl: `${vault.endpoint}/${vault.accountId}/q`, MessageBody: 'm' }).then(
        (answer) => {
          if (answer['MessageId'] === undefined) throw new Error('refused');
          return 1;
        },
      ),
    ),
    isDone: async (vault) => {
      const wish = { QueueUrl: `${vault.endpoint}/${vault.accountId}/q` };
      return ((await sqs(vault, 'ReceiveMessage', wish))['Messages'] as unknown[] | undefined)?.length === 1;
    },
  },
};

/** Does the deed on a disk that fails after so many operations; gives whether it failed, and what is wrong then. */
async function failing(deed: Deed, after: number): Promise<{ struck: boolean; wrong: string[] }> {
  directory = join(home, `${after}`);
  const wrong: string[] = [];
  const vault = await start({ directory, delaysMs: AT_ONCE });
  const holdings = await prepare(vault);
  disk.failAfter(after);
  const told = await deed.does(vault, holdings);
  const struck = disk.mend();
  if (told === null && !struck) wrong.push('is refused on a disk that works');
  if (!struck) wrong.push(...(await readdir(join(directory, 'tmp'))).map((name) => `tmp has ${name}`));
  await vault.close();
  for await (const { is, path, what } of checkFolder(directory, new AbortController().signal)) {
    if (is === 'fault') wrong.push(`${path} ${what}`);
  }
  await using later = await start({ directory, delaysMs: AT_ONCE });
  if (told !== null && !(await deed.isDone(later, told, holdings))) wrong.push('was acknowledged and is lost');
  const job = await askForJob(later, 'V', { Type: 'archive-retrieval', ArchiveId: holdings.kept });
  if (!(await send(later, outputOf('V', job))).body.equals(LARGE)) wrong.push('an archive is lost');
  const again = await deed.does(later, holdings);
  if (again === null) wrong.push('cannot be done again');
  else if (!(await deed.isDone(later, again, holdings))) wrong.push('was done again and is not done');
  return { struck, wrong };
}

describe('local vault', () => {
  test.each(Object.entries(DEEDS))(
    '%s, on a disk that fails: acknowledged and done, or refused and done again',
    async (_, deed) => {
      for (let after = 0; ; after++) {
        const { struck, wrong } = await failing(deed, after);
        expect(wrong.map((what) => `after ${after} operations: ${what}`)).toEqual([]);
        if (!struck) {
          expect(after).toBeGreaterThan(1);
          return;
        }
      }
    },
    300_000,
  );
});
