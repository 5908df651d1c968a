// Signature Version 4: whether a request comes from a holder of the key, and came just now.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalRequestHash, type WireRequest } from './canonical-request.js';
import { ApiError, invalidSignature, missingParameter } from './errors.js';

const MAX_SKEW_MS = 5 * 60 * 1000;
const SERVICE = 'glacier';

export interface Keyring {
  readonly region: string;
  /** Secret of an access key; undefined when there is no such key. */
  secretOf(accessKeyId: string): string | undefined;
}

/** What a request claims about itself; nothing of it is believed before `verifySignature`. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As signed, `20120525T002453Z`. */
  readonly timestamp: string;
}

/**
 * Reads the claim and checks all of it that needs no payload.
 * @param now real time in ms: the movable clock of jobs must not lock clients out
 * @throws ApiError
 */
export function readClaim(request: WireRequest, keys: Keyring, now: number): Claim {
  const claim = parseAuthorization(request);
  if (keys.secretOf(claim.accessKeyId) === undefined) {
    throw new ApiError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  checkScope(claim, keys.region);
  checkSignedHeaders(claim, request);
  checkSkew(claim.timestamp, now);
  return claim;
}

/** @throws ApiError when the signature is not the one that this request and this payload would have */
export function verifySignature(request: WireRequest, claim: Claim, payloadHash: string, keys: Keyring): void {
  const secret = keys.secretOf(claim.accessKeyId) ?? '';
  const matches = (['latin1', 'utf8'] as const).some((encoding) => {
    const hash = canonicalRequestHash(request, claim.signedHeaders, payloadHash, encoding);
    return equal(signatureOf(claim, hash, secret), claim.signature);
  });
  if (!matches) {
    throw invalidSignature(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
}

function parseAuthorization(request: WireRequest): Claim {
  const header = request.headers['authorization']?.[0];
  if (header === undefined || header === '') {
    throw new ApiError(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const fields = new Map(
    header
      .replace(/^AWS4-HMAC-SHA256\s+/, '')
      .split(',')
      .map((field) => field.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const [, accessKeyId, scope] = /^([^/]+)\/(.+)$/.exec(fields.get('Credential') ?? '') ?? [];
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  const understood = header.startsWith('AWS4-HMAC-SHA256 ') && accessKeyId !== undefined && scope !== undefined;
  if (!understood || signedHeaders === undefined || signature === undefined) {
    throw invalidSignature('Authorization header is not a complete AWS4-HMAC-SHA256 signature.');
  }
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature, timestamp: timestampOf(request) };
}

/** `x-amz-date`, else `Date`, which may be written as HTTP does or in the ISO basic form. */
function timestampOf(request: WireRequest): string {
  const text = request.headers['x-amz-date']?.[0] ?? request.headers['date']?.[0];
  if (text === undefined) throw missingParameter('x-amz-date or Date');
  if (/^\d{8}T\d{6}Z$/.test(text)) return text;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidSignature(`Date must be in ISO-8601 'basic format'. Got '${text}'.`);
  return basic(ms);
}

function checkScope(claim: Claim, region: string): void {
  const [date, scopeRegion, service, terminator, ...more] = claim.scope.split('/');
  if (date !== claim.timestamp.slice(0, 8)) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${claim.timestamp.slice(0, 8)}'.`,
    );
  }
  if (scopeRegion !== region) {
    throw invalidSignature(
      `Credential should be scoped to a valid region, not '${scopeRegion}' (this vault is in '${region}').`,
    );
  }
  if (service !== SERVICE) throw invalidSignature(`Credential should be scoped to correct service: '${SERVICE}'.`);
  if (terminator !== 'aws4_request' || more.length > 0) {
    throw invalidSignature("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
}

/** Which other headers are signed is the client's choice. Source: AWS general reference, "Signing elements". */
function checkSignedHeaders(claim: Claim, request: WireRequest): void {
  const needed = ['host', request.headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date'];
  if (request.headers['x-amz-glacier-version'] !== undefined) needed.push('x-amz-glacier-version');
  for (const name of needed) {
    if (!claim.signedHeaders.includes(name)) {
      throw invalidSignature(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function checkSkew(timestamp: string, now: number): void {
  const at = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (at < now - MAX_SKEW_MS || Number.isNaN(at)) {
    const limit = basic(now - MAX_SKEW_MS);
    throw invalidSignature(`Signature expired: ${timestamp} is now earlier than ${limit} (${basic(now)} - 5 min.)`);
  }
  if (at > now + MAX_SKEW_MS) {
    const limit = basic(now + MAX_SKEW_MS);
    throw invalidSignature(
      `Signature not yet current: ${timestamp} is still later than ${limit} (${basic(now)} + 5 min.)`,
    );
  }
}

function signatureOf(claim: Claim, canonicalHash: string, secret: string): string {
  const key = claim.scope.split('/').reduce<Buffer | string>((key, step) => hmac(key, step), `AWS4${secret}`);
  const text = `AWS4-HMAC-SHA256\n${claim.timestamp}\n${claim.scope}\n${canonicalHash}`;
  return hmac(key, text).toString('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function basic(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
