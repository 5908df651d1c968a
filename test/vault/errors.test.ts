import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../src/model/clock.js';
import { Failure, type FailureCode } from '../../src/model/failure.js';
import { ArchiveId, JobId, UploadId } from '../../src/model/identifiers.js';
import { translated } from '../../src/vault/errors.js';
import type { GlacierService } from '../../src/vault/glacier-service.js';
import { type ReadyRetrieval, wholeAt } from '../../src/vault/retrieving-port.js';
import type { Asked } from '../../src/vault/server-errors.js';
import { bytesOf, hashed, MIB } from './bytes.js';
import { glacierError, NAME, openRaw, openService, type Raw } from './raw-server.js';
import { SELF_SIGNED } from './self-signed.js';

const signal = new AbortController().signal;
const ARN = 'arn:aws:glacier:us-east-1:012345678901:vaults/photos';
const asked: Asked = { deed: 'list vaults', what: 'vault', vault: null };
const READY: ReadyRetrieval = {
  state: 'ready',
  jobId: JobId.parse('j'),
  requestedAt: Instant.ofSeconds(0),
  size: 10,
  readableUntil: null,
};

const deeds = {
  describe: ({ vaults }: Raw) => vaults.describe(NAME, signal),
  deleteVault: ({ vaults }: Raw) => vaults.delete(NAME, signal),
  upload: ({ vault }: Raw) => vault.uploadWhole(hashed(bytesOf(10)), '', signal),
  begin: ({ vault }: Raw) => vault.beginUpload(MIB, '', signal),
  complete: ({ vault }: Raw) => vault.completeUpload(UploadId.parse('u'), 1, hashed(bytesOf(1)).treeHash, signal),
  abandon: ({ vault }: Raw) => vault.abandonUpload(UploadId.parse('u'), signal),
  deleteArchive: ({ vault }: Raw) => vault.deleteArchive(ArchiveId.parse('a'), signal),
  request: ({ vault }: Raw) => vault.requestRetrieval(ArchiveId.parse('a'), wholeAt('Expedited'), signal),
  inventory: ({ vault }: Raw) => vault.requestInventory('JSON', '', signal),
  read: ({ vault }: Raw) => vault.read(READY, { start: 0, end: 10 }, signal),
} as const;

type Row = [deed: keyof typeof deeds, status: number, name: string, message: string, code: FailureCode | 'no failure'];

/** The same over the SDK and over our own client. */
const CARRIERS: readonly [deed: string, perform: (service: GlacierService) => Promise<unknown>][] = [
  ['describe vault photos', ({ vaults }) => vaults.describe(NAME, signal)],
  ['upload an archive to vault photos', (service) => service.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', signal)],
];

const ANSWERS: readonly Row[] = [
  ['upload', 400, 'ThrottlingException', 'Rate exceeded', 'THROTTLED'],
  ['upload', 429, 'TooManyRequestsException', 'slow down', 'THROTTLED'],
  ['upload', 408, 'RequestTimeoutException', 'Request timed out.', 'TIMED_OUT'],
  ['upload', 500, 'ServiceUnavailableException', 'try later', 'VAULT_UNAVAILABLE'],
  ['upload', 502, 'Whatever', 'x', 'VAULT_UNAVAILABLE'],
  ['upload', 503, 'ServiceUnavailableException', '', 'VAULT_UNAVAILABLE'],
  ['upload', 504, 'Whatever', 'x', 'VAULT_UNAVAILABLE'],
  ['request', 503, 'InsufficientCapacityException', 'no expedited capacity', 'NO_CAPACITY'],
  ['request', 400, 'PolicyEnforcedException', 'denied by current data retrieval policy.', 'RETRIEVAL_POLICY'],
  ['describe', 400, 'NoLongerSupportedException', 'closed', 'SERVICE_CLOSED'],
  ['describe', 400, 'LimitExceededException', 'too many vaults', 'LIMIT_EXCEEDED'],
  ['describe', 403, 'AccessDeniedException', 'no permission', 'ACCESS_DENIED'],
  ['describe', 403, 'InvalidSignatureException', 'The request signature we calculated …', 'ACCESS_DENIED'],
  ['describe', 403, 'ExpiredTokenException', 'expired', 'ACCESS_DENIED'],
  ['describe', 400, 'UnrecognizedClientException', 'unknown key', 'ACCESS_DENIED'],
  ['describe', 400, 'MissingAuthenticationTokenException', 'no auth', 'ACCESS_DENIED'],
  ['describe', 403, 'Whatever', 'x', 'ACCESS_DENIED'],
  ['describe', 400, 'InvalidParameterValueException', 'something else', 'VAULT_REFUSED'],
  [
    'deleteVault',
    400,
    'InvalidParameterValueException',
    `Vault not empty or recently written to: ${ARN}`,
    'VAULT_NOT_EMPTY',
  ],
  ['deleteVault', 404, 'ResourceNotFoundException', `Vault not found for ARN: ${ARN}`, 'no failure'],
  ['describe', 404, 'ResourceNotFoundException', 'gone', 'VAULT_NOT_FOUND'],
  ['upload', 404, 'ResourceNotFoundException', `Vault not found for ARN: ${ARN}`, 'VAULT_NOT_FOUND'],
  ['abandon', 404, 'ResourceNotFoundException', `Vault not found for ARN: ${ARN}`, 'VAULT_NOT_FOUND'],
  ['deleteArchive', 404, 'ResourceNotFoundException', `Vault not found for ARN: ${ARN}`, 'VAULT_NOT_FOUND'],
  ['deleteArchive', 404, 'ResourceNotFoundException', 'The archive ID was not found: a', 'no failure'],
  ['complete', 404, 'ResourceNotFoundException', 'gone', 'UPLOAD_NOT_FOUND'],
  ['abandon', 404, 'ResourceNotFoundException', 'gone', 'no failure'],
  ['request', 404, 'ResourceNotFoundException', 'gone', 'ARCHIVE_NOT_FOUND'],
  ['read', 404, 'ResourceNotFoundException', 'gone', 'JOB_NOT_FOUND'],
  ['inventory', 404, 'ResourceNotFoundException', 'Initial inventory collection is not complete', 'VAULT_REFUSED'],
  ['inventory', 404, 'ResourceNotFoundException', `Vault not found for ARN: ${ARN}`, 'VAULT_NOT_FOUND'],
  [
    'read',
    400,
    'InvalidParameterValueException',
    'The job is not currently available for download: j',
    'VAULT_REFUSED',
  ],
  ['upload', 400, 'InvalidParameterValueException', 'Checksum mismatch: expected a, computed b', 'HASH_MISMATCH'],
  ['complete', 400, 'InvalidParameterValueException', 'Invalid x-amz-sha256-tree-hash: abc', 'HASH_MISMATCH'],
  [
    'upload',
    403,
    'InvalidSignatureException',
    'The value passed in as x-amz-content-sha256 does not match the computed payload hash.',
    'HASH_MISMATCH',
  ],
];

describe('errors of a server', () => {
  it.each(ANSWERS)('errors: %s answered with %i %s "%s" is %5$s', async (deed, status, name, message, code) => {
    await using raw = await openRaw((_, response) => glacierError(response, status, name, message));
    const found = await outcome(deeds[deed](raw));
    expect(found.code).toBe(code);
    if (code !== 'no failure') expect(found.message).toContain(message);
    expect(found.message).toMatch(/^(cannot |$)/);
  });

  it('errors: a web page instead of an answer is a refusal that points to the endpoint, or a broken server', async () => {
    for (const [status, code] of [
      [200, 'VAULT_REFUSED'],
      [404, 'VAULT_REFUSED'],
      [502, 'VAULT_UNAVAILABLE'],
      [400, 'UNREACHABLE'],
    ] as const) {
      await using raw = await openRaw((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
      });
      expect(await outcome(raw.vaults.describe(NAME, signal))).toMatchObject({ code });
      if (status === 404) expect((await outcome(deeds.deleteArchive(raw))).code).toBe('VAULT_REFUSED');
    }
  });

  it('errors: a vault that has no inventory yet is told when to ask again', async () => {
    await using raw = await openRaw((_, response) =>
      glacierError(response, 404, 'ResourceNotFoundException', 'no inventory is available at this time.'),
    );
    expect((await outcome(deeds.inventory(raw))).hint).toContain('ask again');
  });

  it.each(CARRIERS)(
    'errors: a certificate that nobody vouches for stops the run, and is told as that: %s',
    async (deed, perform) => {
      const server = createTlsServer({ key: SELF_SIGNED.key, cert: SELF_SIGNED.cert });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await using service = await openService(`https://127.0.0.1:${port}`);
      const failure = await outcome(perform(service));
      expect(failure).toMatchObject({
        code: 'ACCESS_DENIED',
        message: `cannot ${deed}: self-signed certificate`,
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      });
      await new Promise((resolve) => server.close(resolve));
    },
  );

  it('errors: a signature for another region is no matter of the secret', async () => {
    const message = "Credential should be scoped to a valid region, not 'eu-west-1'.";
    await using raw = await openRaw((_, response) => glacierError(response, 403, 'InvalidSignatureException', message));
    const { code, hint } = await outcome(raw.vaults.describe(NAME, signal));
    expect(code).toBe('ACCESS_DENIED');
    expect(hint).toBe('check region: the endpoint is one of another');
  });

  it.each(['describe', 'upload'] as const)('errors: a clock that is off is named as the cause: %s', async (deed) => {
    for (const message of ['Signature expired: 1 is now earlier than 2', 'it does not match']) {
      await using raw = await openRaw((_, response) => {
        response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
        glacierError(response, 403, 'InvalidSignatureException', message);
      });
      const { code, hint } = await outcome(deeds[deed](raw));
      expect(code).toBe('ACCESS_DENIED');
      expect(hint).toContain('clock');
    }
  });

  it('errors: only the first line of a message is shown, as the rest may repeat the session token', async () => {
    const message = 'signatures differ\n\nThe Canonical String should have been\nx-amz-security-token:TOKEN';
    await using raw = await openRaw((_, response) => glacierError(response, 403, 'InvalidSignatureException', message));
    const failure = await outcome(raw.vaults.describe(NAME, signal));
    expect(failure.message).toBe('cannot describe vault photos: signatures differ');
  });

  it('errors: each request is made once, because patience lies above', async () => {
    let requests = 0;
    await using raw = await openRaw((_, response) => {
      requests++;
      glacierError(response, 500, 'ServiceUnavailableException', 'down');
    });
    await outcome(raw.vaults.describe(NAME, signal));
    expect(requests).toBe(1);
  });
});

describe('errors of connections', () => {
  it('errors: a connection that is cut without an answer is broken', async () => {
    await using raw = await openRaw((request) => request.socket.destroy());
    expect((await outcome(deeds.upload(raw))).code).toBe('CONNECTION_BROKEN');
  });

  it('errors: what is no HTTP is a broken connection', async () => {
    await using raw = await openRaw((request) => request.socket.end('SSH-2.0-OpenSSH\r\n'));
    expect((await outcome(deeds.describe(raw))).code).toBe('CONNECTION_BROKEN');
  });

  it('errors: a server that says nothing times out', async () => {
    await using raw = await openRaw(() => {}, 50);
    const failure = await outcome(deeds.upload(raw));
    expect(failure.code).toBe('TIMED_OUT');
    expect(failure.message).toContain('50 ms of inactivity');
  });

  it.each(CARRIERS)('errors: a port where nobody listens is an unavailable vault: %s', async (_, perform) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await using service = await openService(`http://127.0.0.1:${port}`);
    const failure = await outcome(perform(service));
    expect(failure).toMatchObject({ code: 'UNREACHABLE' });
    expect(failure.message).toContain('ECONNREFUSED');
  });

  it.each(CARRIERS)('errors: no TLS where it should be stops the run with the real text: %s', async (deed, perform) => {
    await using raw = await openRaw(() => {});
    await using service = await openService(raw.endpoint.replace('http:', 'https:'));
    const failure = await outcome(perform(service));
    expect(failure.code).toBe('ACCESS_DENIED');
    expect(failure.message).toMatch(/: no TLS connection: [a-z ]+$/);
    expect(failure.message).toContain(`cannot ${deed}: `);
    expect(failure.hint).toContain('http');
  });

  it.each([
    ['ENOTFOUND', 'UNREACHABLE'],
    ['EAI_AGAIN', 'UNREACHABLE'],
    ['ENETUNREACH', 'UNREACHABLE'],
    ['EMFILE', 'UNREACHABLE'],
    ['ENFILE', 'UNREACHABLE'],
    ['ECONNRESET', 'CONNECTION_BROKEN'],
    ['EPIPE', 'CONNECTION_BROKEN'],
    ['ETIMEDOUT', 'TIMED_OUT'],
    ['CERT_HAS_EXPIRED', 'ACCESS_DENIED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ACCESS_DENIED'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ACCESS_DENIED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ACCESS_DENIED'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ACCESS_DENIED'],
    ['INVALID_CA', 'ACCESS_DENIED'],
    ['HOSTNAME_MISMATCH', 'ACCESS_DENIED'],
  ] as const)('errors: %s is %s, also among the errors of several addresses', (name, code) => {
    const error = Object.assign(new Error('what Node says'), { code: name });
    expect(translated(error, asked, signal)).toMatchObject({ code, message: 'cannot list vaults: what Node says' });
    expect(translated(new AggregateError([error]), asked, signal).code).toBe(code);
  });

  it('errors: who may open no more connections is not sent to look at the network', () => {
    const error = Object.assign(new Error('connect EMFILE 127.0.0.1:80'), { code: 'EMFILE' });
    expect(translated(error, asked, signal).hint).toMatch(/^too many .*ulimit -n/);
  });

  it('errors: a host that is not found is named', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND h.example'), {
      code: 'ENOTFOUND',
      hostname: 'h.example',
    });
    expect(translated(error, asked, signal).message).toBe('cannot list vaults: host h.example cannot be found');
  });

  it('errors: what breaks after the signal is an interruption', async () => {
    const told = new AbortController();
    await using raw = await openRaw(() => told.abort());
    expect((await outcome(raw.vaults.describe(NAME, told.signal))).code).toBe('INTERRUPTED');
  });

  it('errors: a defect is no failure of the world', () => {
    const defect = new TypeError('x is not a function');
    expect(() => translated(defect, asked, signal)).toThrow(defect);
  });
});

async function outcome(deed: Promise<unknown>): Promise<{ code: string; message: string; hint?: string | undefined }> {
  try {
    await deed;
    return { code: 'no failure', message: '' };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  }
}
