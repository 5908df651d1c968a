// Requests that two readers of HTTP could read differently, or that keep a server waiting: smuggled, bent, dribbled.

import type { Dice } from './dice.js';
import type { HostileRequest } from './hostile-requests.js';
import { type Aims, dangerous } from './nonsense.js';
import { signedHeaders } from './raw-client.js';

type Ending = HostileRequest['ending'];

const ENDINGS: readonly Ending[] = ['half-close', 'reset', 'wait for the answer'];

/** A holder's request, and behind it a stranger's in what may be its body or may be the next request. */
export function smuggled(dice: Dice, aims: Aims): HostileRequest {
  const inner = strangersRequest(dice, aims);
  const size = inner.length.toString(16);
  const [lines, body] = dice.pick<readonly [string[], string]>([
    [['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding: chunked', `Content-Length: ${inner.length}`], `${size}\r\n${inner}\r\n0\r\n\r\n${inner}`],
    [['Content-Length: 0', `Content-Length: ${inner.length}`], inner],
    [[`Content-Length: 0, ${inner.length}`], inner],
    [['Content-Length: 0'], inner],
    [['Content-Length : 0'], inner],
    [['Content-Length:\u000b0'], inner],
    [['Transfer-Encoding: xchunked'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding:\u000bchunked'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${inner}`],
    [['X: y\nTransfer-Encoding: chunked'], `0\r\n\r\n${inner}`],
    [['Transfer-Encoding: chunked'], `0\r\n${trailers(aims)}\r\n${inner}`],
    [['Transfer-Encoding: chunked'], `0;x=${'y'.repeat(dice.below(3000))}\r\n\r\n${inner}`],
    [['Transfer-Encoding: chunked'], `0\n\n${inner}`],
    [['Expect: 100-continue', 'Content-Length: 0'], inner],
    [['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'], inner],
  ]);
  const request = { method: 'GET', path: '/-/vaults' };
  const own = Object.entries(signedHeaders(aims.target, request)).map(([name, value]) => `${name}: ${value}`);
  const head = ['GET /-/vaults HTTP/1.1', ...own, ...lines].join('\r\n');
  return {
    kind: 'smuggled',
    pieces: [Buffer.from(`${head}\r\n\r\n${body}`, 'latin1')],
    ending: dice.pick(ENDINGS),
    mayPass: 1,
  };
}

/** Targets, versions and line ends that servers need not take. */
export function bent(dice: Dice, aims: Aims): HostileRequest {
  const { host } = new URL(aims.target.endpoint);
  const lines = dice.pick([
    [`GET http://${host}/-/vaults HTTP/1.1`, `Host: ${host}`],
    [`GET http://stranger@${host}/-/vaults HTTP/1.1`, 'Host: other.example'],
    [`GET //${host}/-/vaults HTTP/1.1`, `Host: ${host}`],
    ['OPTIONS * HTTP/1.1', `Host: ${host}`],
    [`CONNECT ${host} HTTP/1.1`, `Host: ${host}`],
    ['CONNECT / HTTP/1.1', `Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade'],
    ['GET /-/vaults HTTP/1.0'],
    ['GET /-/vaults HTTP/1.0', 'Connection: keep-alive', `Host: ${host}`],
    ['GET /-/vaults HTTP/1.1'],
    ['GET /-/vaults HTTP/2.0', `Host: ${host}`],
    ['GET /-/vaults HTTP/0.9'],
    ['GET /-/vaults'],
    ['GET\t/-/vaults\tHTTP/1.1', `Host: ${host}`],
    ['GET /-/vaults HTTP/1.1', ` Host: ${host}`],
    ['GET /-/vaults#x HTTP/1.1', `Host: ${host}`],
    ['GET /-/vaults/\u0000 HTTP/1.1', `Host: ${host}`],
    ['GET /-/vaults HTTP/1.1', `Host: ${host}`, 'X: \u0000'],
    ['GET /-/vaults HTTP/1.1', `Host: ${host}`, `: ${'a'.repeat(dice.below(9000))}`],
    ['GET /-/vaults HTTP/1.1', `Host: ${host}`, ...Array.from({ length: dice.below(9000) }, () => 'a: b')],
    ['GET /-/vaults HTTP/1.1', `Host: ${host}`, `Authorization: ${'Credential='.repeat(dice.below(5900))}`],
    ['GET /-/vaults HTTP/1.1', `Host: ${host}`, `Authorization: ${manyNames(dice, aims)}`],
    [`GET /-/vaults?${'&'.repeat(dice.below(20_000))} HTTP/1.1`, `Host: ${host}`],
    [
      `GET /?Action=Unsubscribe&Action=${dice.pick(['CreateTopic&Name=x', 'ListTopics', 'Publish'])} HTTP/1.1`,
      `Host: ${host}`,
    ],
    ['GET /?Action=Unsubscribe HTTP/1.1', `Host: ${host}`, 'x-amz-target: AmazonSQS.ListQueues'],
  ]);
  const lineEnd = dice.pick(['\r\n', '\r\n', '\r\n', '\n', '\r', '\n\r']);
  const bytes = Buffer.from(lines.join(lineEnd) + lineEnd + lineEnd, 'latin1');
  return { kind: 'bent', pieces: [bytes], ending: dice.pick(ENDINGS), mayPass: 0 };
}

/** Some bytes of a head or of a body, one by one, and then nothing, for as long as the server bears it. */
export function dribbled(dice: Dice, aims: Aims): HostileRequest {
  const whole = Buffer.from(strangersRequest(dice, aims), 'latin1');
  const start = dice.below(whole.length - 1);
  const bytes = [...whole.subarray(start, start + 1 + dice.below(60))].map((byte) => Buffer.of(byte));
  return { kind: 'dribbled', pieces: [whole.subarray(0, start), ...bytes], ending: 'stand still', mayPass: 0 };
}

function strangersRequest(dice: Dice, aims: Aims): string {
  const request = dangerous(dice, aims);
  const lines = Object.entries(signedHeaders(aims.target, { ...request, secretAccessKey: 'x'.repeat(40) }));
  const body = String(request.body ?? '');
  const head = [`${request.method} ${request.path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return `${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A signature that comes when the request is over already. */
function trailers({ target }: Aims): string {
  const signed = signedHeaders(target, { method: 'DELETE', path: '/-/vaults/aim' });
  return `authorization: ${signed['authorization']}\r\nx-amz-date: ${signed['x-amz-date']}\r\n`;
}

/** Headers that are signed over and over. */
function manyNames(dice: Dice, { target }: Aims): string {
  const { authorization = '' } = signedHeaders(target, { method: 'GET', path: '/-/vaults' });
  return authorization.replace('SignedHeaders=', `SignedHeaders=${'host;'.repeat(1 + dice.below(9000))}`);
}
