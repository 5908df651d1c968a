// The vector of the Glacier developer guide, and what the verification must refuse.

import { describe, expect, test } from 'vitest';
import { canonicalRequestOf, hashOf } from '../../../src/edges/local-server/signing/canonical-request.js';
import { readClaim, verifySignature } from '../../../src/edges/local-server/signing/signature.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SIGNATURE = '3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a';
const NOW = Date.parse('2012-05-25T00:24:53Z');
const KEY = { accountId: '123456789012', secretAccessKey: SECRET, session: null };
const keys = { region: 'us-east-1', keyOf: (id: string) => (id === 'AKIAIOSFODNN7EXAMPLE' ? KEY : undefined) };

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
    const hash = (url: string) => canonicalRequestOf({ ...vector(), url }, ['host'], NOTHING).text;
    expect(hash('/-/vaults?marker=arn:aws:x&limit=2')).toBe(hash('/-/vaults?limit=2&marker=arn%3Aaws%3Ax'));
    expect(hash('/-/vaults?limit=2')).not.toBe(hash('/-/vaults?limit=3'));
  });
});
