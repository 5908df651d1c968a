// Whatever a server does, our own client and the SDK tell the same of it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../../src/edges/local-server/control/fault-rule.js';
import type { LocalVault } from '../../../src/edges/local-server/start.js';
import { systemClock } from '../../../src/model/clock.js';
import { Failure } from '../../../src/model/failure.js';
import { ArchiveId, UploadId, VaultName } from '../../../src/model/identifiers.js';
import type { GlacierSettings } from '../../../src/vault/glacier-config.js';
import { type GlacierService, openGlacier } from '../../../src/vault/glacier-service.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { RequestRate } from '../../../src/vault/request-rate.js';
import { type ReadyRetrieval, wholeAt } from '../../../src/vault/retrieving-port.js';
import { serving } from '../../edges/local-server/serving.js';
import { bytesOf, collected, hashed, MIB } from '../bytes.js';
import { type Direct, sdkVault } from './sdk-vault.js';

const NAME = VaultName.parse('photos');
const signal = new AbortController().signal;
const SMALL = hashed(bytesOf(1000));
const LARGE = hashed(bytesOf(3 * MIB + 5));
const GONE = UploadId.parse('x'.repeat(92));
const GONE_ARCHIVE = ArchiveId.parse('x'.repeat(138));

type Who = 'direct' | 'sdk';

/** A server with what the deeds need. */
interface Bench extends AsyncDisposable {
  readonly settings: GlacierSettings;
  readonly upload: UploadId;
  readonly ready: ReadyRetrieval;
  readonly control: LocalVault['control'];
}

const DEEDS: Readonly<Record<string, (vault: Direct, bench: Bench) => Promise<unknown>>> = {
  'a small archive': async (vault) => (await vault.uploadWhole(SMALL, 'mt2 x  y', signal)).unansweredRequests,
  'a large archive': async (vault) => (await vault.uploadWhole(LARGE, '', signal)).unansweredRequests,
  'a part': (vault, { upload }) => vault.uploadPart(upload, { start: 0, end: LARGE.bytes.length }, LARGE, signal),
  'a range': async (vault, { ready }) => {
    const { treeHash, body } = await vault.read(ready, { start: 0, end: 2 * MIB }, signal);
    const bytes = await collected(body);
    return { treeHash, intact: bytes.equals(LARGE.bytes.subarray(0, 2 * MIB)), size: bytes.length };
  },
  'a vault described': async (vault) => {
    const { name, arn, createdAt, archives, size } = await vault.describe(NAME, signal);
    return [name, arn.replace(/.*:/, ''), createdAt.length, archives > 0, size > 0];
  },
  'an upload begun': async (vault) => (await vault.beginUpload(4 * MIB, 'mt2 x  y', signal)).length,
  'an upload completed': async (vault, { upload }) =>
    (await vault.completeUpload(upload, LARGE.bytes.length, LARGE.treeHash, signal)).unansweredRequests,
  'an upload abandoned': (vault, { upload }) => vault.abandonUpload(upload, signal),
  'an archive deleted': async (vault) => (await vault.deleteArchive(GONE_ARCHIVE, signal)) > 0,
};

/** These end an upload, so that each time needs one of its own. */
const ENDING = new Set(['an upload completed', 'an upload abandoned']);

/** To these it is success that what was to be made away with is away. */
const FORGIVING = new Set(['an upload abandoned', 'an archive deleted']);

const FAULTS: readonly [what: string, fault: FaultOrder | null, timeoutMs?: number][] = [
  ['nothing', null],
  ...(
    [
      [400, 'ThrottlingException'],
      [400, 'InvalidParameterValueException'],
      [403, 'AccessDeniedException'],
      [403, 'InvalidSignatureException'],
      [404, 'ResourceNotFoundException'],
      [404, 'UnknownOperationException'],
      [408, 'RequestTimeoutException'],
      [429, 'TooManyRequestsException'],
      [500, 'InternalServerException'],
      [503, 'ServiceUnavailableException'],
      [503, 'SlowDown'],
      [504, 'Whatever'],
    ] as const
  ).map(([status, code]): [string, FaultOrder] => [`${status} ${code}`, { fault: 'error', status, code }]),
  ['a reset', { fault: 'reset' }],
  ['a lost answer', { fault: 'lost-answer' }],
  ['a stall', { fault: 'stall' }, 300],
  ['an answer that is cut off', { fault: 'truncate' }],
  ['an answer that is cut off at once', { fault: 'truncate', afterBytes: 0 }],
  ['a bit that is wrong', { fault: 'corrupt' }],
  ['a wrong hash', { fault: 'wrong-hash' }],
  ['a slow link', { fault: 'slow', bytesPerSecond: 20 * MIB }],
];

/** Each has a server of its own, so that a fault that was ordered strikes its request. */
const benches = {} as Record<Who, Bench>;
beforeAll(async () => {
  for (const who of ['direct', 'sdk'] as const) benches[who] = await openBench();
});
afterAll(async () => {
  for (const bench of Object.values(benches)) await bench[Symbol.asyncDispose]();
});

describe.each(Object.keys(DEEDS))('conformance: %s', (deed) => {
  it.each(FAULTS)('conformance: %s is told as the SDK tells it', async (_, fault, timeoutMs = 30_000) => {
    const [direct, sdk] = await Promise.all([
      outcomeWith('direct', deed, fault, timeoutMs),
      outcomeWith('sdk', deed, fault, timeoutMs),
    ]);
    expect(direct).toEqual(sdk);
    // An accord in doing nothing at all would be none.
    if (fault === null || fault.fault === 'slow') expect(direct).not.toHaveProperty('code');
    const isForgiven = FORGIVING.has(deed) && fault?.fault === 'error' && fault.code === 'ResourceNotFoundException';
    if (fault !== null && !isForgiven && ['error', 'reset', 'stall'].includes(fault.fault))
      expect(direct).toHaveProperty('code');
  });
});

it('conformance: what is gone is told as the SDK tells it', async () => {
  const told = async (who: Who): Promise<unknown> => {
    const bench = benches[who];
    bench.control.clearFaults();
    await using asked = await vaultOf(who, bench.settings);
    await asked.vault.abandonUpload(GONE, signal);
    const completed = asked.vault.completeUpload(GONE, LARGE.bytes.length, LARGE.treeHash, signal);
    const described = asked.vault.describe(VaultName.parse('absent'), signal);
    return (await Promise.allSettled([completed, described])).map((end) => {
      return { code: ((end as PromiseRejectedResult).reason as Failure).code };
    });
  };
  expect(await told('direct')).toEqual(await told('sdk'));
  expect(await told('direct')).toMatchObject([{ code: 'UPLOAD_NOT_FOUND' }, { code: 'VAULT_NOT_FOUND' }]);
});

async function wholeUploadIn({ settings, control }: Bench): Promise<UploadId> {
  control.clearFaults();
  await using service = await openDirect(settings);
  const vault = service.vault(NAME);
  const upload = await vault.beginUpload(4 * MIB, '', signal);
  await vault.uploadPart(upload, { start: 0, end: LARGE.bytes.length }, LARGE, signal);
  return upload;
}

/** Over a connection of its own: one that is used again is made anew where that is safe, which the SDK never does. */
async function outcomeWith(who: Who, deed: string, fault: FaultOrder | null, timeoutMs: number): Promise<unknown> {
  const bench = benches[who];
  const upload = ENDING.has(deed) ? await wholeUploadIn(bench) : bench.upload;
  await using asked = await vaultOf(who, { ...bench.settings, timeoutMs });
  bench.control.clearFaults();
  if (fault !== null) bench.control.addFault(fault);
  try {
    return { value: await DEEDS[deed]?.(asked.vault, { ...bench, upload }) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { code: thrown.code, why: whyOf(thrown), hint: thrown.hint };
  }
}

/** What a server says is told in its own words by both; of connections each has words of its own. */
function whyOf({ code, message }: Failure): string {
  const said = message.replace(/^cannot [^:]*: /, '');
  return ['CONNECTION_BROKEN', 'TIMED_OUT'].includes(code) && !said.startsWith('A fault') ? 'some' : said;
}

async function openBench(): Promise<Bench> {
  const served = await serving({ delaysMs: { Standard: 0 } });
  const { endpoint, region, accessKeyId: key, secretAccessKey: secret, control } = served.vault;
  const settings = { endpoint, region, key, secret, timeoutMs: 30_000, concurrency: 2 };
  await using service = await openDirect(settings);
  const vault = service.vault(NAME);
  await service.vaults.create(NAME, signal);
  const upload = await vault.beginUpload(4 * MIB, '', signal);
  const { archiveId } = await vault.uploadWhole(LARGE, '', signal);
  await vault.requestRetrieval(archiveId, wholeAt('Standard'), signal);
  for await (const { retrieval } of vault.retrievals([{ id: archiveId }], signal)) {
    if (retrieval.state !== 'ready') continue;
    return { settings, upload, ready: retrieval, control, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
  }
  throw new Error('the retrieval is not ready');
}

async function vaultOf(who: Who, settings: GlacierSettings): Promise<{ vault: Direct } & AsyncDisposable> {
  if (who === 'sdk') {
    const vault = sdkVault(settings, NAME);
    return { vault, [Symbol.asyncDispose]: async () => vault[Symbol.dispose]() };
  }
  const service = await openDirect(settings);
  const vault = {
    ...service.vault(NAME),
    describe: (...asked: Parameters<Direct['describe']>) => service.vaults.describe(...asked),
  };
  return { vault, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

function openDirect(settings: GlacierSettings): Promise<GlacierService> {
  const rate = new RequestRate(ordinaryPatience(() => {}));
  return openGlacier(settings, { clock: systemClock, rate, environment: {} });
}
