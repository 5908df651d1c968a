// What a web page, a stranger or a broken script could send to the control endpoint.

import type { Dice } from './dice.js';
import type { HostileRequest } from './hostile-requests.js';
import { NUMBERS, TEXTS } from './nonsense.js';

const PATHS = [
  '/',
  '/clock',
  '/inventories',
  '/jobs',
  '/conditions',
  '/faults',
  '/requests',
  '/keys',
  '/temporary-keys',
];
const STRANGE_PATHS = ['/../clock', '/clock/', '//', '/__proto__', '/constructor', '*', '/%2e%2e/clock', '/%00'];
const DEEP = '['.repeat(50_000);

/** None of them is let through: each lacks what only a program of this machine sends, or asks for nothing that there is. */
export function forControl(dice: Dice): HostileRequest {
  const right = ['Host: 127.0.0.1', 'Content-Type: application/json'];
  const wrong = dice.pick([
    ['Host: vault.example', 'Content-Type: application/json'],
    ['Content-Type: application/json'],
    ['Host: 127.0.0.1.example', 'Content-Type: application/json'],
    [...right, 'Origin: http://127.0.0.1'],
    [...right, 'Origin: null'],
    ['Host: localhost:1:2', 'Content-Type: application/json'],
  ]);
  const body = bodyOf(dice);
  const asked = dice.chance(0.5)
    ? head(dice.pick(['GET', 'POST', 'PUT', 'DELETE']), dice.pick([...PATHS, '/accounts']), wrong, body)
    : dice.pick([
        head('POST', dice.pick(['/clock', '/inventories', '/jobs', '/faults', '/keys']), right, body),
        head('POST', '/conditions', right, body),
        head(dice.pick(['PATCH', 'TRACE', 'OPTIONS', 'BREW']), dice.pick(PATHS), right, body),
        head('GET', dice.pick(STRANGE_PATHS), right, body),
        head('POST', '/accounts', ['Host: 127.0.0.1', 'Content-Type: text/plain'], body),
      ]);
  const ending = dice.pick<HostileRequest['ending']>(['wait for the answer', 'half-close', 'reset', 'stand still']);
  const whole = Buffer.from(asked);
  const sent = ending === 'stand still' ? whole.subarray(0, dice.below(whole.length)) : whole;
  return { kind: 'for the control endpoint', to: 'control', pieces: [sent], ending, mayPass: 0 };
}

/** Nothing of it can be done: what is named is not there, and what is set is none. */
function bodyOf(dice: Dice): string {
  const text = dice.pick(TEXTS);
  const named = { vault: `none${text}`, job: text, account: `none${text}` };
  return dice.pick([
    DEEP,
    'null',
    '{"__proto__":{"advanceSeconds":1}}',
    JSON.stringify({ ...named, operation: `none${text}`, fault: 'reset', every: dice.pick(NUMBERS) }),
    JSON.stringify({ ...named, advanceSeconds: dice.pick(NUMBERS), serviceClosed: text }),
    JSON.stringify({ ...named, advanceSeconds: -1, fault: 'error', status: 1e9, next: 1 }),
    dice.spoilt(Buffer.from('{"account":"none","advanceSeconds":-1,"vault":5}')).toString('latin1'),
  ]);
}

function head(method: string, path: string, lines: readonly string[], body: string): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${[`${method} ${path} HTTP/1.1`, ...lines, length, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}
