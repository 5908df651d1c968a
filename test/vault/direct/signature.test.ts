import { GlacierClient } from '@aws-sdk/client-glacier';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encoded, type Keys, type Signable, Signer, SigningDates } from '../../../src/vault/direct/signature.js';

/** What the SDK signs with. Its types leave open what that is. */
interface Oracle {
  sign(request: object, options: { signingDate: Date }): Promise<{ headers: Record<string, string> }>;
}

async function oracleOf(region: string, keys: Keys): Promise<Oracle> {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const client = new GlacierClient({ region, credentials });
  const scheme = { name: 'sigv4', signingName: 'glacier', signingRegion: region, properties: {} };
  return client.config.signer(scheme);
}

const printable = (max: number) =>
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: max });
const text = (unit: string, minLength = 1, maxLength = 80) =>
  fc.string({ unit: fc.constantFrom(...unit.split('')), minLength, maxLength });
const NAMES = 'ABCxyz059._-';

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  base: fc.constantFrom('', '/below', '/a%20b', '/a/../b', '/x//y'),
  // Anything that has come from a server as an id.
  segments: fc.array(fc.oneof(text(NAMES), fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' })), {
    maxLength: 5,
  }),
  host: fc.constantFrom('glacier.us-east-1.amazonaws.com', '127.0.0.1:4711', '[::1]:80', 'h.example:8443'),
  description: printable(1024),
  range: fc.option(
    fc.nat().map((end) => `bytes=0-${end}`),
    { nil: undefined },
  ),
  payloadHash: text('0123456789abcdef', 64, 64),
});
const keyPairs = fc.record({
  accessKeyId: text('AKIA0123456789XYZ', 3, 20),
  secretAccessKey: printable(100).filter((secret) => secret !== ''),
  sessionToken: fc.option(text('abcXYZ012+/=', 1, 400), { nil: undefined }),
});
const regions = fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'x');
const moments = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);

it('signature: whatever is signed, the SDK signs it alike', async () => {
  const signers = new Map<string, Signer>();
  const dates = new SigningDates();
  await fc.assert(
    fc.asyncProperty(requests, keyPairs, regions, moments, async (request, keys, region, ms) => {
      const signer = signers.get(region) ?? new Signer(region);
      signers.set(region, signer);
      const date = dates.of(ms);
      const { signable, headers, path } = signableOf(request, keys, date);
      const oracle = await oracleOf(region, keys);
      const given = { method: request.method, protocol: 'https:', hostname: request.host, path, query: {}, headers };
      const due = await oracle.sign(given, { signingDate: new Date(ms) });
      expect(due.headers['x-amz-date']).toBe(date);
      expect(signer.sign(signable, keys, date)).toBe(due.headers['authorization']);
    }),
    { numRuns: 1500 },
  );
});

function signableOf(
  { base, segments, host, description, range, payloadHash, method }: Parameters<Parameters<typeof requests.map>[0]>[0],
  { sessionToken }: Keys,
  date: string,
): { signable: Signable; headers: Record<string, string>; path: string } {
  const path = `${base}/${segments.map(encoded).join('/')}`;
  const all = {
    host,
    range,
    'x-amz-archive-description': description,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': date,
    'x-amz-security-token': sessionToken,
  };
  const headers = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { signable: { method, path, headers, payloadHash }, headers: Object.fromEntries(headers), path };
}

it('signature: keys that change from one request to the next are never mixed up', () => {
  const alternating = new Signer('us-east-1');
  const request: Signable = { method: 'GET', path: '/', headers: [['host', 'h']], payloadHash: '0' };
  for (const secretAccessKey of ['one', 'two', 'one']) {
    for (const date of ['20260101T000000Z', '20260102T000000Z']) {
      const keys = { accessKeyId: 'k', secretAccessKey };
      expect(alternating.sign(request, keys, date)).toBe(new Signer('us-east-1').sign(request, keys, date));
    }
  }
});
