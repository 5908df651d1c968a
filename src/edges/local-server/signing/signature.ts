// Signature Version 4: whether a request comes from a holder of the key, and came just now.

import { timingSafeEqual } from 'node:crypto';
import { ApiError, invalidSignature, missingParameter } from '../protocol/errors.js';
import { canonicalRequestOf, hashOf, type WireRequest } from './canonical-request.js';
import { expiredToken, type HeldKey, type Keyring, unrecognizedClient } from './keyring.js';
import { hmac } from './signing-keys.js';

const MAX_SKEW_MS = 5 * 60 * 1000;
const GLACIER: readonly string[] = ['glacier'];
/** Headers of which a second one would leave open which was signed. */
const SENT_ONCE = ['authorization', 'host', 'date', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token'];

/** What a request claims about itself; nothing of it is believed before `verifySignature`. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  /** For which service it was signed. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As signed, `20120525T002453Z`. */
  readonly timestamp: string;
  readonly key: HeldKey;
  /** That a holder of the key would sign with, for this scope. */
  readonly signingKey: Buffer;
}

/**
 * Reads the claim and checks all of it that needs no payload.
 * @param now real time in ms: the movable clock of jobs must not lock clients out
 * @param services that a request may be signed for
 * @throws ApiError
 */
export function readClaim(request: WireRequest, keys: Keyring, now: number, services = GLACIER): Claim {
  checkSentOnce(request);
  const parts = parseAuthorization(request);
  const key = keys.keyOf(parts.accessKeyId);
  if (key === undefined) throw unrecognizedClient();
  checkToken(request, key, now);
  const [timestamp, at] = timestampOf(request);
  checkSignedHeaders(parts.signedHeaders, request);
  const service = serviceOf(parts.scope, timestamp, keys.region, services);
  checkSkew(timestamp, at, now);
  const signingKey = keys.signingKeys.derive(key.secretAccessKey, parts.scope);
  return { ...parts, service, timestamp, key, signingKey };
}

/**
 * The refusal tells what should have been signed, as the service does. Source: aws-cli issue 2474, observed in 2017.
 * @throws ApiError when the signature is not the one that this request and this payload would have
 */
export function verifySignature(request: WireRequest, claim: Claim, payloadHash: string): void {
  const canonical = canonicalRequestOf(request, claim.signedHeaders, payloadHash);
  const matches = (['latin1', 'utf8'] as const).some((encoding) =>
    equal(signatureOf(claim, hashOf(canonical, encoding)), claim.signature),
  );
  if (matches) return;
  throw invalidSignature(
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n' +
      `The Canonical String for this request should have been\n'${canonical}'\n\n` +
      `The String-to-Sign should have been\n'${textToSign(claim, hashOf(canonical, 'latin1'))}'\n`,
  );
}

function checkSentOnce(request: WireRequest): void {
  for (const name of SENT_ONCE) {
    if ((request.headers[name]?.length ?? 0) > 1) throw invalidSignature(`'${name}' was sent more than once.`);
  }
}

/** A temporary key is nothing without its token, and a key that lasts has none. */
function checkToken(request: WireRequest, { session }: HeldKey, now: number): void {
  const token = request.headers['x-amz-security-token']?.[0];
  if (session === null) {
    if (token !== undefined) throw unrecognizedClient();
    return;
  }
  if (token === undefined || !equal(token, session.token)) throw unrecognizedClient();
  if (session.expiresAt <= now) throw expiredToken();
}

function parseAuthorization(
  request: WireRequest,
): Pick<Claim, 'accessKeyId' | 'scope' | 'signedHeaders' | 'signature'> {
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
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature };
}

/** `x-amz-date`, else `Date`, which may be written as HTTP does or in the ISO basic form; also as ms since 1970. */
function timestampOf(request: WireRequest): [timestamp: string, at: number] {
  const text = request.headers['x-amz-date']?.[0] ?? request.headers['date']?.[0];
  if (text === undefined) throw missingParameter('x-amz-date or Date');
  const at = momentOf(text);
  if (!Number.isNaN(at)) return [text, at];
  const ms = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidSignature(`Date must be in ISO-8601 'basic format'. Got '${text}'.`);
  return [basic(ms), ms];
}

/** @throws ApiError when the scope is not the day's, the region's and a service's */
function serviceOf(scope: string, timestamp: string, region: string, services: readonly string[]): string {
  const [date, scopeRegion, service = '', terminator, ...more] = scope.split('/');
  const day = timestamp.slice(0, 8);
  if (date !== day) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${timestamp}'.`,
    );
  }
  if (scopeRegion !== region) {
    throw invalidSignature(
      `Credential should be scoped to a valid region, not '${scopeRegion}' (here it is '${region}').`,
    );
  }
  if (!services.includes(service)) {
    throw invalidSignature(`Credential should be scoped to correct service: '${services.join("', '")}'.`);
  }
  if (terminator === 'aws4_request' && more.length === 0) return service;
  throw invalidSignature("Credential should be scoped with a valid terminator: 'aws4_request'.");
}

/**
 * Which other headers are signed is the client's choice.
 * Source: Glacier developer guide, "Signing Requests": host, the date, and these of the `x-amz-` headers when they are sent.
 */
function checkSignedHeaders(signed: readonly string[], { headers }: WireRequest): void {
  // A long header that is named a thousand times would be a thousand times as long in the canonical request.
  if (new Set(signed).size < signed.length) throw invalidSignature("'SignedHeaders' names a header twice.");
  const needed = ['host', headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date'];
  for (const name of ['x-amz-glacier-version', 'x-amz-content-sha256', 'x-amz-security-token']) {
    if (headers[name] !== undefined) needed.push(name);
  }
  for (const name of needed) {
    if (!signed.includes(name)) {
      throw invalidSignature(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function checkSkew(timestamp: string, at: number, now: number): void {
  if (at < now - MAX_SKEW_MS) {
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

function signatureOf(claim: Claim, canonicalHash: string): string {
  return hmac(claim.signingKey, textToSign(claim, canonicalHash)).toString('hex');
}

function textToSign({ timestamp, scope }: Claim, canonicalHash: string): string {
  return `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${canonicalHash}`;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Ms since 1970 of `20120525T002453Z`; not a number for anything else. */
function momentOf(text: string): number {
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return form.test(text) ? Date.parse(text.replace(form, '$1-$2-$3T$4:$5:$6Z')) : Number.NaN;
}

function basic(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
