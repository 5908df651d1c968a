// The vector of the Glacier developer guide, and what the verification must refuse.

import { describe, expect, test } from 'vitest';
import { canonicalRequestOf, hashOf } from '../../../src/edges/local-server/signing/canonical-request.js';
import { readClaim, verifySignature } from '../../../src/edges/local-server/signing/signature.js';
import { SigningKeys } from '../../../src/edges/local-server/signing/signing-keys.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SIGNATURE = '3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a';
const NOW = Date.parse('2012-05-25T00:24:53Z');
const KEY = { accountId: '123456789012', secretAccessKey: SECRET, session: null };
const keys = {
  region: 'us-east-1',
  signingKeys: new SigningKeys(),
  keyOf: (id: string) => (id === 'AKIAIOSFODNN7EXAMPLE' ? KEY : undefined),
};

function vector(signature = SIGNATURE) {
  const credential = 'AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=host;x-amz-date;x-amz-glacier-version,Signature=${signature}`;
  const headers = {
    host: ['glacier.us-east-1.amazonaws.com'],
    'x-amz-date': ['20120525T002453Z'],
    'x-amz-glacier-version': ['2012-06-01'],
    authorization: [authorization],
  };
  return { method: 'PUT', url: '/-/vaults/examplevault', headers };
}

describe('local vault signature', () => {
  test('the canonical request of the developer guide has the hash that the guide says', () => {
    const names = ['host', 'x-amz-date', 'x-amz-glacier-version'];
    expect(hashOf(canonicalRequestOf(vector(), names, NOTHING), 'latin1')).toBe(
      '5f1da1a2d0feb614dd03d71e87928b8e449ac87614479332aced3a701f916743',
    );
  });

  test('the signature of the developer guide is accepted', () => {
    const claim = readClaim(vector(), keys, NOW);
    expect(() => verifySignature(vector(), claim, NOTHING)).not.toThrow();
  });

  test('one other digit is refused', () => {
    const request = vector(SIGNATURE.replace('3', '4'));
    const claim = readClaim(request, keys, NOW);
    expect(() => verifySignature(request, claim, NOTHING)).toThrow(/signature we calculated does not match/);
  });

  test.each([
    ['in time', 300, true],
    ['one second too late', 301, false],
    ['in time from the future', -300, true],
    ['one second too early', -301, false],
  ])('a request is taken when it is %s', (_, seconds, taken) => {
    const read = () => readClaim(vector(), keys, NOW + seconds * 1000);
    if (taken) expect(read).not.toThrow();
    else expect(read).toThrow(/^Signature (expired: 20120525T002453Z is now earlier than|not yet current)/);
  });

  test('a query is sorted and encoded once, whatever way it came', () => {
    const hash = (url: string) => canonicalRequestOf({ ...vector(), url }, ['host'], NOTHING);
    expect(hash('/-/vaults?marker=arn:aws:x&limit=2')).toBe(hash('/-/vaults?limit=2&marker=arn%3Aaws%3Ax'));
    expect(hash('/-/vaults?limit=2')).not.toBe(hash('/-/vaults?limit=3'));
  });

  test('a date that is farther off than four digits of a year can say is refused as any other', () => {
    const { 'x-amz-date': _, ...headers } = vector().headers;
    const [authorization = ''] = headers.authorization;
    const far = authorization.replace('/20120525/', '/+0120120/').replace('x-amz-date', 'date');
    const request = {
      ...vector(),
      headers: { ...headers, date: ['Fri, 25 May 12012 00:24:53 GMT'], authorization: [far] },
    };
    expect(() => readClaim(request, keys, NOW)).toThrow(/^Signature not yet current/);
  });
});

describe('signing keys', () => {
  const SCOPE = '20120525/us-east-1/glacier/aws4_request';

  test('a key is derived once for a secret, a day, a region and a service', () => {
    const signingKeys = new SigningKeys();
    const derived = signingKeys.derive(SECRET, SCOPE);
    // Source: the steps of the developer guide, done by OpenSSL's command line.
    expect(derived.toString('hex')).toBe('75fb39ae89095e144a7b5b520c6761dcedc4fe3acf1fc6e51fee65489bfacf74');
    expect(signingKeys.derive(SECRET, SCOPE)).toBe(derived);
    const others = [SCOPE.replace('25', '26'), SCOPE.replace('east', 'west'), SCOPE.replace('glacier', 'sns')];
    for (const other of others) expect(signingKeys.derive(SECRET, other)).not.toEqual(derived);
    expect(signingKeys.count).toBe(4);
  });

  test('a key that gets another secret is not signed for with the old one any more', () => {
    let secretAccessKey = SECRET;
    const changing = { ...keys, keyOf: () => ({ ...KEY, secretAccessKey }) };
    const verify = () => verifySignature(vector(), readClaim(vector(), changing, NOW), NOTHING);
    expect(verify).not.toThrow();
    secretAccessKey = `${SECRET.slice(0, -1)}Z`;
    expect(verify).toThrow(/does not match/);
  });

  test('no more are kept than so many, and one that had to go is derived again', () => {
    const signingKeys = new SigningKeys();
    const first = signingKeys.derive('first', SCOPE);
    for (let i = 0; i < 1000; i++) signingKeys.derive(`secret ${i}`, SCOPE);
    expect(signingKeys.count).toBe(256);
    expect(signingKeys.derive('first', SCOPE)).toEqual(first);
    expect(signingKeys.derive('first', SCOPE)).not.toBe(first);
  });
});
