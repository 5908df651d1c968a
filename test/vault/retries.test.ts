// Which answers and breaks are tried again: over the wire, through the adapter and patience.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { ordinaryPatience } from '../../src/vault/patience.js';
import { patientVault, patientVaults } from '../../src/vault/patient.js';
import { bytesOf, hashed } from './bytes.js';
import { glacierError, NAME, openRaw } from './raw-server.js';

const signal = new AbortController().signal;
/** Of a server that says nothing; no other is to be given up because this machine is busy. */
const SILENCE_MS = 100;
const TIMEOUT_MS = 30_000;
const PAGE = '<html><body>Bad Request</body></html>';

type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void;

const says =
  (status: number, code: string, message = 'x'): Misbehaviour =>
  (response) =>
    glacierError(response, status, code, message);
const shows =
  (status: number, text: string, type = 'text/html'): Misbehaviour =>
  (response) =>
    void response.writeHead(status, { 'content-type': type }).end(text);

const silence: Misbehaviour = () => {};

const TRIED_AGAIN: readonly [what: string, misbehave: Misbehaviour][] = [
  ['408', says(408, 'RequestTimeoutException', 'Request timed out.')],
  ['429', says(429, 'Whatever')],
  ['500', says(500, 'ServiceUnavailableException')],
  ['502', says(502, 'Whatever')],
  ['503', says(503, 'ServiceUnavailableException')],
  ['504', says(504, 'Whatever')],
  ['400 Throttling', says(400, 'ThrottlingException', 'Rate exceeded')],
  ['403 Throttling', says(403, 'ThrottlingException', 'Rate exceeded')],
  ['400 RequestTimeout', says(400, 'RequestTimeoutException')],
  ['400 ServiceUnavailable', says(400, 'ServiceUnavailableException')],
  ['400 InternalFailure', says(400, 'InternalFailure')],
  ['400 that is a web page', shows(400, PAGE)],
  ['400 without a body', shows(400, '')],
  ['400 with JSON that says nothing', shows(400, '{}', 'application/json')],
  ...[408, 429, 500, 502, 503, 504].flatMap((status): [string, Misbehaviour][] => [
    [`${status} that is a web page`, shows(status, PAGE)],
    [`${status} without a body`, shows(status, '')],
  ]),
  ['a connection that is cut at once', (_, request) => request.socket.destroy()],
  ['a connection that is reset', (_, request) => request.socket.resetAndDestroy()],
  [
    'an answer that breaks off in its head',
    (_, request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\nx-'),
  ],
  [
    'an answer that breaks off in its body',
    (_, request) =>
      request.socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"V'),
  ],
  ['what is no HTTP', (_, request) => request.socket.end('SSH-2.0-OpenSSH\r\n')],
  ['silence', silence],
];

const FINAL: readonly [what: string, misbehave: Misbehaviour, code: FailureCode][] = [
  ['400 InvalidParameterValue', says(400, 'InvalidParameterValueException'), 'VAULT_REFUSED'],
  ['400 MissingParameterValue', says(400, 'MissingParameterValueException'), 'VAULT_REFUSED'],
  ['400 Serialization', says(400, 'SerializationException'), 'VAULT_REFUSED'],
  ['400 BadRequest', says(400, 'BadRequest'), 'VAULT_REFUSED'],
  ['400 PolicyEnforced', says(400, 'PolicyEnforcedException'), 'RETRIEVAL_POLICY'],
  ['400 LimitExceeded', says(400, 'LimitExceededException'), 'LIMIT_EXCEEDED'],
  ['400 NoLongerSupported', says(400, 'NoLongerSupportedException'), 'SERVICE_CLOSED'],
  ['400 UnrecognizedClient', says(400, 'UnrecognizedClientException'), 'ACCESS_DENIED'],
  ['403 AccessDenied', says(403, 'AccessDeniedException'), 'ACCESS_DENIED'],
  ['403 ExpiredToken', says(403, 'ExpiredTokenException'), 'ACCESS_DENIED'],
  ['403 InvalidSignature', says(403, 'InvalidSignatureException'), 'ACCESS_DENIED'],
  ['403 that is a web page', shows(403, PAGE), 'ACCESS_DENIED'],
  ['404 ResourceNotFound', says(404, 'ResourceNotFoundException'), 'VAULT_NOT_FOUND'],
  ['404 that is a web page', shows(404, PAGE), 'VAULT_REFUSED'],
  ['405', says(405, 'UnknownOperationException'), 'VAULT_REFUSED'],
  ['413', shows(413, PAGE), 'VAULT_REFUSED'],
  ['503 InsufficientCapacity', says(503, 'InsufficientCapacityException'), 'NO_CAPACITY'],
];

describe('retries', () => {
  it.each(TRIED_AGAIN)('retries: %s is tried again, three times in a row', async (_, misbehave) => {
    const { failure, requests, retries } = await described(misbehave, 3);
    expect({ failure, requests, retries }).toEqual({ failure: null, requests: 4, retries: 3 });
  });

  it.each(FINAL)('retries: %s is not', async (_, misbehave, code) => {
    const { failure, requests, retries } = await described(misbehave, 3);
    expect({ code: failure?.code, requests, retries }).toEqual({ code, requests: 1, retries: 0 });
  });

  it('retries: each attempt is signed, with the body as it was', async () => {
    const seen: { signature: string; length: number }[] = [];
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let length = 0;
      for await (const piece of request as AsyncIterable<Buffer>) length += piece.length;
      seen.push({ signature: request.headers.authorization ?? '', length });
      if (seen.length < 3) glacierError(response, 503, 'ServiceUnavailableException', 'x');
      else response.writeHead(201, { 'x-amz-archive-id': 'a' }).end();
    };
    await using raw = await openRaw((request, response) => void take(request, response));
    const { patience } = counting();
    await patientVault(raw.vault, patience).uploadWhole(hashed(bytesOf(100_000)), 'd', signal);
    expect(seen.map(({ length }) => length)).toEqual([100_000, 100_000, 100_000]);
    for (const { signature } of seen) expect(signature).toMatch(/Signature=[0-9a-f]{64}$/);
  });
});

/** Asks a vault for its description that misbehaves so many times first. */
async function described(
  misbehave: Misbehaviour,
  times: number,
): Promise<{ failure: Failure | null; requests: number; retries: number }> {
  let requests = 0;
  await using raw = await openRaw(
    (request, response) => {
      requests++;
      if (requests <= times) misbehave(response, request);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(`{"VaultName":"${NAME}"}`);
    },
    misbehave === silence ? SILENCE_MS : TIMEOUT_MS,
  );
  const { patience, count } = counting();
  const failure = await patientVaults(raw.vaults, patience)
    .describe(NAME, signal)
    .then(
      () => null,
      (thrown: unknown) => {
        if (thrown instanceof Failure) return thrown;
        throw thrown;
      },
    );
  return { failure, requests, retries: count() };
}

/** Patience that takes no time. */
function counting(): { patience: ReturnType<typeof ordinaryPatience>; count: () => number } {
  let retries = 0;
  const patience = { ...ordinaryPatience(() => retries++), elapsedMs: () => 0, sleep: async () => {} };
  return { patience, count: () => retries };
}
