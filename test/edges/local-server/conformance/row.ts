// A row of the conformance tables: one case of the Glacier reference, a request of it, and what must come back.

import { expect } from 'vitest';
import { type RawAnswer, type RawRequest, send } from '../raw-client.js';
import type { Stage } from './stage.js';

export interface Row {
  /** Number of the case. */
  readonly case: number;
  readonly that: string;
  readonly request: (stage: Stage) => RawRequest;
  readonly status: number;
  readonly code?: string;
  readonly message?: (stage: Stage) => string | RegExp;
  /** Those of the answer; undefined for one that must be missing. */
  readonly headers?: (stage: Stage) => Record<string, unknown>;
  /** All of the answer's JSON. */
  readonly json?: (stage: Stage) => object;
  /** Sends it, where Node's own client would not. */
  readonly by?: (stage: Stage, request: RawRequest) => Promise<RawAnswer>;
  /** What must have happened before. */
  readonly before?: (stage: Stage) => Promise<unknown>;
  /** What must be true afterwards. */
  readonly afterwards?: (stage: Stage, answer: RawAnswer) => unknown;
}

/** Rows that are tried one after another on the same stage. */
export interface Area {
  readonly name: string;
  readonly stage: Stage;
  readonly rows: readonly Row[];
}

export const INVALID = 'InvalidParameterValueException';
export const MISSING = 'MissingParameterValueException';
export const ABSENT = 'ResourceNotFoundException';
export const DENIED = 'AccessDeniedException';
export const LIMITED = 'LimitExceededException';
export const MALFORMED = 'SerializationException';
export const FORGED = 'InvalidSignatureException';

export function row(
  number: number,
  that: string,
  request: (stage: Stage) => RawRequest,
  status: number,
  more: Partial<Row> = {},
): Row {
  return { case: number, that, request, status, ...more };
}

/** Sends the request, and holds the answer against the row. */
export async function checkRow(stage: Stage, one: Row): Promise<void> {
  await one.before?.(stage);
  const request = one.request(stage);
  const answer = await (one.by?.(stage, request) ?? send(stage.vault, request));
  const { headers, json, body } = answer;
  const summary = { status: answer.status, code: answer.status < 300 ? undefined : json['code'] };
  expect(summary, body.toString('latin1', 0, 500)).toEqual({ status: one.status, code: one.code });
  if (one.code !== undefined) {
    expect(json).toEqual({ code: one.code, message: expect.any(String), type: one.status < 500 ? 'Client' : 'Server' });
    expect(headers['content-type']).toBe('application/json');
  }
  if (one.message !== undefined) expect(json['message']).toEqual(asMatcher(one.message(stage)));
  for (const [name, value] of Object.entries(one.headers?.(stage) ?? {})) {
    expect(headers[name], name).toEqual(value);
  }
  if (one.json !== undefined) {
    expect(json).toEqual(one.json(stage));
    expect(headers['content-type']).toBe('application/json');
  }
  if ([201, 202, 204].includes(one.status)) expect(body).toHaveLength(0);
  expectCase150(answer);
  await one.afterwards?.(stage, answer);
}

/** Case 150, of every answer. */
function expectCase150({ headers }: RawAnswer): void {
  expect(headers['x-amzn-requestid']).toMatch(/^[\w-]{47}$/);
  expect(Math.abs(Date.parse(headers.date ?? '') - Date.now())).toBeLessThan(60_000);
}

function asMatcher(message: string | RegExp): unknown {
  return typeof message === 'string' ? message : expect.stringMatching(message);
}
