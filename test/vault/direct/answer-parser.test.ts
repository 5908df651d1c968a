import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerParser } from '../../../src/vault/direct/answer-parser.js';

interface Read {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** null while it has not ended. */
  lasts: boolean | null;
}

/** @param closed whether the server closes after them */
function read(pieces: readonly string[], closed = false): Read {
  const told: Read = { status: 0, headers: {}, body: '', lasts: null };
  const parser = new AnswerParser({
    head: ({ status, headers }) => Object.assign(told, { status, headers: Object.fromEntries(headers) }),
    piece: (bytes) => void (told.body += bytes.toString('latin1')),
    end: (lasts) => {
      if (told.lasts !== null) throw new Error('ended twice');
      told.lasts = lasts;
    },
  });
  const memory = Buffer.alloc(100_000);
  for (const piece of pieces) {
    // As on a connection: the memory is used for whatever comes next.
    parser.feed(memory.subarray(0, memory.write(piece, 'latin1')));
    memory.fill('?');
  }
  if (closed) parser.close();
  return told;
}

const GOOD: readonly [what: string, text: string, due: Partial<Read>][] = [
  [
    'a body of a known length',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde',
    { status: 200, body: 'abcde', lasts: true },
  ],
  [
    'an empty body',
    'HTTP/1.1 201 Created\r\ncontent-length:0\r\nx-Amz-Id:  a b \t\r\n\r\n',
    { headers: { 'content-length': '0', 'x-amz-id': 'a b' }, body: '', lasts: true },
  ],
  ['no body by its status', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', lasts: true }],
  ['no reason', 'HTTP/1.1 204\r\n\r\n', { status: 204, lasts: true }],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
    { body: 'abc0123456789', lasts: true },
  ],
  [
    'chunks with trailers',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\nz: a\r\n\r\n',
    { body: 'a', lasts: true },
  ],
  [
    '1xx before it',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na',
    { status: 200, body: 'a', lasts: true },
  ],
  [
    'a connection that ends with it',
    'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 1\r\n\r\na',
    { body: 'a', lasts: false },
  ],
  ['an old server', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', { body: 'a', lasts: false }],
  ['more than was announced', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab', { body: 'a', lasts: false }],
  ['more after chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nb', { body: '', lasts: false }],
  ['more after nothing', 'HTTP/1.1 204 No Content\r\n\r\nb', { body: '', lasts: false }],
  ['a header twice', 'HTTP/1.1 204 OK\r\na: 1\r\nA: 2\r\n\r\n', { headers: { a: '1, 2' } }],
  [
    'the same length twice',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na',
    { body: 'a', lasts: true },
  ],
];

const head = (...lines: string[]): string => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const BAD: readonly [what: string, text: string][] = [
  ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
  ['another protocol without an end', 'SSH-2.0'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['a status that is none', 'HTTP/1.1 99 x\r\n\r\n'],
  ['a change of protocol', 'HTTP/1.1 101 Switching\r\n\r\n'],
  ['a header without a name', head(': x')],
  ['a header without a colon', head('x')],
  ['a blank before the colon', head('a : b')],
  ['a folded header', head('a: b', ' c')],
  ['a bare line end in a header', head('a: b\nc: d')],
  ['a control character', head('a: \x01')],
  ['two lengths', head('content-length: 1', 'content-length: 2')],
  ['a length that is none', head('content-length: 1a')],
  ['a negative length', head('content-length: -1')],
  ['a length and chunks', head('content-length: 1', 'transfer-encoding: chunked')],
  ['another coding', head('transfer-encoding: gzip, chunked')],
  ['a chunk without a size', `${head('transfer-encoding: chunked')}x\r\n`],
  ['a chunk of a negative size', `${head('transfer-encoding: chunked')}-1\r\n`],
  ['a chunk that is longer', `${head('transfer-encoding: chunked')}1\r\nab\r\n`],
  ['a size line without an end', `${head('transfer-encoding: chunked')}1;${'x'.repeat(2000)}`],
  ['trailers without an end', `${head('transfer-encoding: chunked')}0\r\n${'x: y\r\n'.repeat(5000)}`],
  ['a trailer without an end', `${head('transfer-encoding: chunked')}0\r\n${'x'.repeat(20_000)}`],
  ['a head that is too long', head(`a: ${'x'.repeat(17_000)}`)],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(4000)}`],
];

describe('answers', () => {
  it.each(GOOD)('answers: %s is read, cut wherever it may be', (_, text, due) => {
    expect(read([text])).toMatchObject(due);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 6 }), (cuts) => {
        const ends = [...cuts, text.length].sort((a, b) => a - b);
        const pieces = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end)).filter((piece) => piece !== '');
        const { lasts, ...rest } = read(pieces);
        const { lasts: whole, ...expected } = read([text]);
        expect(rest).toEqual(expected);
        // What comes too much may come when nobody listens any more: the connection sees to it.
        expect([whole, true]).toContain(lasts);
      }),
    );
    expect({ ...read(text.split('')), lasts: null }).toEqual({ ...read([text]), lasts: null });
  });

  it.each(BAD)('answers: %s is refused', (_, text) => {
    expect(() => read([text])).toThrow(expect.objectContaining({ code: 'NOT_HTTP' }));
  });

  it('answers: without a length the body goes on until the server closes', () => {
    expect(read([`${head('a: b')}xy`])).toMatchObject({ body: 'xy', lasts: null });
    expect(read([`${head('a: b')}xy`], true)).toMatchObject({ body: 'xy', lasts: false });
  });

  it('answers: one that is cut off is broken, and tells whether it had begun', () => {
    for (const text of [
      '',
      'HTTP/1.1 2',
      'HTTP/1.1 100 Continue\r\n\r\n',
      head('content-length: 2'),
      `${head('content-length: 2')}a`,
    ]) {
      const pieces = text === '' ? [] : [text];
      expect(() => read(pieces, true)).toThrow(
        expect.objectContaining({ code: 'ECONNRESET', beforeAnswer: text === '' }),
      );
    }
    const chunked = head('transfer-encoding: chunked');
    for (const text of ['', '1\r\n', '1\r\na', '1\r\na\r\n', '0\r\n', '0\r\nx: y\r\n']) {
      expect(() => read([chunked + text], true)).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
    }
  });

  it('answers: whatever comes, it is read or refused', () => {
    const tokens = [
      'HTTP/1.1 ',
      '200',
      '204',
      '100',
      ' ',
      '\r\n',
      '\n',
      'content-length',
      ': ',
      '3',
      'transfer-encoding',
      'chunked',
      'abc',
      '0',
      'ff',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 30 }), (parts) => {
        try {
          read([`HTTP/1.1 200 OK\r\n${parts.join('')}`], true);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^(NOT_HTTP|ECONNRESET)$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
