// Faults on order: what the client sees, what was done all the same, and which requests are struck.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultOrder } from '../../../src/edges/local-server/control/fault-rule.js';
import { parseFaultRule } from '../../../src/edges/local-server/control/fault-rule.js';
import { Faults } from '../../../src/edges/local-server/control/faults.js';
import { askForJob, bothHashes, outputOf, type RawRequest, send, treeHash, uploadWhole } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('hello');
const BIG = Buffer.alloc(3 * MIB, 'b');

let here: Serving;
let job: string;
let bigJob: string;

beforeAll(async () => {
  here = await serving({ delaysMs: { Standard: 0 } });
  await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
  const ask = async (body: Buffer) =>
    askForJob(here.vault, 'V', {
      Type: 'archive-retrieval',
      ArchiveId: await uploadWhole(here.vault, 'V', body),
    });
  [job, bigJob] = [await ask(HELLO), await ask(BIG)];
});
afterAll(() => here[Symbol.asyncDispose]());
beforeEach(() => here.vault.control.clearFaults());

const describeV: RawRequest = { method: 'GET', path: '/-/vaults/V' };
const upload = (body = HELLO): RawRequest => ({
  method: 'POST',
  path: '/-/vaults/V/archives',
  headers: bothHashes(body),
  body,
});
const order = (fault: FaultOrder) => here.vault.control.addFault(fault);
const count = async () => (await send(here.vault, describeV)).json['NumberOfArchives'] as number;
const outcomeOf = (request: RawRequest) =>
  send(here.vault, request).then(
    ({ status }) => status,
    (cause: NodeJS.ErrnoException) => cause.code,
  );

describe('local vault faults', () => {
  test.each([
    ['ThrottlingException', 400, 'Client'],
    ['ServiceUnavailableException', 500, 'Server'],
    ['RequestTimeoutException', 408, 'Client'],
    ['NoLongerSupportedException', 400, 'Client'],
  ])('case 148: %s is answered, once, and nothing is stored', async (code, status, type) => {
    const before = await count();
    order({ operation: 'UploadArchive', fault: 'error', status, code, message: 'as ordered' });
    const answer = await send(here.vault, upload());
    expect([answer.status, answer.json]).toEqual([status, { code, message: 'as ordered', type }]);
    expect(here.seen()).toMatchObject({ fault: 'error', error: code });
    expect(await count()).toBe(before);
    expect((await send(here.vault, upload())).status).toBe(201);
  });

  test('a reset connection: nothing was stored', async () => {
    const before = await count();
    order({ operation: 'UploadArchive', fault: 'reset' });
    expect(await outcomeOf(upload())).toBe('ECONNRESET');
    expect(here.seen()).toMatchObject({ fault: 'reset', status: 0, complete: false });
    expect(await count()).toBe(before);
  });

  test('a lost answer: all is stored, and the client does not know', async () => {
    const before = await count();
    order({ operation: 'UploadArchive', fault: 'lost-answer' });
    expect(await outcomeOf(upload())).toBe('ECONNRESET');
    expect(here.seen()).toMatchObject({ fault: 'lost-answer', status: 0, complete: false });
    expect(await count()).toBe(before + 1);
  });

  test('a request that stalls is worked on afterwards', async () => {
    order({ operation: 'DescribeVault', fault: 'stall', seconds: 0.05 });
    expect((await send(here.vault, describeV)).status).toBe(200);
    expect(here.seen().ms).toBeGreaterThanOrEqual(45);
  });

  test('a stall without an end ends with the server, and nothing is stored', async () => {
    await using own = await serving();
    await send(own.vault, { method: 'PUT', path: '/-/vaults/V' });
    own.vault.control.addFault({ operation: 'UploadArchive', fault: 'stall' });
    const waiting = send(own.vault, upload()).catch((cause: NodeJS.ErrnoException) => cause.code);
    // The faulty request is under way when the next one, on another connection, is answered.
    await send(own.vault, describeV);
    await own.vault.close();
    expect(await waiting).toBe('ECONNRESET');
    expect(own.seen()).toMatchObject({ operation: 'UploadArchive', fault: 'stall', status: 0 });
  });

  test.each([
    ['in the middle', undefined, Math.floor(BIG.length / 2)],
    ['after a byte', 1, 1],
    ['after more than a MiB', MIB + 7, MIB + 7],
    ['before it', 0, 0],
  ])('an answer is cut off %s', async (_, afterBytes, size) => {
    order({ operation: 'GetJobOutput', fault: 'truncate', ...(afterBytes === undefined ? {} : { afterBytes }) });
    const { error, received } = await receive(outputOf('V', bigJob));
    expect([error, received]).toEqual(['ECONNRESET', size]);
    expect(here.seen()).toMatchObject({ fault: 'truncate', status: 200, complete: false });
    expect((await send(here.vault, outputOf('V', bigJob))).body.equals(BIG)).toBe(true);
  });

  test('an answer is corrupted in one bit, its headers are not', async () => {
    order({ operation: 'GetJobOutput', fault: 'corrupt' });
    const { status, headers, body } = await send(here.vault, outputOf('V', bigJob));
    expect([status, headers['x-amz-sha256-tree-hash'], body.length]).toEqual([200, treeHash(BIG), BIG.length]);
    expect(treeHash(body)).not.toBe(treeHash(BIG));
    expect(body.subarray(1).equals(BIG.subarray(1))).toBe(true);
  });

  test('a long spoilt answer waits for its reader again and again, and leaves nothing behind that listens', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    order({ operation: 'GetJobOutput', fault: 'corrupt' });
    expect((await send(here.vault, outputOf('V', bigJob))).body).toHaveLength(BIG.length);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('the hash of an answer is wrong, its body is not', async () => {
    for (const [operation, request] of [
      ['GetJobOutput', outputOf('V', job)],
      ['UploadArchive', upload()],
    ] as const) {
      order({ operation, fault: 'wrong-hash' });
      const { headers } = await send(here.vault, request);
      expect(headers['x-amz-sha256-tree-hash']).toMatch(/^[0-9a-f]{64}$/);
      expect(headers['x-amz-sha256-tree-hash']).not.toBe(treeHash(HELLO));
    }
  });

  test('a slow link takes its time, both ways', async () => {
    order({ operation: 'GetJobOutput', fault: 'slow', bytesPerSecond: 100 });
    expect((await send(here.vault, outputOf('V', job))).body).toEqual(HELLO);
    expect(here.seen().ms).toBeGreaterThanOrEqual(45);
    order({ operation: 'UploadArchive', fault: 'slow', bytesPerSecond: 100 });
    expect((await send(here.vault, upload())).status).toBe(201);
    expect(here.seen().ms).toBeGreaterThanOrEqual(45);
  });

  test('faults on answers strike refusals too', async () => {
    order({ operation: 'DescribeVault', fault: 'lost-answer' });
    expect(await outcomeOf({ ...describeV, path: '/-/vaults/X' })).toBe('ECONNRESET');
  });

  test('a request that nobody signed uses no fault up', async () => {
    order({ fault: 'error', status: 500 });
    expect((await send(here.vault, { ...describeV, unsigned: true })).json['code']).toMatch(/^MissingAuth/);
    expect((await send(here.vault, { ...describeV, secretAccessKey: 'x'.repeat(40) })).status).toBe(403);
    expect((await send(here.vault, describeV)).status).toBe(500);
  });
});

describe('local vault faults: which requests', () => {
  const struck = (...orders: FaultOrder[]) => {
    const faults = new Faults();
    for (const one of orders) faults.add(parseFaultRule({ ...one }));
    return (requests: number, operation = 'ListVaults' as const) =>
      Array.from({ length: requests }, () => faults.strike(operation)?.fault ?? '-').join(' ');
  };

  test('the next ones', () => {
    expect(struck({ fault: 'reset', next: 2 })(4)).toBe('reset reset - -');
    expect(struck({ fault: 'reset' })(3)).toBe('reset - -');
  });

  test('every so-manyth', () => expect(struck({ fault: 'reset', every: 3 })(7)).toBe('- - reset - - reset -'));

  test('by chance, and the same for the same seed', () => {
    const some = (seed: number) => struck({ fault: 'reset', probability: 0.25, seed })(1000);
    expect(some(7)).toBe(some(7));
    expect(some(7)).not.toBe(some(8));
    const share = some(7).split('reset').length - 1;
    expect(share).toBeGreaterThan(200);
    expect(share).toBeLessThan(300);
    expect(struck({ fault: 'reset', probability: 0 })(100)).not.toContain('reset');
    expect(struck({ fault: 'reset', probability: 1 })(100)).not.toContain('-');
  });

  test('of deliveries, only those that are named, and requests do not count them', () => {
    const faults = new Faults();
    faults.add(parseFaultRule({ fault: 'reset', next: 1 }));
    faults.add(parseFaultRule({ operation: 'sns:Deliver', fault: 'lost', every: 2 }));
    const delivered = (name: 'sns:Deliver' | 'sns:DeliverConfirmation') => faults.strikeDelivery(name)?.fault ?? '-';
    expect([delivered('sns:Deliver'), delivered('sns:DeliverConfirmation'), delivered('sns:Deliver')]).toEqual([
      '-',
      '-',
      'lost',
    ]);
    expect(faults.strike('sns:Deliver')?.fault).toBe('reset');
  });

  test('of one operation only, where one is named', () => {
    expect(struck({ operation: 'DeleteVault', fault: 'reset' })(2)).toBe('- -');
  });

  test('of two faults that strike together, the one that was ordered first', () => {
    expect(struck({ fault: 'reset', next: 1 }, { fault: 'corrupt', next: 2 })(3)).toBe('reset corrupt -');
  });

  test.each([
    [{}, /^fault must be one of error, reset/],
    [{ fault: 'flood' }, /not flood$/],
    [{ fault: 'error' }, /^status is missing$/],
    [{ fault: 'error', status: 200 }, /^Invalid status: 200/],
    [{ fault: 'slow' }, /^bytesPerSecond is missing$/],
    [{ fault: 'reset', next: 0 }, /^Invalid next: 0/],
    [{ fault: 'reset', every: 1.5 }, /^every must be a whole number$/],
    [{ fault: 'reset', probability: 1.1 }, /^Invalid probability/],
    [{ fault: 'reset', next: 1, every: 2 }, /^Only one of/],
    [{ fault: 'reset', operation: 'Reboot' }, /^There is no operation Reboot$/],
    [{ fault: 5 }, /^fault is not a string/],
    [{ fault: 'reset', operation: 'sns:Reboot' }, /^There is no operation sns:Reboot$/],
    [{ fault: 'lost' }, /^lost happens to deliveries: operation must be sns:Deliver or sns:DeliverConfirmation$/],
    [{ fault: 'forged', operation: 'sns:Publish' }, /^forged happens to deliveries/],
    [{ fault: 'reset', operation: 'sns:Deliver' }, /^fault of a delivery must be one of .*; not reset$/],
    [{ fault: 'late', operation: 'sns:Deliver' }, /^seconds is missing$/],
    [{ fault: 'late', operation: 'sns:Deliver', seconds: 86_401 }, /^Invalid seconds/],
    [{ fault: 'reset', nxt: 3 }, 'There is no "nxt" here; there is operation, fault, next, every, probability.'],
    [{ fault: 'reset', seconds: 3 }, 'There is no "seconds" here'],
    [{ fault: 'reset', next: 2, seed: 3 }, 'There is no "seed" here'],
  ])('an order that means nothing is refused: %j', (rule, message) => {
    expect(() => parseFaultRule(rule)).toThrow(message);
  });
});

/** How much of the body came before the connection ended. */
async function receive(request: RawRequest): Promise<{ error: string | undefined; received: number }> {
  let received = 0;
  const onData = (size: number) => (received += size);
  const error = await send(here.vault, { ...request, onData }).then(
    () => undefined,
    (cause: NodeJS.ErrnoException) => cause.code,
  );
  return { error, received };
}
