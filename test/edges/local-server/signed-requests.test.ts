// Signed requests as clients really send them, and every one of them with one thing changed on the way.

import { connect } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClaim, verifySignature } from '../../../src/edges/local-server/signing/signature.js';
import { SigningKeys } from '../../../src/edges/local-server/signing/signing-keys.js';
import { bothHashes, type RawRequest, send, sha256, signedHeaders } from './raw-client.js';
import { type Serving, serving } from './serving.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const TARGET = {
  endpoint: 'http://glacier.us-east-1.amazonaws.com',
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: SECRET,
};
const KEYS = {
  region: 'us-east-1',
  signingKeys: new SigningKeys(),
  keyOf: (id: string) =>
    id === TARGET.accessKeyId ? { accountId: '123456789012', secretAccessKey: SECRET, session: null } : undefined,
};

interface Signed {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As the server sees it. @throws ApiError */
function verify({ method, path, headers, body }: Signed): void {
  const distinct = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  const request = { method, url: path, headers: distinct };
  verifySignature(request, readClaim(request, KEYS, Date.now()), sha256(body));
}

function verifies(signed: Signed): boolean {
  try {
    verify(signed);
    return true;
  } catch {
    return false;
  }
}

const UNRESERVED = fc.constantFrom(...'ABCXYZabcxyz0189-_.~'.split(''));
const SEGMENT_CHARACTER = fc.oneof(
  { weight: 5, arbitrary: UNRESERVED },
  fc.constantFrom('%20', '%2F', '%2a', '%C3%A4', '*', '(', ')', "'", '!', ':', '@', '+', '=', ',', '$', '&', ';'),
);
const SEGMENT = fc
  .array(SEGMENT_CHARACTER, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter((segment) => segment !== '.' && segment !== '..');
const PATH = fc.array(SEGMENT, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
const QUERY_TEXT = fc.array(UNRESERVED, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
const QUERY = fc
  .uniqueArray(fc.tuple(QUERY_TEXT, QUERY_TEXT), { maxLength: 4, selector: ([name]) => name })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const VALUE = fc
  .array(fc.constantFrom(...'abcXYZ019 ,;=/"\\\t~'.split('')), { maxLength: 12 })
  .map((parts) => parts.join(''));
const NAME = fc.constantFrom(
  'x-amz-archive-description',
  'x-amz-part-size',
  'content-type',
  'x-my-own',
  'range',
  'accept',
);
const HEADERS = fc.dictionary(
  NAME,
  VALUE.map((value) => value.trim()),
  { maxKeys: 4 },
);
const REQUEST = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
  path: fc.tuple(PATH, QUERY).map(([path, query]) => (query === '' ? path : `${path}?${query}`)),
  headers: HEADERS,
  body: fc.string({ maxLength: 40 }),
});

function signed(request: Signed): Signed {
  const headers = signedHeaders(TARGET, request);
  return { ...request, headers };
}

type Change = (request: Signed, at: number) => Signed;

/** Another character at that place: one that means something else there. */
function changed(text: string, at: number): string {
  const index = at % text.length;
  return `${text.slice(0, index)}${text[index] === 'q' ? 'p' : 'q'}${text.slice(index + 1)}`;
}

const CHANGES: Readonly<Record<string, Change>> = {
  method: (request) => ({ ...request, method: request.method === 'GET' ? 'PUT' : 'GET' }),
  'path: a character': (request, at) => {
    const [path = '', query] = request.path.split('?');
    const other = `/${changed(path.slice(1), at)}`;
    return { ...request, path: query === undefined ? other : `${other}?${query}` };
  },
  'path: one more segment': (request) => ({ ...request, path: `/q${request.path}` }),
  'query: one more': (request) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}limit=1`,
  }),
  'query: none': (request) =>
    request.path.includes('?') ? { ...request, path: request.path.split('?')[0] ?? '' } : { ...request, path: '/q' },
  body: (request) => ({ ...request, body: `${request.body}q` }),
  'a signed header': (request, at) => {
    const names = Object.keys(request.headers).filter((name) => name !== 'authorization');
    const name = names[at % names.length] ?? 'host';
    return { ...request, headers: { ...request.headers, [name]: `${request.headers[name]}q` } };
  },
  'a signed header, taken away': (request, at) => {
    const names = Object.keys(request.headers).filter(
      (name) => name !== 'authorization' && request.headers[name] !== '',
    );
    const { [names[at % names.length] ?? 'host']: _, ...headers } = request.headers;
    return { ...request, headers };
  },
  'the list of signed headers': (request) => ({
    ...request,
    headers: {
      ...request.headers,
      authorization: request.headers['authorization']!.replace(/SignedHeaders=[^;]+;/, 'SignedHeaders='),
    },
  }),
  'the signature': (request, at) => ({
    ...request,
    headers: { ...request.headers, authorization: changedSignature(request.headers['authorization']!, at) },
  }),
};

function changedSignature(authorization: string, at: number): string {
  const [head = '', signature = ''] = authorization.split('Signature=');
  return `${head}Signature=${changed(signature, at)}`;
}

describe('local vault signed requests', () => {
  test('whatever a client signs is accepted', () => {
    fc.assert(
      fc.property(REQUEST, (request) => {
        verify(signed(request));
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.entries(CHANGES))('with one change it is refused: %s', (_, change) => {
    fc.assert(
      fc.property(REQUEST, fc.nat(), (request, at) => {
        const original = signed(request);
        expect(verifies(change(original, at))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['blanks around and within a value', (value: string) => `  ${value.replace(' ', '   ')} `],
    ['as it was', (value: string) => value],
  ])('what does not count changes nothing: %s', (_, spaced) => {
    const original = signed({ method: 'PUT', path: '/-/vaults/v', headers: { 'x-my-own': 'a b' }, body: '' });
    expect(verifies({ ...original, headers: { ...original.headers, 'x-my-own': spaced('a b') } })).toBe(true);
  });

  test('headers that are not signed may be added on the way, but for those that mean something', () => {
    const original = signed({ method: 'GET', path: '/-/vaults', headers: {}, body: '' });
    const plus = (name: string) => verifies({ ...original, headers: { ...original.headers, [name]: 'x' } });
    expect(['via', 'x-forwarded-for', 'user-agent', 'connection'].map(plus)).toEqual([true, true, true, true]);
    expect(['x-amz-content-sha256', 'x-amz-security-token'].map(plus)).toEqual([false, false]);
  });
});

describe('local vault signed requests over the wire', () => {
  let here: Serving;
  beforeAll(async () => {
    here = await serving();
    await send(here.vault, { method: 'PUT', path: '/-/vaults/V' });
  });
  afterAll(() => here[Symbol.asyncDispose]());

  const raw = (request: RawRequest, more: readonly string[] = [], left = ''): Promise<string> => {
    const lines = Object.entries(signedHeaders(here.vault, request)).map(([name, value]) => `${name}: ${value}`);
    const head = [`${request.method} ${request.path} HTTP/1.1`, ...lines, ...more, 'Connection: close'].join('\r\n');
    return answerTo(`${head}\r\n\r\n${left}`);
  };

  const answerTo = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(here.vault.endpoint);
      const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });

  const STATUS = /^HTTP\/1\.1 (\d+)/;
  const statusOf = async (answer: Promise<string>) => Number(STATUS.exec(await answer)?.[1]);

  test.each([
    ['PUT', '/-/vaults/bodiless', 201],
    ['DELETE', '/-/vaults/bodiless', 204],
    ['POST', '/-/vaults/V/multipart-uploads', 201],
  ])('a %s without a body needs no Content-Length', async (method, path, status) => {
    const headers: Record<string, string> = method === 'POST' ? { 'x-amz-part-size': '1048576' } : {};
    expect(await statusOf(raw({ method, path, headers }))).toBe(status);
  });

  test.each(['glacier.us-east-1.amazonaws.com', 'glacier.us-east-1.amazonaws.com:443', 'GLACIER.example'])(
    'the Host may be %s',
    async (host) => {
      expect(await statusOf(raw({ method: 'GET', path: '/-/vaults/V', headers: { host } }))).toBe(200);
    },
  );

  test.each([
    ['GET', '/-/vaults?marker=&limit=2', 200],
    ['GET', '/-/vaults?limit=2', 200],
    ['GET', '/-/vaults/', 200],
    ['GET', '/%2D/vaults/%56', 200],
    ['GET', '/-/vaults/te%3ast', 404],
    ['GET', '/-/vaults/te%3Ast', 404],
    ['GET', '/-/vaults/te:st', 404],
    ['GET', "/-/vaults/a(b)*!'", 404],
    ['GET', '/-/vaults/%C3%A4', 404],
    ['GET', '/-/vaults/%', 400],
    ['GET', '/-/vaults/a%2Fb', 404],
  ])('%s %s is verified, then answered with %i', async (method, path, status) => {
    const answer = await raw({ method, path });
    expect(Number(STATUS.exec(answer)?.[1])).toBe(status);
    expect(answer).not.toContain('InvalidSignatureException');
  });

  test.each([
    ['authorization', 'AWS4-HMAC-SHA256 x'],
    ['x-amz-date', '20260101T000000Z'],
    ['x-amz-content-sha256', sha256('')],
  ])('a second %s is refused', async (name, value) => {
    const answer = await raw({ method: 'GET', path: '/-/vaults/V', headers: { 'x-amz-content-sha256': sha256('') } }, [
      `${name}: ${value}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain(`'${name}' was sent more than once.`);
  });

  test('a header that says what to do counts once, signed or not', async () => {
    const request = {
      method: 'POST',
      path: '/-/vaults/V/multipart-uploads',
      headers: { 'x-amz-part-size': '1048576' },
    };
    const answer = await raw(request, ['x-amz-part-size: 2097152']);
    // The second one joins the first in what should have been signed.
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    const archive = { method: 'POST', path: '/-/vaults/V/archives', headers: bothHashes(Buffer.from('hello')) };
    const twice = await raw(
      archive,
      ['x-amz-archive-description: a', 'x-amz-archive-description: b', 'content-length: 5'],
      'hello',
    );
    expect(twice).toMatch(/^HTTP\/1\.1 400 /);
    expect(twice).toContain('The header x-amz-archive-description was sent more than once.');
  });

  test('a signed header of two lines is signed as its values with a comma between', async () => {
    const request = { method: 'GET', path: '/-/vaults/V', headers: { 'x-my-own': 'a,b' } };
    const lines = Object.entries(signedHeaders(here.vault, request)).flatMap(([name, value]) =>
      name === 'x-my-own' ? ['x-my-own: a', 'x-my-own:   b'] : [`${name}: ${value}`],
    );
    const head = [`GET ${request.path} HTTP/1.1`, ...lines, 'Connection: close'].join('\r\n');
    expect(await statusOf(answerTo(`${head}\r\n\r\n`))).toBe(200);
  });

  test('a signature that does not match is answered with what should have been signed', async () => {
    const request = { method: 'GET', path: '/-/vaults/V', secretAccessKey: 'x'.repeat(40) };
    const { status, json } = await send(here.vault, request);
    expect(status).toBe(403);
    expect(json['message']).toMatch(
      /^The request signature we calculated does not match[\s\S]+The Canonical String for this request should have been\n'GET\n\/-\/vaults\/V\n\nhost:127[\s\S]+The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n/,
    );
    expect(json['message']).not.toContain(here.vault.secretAccessKey);
  });

  test.each([
    ['x-amz-date', 'no date', /ISO-8601 'basic format'\. Got 'no date'/],
    ['x-amz-date', '20261399T000000Z', /ISO-8601 'basic format'/],
    ['x-amz-date', '2026', /ISO-8601 'basic format'/],
  ])('%s: %s is refused', async (name, value, message) => {
    const { status, json } = await send(here.vault, { method: 'GET', path: '/-/vaults/V', headers: { [name]: value } });
    expect([status, json['code']]).toEqual([403, 'InvalidSignatureException']);
    expect(json['message']).toMatch(message);
  });

  test.each([
    ['another region', { region: 'eu-west-1' }, /scoped to a valid region, not 'eu-west-1'/],
    ['another day', { date: new Date(Date.now() - 86_400_000) }, /Signature expired/],
  ])('a signature for %s is refused', async (_, { region, date }: { region?: string; date?: Date }, message) => {
    const target = region === undefined ? here.vault : { ...here.vault, region };
    const { status, json } = await send(target, {
      method: 'GET',
      path: '/-/vaults/V',
      ...(date === undefined ? {} : { date }),
    });
    expect(status).toBe(403);
    expect(json['message']).toMatch(message);
  });
});
