// Requests that no client should send: broken HTTP, forged signatures, and nonsense under a right signature.

import type { Dice } from './dice.js';
import { forControl } from './hostile-control.js';
import { bent, dribbled, smuggled } from './hostile-wire.js';
import {
  type Aims,
  dangerous,
  glacierNonsense,
  METHODS,
  NUMBERS,
  oddPath,
  queueNonsense,
  TEXTS,
  topicNonsense,
  uploadOf,
} from './nonsense.js';
import { type RawRequest, signedHeaders } from './raw-client.js';

export interface HostileRequest {
  readonly kind: string;
  /** Sent one after the other, each in a packet of its own. */
  readonly pieces: readonly Buffer[];
  /** What the sender does when all is sent. */
  readonly ending: 'wait for the answer' | 'half-close' | 'reset' | 'stand still';
  /** How many requests of a holder of the key are in it: no more may be let through. */
  readonly mayPass: 0 | 1;
  /** Default: the API. */
  readonly to?: 'control';
}

type Maker = (dice: Dice, aims: Aims) => HostileRequest;

const MIB = 1024 * 1024;

/** How often each kind comes, against the others. */
const MAKERS: readonly (readonly [number, Maker])[] = [
  [6, noHttp],
  [10, oddLine],
  [10, oddHeaders],
  [1, hugeHeaders],
  [10, wrongLength],
  [8, brokenChunks],
  [5, pipelined],
  [1, slow],
  [22, forged],
  [10, spoilt],
  [14, nonsenseForGlacier],
  [6, nonsenseForTopics],
  [6, nonsenseForQueues],
  [8, smuggled],
  [6, bent],
  [1, dribbled],
  [5, forControl],
];
const WEIGHTS = MAKERS.reduce((sum, [weight]) => sum + weight, 0);

export function hostileRequest(dice: Dice, aims: Aims): HostileRequest {
  let left = dice.below(WEIGHTS);
  for (const [weight, maker] of MAKERS) {
    if (left < weight) return maker(dice, aims);
    left -= weight;
  }
  throw new Error('the weights do not add up');
}

function noHttp(dice: Dice): HostileRequest {
  const starts = [
    '',
    '\r\n\r\n',
    '\u0016\u0003\u0001',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ];
  const bytes = Buffer.concat([Buffer.from(dice.pick(starts), 'latin1'), dice.bytes(dice.below(200))]);
  return strange('no HTTP', [bytes], dice.pick(['half-close', 'reset']));
}

function oddLine(dice: Dice, aims: Aims): HostileRequest {
  const path = dice.pick([
    oddPath(dice, aims),
    `http://127.0.0.1/-/vaults/${aims.vault}`,
    '*',
    '//-//vaults',
    `/-/vaults?limit=${dice.pick(NUMBERS)}&marker=${'%41'.repeat(dice.below(100))}`,
    `/${'a/'.repeat(dice.below(3000))}`,
    `/?Action=${dice.pick(['ConfirmSubscription', 'Unsubscribe', 'Publish'])}&Token=${dice.pick(TEXTS.slice(0, 5))}`,
  ]);
  return strange('odd line', [head(dice.pick(METHODS), path, ['Host: x'])], 'wait for the answer');
}

function oddHeaders(dice: Dice, aims: Aims): HostileRequest {
  const odd = [
    'Host: a\r\nHost: b',
    'No colon',
    ': no name',
    'X-Folded: a\r\n b',
    'X-Control: a\u0000b',
    'X Y: blank in the name',
    `Authorization: ${'A'.repeat(dice.below(20_000))}`,
    'Authorization: AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;;;, Signature=',
    `Authorization: AWS4-HMAC-SHA256 Credential=${aims.target.accessKeyId}/20200101/us-east-1/glacier/aws4_request, SignedHeaders=__proto__;host, Signature=00`,
    'Expect: 100-continue',
    'Expect: the-unexpected',
    'Upgrade: websocket\r\nConnection: Upgrade',
    `Range: bytes=${dice.pick(NUMBERS)}-${dice.pick(NUMBERS)}`,
    Array.from({ length: 1500 }, (_, index) => `X-${index}: y`).join('\r\n'),
  ];
  const lines = ['Host: x', ...Array.from({ length: 1 + dice.below(3) }, () => dice.pick(odd))];
  return strange('odd headers', [head('GET', `/-/vaults/${aims.vault}`, lines)], 'wait for the answer');
}

function hugeHeaders(): HostileRequest {
  const line = `X-Long: ${'x'.repeat(1000)}`;
  const lines = Array.from({ length: Math.ceil(MIB / line.length) }, () => line);
  return strange('headers of 1 MiB', [head('GET', '/-/vaults', lines)], 'wait for the answer');
}

function wrongLength(dice: Dice, aims: Aims): HostileRequest {
  const request = rightly(aims, uploadOf(dice, aims));
  const length = dice.pick([
    '-1',
    '1e3',
    '99999999999999999999',
    '5\r\nContent-Length: 6',
    '4294967297',
    '1000',
    '0',
    '+5',
  ]);
  const bytes = Buffer.from(
    request.toString('latin1').replace(/content-length: \d+/, `Content-Length: ${length}`),
    'latin1',
  );
  return { kind: 'wrong length', pieces: [bytes], ending: dice.pick(['half-close', 'reset']), mayPass: 1 };
}

function brokenChunks(dice: Dice, aims: Aims): HostileRequest {
  const request = {
    method: 'POST',
    path: `/-/vaults/${aims.vault}/jobs`,
    body: '',
    headers: { 'transfer-encoding': 'chunked' },
  };
  const twoLengths = rightly(aims, request).toString('latin1');
  const text = dice.chance(0.2) ? twoLengths : twoLengths.replace(/content-length: \d+\r\n/, '');
  const body = dice.pick([
    'zz\r\n',
    'ffffffffffffffff\r\nabc',
    '5\r\nabc\r\n0\r\n\r\n',
    '5;ext=\u0000\r\nabcde\r\n',
    '-1\r\n',
    '0\r\nTrailer: x\r\n\r\n',
    `1;${'e'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
    '3\r\nabc',
    '3\nabc\n0\n\n',
    `${'1\r\n{\r\n'.repeat(50)}0\r\n\r\n`,
  ]);
  const bytes = Buffer.from(`${text}${body}`, 'latin1');
  return { kind: 'broken chunks', pieces: [bytes], ending: dice.pick(['half-close', 'reset']), mayPass: 1 };
}

function pipelined(dice: Dice, aims: Aims): HostileRequest {
  const all = Array.from({ length: 2 + dice.below(8) }, () => strangers(dice, aims, glacierNonsense(dice, aims)));
  const open = all
    .slice(0, -1)
    .map((one) => Buffer.from(one.toString('latin1').replace('Connection: close\r\n', ''), 'latin1'));
  return strange('pipelined', [Buffer.concat([...open, all.at(-1)!])], 'wait for the answer');
}

function slow(dice: Dice, aims: Aims): HostileRequest {
  const bytes = rightly(aims, uploadOf(dice, aims));
  const end = bytes.length - 1 - dice.below(bytes.length - 1);
  const pieces = Array.from({ length: Math.ceil(end / 50) }, (_, index) =>
    bytes.subarray(index * 50, Math.min(end, index * 50 + 50)),
  );
  return { kind: 'slow', pieces, ending: 'stand still', mayPass: 1 };
}

/** Whole and well-formed, but not from a holder of the key. */
function forged(dice: Dice, aims: Aims): HostileRequest {
  const wanted = dice.chance(0.5) ? dangerous(dice, aims) : glacierNonsense(dice, aims);
  const other = { method: 'GET', path: '/-/vaults' };
  const borrowed = signedHeaders(aims.target, other)['authorization']!;
  const right = signedHeaders(aims.target, wanted)['authorization']!;
  const authorization = dice.pick([
    null,
    '',
    'Basic Zm9vOmJhcg==',
    'AWS4-HMAC-SHA256',
    borrowed,
    right.replace(/Signature=.*/, 'Signature='),
    right.replace(/Signature=(.*)/, (_, hex: string) => `Signature=${hex.slice(0, 63)}`),
    right.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=host'),
    right.replace(/\/\w+\/aws4/, (own) =>
      dice.pick(['/s3/aws4', '/sqs/aws4', '/sns/aws4', '//aws4'].filter((one) => one !== own)),
    ),
    right.replace(/Credential=\w+/, 'Credential=AKIAAAAAAAAAAAAAAAAA'),
    right.replace('AWS4-HMAC-SHA256', 'AWS3'),
    signedHeaders(aims.target, { ...wanted, secretAccessKey: '' })['authorization']!,
    signedHeaders(aims.target, { ...wanted, date: new Date(Date.now() - 3_600_000) })['authorization']!,
  ]);
  const headers = { ...signedHeaders(aims.target, wanted), ...presigned(dice) };
  if (authorization === right) throw new Error(`a forgery is none: ${right}`);
  delete headers['authorization'];
  const lines = Object.entries({ ...headers, ...(authorization === null ? {} : { authorization }) });
  return strange('forged', [whole(wanted, lines)], 'wait for the answer');
}

function presigned(dice: Dice): Record<string, string> {
  return dice.chance(0.2) ? { 'x-amz-expires': '600', 'x-amz-algorithm': 'AWS4-HMAC-SHA256' } : {};
}

/** By the wrong secret, and then with bytes changed, gone, or there twice. */
function spoilt(dice: Dice, aims: Aims): HostileRequest {
  const bytes = dice.spoilt(strangers(dice, aims, dice.chance(0.5) ? dangerous(dice, aims) : uploadOf(dice, aims)));
  return strange('spoilt', [bytes], dice.pick(['half-close', 'reset']));
}

function nonsenseForGlacier(dice: Dice, aims: Aims): HostileRequest {
  return signed('nonsense for Glacier', rightly(aims, glacierNonsense(dice, aims)));
}

function nonsenseForTopics(dice: Dice, aims: Aims): HostileRequest {
  return signed('nonsense for topics', rightly(aims, topicNonsense(dice)));
}

function nonsenseForQueues(dice: Dice, aims: Aims): HostileRequest {
  return signed('nonsense for queues', rightly(aims, queueNonsense(dice)));
}

function rightly({ target }: Aims, request: RawRequest): Buffer {
  return whole(request, Object.entries(signedHeaders(target, request)));
}

function strangers(dice: Dice, { target }: Aims, request: RawRequest): Buffer {
  const secretAccessKey = dice.bytes(20).toString('hex');
  return whole(request, Object.entries(signedHeaders(target, { ...request, secretAccessKey })));
}

function whole({ method, path, body = '' }: RawRequest, headers: readonly (readonly [string, string])[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const bytes = Buffer.from(body);
  return Buffer.concat([head(method, path, [...lines, `content-length: ${bytes.length}`]), bytes]);
}

function head(method: string, path: string, lines: readonly string[]): Buffer {
  return Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1');
}

function strange(kind: string, pieces: readonly Buffer[], ending: HostileRequest['ending']): HostileRequest {
  return { kind, pieces, ending, mayPass: 0 };
}

function signed(kind: string, bytes: Buffer): HostileRequest {
  return { kind, pieces: [bytes], ending: 'wait for the answer', mayPass: 1 };
}
